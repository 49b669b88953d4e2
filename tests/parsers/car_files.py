"""Small asset catalogues and BOM stores, made on the spot."""

import struct
from collections.abc import Sequence
from typing import NamedTuple

ATTRIBUTES = (7, 12, 17, 1, 2)
"""What the numbers of a picture's key mean: appearance, scale, identifier, element, part."""
ICON = 6849


class Picture(NamedTuple):
    width: int
    height: int
    data: bytes
    pixel_format: bytes = b"BGRA"
    identifier: int = ICON
    appearance: int = 0
    scale: int = 1
    part: int = 220
    layout: int = 12
    properties: bytes = b""

    @property
    def key(self) -> bytes:
        return struct.pack("<5H", self.appearance, self.scale, self.identifier, 85, self.part)

    @property
    def value(self) -> bytes:
        head = struct.pack("<4s5L", b"ISTC", 1, 0, self.width, self.height, 100 * self.scale)
        head += struct.pack("<4s2L2H128s", self.pixel_format, 1, 0, self.layout, 0, b"icon.png")
        head += struct.pack("<4L", len(self.properties), 1, 0, len(self.data))
        return head + self.properties + self.data


def packed(compression: int, data: bytes, flags: int = 0) -> bytes:
    return struct.pack("<4s3L", b"MLEC", flags, compression, len(data)) + data


def in_pieces(compression: int, pieces: Sequence[tuple[int, bytes]], flags: int = 0) -> bytes:
    """Write pieces of some rows each."""
    chunks = b"".join(struct.pack("<4s4L", b"KCBC", 0, 0, rows, len(data)) + data for rows, data in pieces)
    return struct.pack("<4s3L", b"MLEC", flags | 1, compression, len(pieces)) + chunks


def link(left: int, bottom: int, width: int, height: int, key: dict[int, int]) -> bytes:
    """Write the property of a picture that is a part of another."""
    pairs = b"".join(struct.pack("<2H", *pair) for pair in key.items())
    content = struct.pack("<4sL4LHL", b"KLNI", 0, left, bottom, width, height, 12, len(pairs)) + pairs
    return struct.pack("<2L", 1004, 4) + bytes(4) + struct.pack("<2L", 1010, len(content)) + content


def layers(*identifiers: int) -> bytes:
    """Write the property of an icon in layers, the rearmost first."""
    content = struct.pack("<2L", len(identifiers), 0)
    for number in identifiers:
        key = struct.pack("<8H", 1, 85, 2, 181, 17, number, 0, 0)
        content += struct.pack("<6LfL", 0x0D404DD0, 0, 0, 400, 240, 0, 1.0, len(key)) + key
    return struct.pack("<2L", 1012, len(content)) + content


def catalog(*pictures: Picture, names: dict[str, int] | None = None) -> bytes:
    keys = struct.pack("<4s2L5L", b"tmfk", 0, len(ATTRIBUTES), *ATTRIBUTES)
    facets = [
        (name.encode(), struct.pack("<3H6H", 0, 0, 3, 1, 85, 2, 181, 17, number))
        for name, number in ({"AppIcon": ICON} if names is None else names).items()
    ]
    return bom({"KEYFORMAT": keys}, {"FACETKEYS": facets, "RENDITIONS": [(each.key, each.value) for each in pictures]})


def bom(variables: dict[str, bytes], trees: dict[str, list[tuple[bytes, bytes]]], per_page: int = 3) -> bytes:
    blocks: list[bytes] = [b""]
    named: dict[str, int] = {}
    for name, content in variables.items():
        named[name] = _add(blocks, content)
    for name, pairs in trees.items():
        numbers = [(_add(blocks, value), _add(blocks, key)) for key, value in pairs]
        pages = [numbers[at : at + per_page] for at in range(0, len(numbers), per_page)] or [[]]
        first = len(blocks)
        for index, page in enumerate(pages):
            forward = first + index + 1 if index + 1 < len(pages) else 0
            _add(blocks, _page(1, page, forward))
        top = first
        if len(pages) > 1:
            top = _add(blocks, _page(0, [(first + index, page[-1][1]) for index, page in enumerate(pages)], 0))
        named[name] = _add(blocks, struct.pack(">4s4LB", b"tree", 1, top, 4096, len(pairs), 0))
    body, places = b"", []
    for block in blocks:
        places.append((32 + len(body), len(block)))
        body += block
    table = struct.pack(">L", len(blocks)) + b"".join(struct.pack(">2L", *place) for place in places)
    variable_list = struct.pack(">L", len(named))
    for name, number in named.items():
        variable_list += struct.pack(">LB", number, len(name)) + name.encode()
    at = 32 + len(body)
    head = struct.pack(">8s6L", b"BOMStore", 1, len(blocks), at, len(table), at + len(table), len(variable_list))
    return head + body + table + variable_list


def _add(blocks: list[bytes], content: bytes) -> int:
    blocks.append(content)
    return len(blocks) - 1


def _page(leaf: int, pairs: list[tuple[int, int]], forward: int) -> bytes:
    return struct.pack(">2H2L", leaf, len(pairs), forward, 0) + b"".join(struct.pack(">2L", *pair) for pair in pairs)
