"""Says finished English sentences in another language: what is wrong with a build, why something was refused or failed.

They are kept or passed on as text, and are part of the API and of a command's output, where they stay as they are. A
catalog has their sentences under the context `stored`, with places `{name}`; here a text is held against them.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

CONTEXT = "stored"
_PLACE = re.compile(r"{(\w+)}")
_NUMBER = re.compile(r"\d{1,3}(?:,\d{3})+")
_WORDS = re.compile(r"“.*”|[^\s,]+(?:, [^\s,]+)*", re.DOTALL)
_FEW = 16
"""A sentence with less text of its own than this fits too much: its values must be words, or be known themselves."""
_DEEPEST = 6


@dataclass(frozen=True, slots=True)
class _Pattern:
    literals: tuple[str, ...]
    """What stands before, between and behind the places."""
    names: tuple[str, ...]
    said: str

    @property
    def own(self) -> int:
        return sum(map(len, self.literals))

    def values(self, text: str) -> list[str] | None:
        """Give what stands at the places, each as short as can be, or `None` where the text is another sentence.

        Takes time in proportion to the text, whatever is in it.
        """
        first, *between, last = self.literals
        end = len(text) - len(last)
        if not text.startswith(first) or not text.endswith(last) or end <= len(first):
            return None
        found, start = [], len(first)
        for literal in between:
            at = text.find(literal, start + 1, end)
            if at < 0:
                return None
            found.append(text[start:at])
            start = at + len(literal)
        return [*found, text[start:end]] if start < end else None

    def is_quoted(self, place: int) -> bool:
        """Whether a place is for somebody else's name, which is said as it is."""
        return self.literals[place].endswith("“")


@dataclass(frozen=True)
class Retelling:
    """The sentences of one language, and how it writes numbers."""

    said: Mapping[str, str]
    number: Callable[[int], str]

    @cached_property
    def _patterns(self) -> tuple[_Pattern, ...]:
        """Those with places; what says most by itself comes first, so that the closest one is taken."""
        made = [
            _Pattern(tuple(_PLACE.split(sentence)[::2]), tuple(_PLACE.findall(sentence)), said)
            for sentence, said in self.said.items()
            if _PLACE.search(sentence)
        ]
        return tuple(sorted(made, key=lambda one: -one.own))

    def tell(self, text: str, depth: int = 0) -> str | None:
        """Say a text in the language; `None` for one that is not known."""
        if text in self.said:
            return self.said[text]
        if depth > _DEEPEST:
            return None
        for pattern in self._patterns:
            values = pattern.values(text)
            if values is not None and (said := self._filled(pattern, values, depth)) is not None:
                return said
        return None

    def _filled(self, pattern: _Pattern, values: list[str], depth: int) -> str | None:
        told: dict[str, str] = {}
        for place, (name, value) in enumerate(zip(pattern.names, values, strict=True)):
            known = None if pattern.is_quoted(place) else self._value(value, depth + 1)
            if known is None and pattern.own < _FEW and not _WORDS.fullmatch(value):
                return None
            told[name] = value if known is None else known
        return pattern.said.format(**told)

    def _value(self, value: str, depth: int) -> str | None:
        """Say a value that is a number, a sentence (its full stop may have been taken off) or a list of sentences."""
        if _NUMBER.fullmatch(value):
            return self.number(int(value.replace(",", "")))
        told = self.tell(value, depth)
        if told is None and (told := self.tell(f"{value}.", depth)) is not None:
            return told.removesuffix(".")
        if told is None and len(parts := value.split(", ")) > 1:
            each = [self.tell(part, depth) for part in parts]
            return ", ".join(part for part in each if part is not None) if None not in each else None
        return told
