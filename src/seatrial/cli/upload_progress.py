"""How far an upload is: a bar on a terminal, a line now and then in a log. Always on standard error."""

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    ProgressColumn,
    Task,
    TaskID,
    TaskProgressColumn,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

LINE_SECONDS = 10.0
LINE_SHARE = 0.1
LAST_BYTES = 64 * 1024


class UploadProgress:
    """Is told what happens, and shows nothing of it."""

    def __enter__(self) -> Self:
        """Begin to show."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Leave what has been shown."""

    def begin(self, what: str, total: int) -> None:
        """Start from nothing, again perhaps; `total` in bytes."""

    def advance(self, count: int) -> None:
        """Count bytes that went out."""

    def at(self, done: int) -> None:
        """Tell how many bytes are behind us, which may be fewer than before."""

    def say(self, sentence: str) -> None:
        """Tell what else happens."""


@dataclass(slots=True)
class Lines(UploadProgress):
    """A line at every tenth of the way, and one after ten seconds without any."""

    write: Callable[[str], None]
    clock: Callable[[], float] = time.monotonic
    _what: str = ""
    _total: int = 0
    _done: int = 0
    _began: float = 0
    _said_at: float = 0
    _said_share: float = 0

    def begin(self, what: str, total: int) -> None:
        """Say what is sent and how big it is."""
        self._what, self._total, self._done = what, max(1, total), 0
        self._began = self._said_at = self.clock()
        self._said_share = 0
        self.write(f"Sending {what}, {_size(total)}.")

    def advance(self, count: int) -> None:
        """Say how far it is where that is due."""
        self._done += count
        now, share = self.clock(), self._done / self._total
        if share - self._said_share < LINE_SHARE - 1e-9 and now - self._said_at < LINE_SECONDS and share < 1:
            return
        if 0 < self._total - self._done < LAST_BYTES:
            return  # the end follows at once
        self._said_at, self._said_share = now, share
        speed = self._done / max(now - self._began, 1e-3)
        left = (self._total - self._done) / speed
        rest = f", {left:.0f} s left" if self._done < self._total else ""
        self.write(f"{self._what}: {share:4.0%}, {_size(self._done)}, {_size(speed)}/s{rest}")

    def at(self, done: int) -> None:
        """Count from there; speed is of the bytes that went out."""
        if done < self._done:
            self._done = done
            self._said_share = min(self._said_share, done / self._total)
        elif done > self._done:
            self.advance(done - self._done)

    def say(self, sentence: str) -> None:
        """Write the sentence."""
        self.write(sentence)


class _Speed(ProgressColumn):
    """The speed in the units of the other columns; rich's own is in powers of ten."""

    def render(self, task: Task) -> Text:
        """Write the speed, once there is one."""
        speed = task.finished_speed or task.speed
        return Text(f"{_size(speed)}/s" if speed else "", style="progress.data.speed")


@dataclass(slots=True)
class Bar(UploadProgress):
    """A bar with bytes, speed and time left."""

    console: Console
    _progress: Progress = field(init=False)
    _task: TaskID | None = None

    def __post_init__(self) -> None:
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TaskProgressColumn(),
            DownloadColumn(binary_units=True),
            _Speed(),
            TimeRemainingColumn(),
            console=self.console,
        )

    def __enter__(self) -> Self:
        """Begin to draw."""
        self._progress.start()
        return self

    def begin(self, what: str, total: int) -> None:
        """Draw a bar, over the last one of an attempt that failed."""
        if self._task is not None and not self._progress.tasks[-1].finished:
            self._progress.remove_task(self._task)
        self._task = self._progress.add_task(escape(what), total=total)

    def advance(self, count: int) -> None:
        """Fill the bar."""
        if self._task is not None:
            self._progress.advance(self._task, count)

    def at(self, done: int) -> None:
        """Fill the bar up to there."""
        if self._task is not None:
            self._progress.update(self._task, completed=done)

    def say(self, sentence: str) -> None:
        """Write the sentence above the bar."""
        self._progress.console.print(escape(sentence), highlight=False)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Stop drawing."""
        self._progress.stop()


def progress(*, quiet: bool) -> UploadProgress:
    """Choose what suits standard error."""
    if quiet:
        return UploadProgress()
    console = Console(stderr=True)
    if console.is_terminal and not console.is_dumb_terminal:
        return Bar(console)
    return Lines(lambda line: print(line, file=sys.stderr, flush=True))


def _size(count: float) -> str:
    size = float(count)
    for unit in ("bytes", "KiB", "MiB"):
        if size < 1024:
            return f"{size:.0f} {unit}" if unit == "bytes" else f"{size:.1f} {unit}"
        size /= 1024
    return f"{size:.2f} GiB"
