"""Languages of the pages: which one a visitor reads, and how it says things, numbers and moments.

English sentences are the keys. Each other language is one gettext catalog in `locales`, as translators' tools write it;
it is read at start, so there is nothing to compile.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache, lru_cache, partial
from gettext import c2py
from pathlib import Path

from babel import Locale
from babel.core import negotiate_locale
from babel.dates import format_date, format_datetime, format_timedelta
from babel.messages.pofile import read_po
from babel.numbers import format_decimal

from seatrial.domain.sentence import Sentence, Term
from seatrial.web.retelling import CONTEXT, Retelling

CATALOGS = Path(__file__).parent / "locales"
SOURCE = "en"
COMPLETE = ("en", "es")
"""Languages in which every sentence is said; a test holds that."""


@dataclass(frozen=True, slots=True)
class Language:
    """One language's way of saying things; what its catalog lacks is said in English."""

    tag: str
    locale: Locale
    _said: Mapping[str, str | tuple[str, ...]] = field(repr=False)
    _plural: Callable[[int], int] = field(repr=False)
    _retelling: Retelling | None = field(repr=False)
    """`None` for the language that everything is kept in."""

    def say(self, sentence: str, /, **values: object) -> str:
        """Say a sentence; `{name}` in it is one of the values."""
        said = self._said.get(sentence) or sentence
        text = said if isinstance(said, str) else said[0]
        return text.format(**values) if values else text

    def tell(self, sentence: Sentence) -> str:
        """Say a sentence of the domain, with its values as the language writes them."""
        return self.say(sentence.text, **{name: self._value(value) for name, value in sentence.values.items()})

    def retell(self, text: str) -> str | None:
        """Say a finished English text; `None` for one that the catalog does not know."""
        return text if self._retelling is None else self._retelling.tell(text)

    def day(self, at: datetime) -> str:
        """Write a day, in UTC."""
        return str(format_date(at, "long", locale=self.locale)) if self.tag != SOURCE else f"{at.day} {at:%B %Y}"

    def _value(self, value: object) -> object:
        match value:
            case Sentence():
                return self.tell(value)
            case Term():
                return self.say(value)
            case tuple():
                return ", ".join(str(self._value(one)) for one in value)
            case datetime():
                return self.day(value)
            case _:
                return value

    def count(self, one: str, many: str, number: int, /, **values: object) -> str:
        """Say how many; `{n}` in the sentence is the number as the language writes it."""
        said = self._said.get(one)
        if isinstance(said, tuple):
            text = said[min(self._plural(number), len(said) - 1)]
        else:
            text = one if number == 1 else many
        return text.format(n=self.number(number), **values)

    def number(self, value: float) -> str:
        """Write a number with the language's separators."""
        return _decimal(self.locale, value, None)

    def size(self, octets: int) -> str:
        """Write a size in MB with one decimal, smaller ones in kB or bytes: powers of a thousand, as disks are sold."""
        if octets < 1000:
            return f"{octets} B"
        for unit, bound in (("kB", 1_000_000), ("MB", 1_000_000_000), ("GB", 1_000_000_000_000)):
            if octets < bound:
                return f"{_decimal(self.locale, octets * 1000 / bound, '#,##0.0')} {unit}"
        return f"{_decimal(self.locale, octets / 10**12, '#,##0.0')} TB"

    def moment(self, at: datetime) -> str:
        """Write a moment in full, in UTC."""
        return _moment(self.locale, at)

    def ago(self, at: datetime, now: datetime) -> str:
        """Write how long ago a moment was, or how far ahead it lies."""
        span = at - now
        # Old things are told by days and more: whole hours say the same, and are the same ones for a while.
        grain = timedelta(hours=1) if abs(span) > timedelta(days=2) else timedelta(seconds=1)
        # What was done by the form whose answer this is was not done "in 0 seconds".
        return _away(self.locale, round(span / grain) * grain or -grain)

    def span(self, milliseconds: int) -> str:
        """Write how long something took."""
        if milliseconds < 1000:
            return f"{milliseconds} ms"
        length = timedelta(milliseconds=milliseconds)
        return str(format_timedelta(length, format="short", locale=self.locale, threshold=1.5))


@lru_cache(8192)
def _decimal(locale: Locale, value: float, form: str | None) -> str:
    return str(format_decimal(value, format=form, locale=locale))


@lru_cache(8192)
def _moment(locale: Locale, at: datetime) -> str:
    return str(format_datetime(at, "medium", locale=locale)) + " UTC"


@lru_cache(8192)
def _away(locale: Locale, span: timedelta) -> str:
    return str(format_timedelta(span, add_direction=True, locale=locale, granularity="second"))


@cache
def language(tag: str) -> Language:
    """Give one of the languages that there are."""
    locale = Locale.parse(tag)
    path = CATALOGS / f"{tag}.po"
    said: dict[str, str | tuple[str, ...]] = {}
    stored: dict[str, str] = {}
    plural = "n != 1"
    if tag != SOURCE:
        with path.open("rb") as file:
            catalog = read_po(file, locale=locale)
            plural = catalog.plural_expr
            for message in catalog:
                key = message.id if isinstance(message.id, str) else message.id[0]
                text = message.string
                if not key or not text or message.fuzzy:
                    continue
                if message.context == CONTEXT:
                    stored[key] = str(text)
                else:
                    said[key] = text if isinstance(text, str) else tuple(text)
    retelling = Retelling(stored, partial(_decimal, locale, form=None)) if tag != SOURCE else None
    return Language(tag, locale, said, c2py(plural), retelling)


@cache
def languages() -> tuple[str, ...]:
    """Name the languages that there is a catalog for, English first."""
    return (SOURCE, *sorted(path.stem for path in CATALOGS.glob("*.po")))


def preferred(chosen: str, accepted: str) -> Language:
    """Give the language that a visitor chose, else the best of those that their browser names (RFC 9110, 12.5.4)."""
    if chosen in languages():
        return language(chosen)
    wanted = sorted(_weighted(accepted), key=lambda pair: -pair[1])
    found = negotiate_locale([tag for tag, weight in wanted if weight > 0], languages(), sep="-")
    return language(found or SOURCE)


def _weighted(accepted: str) -> list[tuple[str, float]]:
    pairs = []
    for part in accepted[:500].split(",")[:20]:
        tag, _, parameters = part.strip().partition(";")
        weight = parameters.strip().removeprefix("q=") if parameters.strip().startswith("q=") else "1"
        try:
            pairs.append((tag, float(weight)))
            pairs.append((tag.partition("-")[0], float(weight) - 1e-6))
        except ValueError:
            continue
    return pairs
