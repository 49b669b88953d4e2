"""Sentences for people that pages say in the reader's language: the English ones are the keys of the catalogs."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


class Term(str):
    """A word inside a sentence that has a translation of its own."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence with places `{name}` for its values; as text it is English.

    Values are said as they are, but for a `Term`, which is translated, another sentence, several of which are joined
    by commas, and a moment, of which the day is said.
    """

    text: str
    values: Mapping[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.text.format(**{name: _english(value) for name, value in self.values.items()})


def _english(value: object) -> object:
    if isinstance(value, tuple):
        return ", ".join(str(_english(one)) for one in value)
    if isinstance(value, Sentence):
        return str(value)
    if isinstance(value, datetime):
        return f"{value.day} {value:%B %Y}"
    return value
