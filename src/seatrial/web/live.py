"""Pages that follow what happens: one look at the database a second for each thing that is watched, whoever watches.

Nobody tells a process what another one did, so it looks: by an index, at what changed within the last moments. Every
stream of the process shares the look, and remembers for itself what it has told already.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

LOOK_SECONDS = 1.0
WINDOW = timedelta(seconds=30)
"""How far back a look goes: processes whose clocks differ by less miss nothing."""
MOST_SEEN = 200
"""Changes that one look sees; who lost track reloads the page."""
BEAT_SECONDS = 15.0
LIFE_SECONDS = 300.0
"""Then the browser asks anew, and is asked anew who it is."""
MOST_STREAMS = 200

Look = Callable[[], Awaitable[Mapping[str, int]]]
"""Gives what changed lately, each with its revision."""


@dataclass(frozen=True, slots=True)
class _Kept:
    at: float
    look: asyncio.Task[Mapping[str, int]]


@dataclass(slots=True)
class Live:
    """The streams of one process."""

    most: int = MOST_STREAMS
    _open: int = 0
    _stopping: bool = False
    _kept: dict[str, _Kept] = field(default_factory=dict)

    @property
    def is_full(self) -> bool:
        """Whether there is no room for another stream."""
        return self._open >= self.most or self._stopping

    def stop(self) -> None:
        """Let every stream end within a look; to be called when the server is about to."""
        self._stopping = True

    async def changes(self, topic: str, look: Look) -> AsyncIterator[list[str] | None]:
        """Give what has changed time and again, each revision once; `None` is a sign of life."""
        loop = asyncio.get_running_loop()
        end, beat, told = loop.time() + LIFE_SECONDS, loop.time(), dict[str, int]()
        self._open += 1
        try:
            while loop.time() < end and not self._stopping:
                seen = await self._look(topic, look)
                new = [one for one, revision in seen.items() if told.get(one) != revision]
                told = dict(seen)
                if new or loop.time() - beat >= BEAT_SECONDS:
                    beat = loop.time()
                    yield new or None
                await asyncio.sleep(LOOK_SECONDS)
        finally:
            self._open -= 1
            if not self._open:
                self._kept.clear()

    async def _look(self, topic: str, look: Look) -> Mapping[str, int]:
        now, kept = asyncio.get_running_loop().time(), self._kept.get(topic)
        if kept is None or now - kept.at >= LOOK_SECONDS * 0.9:
            kept = _Kept(now, asyncio.ensure_future(_awaited(look)))
            self._kept[topic] = kept
        # Shielded: a stream that ends must not end the look of the others.
        return await asyncio.shield(kept.look)


async def _awaited(look: Look) -> Mapping[str, int]:
    return await look()


def event(name: str, data: object, key: str = "") -> bytes:
    """Write one event of a stream (HTML, server-sent events); a client that comes back says the last one's key."""
    said = f"id: {key}\n" if key else ""
    return f"{said}event: {name}\ndata: {json.dumps(data, separators=(',', ':'))}\n\n".encode()


BEAT = b": still here\n\n"
