"""Files from the disk's cache into the socket, without a turn through the interpreter's memory (`sendfile`).

uvicorn knows no message for that, and its event loop has no call: here a second descriptor of the connection's socket
is written to, once all that uvicorn wrote is out. A connection waits for its client on the event loop, and holds a
thread only while the kernel copies.
"""

import asyncio
import os
from asyncio import Transport
from collections.abc import Awaitable, Callable
from functools import partial

SENDFILE = "seatrial.sendfile"
"""The ASGI extension whose `send` writes a part of an open file as the rest of an answer's body."""
PIECE_BYTES = 4 << 20
"""What one call asks the kernel for: it takes as much of it as the socket has room for."""
LOOK_SECONDS = 1.0
"""How often a connection that takes nothing is looked at: it may be gone."""
_FLUSH_SECONDS = 0.005

Run = Callable[[Callable[[], int]], Awaitable[int]]
"""Runs a call that waits for the disk in a thread."""
Channel = Callable[[int, int, int, Run], Awaitable[None]]
"""Writes of an open file, from a byte on, so many bytes."""


async def send_file(
    transport: Transport, file: int, first: int, count: int, run: Run, is_gone: Callable[[], bool]
) -> bool:
    """Write `count` bytes of a file from `first` on; false where the client has gone away.

    Raises OSError where the file has fewer.
    """
    pause = 0.0
    while transport.get_write_buffer_size() and not is_gone():  # nobody tells when it is empty
        await asyncio.sleep(pause)
        pause = _FLUSH_SECONDS
    if is_gone():
        return False
    out = os.dup(transport.get_extra_info("socket").fileno())
    try:
        while count and not is_gone():
            try:
                sent = await run(partial(_push, out, file, first, min(count, PIECE_BYTES)))
            except ConnectionError:
                return False
            if not sent:
                await _writable(out)
            first, count = first + sent, count - sent
    finally:
        os.close(out)
    return not count


def _push(out: int, file: int, first: int, count: int) -> int:
    try:
        sent = os.sendfile(out, file, first, count)
    except BlockingIOError:
        return 0
    if not sent:
        raise OSError("the file is shorter than it was")
    return sent


async def _writable(out: int) -> None:
    loop = asyncio.get_running_loop()
    ready = asyncio.Event()
    loop.add_writer(out, ready.set)
    try:
        async with asyncio.timeout(LOOK_SECONDS):
            await ready.wait()
    except TimeoutError:
        pass
    finally:
        loop.remove_writer(out)
