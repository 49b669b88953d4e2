"""A clock of a test's own for processes that it starts (libfaketime, Debian's package `faketime`).

Only the time of day is set; what runs by the time since the start (waits, intervals) goes on as it does.
"""

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

DAY = 86_400
_SHARED = Path("/dev/shm")  # where the system has what processes share, named by the library
_NAME = re.compile(r"(?:sem\.)?faketime_(?:shm|sem)_(\d+)")


class FalseClock:
    """What processes with these settings read the time of day from, with this many seconds added."""

    def __init__(self, folder: Path) -> None:
        found = sorted(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"))
        if not found:
            pytest.skip("libfaketime is not installed (scripts/test-tools.sh)")
        self._file = folder / "clock"
        self.settings = {
            "LD_PRELOAD": str(found[0]),
            "FAKETIME_TIMESTAMP_FILE": str(self._file),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "NO_FAKE_STAT": "1",
        }
        self._since = time.time()
        self.set(0)

    def tidy(self) -> None:
        """Remove what the library has left of processes that were killed since then: it does so at their own end only."""
        for path in _SHARED.glob("*faketime_*"):
            named = _NAME.fullmatch(path.name)
            if named is None or Path(f"/proc/{named[1]}").exists():
                continue
            try:
                if path.stat().st_mtime >= self._since:
                    path.unlink()
            except FileNotFoundError:
                continue

    def set(self, seconds: int) -> None:
        """Jump, in one go for all of them."""
        fresh = self._file.with_suffix(".new")
        fresh.write_text(f"{seconds:+d}")
        fresh.replace(self._file)


@contextmanager
def false_clock(folder: Path) -> Iterator[FalseClock]:
    """Give a clock to processes that have ended when the block does; nothing is left of it."""
    clock = FalseClock(folder)
    try:
        yield clock
    finally:
        clock.tidy()
