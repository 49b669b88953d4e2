"""The JSON body of a build's update (contract 1.3; decisions 3, 25, 30, 35)."""

from collections.abc import Callable, Iterator, Mapping
from typing import TypeVar

from seatrial.domain.build import DEFAULT_SCRIPT_KEYS, UNSET, BuildChanges, Unset
from seatrial.domain.errors import InvalidRequest
from seatrial.wire import fields, tags
from seatrial.wire.envelope import encode

T = TypeVar("T")

SCRIPT_LIMIT = 256 * 1024
METADATA_LIMIT = 64 * 1024
"""Bytes of compact JSON."""
METADATA_DEPTH = 16

_BODY_RULE = "must be a JSON object in UTF-8"
_BOM = b"\xef\xbb\xbf"  # RFC 8259, section 8.1: a reader may ignore it, and PowerShell writes it
_INTEGERS = range(-(2**63), 2**63)


def build_changes(body: bytes, workspace: bool) -> BuildChanges:
    """Read edits to a build from JSON, whatever its header calls it; unknown and read-only keys are ignored.

    Outside the Workspace API, `metadata`, `defaultScripts` and `disabled` are ignored too.

    Raises InvalidRequest naming the key, with dots between nested ones.
    """
    said = fields.json_value("body", body.removeprefix(_BOM), _BODY_RULE)
    if not isinstance(said, dict):
        raise InvalidRequest({"body": _BODY_RULE})
    workspace_only = said if workspace else {}
    return BuildChanges(
        version_name=_read(said, "versionName", _version_name),
        tags=_read(said, "tags", tags.from_json),
        changelog=_read(said, "changelog", _changelog),
        metadata=_read(workspace_only, "metadata", _metadata),
        default_scripts=_scripts(workspace_only) or UNSET,
        disabled=_read(workspace_only, "disabled", _disabled),
    )


def _read(said: Mapping[str, object], key: str, read: Callable[[object], T]) -> T | Unset:
    return read(said[key]) if key in said else UNSET


def _version_name(value: object) -> str:
    return fields.one_line("versionName", _string("versionName", value), fields.VERSION_NAME_LIMIT)


def _changelog(value: object) -> str:
    return fields.one_line("changelog", _string("changelog", value), fields.CHANGELOG_LIMIT)


def _string(name: str, value: object) -> str:
    if value is None:
        return ""  # null clears (decision 35)
    if not isinstance(value, str):
        raise InvalidRequest({name: "must be a string, or null to clear it"})
    return value


def _disabled(value: object) -> bool:
    if not isinstance(value, bool):
        raise InvalidRequest({"disabled": "must be true or false"})
    return value


def _scripts(said: Mapping[str, object]) -> dict[str, str]:
    """Gather scripts from the nested object and from dotted keys; of both spellings the later one counts."""
    scripts: dict[str, str] = {}
    for key, value in said.items():
        if key == "defaultScripts":
            scripts |= _nested_scripts(value)
        elif key.startswith("defaultScripts."):
            scripts |= _known_scripts({key.partition(".")[2]: value})
    return scripts


def _nested_scripts(value: object) -> dict[str, str]:
    if not isinstance(value, dict):
        raise InvalidRequest({"defaultScripts": f"must be an object with {', '.join(DEFAULT_SCRIPT_KEYS)}"})
    return _known_scripts(value)


def _known_scripts(said: Mapping[str, object]) -> dict[str, str]:
    scripts = {}
    for key in DEFAULT_SCRIPT_KEYS:
        if key in said:
            name = f"defaultScripts.{key}"
            scripts[key] = fields.bounded(name, _string(name, said[key]), SCRIPT_LIMIT)
    return scripts


def _metadata(value: object) -> dict[str, object]:
    if not isinstance(value, dict):
        raise InvalidRequest({"metadata": "must be an object"})
    for scalar in _scalars(value, METADATA_DEPTH):
        if isinstance(scalar, str):
            fields.plain("metadata", scalar)
        elif isinstance(scalar, int) and scalar not in _INTEGERS:
            raise InvalidRequest({"metadata": "must hold only integers of 64 bits"})
    if len(encode(value)) > METADATA_LIMIT:
        raise InvalidRequest({"metadata": f"must be at most {METADATA_LIMIT} bytes of JSON"})
    return value


def _scalars(value: object, depth: int) -> Iterator[object]:
    """Give every key and every scalar of a JSON value.

    Raises InvalidRequest where it is nested deeper than allowed.
    """
    if not isinstance(value, (dict, list)):
        yield value
        return
    if depth == 0:
        raise InvalidRequest({"metadata": f"must be nested at most {METADATA_DEPTH} levels deep"})
    if isinstance(value, dict):
        yield from value
        value = list(value.values())
    for item in value:
        yield from _scalars(item, depth - 1)
