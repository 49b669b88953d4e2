"""Blocking calls beside the event loop, in order, and never lost half-way.

One upload is a chain of short blocking calls (hash and write 1 MiB). A lane runs them one after another in threads of a
pool that all uploads share, and holds a thread only while there is something to do: a thousand slow clients need no
thousand threads. At most `DEPTH` calls wait or run, so a slow disk slows the socket down instead of filling the memory.
"""

import asyncio
import contextvars
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Executor
from typing import TypeVar

T = TypeVar("T")

DEPTH = 2


async def uninterrupted(future: asyncio.Future[T]) -> T:
    """Wait for a future to its end even when cancelled meanwhile; the cancellation is raised after it."""
    cancelled: asyncio.CancelledError | None = None
    while not future.done():
        try:
            await asyncio.shield(future)
        except asyncio.CancelledError as error:
            cancelled = error
    if cancelled is not None:
        raise cancelled
    return future.result()


async def in_thread(threads: Executor, call: Callable[[], T]) -> T:
    """Run a blocking call in a thread to its end; a cancelled caller learns of it only then.

    So nobody cleans up behind a call that is still running.
    """
    run = contextvars.copy_context().run  # what is logged there belongs to the same request
    return await uninterrupted(asyncio.get_running_loop().run_in_executor(threads, run, call))


class Lane:
    """A chain of blocking calls, run in order by threads of a pool; made and used on one event loop."""

    def __init__(self, threads: Executor) -> None:
        self._threads = threads
        self._loop = asyncio.get_running_loop()
        self._slots = asyncio.Semaphore(DEPTH)
        self._lock = threading.Lock()
        self._waiting: deque[Callable[[], None]] = deque()
        self._running = False
        self._error: BaseException | None = None

    async def put(self, call: Callable[[], object]) -> None:
        """Add a call, waiting for room. Once a call has failed, its error is raised here and no further one is run."""
        await self._slots.acquire()
        if self._error is not None:
            raise self._error

        def guarded() -> None:
            try:
                if self._error is None:
                    call()
            except BaseException as error:  # noqa: BLE001  # raised again where the next call is put
                self._error = error
            finally:
                self._loop.call_soon_threadsafe(self._slots.release)

        self._enqueue(guarded)

    async def finish(self) -> None:
        """Wait until every call has been run; raise the error of the one that failed."""
        for _ in range(DEPTH):
            await self._slots.acquire()
        for _ in range(DEPTH):
            self._slots.release()
        if self._error is not None:
            raise self._error

    async def ask(self, call: Callable[[], T]) -> T:
        """Run a call after all the others and give its result."""
        answers: list[T] = []
        await self.put(lambda: answers.append(call()))
        await self.finish()
        return answers[0]

    async def abandon(self, clean: Callable[[], None]) -> None:
        """Drop what waits, let the running call end, then clean up: to the end, whoever cancels meanwhile."""
        done: asyncio.Future[None] = self._loop.create_future()

        def last() -> None:
            try:
                clean()
            finally:
                self._loop.call_soon_threadsafe(done.set_result, None)

        with self._lock:
            self._waiting.clear()
        try:
            self._enqueue(last)
        except RuntimeError:  # the pool was shut down: nothing of ours runs any more, and nobody waits for this loop
            clean()
            return
        await uninterrupted(done)

    def _enqueue(self, call: Callable[[], None]) -> None:
        with self._lock:
            self._waiting.append(call)
            if self._running:
                return
            self._running = True
        try:
            self._threads.submit(self._work)
        except BaseException:
            self._running = False
            raise

    def _work(self) -> None:
        while True:
            with self._lock:
                if not self._waiting:
                    self._running = False
                    return
                call = self._waiting.popleft()
            call()
