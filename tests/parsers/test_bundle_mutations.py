"""Damaged bundles and sets of APKs: whatever is changed, the outcome is a reading or `BuildFileInvalid`."""

import contextlib
import io
import json
import random
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from seatrial.domain.buildinfo import BuildInfo
from seatrial.domain.errors import BuildFileInvalid
from seatrial.parsers.aab import parse_aab
from seatrial.parsers.apk_set import parse_apk_set
from tests.parsers.apk_files import member, rebuilt
from tests.parsers.test_aab import MANIFEST, RESOURCES, SIGNED
from tests.parsers.test_apk_set import APKM, APKS, XAPK, packed, parts

ROUNDS = 300
VALUES = (0x00, 0x01, 0x02, 0x7F, 0x80, 0xFF)


def survives(parse: Callable[[io.BytesIO], BuildInfo], data: bytes) -> None:
    with contextlib.suppress(BuildFileInvalid):
        info = parse(io.BytesIO(data))
        assert info.identifier
        json.dumps(asdict(info), default=str).encode()


def damaged(data: bytes, chance: random.Random) -> bytes:
    changed = bytearray(data)
    for _ in range(chance.randint(1, 8)):
        place = chance.randrange(len(changed))
        changed[place] = chance.choice((*VALUES, chance.randrange(256)))
    if chance.random() < 0.1:
        del changed[chance.randrange(len(changed)) :]
    return bytes(changed)


def test_damaged_bundles() -> None:
    chance = random.Random(31)
    data = SIGNED.read_bytes()
    for _ in range(ROUNDS):
        survives(parse_aab, damaged(data, chance))


@pytest.mark.parametrize(
    "name",
    [
        MANIFEST,
        RESOURCES,
        "BundleConfig.pb",
        "harbour/manifest/AndroidManifest.xml",
        "base/res/mipmap-anydpi-v26/launcher.xml",
        "base/res/drawable-v21/sail.xml",
        "META-INF/RELEASE.RSA",
        "META-INF/RELEASE.SF",
    ],
)
def test_damaged_members(name: str) -> None:
    """The archive around them is whole, so that the damage reaches their readers."""
    chance = random.Random(41)
    data = member(SIGNED, name)
    for _ in range(ROUNDS // 3):
        survives(parse_aab, rebuilt(SIGNED, {name: damaged(data, chance)}).getvalue())


@pytest.mark.parametrize("path", [APKS, XAPK, APKM], ids=["apks", "xapk", "apkm"])
def test_damaged_sets(path: Path) -> None:
    chance = random.Random(59)
    data = path.read_bytes()
    for _ in range(ROUNDS // 3):
        survives(parse_apk_set, damaged(data, chance))


def test_damaged_parts_of_a_set() -> None:
    chance = random.Random(26)
    whole = parts()
    names = [name for name in whole if name.endswith(".apk")]
    for _ in range(ROUNDS):
        name = chance.choice(names)
        survives(parse_apk_set, packed({**whole, name: damaged(whole[name], chance)}).getvalue())


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.binary(max_size=300), st.integers(0, 3000))
def test_strange_bytes_in_the_manifest(junk: bytes, place: int) -> None:
    data = member(SIGNED, MANIFEST)
    survives(parse_aab, rebuilt(SIGNED, {MANIFEST: data[:place] + junk + data[place + len(junk) :]}).getvalue())


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.binary(max_size=300), st.integers(0, 1500))
def test_strange_bytes_in_the_resources(junk: bytes, place: int) -> None:
    data = member(SIGNED, RESOURCES)
    survives(parse_aab, rebuilt(SIGNED, {RESOURCES: data[:place] + junk + data[place + len(junk) :]}).getvalue())
