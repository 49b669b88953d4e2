"""Values in JSON bodies, read the same way wherever they stand (contract 1.3; decisions 30 and 35).

Each function names the key in the error that it raises, with dots between nested ones, and says what is allowed.
Bodies are read whatever their header calls them; keys nobody knows are ignored.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import TypeVar

from seatrial.domain.build import DEFAULT_SCRIPT_KEYS, UNSET, Unset
from seatrial.domain.errors import InvalidRequest
from seatrial.wire import fields
from seatrial.wire.envelope import encode
from seatrial.wire.timestamps import read_timestamp

T = TypeVar("T")
Said = Mapping[str, object]

NAME_LIMIT = 255
SCRIPT_LIMIT = 256 * 1024
METADATA_LIMIT = 64 * 1024
"""Bytes of compact JSON."""
METADATA_DEPTH = 16

_BODY_RULE = "must be a JSON object in UTF-8"
_BOM = b"\xef\xbb\xbf"  # RFC 8259, section 8.1: a reader may ignore it, and PowerShell writes it
_INTEGERS = range(-(2**63), 2**63)
_SECRET_LIMIT = 128


def json_object(body: bytes) -> dict[str, object]:
    """Read a body that is one JSON object.

    Raises InvalidRequest.
    """
    said = fields.json_value("body", body.removeprefix(_BOM), _BODY_RULE)
    if not isinstance(said, dict):
        raise InvalidRequest({"body": _BODY_RULE})
    return said


def optional(said: Said, key: str, read: Callable[[str, object], T], prefix: str = "") -> T | Unset:
    """Read the value of a key that may be missing; `prefix` is the path to the object that it stands in."""
    return read(prefix + key, said[key]) if key in said else UNSET


def nested(said: Said, key: str) -> dict[str, object]:
    """Read an object inside an object; none where the key is missing or null.

    Raises InvalidRequest.
    """
    value = said.get(key)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise InvalidRequest({key: "must be an object"})
    return value


def string(name: str, value: object) -> str:
    """Read a string; null clears (decision 35).

    Raises InvalidRequest.
    """
    if value is None:
        return ""
    if not isinstance(value, str):
        raise InvalidRequest({name: "must be a string, or null to clear it"})
    return value


def line(limit: int) -> Callable[[str, object], str]:
    """Read a string of at most so many characters, the blanks around it removed."""
    return lambda name, value: fields.one_line(name, string(name, value), limit)


def text(limit: int) -> Callable[[str, object], str]:
    """Read a string of at most so many characters as it is."""
    return lambda name, value: fields.bounded(name, string(name, value), limit)


def word(*allowed: str) -> Callable[[str, object], str]:
    """Read a word of a closed set, in any case."""
    return lambda name, value: fields.word(name, string(name, value).strip().lower(), allowed)


def names(most: int) -> Callable[[str, object], tuple[str, ...]]:
    """Read at most so many ids or e-mail addresses: an array of strings; null is none, repetitions count once."""

    def read(name: str, value: object) -> tuple[str, ...]:
        if value is None:
            return ()
        if not isinstance(value, list) or len(value) > most:
            raise InvalidRequest({name: f"must be an array of at most {most} strings"})
        for index, item in enumerate(value):
            if not isinstance(item, str) or not item.strip():
                raise InvalidRequest({f"{name}.{index}": "must be a string that is not empty"})
        return tuple(dict.fromkeys(fields.one_line(name, item, NAME_LIMIT) for item in value))

    return read


def boolean(name: str, value: object) -> bool:
    """Read true or false.

    Raises InvalidRequest.
    """
    if not isinstance(value, bool):
        raise InvalidRequest({name: "must be true or false"})
    return value


def whole(low: int, high: int) -> Callable[[str, object], int]:
    """Read an integer between two bounds."""

    def read(name: str, value: object) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise InvalidRequest({name: f"must be an integer from {low} to {high}"})
        return value

    return read


def whole_or_none(low: int, high: int) -> Callable[[str, object], int | None]:
    """Read an integer between two bounds, or null for none."""
    read = whole(low, high)
    return lambda name, value: None if value is None else read(name, value)


def moment_or_none(name: str, value: object) -> datetime | None:
    """Read an ISO 8601 time; null or the empty string is none.

    Raises InvalidRequest.
    """
    said = string(name, value).strip()
    return read_timestamp(name, said) if said else None


def language(name: str, value: object) -> str:
    """Read a language of mails, as `de` where German is meant; empty for none.

    Raises InvalidRequest.
    """
    said = string(name, value).strip().lower()
    if not said:
        return ""
    return "de" if fields.word(name, said, fields.LANGUAGES) == "ge" else said


def secret(name: str, value: object) -> str:
    """Read a token out of a body.

    Raises InvalidRequest where it is missing.
    """
    said = line(_SECRET_LIMIT)(name, value)
    if not said:
        raise InvalidRequest({name: "is required"})
    return said


def scripts(said: Said) -> dict[str, str] | Unset:
    """Gather scripts from the nested object and from dotted keys; of both spellings the later one counts."""
    found: dict[str, str] = {}
    for key, value in said.items():
        if key == "defaultScripts":
            found |= _nested_scripts(value)
        elif key.startswith("defaultScripts."):
            found |= _known_scripts({key.partition(".")[2]: value})
    return found or UNSET


def metadata(name: str, value: object) -> dict[str, object]:
    """Read an object of whatever people like, bounded in size and depth.

    Raises InvalidRequest.
    """
    if not isinstance(value, dict):
        raise InvalidRequest({name: "must be an object"})
    for scalar in _scalars(name, value, METADATA_DEPTH):
        if isinstance(scalar, str):
            fields.plain(name, scalar)
        elif isinstance(scalar, int) and scalar not in _INTEGERS:
            raise InvalidRequest({name: "must hold only integers of 64 bits"})
    if len(encode(value)) > METADATA_LIMIT:
        raise InvalidRequest({name: f"must be at most {METADATA_LIMIT} bytes of JSON"})
    return value


def _nested_scripts(value: object) -> dict[str, str]:
    if not isinstance(value, dict):
        raise InvalidRequest({"defaultScripts": f"must be an object with {', '.join(DEFAULT_SCRIPT_KEYS)}"})
    return _known_scripts(value)


def _known_scripts(said: Said) -> dict[str, str]:
    found = {}
    for key in DEFAULT_SCRIPT_KEYS:
        if key in said:
            name = f"defaultScripts.{key}"
            found[key] = text(SCRIPT_LIMIT)(name, said[key])
    return found


def _scalars(name: str, value: object, depth: int) -> Iterator[object]:
    """Give every key and every scalar of a JSON value.

    Raises InvalidRequest where it is nested deeper than allowed.
    """
    if not isinstance(value, (dict, list)):
        yield value
        return
    if depth == 0:
        raise InvalidRequest({name: f"must be nested at most {METADATA_DEPTH} levels deep"})
    if isinstance(value, dict):
        yield from value
        value = list(value.values())
    for item in value:
        yield from _scalars(name, item, depth - 1)
