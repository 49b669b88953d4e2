"""Looks of the doctor that nothing has to be broken for; tests/e2e/test_doctor.py breaks servers."""

import threading
from pathlib import Path

import pytest

from seatrial.domain.finding import Finding, Level
from seatrial.services import doctor_house
from seatrial.services.doctor import Doctor
from seatrial.services.doctor_house import clock
from seatrial.storage.memory import MemoryBlobStore
from tests.server import PATIENCE_SECONDS


def test_a_full_disk_beside_a_bucket_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A bucket has no end, and the folder that builds are copied to has one."""
    bucket = MemoryBlobStore()
    monkeypatch.setattr(doctor_house, "LOW_BYTES", 0)
    assert next(doctor_house.disk(tmp_path, bucket)).level is Level.OK
    monkeypatch.setattr(doctor_house, "LOW_BYTES", 1 << 62)
    found = next(doctor_house.disk(tmp_path, bucket))
    assert (found.name, found.level) == ("disk", Level.WARNING)
    assert "in the data directory" in found.says
    assert "du -xh" in found.fix


def test_clocks_that_differ_are_found() -> None:
    assert clock("the database", 3).level is Level.OK
    assert clock("the database", 90).level is Level.ERROR
    assert "NTP" in clock("the database", 90).fix


def test_a_look_that_hangs_or_fails_is_a_finding() -> None:
    over = threading.Event()

    def hang() -> list[Finding]:
        over.wait(PATIENCE_SECONDS)
        return []

    def fall() -> list[Finding]:
        raise RuntimeError("the roof")

    found = Doctor({"hangs": hang, "falls": fall, "fine": list}, seconds=0.2).examine()
    over.set()
    assert [(one.name, one.level) for one in found] == [("hangs", Level.ERROR), ("falls", Level.ERROR)]
    assert "the roof" in found[1].says
