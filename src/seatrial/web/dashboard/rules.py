"""What is allowed in a field, in the visitor's language: the rules come from deeper down, in English."""

import re
from collections.abc import Callable, Mapping

from seatrial.domain.errors import InvalidRequest
from seatrial.web.locale import Language

Say = Callable[..., str]


def _plainer(say: Say) -> tuple[tuple[str, Callable[..., str]], ...]:
    """Rules that pages say in other words than the API, which speaks to programs."""
    return (
        (r"is required(:.*)?", lambda **_: say("is required")),
        (
            r"must be an integer from (?P<low>\d+) to (?P<high>\d+)",
            lambda **of: say("must be a whole number from {low} to {high}", **of),
        ),
        (r"must be at most (?P<most>\d+) tags", lambda **of: say("must be at most {most} groups", **of)),
        (r"names '(?P<name>.*)', who is not here", lambda **of: say("names {name}, who is not here", **of)),
        (
            r"names the group '(?P<name>.*)', which is not here",
            lambda **of: say("names the group {name}, which is not here", **of),
        ),
        (
            r"'(?P<name>.*)' is no member of the organization; invite them",
            lambda **of: say("{name} is no member of the organization; invite them", **of),
        ),
        (
            r"must be a versionCode, an integer from 0 to (?P<high>\d+), or empty",
            lambda **of: say("must be a versionCode, a whole number from 0 to {high}, or empty", **of),
        ),
        (
            r"must be UTF-8, and .*",
            lambda **_: say("must be UTF-8: in Excel, save it as “CSV UTF-8”"),
        ),
    )


def in_words(language: Language, invalid: InvalidRequest) -> dict[str, str]:
    """Give what is wrong with each field in a language."""
    return {name: rule(language, text) for name, text in invalid.fields.items()}


def rule(language: Language, text: str) -> str:
    """Say one rule, or another sentence of ours, in a language; what has no sentence there stays as it is."""
    for pattern, sentence in _plainer(language.say):
        found = re.fullmatch(pattern, text, re.DOTALL)
        if found:
            return sentence(**_named(found.groupdict()))
    return language.retell(text) or text


def _named(found: Mapping[str, str | None]) -> dict[str, str]:
    return {name: value or "" for name, value in found.items()}
