"""The report of faults names every harness there is."""

from pathlib import Path

import pytest

from tests.faults.report import FAULTS, Outcome, page

HERE = Path(__file__).parent / "faults"


def test_every_harness_stands_for_a_fault() -> None:
    named = [name for _, files in FAULTS.values() for name in files]
    assert sorted(named) == sorted(path.stem for path in HERE.glob("test_*.py"))


def test_a_fault_that_does_not_hold_is_said() -> None:
    written = page(
        {"test_full_disk": Outcome(passed=6, failed=1, seconds=3), "test_kills": Outcome(passed=2)}, "a test"
    )
    full, kills = (next(line for line in written.splitlines() if name in line) for name in ("full_disk", "test_kills"))
    assert "**does not hold**" in full
    assert "6 passed, 1 failed" in full
    assert "| holds |" in kills
    with pytest.raises(ValueError, match="test_nothing"):
        page({"test_nothing": Outcome(passed=1)}, "a test")
