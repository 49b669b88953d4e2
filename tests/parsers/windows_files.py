"""Sample files for Windows, built ones and ones put together byte by byte."""

import contextlib
import io
import random
import struct
from collections.abc import Callable
from pathlib import Path

from seatrial.domain.buildinfo import BuildInfo
from seatrial.domain.errors import BuildFileInvalid
from seatrial.parsers.archive import Archive

FIXTURES = Path(__file__).parents[1] / "fixtures"
SIGNER = "C=US,O=The Seatrial authors,CN=Seatrial Demo"

Parser = Callable[[io.BytesIO, Archive | None], BuildInfo]


def sample(name: str) -> bytes:
    return (FIXTURES / name).read_bytes()


class Counted(io.BytesIO):
    """A file that is no file of the system, as a stored object is none; it counts what is asked of it."""

    def __init__(self, data: bytes) -> None:
        super().__init__(data)
        self.reads = self.bytes_read = 0

    def read(self, size: int | None = -1, /) -> bytes:
        data = super().read(size)
        self.reads += 1
        self.bytes_read += len(data)
        return data

    def fileno(self) -> int:
        raise OSError("not a file of the system")


def survives_mutations(parse: Parser, good: bytes, count: int, seed: int) -> int:
    """Parse a file with a few bytes changed, again and again; give how many were still understood."""
    chance = random.Random(seed)
    understood = 0
    for _ in range(count):
        changed = bytearray(good)
        for _ in range(chance.randint(1, 6)):
            at = chance.randrange(len(changed))
            changed[at] = chance.choice([0, 0xFF, 0x7F, changed[at] ^ 1 << chance.randrange(8)])
        if chance.random() < 0.2:
            del changed[chance.randrange(len(changed)) :]
        with contextlib.suppress(BuildFileInvalid):
            parse(io.BytesIO(bytes(changed)), None)
            understood += 1
    return understood


def program(
    resources: bytes = b"",
    *,
    machine: int = 0x8664,
    security: tuple[int, int] = (0, 0),
    flags: int = 0x22,
    section: bytes = b".rsrc",
    behind: bytes = b"",
) -> bytes:
    """A PE32+ program of one section, which is its resources at address 0x1000 and offset 0x200, or one byte."""
    directories = [(0, 0)] * 16
    directories[2] = (0x1000, len(resources)) if resources else (0, 0)
    directories[4] = security
    resources = resources or b"x"
    table = b"".join(struct.pack("<2L", *each) for each in directories)
    optional = struct.pack("<H38x2H20xH22x", 0x20B, 6, 1, 2)
    optional = optional.ljust(108, b"\0") + struct.pack("<L", 16) + table
    coff = struct.pack("<2H3L2H", machine, 1, 0, 0, 0, len(optional), flags)
    header = b"MZ".ljust(0x3C, b"\0") + struct.pack("<L", 0x40) + b"PE\0\0" + coff + optional
    header += struct.pack("<8s4L12xL", section, len(resources), 0x1000, len(resources), 0x200, 0x40000040)
    return header.ljust(0x200, b"\0") + resources + behind


def resources(tree: dict[int, dict[int, dict[int, bytes]]]) -> bytes:
    """Lay out a tree of resources (type, number, language) as linkers do; the section starts at 0x1000."""
    folders: list[bytes] = []
    leaves: list[bytes] = []
    place = 0

    def size_of(level: dict[int, object]) -> int:
        return 16 + 8 * len(level)

    total = size_of(dict(tree))
    total += sum(size_of(dict(names)) + sum(size_of(dict(each)) for each in names.values()) for names in tree.values())
    count = sum(len(languages) for names in tree.values() for languages in names.values())
    data_place = total + 16 * count
    entries: list[bytes] = []
    blob = b""
    waiting: list[tuple[int, dict[int, object]]] = [(0, dict(tree))]
    free = size_of(dict(tree))
    layout: dict[int, bytes] = {}
    while waiting:
        place, level = waiting.pop(0)
        body = struct.pack("<12x2H", 0, len(level))
        for number, inner in sorted(level.items()):
            if isinstance(inner, dict):
                body += struct.pack("<2L", number, free | 0x80000000)
                waiting.append((free, inner))
                free += size_of(inner)
            else:
                assert isinstance(inner, bytes)
                body += struct.pack("<2L", number, total + 16 * len(entries))
                entries.append(struct.pack("<4L", 0x1000 + data_place + len(blob), len(inner), 0, 0))
                blob += inner + bytes(-len(inner) % 4)
        layout[place] = body
    folders = [layout[key] for key in sorted(layout)]
    leaves = entries
    return b"".join(folders) + b"".join(leaves) + blob


def version(strings: dict[str, dict[str, str]], fixed: tuple[int, int, int, int] | None = None) -> bytes:
    """A version resource with tables by language and code page, as `040904b0`."""
    value = b""
    if fixed:
        words = (fixed[1], fixed[0], fixed[3], fixed[2])
        value = struct.pack("<2L8H7L", 0xFEEF04BD, 0x10000, *words, *words, *[0] * 7)
    tables = b"".join(
        _block(
            key, b"", 1, b"".join(_block(name, text.encode("utf-16-le") + b"\0\0", 1) for name, text in texts.items())
        )
        for key, texts in strings.items()
    )
    return _block("VS_VERSION_INFO", value, 0, _block("StringFileInfo", b"", 1, tables))


def _block(key: str, value: bytes, kind: int, inner: bytes = b"") -> bytes:
    head = struct.pack("<2H", len(value) // 2 if kind else len(value), kind) + key.encode("utf-16-le") + b"\0\0"
    head += bytes(-(len(head) + 2) % 4)
    body = head + value + (bytes(-len(value) % 4) if inner else b"") + inner
    return struct.pack("<H", len(body) + 2) + body + bytes(-(len(body) + 2) % 4)
