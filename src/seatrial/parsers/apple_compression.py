"""LZFSE and LZVN, Apple's compressions, with the size of what comes out bounded before anything is unpacked.

Layouts: `lzfse_internal.h` and `lzvn_decode_base.c` of Apple's open-source LZFSE. A stream is a list of blocks, each
with a magic number and its unpacked size, up to `bvx$`; LZVN also occurs without that frame, as a list of opcodes.
"""

import struct

_END = b"bvx$"
_LZVN_END = 0x06
_LZVN_NOTHING = (0x0E, 0x16)


class CompressionUnreadable(Exception):
    """Packed bytes that are damaged, or that unpack to more than is allowed."""


def unpacked(data: bytes, limit: int) -> bytes:
    """Unpack one or more framed streams, or bare LZVN, into at most `limit` bytes; raise `CompressionUnreadable`."""
    if not _is_framed(data) and _is_framed(data[4:]):
        data = data[4:]  # some writers put the length before the stream
    if not _is_framed(data):
        return _lzvn(data, limit)
    import lzfse  # type: ignore[import-untyped]  # a C extension without stubs

    out = bytearray()
    while _is_framed(data):
        end, size = _measured(data, limit - len(out))
        try:
            part = lzfse.decompress(data[:end])
        except (lzfse.error, MemoryError):
            raise CompressionUnreadable("its packed data are damaged") from None
        if len(part) != size:
            raise CompressionUnreadable("its packed data are damaged")
        out += part
        data = data[end:]
        if not _is_framed(data) and _is_framed(data[4:]):
            data = data[4:]
    return bytes(out)


def _is_framed(data: bytes) -> bool:
    return data[:4] in {b"bvx-", b"bvxn", b"bvx1", b"bvx2"}


def _measured(data: bytes, limit: int) -> tuple[int, int]:
    """Walk over the blocks of a stream: where it ends, and what it unpacks to."""
    at = size = 0
    while data[at : at + 4] != _END:
        header, packed, raw = _block(data, at)
        size += raw
        at += header + packed
        if size > limit:
            raise CompressionUnreadable(f"it unpacks to more than {limit:,} bytes")
        if at + 4 > len(data):
            raise CompressionUnreadable("its packed data end too early")
    return at + 4, size


def _block(data: bytes, at: int) -> tuple[int, int, int]:
    """Give the length of a block's header, of its packed data, and its unpacked size."""
    magic = data[at : at + 4]
    try:
        (raw,) = struct.unpack_from("<L", data, at + 4)
        if magic == b"bvx-":
            return 8, raw, raw
        if magic in {b"bvxn", b"bvx1"}:
            (packed,) = struct.unpack_from("<L", data, at + 8)
            return (12 if magic == b"bvxn" else 772), packed, raw
        if magic == b"bvx2":
            literals, matches, header = struct.unpack_from("<2QL", data, at + 8)
            return max(header, 32), (literals >> 20 & 0xFFFFF) + (matches >> 40 & 0xFFFFF), raw
    except struct.error:
        pass
    raise CompressionUnreadable("its packed data are damaged")


def _lzvn(data: bytes, limit: int) -> bytes:
    out = bytearray()
    at = distance = 0
    try:
        while (code := data[at]) != _LZVN_END:
            if code in _LZVN_NOTHING:
                at += 1
                continue
            length, literals, match, distance = _opcode(data, at, distance)
            at += length
            out += data[at : at + literals]
            at += literals
            if match:
                _copy(out, distance, match)
            if len(out) > limit:
                raise CompressionUnreadable(f"it unpacks to more than {limit:,} bytes")
    except IndexError:
        raise CompressionUnreadable("its packed data end too early") from None
    return bytes(out)


def _opcode(data: bytes, at: int, distance: int) -> tuple[int, int, int, int]:
    """Give an opcode's length, how many literals follow, and length and distance of the match behind them."""
    code = data[at]
    literals, match, low = code >> 6, (code >> 3 & 7) + 3, code & 7
    if code >= 0xE0:
        only_match, count = code >= 0xF0, code & 15
        length = 1 if count else 2
        count = count or data[at + 1] + 16
        found = (length, 0, count, distance) if only_match else (length, count, 0, distance)
    elif 0xA0 <= code < 0xC0:
        found = (3, code >> 3 & 3, ((code & 7) << 2 | data[at + 1] & 3) + 3, data[at + 2] << 6 | data[at + 1] >> 2)
    elif 0x70 <= code < 0x80 or 0xD0 <= code < 0xE0 or (low == 6 and not literals):
        raise CompressionUnreadable("its packed data hold an unknown code")
    elif low == 7:
        found = (3, literals, match, data[at + 2] << 8 | data[at + 1])
    elif low == 6:
        found = (1, literals, match, distance)
    else:
        found = (2, literals, match, low << 8 | data[at + 1])
    return found


def _copy(out: bytearray, distance: int, length: int) -> None:
    """Repeat what was unpacked before; a match may reach into itself."""
    start = len(out) - distance
    if distance == 0 or start < 0:
        raise CompressionUnreadable("its packed data refer to nothing")
    piece = out[start : start + length]
    out += (piece * (length // len(piece) + 1))[:length]
