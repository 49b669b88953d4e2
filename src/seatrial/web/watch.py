"""Waiting for builds: whoever waits shares one look at the database, and holds neither a thread nor a connection.

Nobody tells a process what another one did, so it looks: at all builds that anybody here waits for, in one statement,
ten times a second while there are any.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Callable, Collection, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field

from seatrial.domain.build import Progress

LOOK_SECONDS = 0.1
BEAT_SECONDS = 15.0
LIFE_SECONDS = 300.0
"""Then a stream ends, and whoever wants more asks anew and is asked anew who it is."""
MOST_WAITING = 200

Look = Callable[[Collection[str]], Awaitable[Mapping[str, Progress]]]
"""Gives how far builds are; those that are gone are missing."""


@dataclass(frozen=True, slots=True)
class _Round:
    asked: frozenset[str]
    seen: Mapping[str, Progress]


@dataclass(slots=True)
class Watch:
    """The builds that requests of this process wait for."""

    look: Look
    most: int = MOST_WAITING
    _waiting: Counter[str] = field(default_factory=Counter)
    _round: asyncio.Task[_Round] | None = None
    _stopping: bool = False

    @property
    def is_full(self) -> bool:
        """Whether there is no room for another one who waits."""
        return self._stopping or self._waiting.total() >= self.most

    def stop(self) -> None:
        """Let everybody go within a look; to be called when the server is about to."""
        self._stopping = True

    async def until_finished(self, build_id: str, seconds: float) -> None:
        """Wait until a build is finished or gone, the time is over or the server stops; not at all where it is full."""
        async with aclosing(self._looks(build_id, seconds)) as looks:
            async for progress in looks:
                if progress is None or progress.is_finished:
                    return

    async def steps(self, build_id: str, known: Progress) -> AsyncGenerator[Progress | None]:
        """Give each step of a build behind the known one, to its end; `None` is a sign of life."""
        loop = asyncio.get_running_loop()
        beat = loop.time()
        async with aclosing(self._looks(build_id, LIFE_SECONDS)) as looks:
            async for progress in looks:
                if progress is None:
                    return
                if progress.step != known.step:
                    known, beat = progress, loop.time()
                    yield progress
                    if progress.is_finished:
                        return
                elif loop.time() - beat >= BEAT_SECONDS:
                    beat = loop.time()
                    yield None

    async def _looks(self, build_id: str, seconds: float) -> AsyncGenerator[Progress | None]:
        if self.is_full:
            return
        loop = asyncio.get_running_loop()
        end = loop.time() + seconds
        self._waiting[build_id] += 1
        try:
            while loop.time() < end and not self._stopping:
                found = await self._next_round()
                if build_id in found.asked:
                    yield found.seen.get(build_id)
        finally:
            self._waiting[build_id] -= 1
            self._waiting += Counter()  # forget those that nobody waits for

    async def _next_round(self) -> _Round:
        if self._round is None or self._round.done():
            self._round = asyncio.ensure_future(self._look_soon())
        # Shielded: one who leaves must not end the look of the others.
        return await asyncio.shield(self._round)

    async def _look_soon(self) -> _Round:
        await asyncio.sleep(LOOK_SECONDS)
        asked = frozenset(self._waiting)
        return _Round(asked, await self.look(asked))
