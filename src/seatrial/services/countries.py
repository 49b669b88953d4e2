"""Where a request comes from, as far as anybody can tell."""

from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path

import maxminddb

from seatrial.domain.countries import COUNTRIES


def country_of_code(said: str) -> str:
    """Read a country's code; empty for what is none, `XX` and `T1`, which proxies write for "unknown", among it."""
    code = said.strip().upper()
    return code if code in COUNTRIES else ""


@dataclass(frozen=True, slots=True)
class Countries:
    """Looks countries up by network address, in a database of MaxMind's format where there is one."""

    find: Callable[[str], str] = lambda _address: ""

    def of_address(self, address: str) -> str:
        """Give the code of the country that an address is in; empty where nobody knows."""
        return self.find(address)


def countries_in(path: Path) -> Countries:
    """Open a database of countries or cities (`.mmdb`).

    Raises OSError, maxminddb.InvalidDatabaseError.
    """
    reader = maxminddb.open_database(path, maxminddb.MODE_MMAP)

    def find(address: str) -> str:
        try:
            found = reader.get(ip_address(address.partition("%")[0]))
        except ValueError:
            return ""
        return _code(found)

    return Countries(find)


def _code(found: object) -> str:
    if not isinstance(found, dict):
        return ""
    for key in ("country", "registered_country"):
        inner = found.get(key)
        if isinstance(inner, dict) and isinstance(inner.get("iso_code"), str):
            return country_of_code(inner["iso_code"])
    return ""
