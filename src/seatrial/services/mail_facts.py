"""What letters say, kept sealed until they are sent: links that let people in are among it."""

from collections.abc import Mapping
from datetime import datetime

import msgspec

from seatrial.storage.sealing import Sealer

_MOMENT = "$moment"


def seal(sealer: Sealer, facts: Mapping[str, object]) -> str:
    """Make facts, moments among them, unreadable."""
    return sealer.seal(msgspec.json.encode(_packed(facts)))


def unseal(sealer: Sealer, sealed: str) -> dict[str, object]:
    """Give facts back as they were.

    Raises Unsealable.
    """
    said = _unpacked(msgspec.json.decode(sealer.open(sealed)))
    assert isinstance(said, dict)
    return said


def _packed(value: object) -> object:
    match value:
        case datetime():
            return {_MOMENT: value.isoformat()}
        case Mapping():
            return {str(key): _packed(item) for key, item in value.items()}
        case list() | tuple():
            return [_packed(item) for item in value]
        case _:
            return value


def _unpacked(value: object) -> object:
    match value:
        case {"$moment": str(text)}:
            return datetime.fromisoformat(text)
        case dict():
            return {key: _unpacked(item) for key, item in value.items()}
        case list():
            return [_unpacked(item) for item in value]
        case _:
            return value
