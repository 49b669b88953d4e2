"""Single values from outside: trimmed, bounded, and of a kind that every database takes.

Each function names the field in the error that it raises, and says what is allowed.
"""

import re
from collections.abc import Iterable

import msgspec

from seatrial.domain.errors import InvalidRequest

VERSION_NAME_LIMIT = 255
PACKAGE_LIMIT = 255
CHANGELOG_LIMIT = 1024 * 1024
TAG_LIMIT = 128
TAG_COUNT_LIMIT = 100
LANGUAGES = ("es", "en", "fr", "ge", "de", "it", "zh", "pt", "ru")
"""What `notifyLanguage` may say; `ge` is the documents' word for German, `de` everyone else's (decision 9)."""

_TRUE = frozenset({"true", "1", "yes"})
_FALSE = frozenset({"false", "0", "no"})
_WHOLE = re.compile(r"-?[0-9]{1,18}")


def plain(name: str, text: str) -> str:
    """Return a text as it is.

    Raises InvalidRequest for NUL (PostgreSQL refuses it) and for half of a surrogate pair (UTF-8 has none).
    """
    if "\0" in text:
        raise InvalidRequest({name: "must not contain NUL characters"})
    try:
        text.encode()
    except UnicodeEncodeError:
        raise InvalidRequest({name: "must be valid Unicode text"}) from None
    return text


def bounded(name: str, text: str, limit: int) -> str:
    """Return a text as it is.

    Raises InvalidRequest where it is longer than `limit` characters or `plain` refuses it.
    """
    if len(text) > limit:
        raise InvalidRequest({name: f"must be at most {limit} characters long"})
    return plain(name, text)


def one_line(name: str, text: str, limit: int) -> str:
    """Trim a text and bound it like `bounded`."""
    return bounded(name, text.strip(), limit)


def flag(name: str, text: str) -> bool | None:
    """Read true/false/1/0/yes/no in any case; nothing but blanks means that nothing was said (decision 7).

    Raises InvalidRequest.
    """
    said = text.strip().lower()
    if said in _TRUE:
        return True
    if said in _FALSE:
        return False
    if said:
        raise InvalidRequest({name: "must be one of true, false, 1, 0, yes, no"})
    return None


def whole(name: str, text: str, low: int, high: int) -> int:
    """Read an integer in decimal ASCII digits.

    Raises InvalidRequest where it is none or lies outside `low` to `high`.
    """
    if not _WHOLE.fullmatch(text) or not low <= int(text) <= high:
        raise InvalidRequest({name: f"must be an integer from {low} to {high}"})
    return int(text)


def word(name: str, text: str, allowed: Iterable[str]) -> str:
    """Return a word of a closed set.

    Raises InvalidRequest for any other, listing the set.
    """
    words = tuple(allowed)
    if text not in words:
        raise InvalidRequest({name: f"must be one of {', '.join(words)}"})
    return text


def json_value(name: str, text: str | bytes, rule: str) -> object:
    """Read JSON: strict UTF-8, no NaN; of repeated keys the last one counts.

    Raises InvalidRequest with the rule where it is none, or nested deeper than the interpreter bears.
    """
    try:
        value: object = msgspec.json.decode(text)
    except (ValueError, RecursionError):
        raise InvalidRequest({name: rule}) from None
    return value
