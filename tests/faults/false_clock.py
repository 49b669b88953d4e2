"""A clock of a test's own for processes that it starts (libfaketime, Debian's package `faketime`).

Only the time of day is set; what runs by the time since the start (waits, intervals) goes on as it does.
"""

from pathlib import Path

import pytest

DAY = 86_400


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
            "FAKETIME_DISABLE_SHM": "1",
            "NO_FAKE_STAT": "1",
        }
        self.set(0)

    def set(self, seconds: int) -> None:
        """Jump, in one go for all of them."""
        fresh = self._file.with_suffix(".new")
        fresh.write_text(f"{seconds:+d}")
        fresh.replace(self._file)
