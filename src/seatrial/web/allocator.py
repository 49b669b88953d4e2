"""One setting of the C allocator that makes receiving large bodies four times cheaper."""

import ctypes
import sys

M_TOP_PAD = -2  # malloc.h
PAD_BYTES = 8 << 20


def keep_heap_warm() -> bool:
    """Let glibc keep 8 MiB of free heap instead of returning it to the kernel; whether the system took it.

    The server's receive loop allocates and frees a few hundred KiB for every chunk of a body; by default glibc gives
    the memory back and faults it in again each time: 1.15 s instead of 0.26 s for 1 GiB. Other C libraries need
    nothing.
    """
    if sys.platform != "linux":
        return False
    library = ctypes.CDLL(None)
    if not hasattr(library, "gnu_get_libc_version"):
        return False
    return bool(library.mallopt(M_TOP_PAD, PAD_BYTES))
