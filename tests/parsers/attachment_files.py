"""Files that people put beside builds, made on the spot from their formats' own layouts."""

import struct
from uuid import UUID

from tests.parsers.ipa_files import zipped

APP_UUID = "0B3A1C5E-7F2D-4A86-9C11-5D3E8F607A4B"
FRAMEWORK_UUID = "6E5D4C3B-2A19-4807-B6F5-E4D3C2B1A098"
OTHER_UUID = "FFFFFFFF-0000-4000-8000-000000000001"
BUILD_ID = "3f2a9c0d5e6b7a8190123456789abcdef0123456"
ARM64, X86_64, ARM = (0x0100000C, 0), (0x01000007, 3), (12, 9)
EXECUTE, DSYM = 2, 10


def macho(uuid: str | None, processor: tuple[int, int] = ARM64, kind: int = EXECUTE, order: str = "<") -> bytes:
    """Make a thin Mach-O file with one load command beside the UUID."""
    wide = bool(processor[0] & 0x01000000)
    commands = [struct.pack(order + "2L8x", 0x1E, 16)]
    if uuid is not None:
        commands.append(struct.pack(order + "2L", 0x1B, 24) + UUID(uuid).bytes)
    body = b"".join(commands)
    magic = 0xFEEDFACF if wide else 0xFEEDFACE
    head = struct.pack(order + "7L", magic, *processor, kind, len(commands), len(body), 0)
    return head + (b"\0" * 4 if wide else b"") + body + b"code" * 64


def universal(*slices: tuple[tuple[int, int], bytes]) -> bytes:
    """Join thin files, each at a multiple of 16 KiB as linkers place them."""
    step = 16 << 10
    head = struct.pack(">2L", 0xCAFEBABE, len(slices))
    for number, (processor, data) in enumerate(slices, 1):
        head += struct.pack(">5L", *processor, number * step, len(data), 14)
    return head.ljust(step, b"\0") + b"".join(data.ljust(step, b"\0") for _, data in slices)


def dsym(*binaries: tuple[str, bytes], folder: str = "") -> bytes:
    """Zip dSYM bundles, as a Mac's Finder does: with its own files beside them."""
    files = {}
    for name, data in binaries:
        bundle = f"{name}.app.dSYM/Contents/"
        files[f"{folder}{bundle}Info.plist"] = b"<plist/>"
        files[f"{folder}{bundle}Resources/DWARF/{name}"] = data
        files[f"__MACOSX/{bundle}Resources/DWARF/._{name}"] = b"\0\5\x16\7"
    return zipped(files).getvalue()


def elf(build_id: str | None, *sections: str, wide: bool = True, order: str = "<", machine: int = 183) -> bytes:
    """Make an ELF file with a note segment and named sections."""
    header, segment, section = (64, 56, 64) if wide else (52, 32, 40)
    note = (
        struct.pack(order + "3L4s", 4, len(build_id) // 2, 3, b"GNU\0") + bytes.fromhex(build_id) if build_id else b""
    )
    names = b"\0" + b"".join(name.encode() + b"\0" for name in (".shstrtab", *sections))
    place = header + segment
    names_at = place + len(note)
    table_at = names_at + len(names)
    fields = order + ("2L4Q2L2Q" if wide else "10L")
    rows = [struct.pack(fields, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)]
    for kind, name, at, size in ((3, ".shstrtab", names_at, len(names)), *((1, name, 0, 0) for name in sections)):
        rows.append(struct.pack(fields, names.index(name.encode() + b"\0"), kind, 0, 0, at, size, 0, 0, 0, 0))
    head = b"\x7fELF" + bytes([2 if wide else 1, 1 if order == "<" else 2, 1]) + b"\0" * 9
    word = "Q" if wide else "L"
    head += struct.pack(order + "2HL", 3, machine, 1)
    head += struct.pack(f"{order}3{word}L6H", 0, header, table_at, 0, header, segment, 1, section, len(rows), 1)
    if wide:
        program = struct.pack(order + "2L6Q", 4, 4, place, 0, 0, len(note), len(note), 4)
    else:
        program = struct.pack(order + "8L", 4, place, 0, 0, len(note), len(note), 4, 4)
    return head + program + note + names + b"".join(rows)


def dex(map_id: str | None, padding: int = 0) -> bytes:
    """Make bytes that hold a marker as R8 (or, without an id, D8) leaves it in a dex file's strings."""
    fields = f'"backend":"dex","min-api":24,"pg-map-id":"{map_id}","version":"8.5.27"' if map_id else '"min-api":24'
    marker = f"~~{'R8' if map_id else 'D8'}{{{fields}}}".encode()
    return b"dex\n035\0" + b"a" * padding + b"\x50" + marker + b"\0" + b"z" * 100


def mapping(map_id: str | None, classes: int = 2) -> bytes:
    head = "# compiler: R8\n# compiler_version: 8.5.27\n# min_api: 24\n"
    if map_id:
        head += f"# pg_map_id: {map_id}\n# pg_map_hash: SHA-256 {map_id}{'0' * (64 - len(map_id))}\n"
    body = "".join(
        f'com.acme.Wallet{n} -> a.a{n}:\n# {{"id":"sourceFile","fileName":"Wallet.kt"}}\n    1:3:void pay(int):10:12 -> a\n'
        for n in range(classes)
    )
    return (head + body).encode()


JUNIT = b"""<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="wallet" time="4.5">
  <testsuite name="one" tests="99" failures="0" time="1.5">
    <testcase classname="a" name="passes" time="1"/>
    <testcase classname="a" name="fails" time="0.5"><failure message="no">trace</failure><failure/></testcase>
  </testsuite>
  <testsuite name="two" time="3.0">
    <testsuite name="inner" time="3.0">
      <testcase classname="b" name="breaks"><error/><system-out>log &amp; more</system-out></testcase>
      <testcase classname="b" name="later"><skipped/></testcase>
    </testsuite>
  </testsuite>
</testsuites>
"""
