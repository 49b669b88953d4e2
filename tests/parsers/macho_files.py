"""Small Mach-O executables and code signatures, made on the spot."""

import plistlib
import struct

ARM64, X86_64 = 0x0100000C, 0x01000007


def thin(processor: int, *commands: bytes) -> bytes:
    """Write an executable that is nothing but load commands."""
    body = b"".join(commands)
    return struct.pack("<8L", 0xFEEDFACF, processor, 0, 2, len(commands), len(body), 0, 0) + body


def universal(*slices: tuple[int, int], bodies: list[bytes] | None = None) -> bytes:
    """Write a table of slices, each 16 KiB behind the one before."""
    table = b"".join(struct.pack(">5L", cpu, sub, 0x4000 * (i + 1), 0x4000, 14) for i, (cpu, sub) in enumerate(slices))
    data = struct.pack(">2L", 0xCAFEBABE, len(slices)) + table
    for number, body in enumerate(bodies or []):
        data = data.ljust(0x4000 * (number + 1), b"\0") + body
    return data


def signed(blobs: dict[int, bytes], *commands: bytes, gap: int = 0) -> bytes:
    """Write an executable with a code signature of these blobs, `gap` bytes of code before it."""
    signature = super_blob(blobs)
    head = len(thin(ARM64, *commands)) + 16
    command = struct.pack("<4L", 0x1D, 16, head + gap, len(signature))
    return thin(ARM64, *commands, command) + bytes(gap) + signature


def super_blob(blobs: dict[int, bytes]) -> bytes:
    index, body = b"", b""
    start = 12 + 8 * len(blobs)
    for slot, blob in blobs.items():
        index += struct.pack(">2L", slot, start + len(body))
        body += blob
    return struct.pack(">3L", 0xFADE0CC0, start + len(body), len(blobs)) + index + body


def blob(magic: int, content: bytes) -> bytes:
    return struct.pack(">2L", magic, 8 + len(content)) + content


def code_directory(identifier: str, team: str | None, version: int = 0x20400) -> bytes:
    """Write a code directory (cs_blobs.h) with a page of hashes, which nothing looks at."""
    names = identifier.encode() + b"\0"
    team_at = 88 + len(names) if team else 0
    names += team.encode() + b"\0" if team else b""
    head = struct.pack(">7L4BL", version, 0, 88 + len(names), 88, 0, 1, 4096, 32, 2, 0, 12, 0)
    head += struct.pack(">2L", 0, team_at)
    return blob(0xFADE0C02, head.ljust(80, b"\0") + names + bytes(32))


def xml_entitlements(values: dict[str, object]) -> bytes:
    return blob(0xFADE7171, plistlib.dumps(values))


def element(tag: int, content: bytes) -> bytes:
    length = len(content)
    size = bytes([length]) if length < 128 else b"\x82" + length.to_bytes(2)
    return bytes([tag]) + size + content


def der_entitlements(values: dict[str, object]) -> bytes:
    return blob(0xFADE7172, element(0x70, element(2, b"\1") + _der(values)))


def old_der_entitlements(values: dict[str, object]) -> bytes:
    """Write the form of 2020: a set of pairs, and no version."""
    return blob(0xFADE7172, _der(values, dictionary=0x31))


def _der(value: object, dictionary: int = 0xB0) -> bytes:
    match value:
        case bool():
            return element(1, b"\xff" if value else b"\0")
        case int():
            return element(2, value.to_bytes(8, signed=True))
        case str():
            return element(12, value.encode())
        case list():
            return element(0x30, b"".join(_der(each, dictionary) for each in value))
        case dict():
            pairs = (element(0x30, _der(k) + _der(v, dictionary)) for k, v in value.items())
            return element(dictionary, b"".join(pairs))
        case _:
            raise TypeError(value)
