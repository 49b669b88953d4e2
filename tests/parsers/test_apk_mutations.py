"""Damaged APKs: whatever is changed, the outcome is a reading or `BuildFileInvalid`."""

import contextlib
import io
import random
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from seatrial.domain.errors import BuildFileInvalid
from seatrial.parsers.apk import parse_apk
from tests.parsers.apk_files import DEMO, DRAWINGS, FEATURES, member, rebuilt

ROUNDS = 150
VALUES = (0x00, 0x01, 0x7F, 0x80, 0xFF)


def survives(data: bytes) -> None:
    with contextlib.suppress(BuildFileInvalid):
        info = parse_apk(io.BytesIO(data))
        assert info.identifier


def damaged(data: bytes, chance: random.Random) -> bytes:
    changed = bytearray(data)
    for _ in range(chance.randint(1, 8)):
        place = chance.randrange(len(changed))
        changed[place] = chance.choice((*VALUES, chance.randrange(256)))
    if chance.random() < 0.1:
        del changed[chance.randrange(len(changed)) :]
    return bytes(changed)


@pytest.mark.parametrize("apk", [DEMO, FEATURES], ids=["demo", "features"])
def test_damaged_files(apk: Path) -> None:
    chance = random.Random(1805)
    data = apk.read_bytes()
    for _ in range(ROUNDS):
        survives(damaged(data, chance))


@pytest.mark.parametrize(
    "name",
    ["AndroidManifest.xml", "resources.arsc", "res/mipmap-anydpi-v26/adaptive.xml", "META-INF/RELEASE.RSA"],
)
def test_damaged_members(name: str) -> None:
    """The archive around them is whole, so that the damage reaches their readers."""
    chance = random.Random(1906)
    data = member(FEATURES, name)
    for _ in range(ROUNDS):
        survives(rebuilt(FEATURES, {name: damaged(data, chance)}).getvalue())


@pytest.mark.parametrize(
    "name",
    ["resources.arsc", "res/mipmap-anydpi-v26/icon.xml", "res/drawable/$sky__0.xml", "res/drawable/boat.xml"],
)
def test_damaged_drawings(name: str) -> None:
    chance = random.Random(1907)
    data = member(DRAWINGS, name)
    for _ in range(ROUNDS // 2):
        survives(rebuilt(DRAWINGS, {name: damaged(data, chance)}).getvalue())


def test_a_damaged_signing_block() -> None:
    chance = random.Random(2007)
    data = DEMO.read_bytes()
    end = data.rindex(b"APK Sig Block 42") + 16
    start = end - int.from_bytes(data[end - 24 : end - 16], "little") - 8
    for _ in range(ROUNDS):
        block = damaged(data[start:end], chance).ljust(end - start, b"\0")
        survives(data[:start] + block + data[end:])


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.binary(max_size=300), st.integers(0, 2000))
def test_strange_bytes_in_the_manifest(junk: bytes, place: int) -> None:
    data = member(FEATURES, "AndroidManifest.xml")
    survives(rebuilt(FEATURES, {"AndroidManifest.xml": data[:place] + junk + data[place + len(junk) :]}).getvalue())
