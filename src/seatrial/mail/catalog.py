"""What this house says, in every language: one file each in `catalogs`, with the same keys and placeholders."""

import tomllib
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from seatrial.domain.mail import LANGUAGES

CATALOGS = Path(__file__).parent / "catalogs"
_UNIT = 1000.0


@dataclass(frozen=True, slots=True)
class Words:
    """The sentences, dates and numbers of one language."""

    language: str
    _sections: dict[str, dict[str, Any]] = field(repr=False)

    def __call__(self, key: str, /, **values: object) -> str:
        """Give the sentence `section.name`, its placeholders filled."""
        section, _, name = key.partition(".")
        sentence: str = self._sections[section][name]
        return sentence.format_map(values)

    def has(self, key: str) -> bool:
        """Whether there is such a sentence."""
        section, _, name = key.partition(".")
        return name in self._sections.get(section, {})

    def day(self, moment: datetime) -> str:
        """Write a date, in UTC."""
        utc = moment.astimezone(UTC)
        months = self._sections["format"]["months"]
        return self("format.day", day=utc.day, month=months[utc.month - 1], year=utc.year)

    def moment(self, moment: datetime) -> str:
        """Write a date and a time of day, in UTC."""
        return self("format.moment", date=self.day(moment), time=moment.astimezone(UTC).strftime("%H:%M"))

    def size(self, size: int) -> str:
        """Write a number of bytes as people read it, in powers of a thousand."""
        units = self._sections["format"]["units"]
        amount, rank = float(size), 0
        while amount >= _UNIT and rank < len(units) - 1:
            amount, rank = amount / _UNIT, rank + 1
        number = f"{amount:.0f}" if rank == 0 or amount >= 100 else f"{amount:.1f}"
        return f"{number.replace('.', self._sections['format']['decimal'])}\u00a0{units[rank]}"


@cache
def words(language: str) -> Words:
    """Give a language; any that this house does not write in is English."""
    known = language if language in LANGUAGES else "en"
    return Words(known, tomllib.loads((CATALOGS / f"{known}.toml").read_text("utf-8")))
