"""LZFSE data with their declared size looked at before they are unpacked.

Layout: the block headers of Apple's reference implementation (`lzfse_internal.h`): a magic and the unpacked size in
front of every block.
"""

import struct

_END, _STORED, _LZVN, _LZFSE = b"bvx$", b"bvx-", b"bvxn", b"bvx2"
_20_BITS = (1 << 20) - 1


def unpack_lzfse(data: bytes, size: int) -> bytes:
    """Unpack blocks that make `size` bytes; raise `ValueError` where they declare another size, or are damaged."""
    if _declared(data, size) != size:
        raise ValueError("the blocks declare another size")
    import lzfse  # type: ignore[import-untyped]  # it has no type information

    try:
        return bytes(lzfse.decompress(data))
    except lzfse.error as error:
        raise ValueError(str(error)) from None


def _declared(data: bytes, most: int) -> int:
    """Add up the sizes that the blocks declare, until they are more than `most`."""
    at = total = 0
    while total <= most:
        magic = data[at : at + 4]
        if magic == _END:
            return total
        try:
            (size,) = struct.unpack_from("<L", data, at + 4)
            if magic == _STORED:
                at += 8 + size
            elif magic == _LZVN:
                at += 12 + struct.unpack_from("<L", data, at + 8)[0]
            elif magic == _LZFSE:
                literals, matches, header = struct.unpack_from("<3Q", data, at + 8)
                at += (header & 0xFFFFFFFF) + (literals >> 20 & _20_BITS) + (matches >> 40 & _20_BITS)
            else:
                raise ValueError("a block of an unknown kind")
        except struct.error:
            raise ValueError("the blocks are cut off") from None
        total += size
    return total
