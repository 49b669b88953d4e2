"""What is allowed in a field, in the visitor's language: the rules come from deeper down, in English."""

import re
from collections.abc import Callable, Mapping

from seatrial.domain.errors import InvalidRequest
from seatrial.web.locale import Language

Say = Callable[..., str]


def _sentences(say: Say) -> tuple[tuple[str, Callable[..., str]], ...]:
    return (
        (r"is required(:.*)?", lambda **_: say("is required")),
        (
            r"must be (?P<low>\d+) to (?P<high>\d+) characters",
            lambda **of: say("must be {low} to {high} characters", **of),
        ),
        (
            r"must be (?P<low>\d+) to (?P<high>\d+) characters without commas, bars and line breaks",
            lambda **of: say("must be {low} to {high} characters without commas, bars and line breaks", **of),
        ),
        (
            r"must be an e-mail address of at most (?P<high>\d+) characters",
            lambda **of: say("must be an e-mail address of at most {high} characters", **of),
        ),
        (
            r"must be at most (?P<high>\d+) characters long",
            lambda **of: say("must be at most {high} characters long", **of),
        ),
        (
            r"must be an integer from (?P<low>\d+) to (?P<high>\d+)",
            lambda **of: say("must be a whole number from {low} to {high}", **of),
        ),
        (r"must be one of (?P<words>.+)", lambda **of: say("must be one of {words}", **of)),
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
            r"must begin with a line that names the columns: (?P<names>.+)",
            lambda **of: say("must begin with a line that names the columns: {names}", **of),
        ),
        (
            r"must be a versionCode, an integer from 0 to (?P<high>\d+), or empty",
            lambda **of: say("must be a versionCode, a whole number from 0 to {high}, or empty", **of),
        ),
        (
            r"must be one to four numbers with dots between them, such as 1.4.2, or empty",
            lambda **_: say("must be one to four numbers with dots between them, such as 1.4.2, or empty"),
        ),
        (
            r"must be UTF-8, and .*",
            lambda **_: say("must be UTF-8: in Excel, save it as “CSV UTF-8”"),
        ),
    )


def in_words(language: Language, invalid: InvalidRequest) -> dict[str, str]:
    """Give what is wrong with each field in a language; a rule that has no sentence there stays as it is."""
    return {name: rule(language, text) for name, text in invalid.fields.items()}


def rule(language: Language, text: str) -> str:
    """Say one rule in a language."""
    for pattern, sentence in _sentences(language.say):
        found = re.fullmatch(pattern, text, re.DOTALL)
        if found:
            return sentence(**_named(found.groupdict()))
    return text


def _named(found: Mapping[str, str | None]) -> dict[str, str]:
    return {name: value or "" for name, value in found.items()}
