"""Where addresses are, in a database of MaxMind's format made here (its specification, version 2.0)."""

from pathlib import Path

import pytest

from seatrial.bootstrap.store import open_countries
from seatrial.config import Settings
from seatrial.domain.publication import BuildFilter, FilterType, PublicationSettings, Security, Visibility, lets_in_from
from seatrial.keyring import SettingsInvalid
from seatrial.services.countries import countries_in, country_of_code

Value = str | int | dict[str, "Value"] | list["Value"]


def encoded(value: Value) -> bytes:
    match value:
        case str():
            return bytes([2 << 5 | len(value)]) + value.encode()
        case int():
            return bytes([6 << 5 | 4]) + value.to_bytes(4, "big")
        case dict():
            return bytes([7 << 5 | len(value)]) + b"".join(encoded(k) + encoded(v) for k, v in value.items())
        case list():
            return bytes([len(value), 11 - 7]) + b"".join(map(encoded, value))


def database(folder: Path, found: Value) -> Path:
    """Write one tree of one node: addresses up to 127.255.255.255 have what is found, the others nothing."""
    tree = (1 + 16).to_bytes(3, "big") + (1).to_bytes(3, "big")
    metadata: Value = {
        "binary_format_major_version": 2, "binary_format_minor_version": 0, "build_epoch": 1, "database_type": "Test",
        "description": {}, "ip_version": 4, "languages": [], "node_count": 1, "record_size": 24,
    }  # fmt: skip
    path = folder / "countries.mmdb"
    path.write_bytes(tree + bytes(16) + encoded(found) + b"\xab\xcd\xefMaxMind.com" + encoded(metadata))
    return path


def test_addresses_are_looked_up(tmp_path: Path) -> None:
    countries = countries_in(database(tmp_path, {"country": {"iso_code": "DE"}}))
    assert [countries.of_address(one) for one in ("8.8.8.8", "200.1.1.1", "", "nothing", "::1", "8.8.8.8%eth0")] == [
        "DE", "", "", "", "", "DE"
    ]  # fmt: skip


def test_what_is_no_country_is_none(tmp_path: Path) -> None:
    assert countries_in(database(tmp_path, {"registered_country": {"iso_code": "FR"}})).of_address("8.8.8.8") == "FR"
    strangers: list[Value] = [{"country": {"iso_code": "??"}}, {"country": "DE"}, "DE"]
    for strange in strangers:
        assert countries_in(database(tmp_path, strange)).of_address("8.8.8.8") == ""
    assert [country_of_code(one) for one in ("de", " XX ", "T1", "", "DEU", "XK")] == ["DE", "", "", "", "", "XK"]


def test_a_broken_database_stops_the_start(tmp_path: Path) -> None:
    assert open_countries(Settings(data_dir=tmp_path)).of_address("8.8.8.8") == ""
    broken = tmp_path / "broken.mmdb"
    broken.write_bytes(b"nothing")
    for path in (broken, tmp_path / "missing.mmdb"):
        with pytest.raises(SettingsInvalid, match=r"countries\.database"):
            open_countries(Settings.model_validate({"data_dir": tmp_path, "countries": {"database": path}}))


@pytest.mark.parametrize(
    ("allowed", "blocked", "country", "in_"),
    [
        ((), (), "", True),
        (("DE",), (), "DE", True),
        (("DE",), (), "", False),
        ((), ("US",), "", True),
        ((), ("US",), "US", False),
        (("US", "DE"), ("US",), "US", False),
    ],
)
def test_whom_the_lists_let_in(allowed: tuple[str, ...], blocked: tuple[str, ...], country: str, in_: bool) -> None:
    said = PublicationSettings(
        slug="a-b-c", security=Security.PUBLIC, visibility=Visibility.ACTIVE, filter=BuildFilter(type=FilterType.LAST),
        allowed_countries=allowed, blocked_countries=blocked,
    )  # fmt: skip
    assert lets_in_from(said, country) is in_
