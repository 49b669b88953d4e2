"""Tags in all the forms that clients send them in (decision 3)."""

from collections.abc import Iterable, Sequence

from seatrial.domain.errors import InvalidRequest
from seatrial.wire import fields

_RULE = "must be an array of strings, or one string with commas between the tags"


def split(text: str) -> Sequence[str]:
    """Take one form field apart: a JSON array where it is one, else text with commas between the tags.

    Raises InvalidRequest where a JSON array holds something else than strings and numbers.
    """
    array = _array(text)
    return text.split(",") if array is None else [_element(item) for item in array]


def collect(texts: Iterable[str]) -> tuple[str, ...]:
    """Trim tags, drop empty ones and repetitions, keep their order.

    Raises InvalidRequest for a tag that is too long and for too many of them.
    """
    trimmed = (fields.one_line("tags", text, fields.TAG_LIMIT) for text in texts)
    tags = tuple(dict.fromkeys(tag for tag in trimmed if tag))
    if len(tags) > fields.TAG_COUNT_LIMIT:
        raise InvalidRequest({"tags": f"must be at most {fields.TAG_COUNT_LIMIT} tags"})
    return tags


def from_json(value: object) -> tuple[str, ...]:
    """Read the tags of a JSON body: an array of strings, or one string with commas.

    Raises InvalidRequest for anything else, and as `collect` does.
    """
    if isinstance(value, str):
        return collect(value.split(","))
    if not isinstance(value, list):
        raise InvalidRequest({"tags": _RULE})
    for index, item in enumerate(value):
        if not isinstance(item, str):
            raise InvalidRequest({f"tags.{index}": "must be a string"})
    return collect(value)


def _array(text: str) -> list[object] | None:
    if not text.lstrip().startswith("["):
        return None
    try:
        value = fields.json_value("tags", text, _RULE)
    except InvalidRequest:
        return None  # a tag may well begin with a bracket: "[wip], nightly"
    return value if isinstance(value, list) else None


def _element(item: object) -> str:
    if isinstance(item, str):
        return item
    if isinstance(item, (int, float)) and not isinstance(item, bool):
        return str(item)
    raise InvalidRequest({"tags": _RULE})
