"""Pictures: their format and size, from the header alone.

PNG (W3C, 11.2.2), JPEG (ITU-T T.81, B.2.2), WebP (RFC 9649, 2.4 to 2.7), GIF (89a, 18).
"""

import struct

from seatrial.domain.attachment import Attachment, AttachmentKind

_NO_FRAME = {0xC4, 0xC8, 0xCC}
"""Markers among the frames' that start no frame: tables, an extension, conditioning."""


def read_image(head: bytes) -> Attachment | None:
    """Describe a picture; `None` for what is none of these formats, or is cut off before its size."""
    for name, size in (("PNG", _png(head)), ("JPEG", _jpeg(head)), ("WebP", _webp(head)), ("GIF", _gif(head))):
        if size is not None and all(size):
            width, height = size
            return Attachment(
                kind=AttachmentKind.IMAGE,
                summary=f"A {name} picture of {width:,} by {height:,} pixels.",
                facts={"format": name.lower(), "width": width, "height": height},
            )
    return None


def _png(head: bytes) -> tuple[int, int] | None:
    if not head.startswith(b"\x89PNG\r\n\x1a\n") or len(head) < 24:
        return None
    at = 16 if head[12:16] != b"CgBI" else 32  # Apple's own chunk of four bytes stands before the header
    return _pair(">2L", head, at)


def _gif(head: bytes) -> tuple[int, int] | None:
    return _pair("<2H", head, 6) if head.startswith((b"GIF87a", b"GIF89a")) else None


def _jpeg(head: bytes) -> tuple[int, int] | None:
    if not head.startswith(b"\xff\xd8\xff"):
        return None
    at = 2
    while at + 4 <= len(head) and head[at] == 0xFF:
        marker = head[at + 1]
        if 0xC0 <= marker <= 0xCF and marker not in _NO_FRAME:
            size = _pair(">2H", head, at + 5)
            return (size[1], size[0]) if size else None
        if marker == 0xFF:  # a fill byte
            at += 1
            continue
        at += 2 + int.from_bytes(head[at + 2 : at + 4], "big")
    return None


def _webp(head: bytes) -> tuple[int, int] | None:
    if not (head.startswith(b"RIFF") and head[8:12] == b"WEBP") or len(head) < 30:
        return None
    kind = head[12:16]
    if kind == b"VP8X":
        return int.from_bytes(head[24:27], "little") + 1, int.from_bytes(head[27:30], "little") + 1
    if kind == b"VP8L":
        bits = int.from_bytes(head[21:25], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    size = _pair("<2H", head, 26) if kind == b"VP8 " else None
    return (size[0] & 0x3FFF, size[1] & 0x3FFF) if size else None


def _pair(layout: str, data: bytes, at: int) -> tuple[int, int] | None:
    if at + struct.calcsize(layout) > len(data):
        return None
    first, second = struct.unpack_from(layout, data, at)
    return int(first), int(second)
