"""The `Range` of a request (RFC 9110, section 14), read before the file response sees it.

Starlette answers a range that it cannot read, or that lies outside the file, in plain text; every failure of ours is
JSON, and a range that means nothing may be ignored.
"""

import re

from seatrial.domain.errors import RangeNotSatisfiable

_SPEC = re.compile(r"(?P<first>[0-9]{1,18})-(?P<last>[0-9]{0,18})|-(?P<suffix>[0-9]{1,18})")


def satisfiable(asked: str, size: int) -> str | None:
    """Give the parts of a range that lie within a file of `size` bytes; `None` where the header is to be ignored.

    Raises RangeNotSatisfiable where it is well-formed and all of it lies outside.
    """
    unit, _, specs = asked.partition("=")
    if unit.strip().lower() != "bytes":
        return None
    found = [_SPEC.fullmatch(spec.strip()) for spec in specs.split(",")]
    matches = [match for match in found if match is not None and _is_forward(match)]
    if len(matches) < len(found):
        return None
    within = [match[0] for match in matches if _begins_within(match, size)]
    if not within:
        raise RangeNotSatisfiable(size)
    return f"bytes={','.join(within)}"


def span(part: str, size: int) -> tuple[int, int] | None:
    """Give the first byte and the one behind the last of a part that `satisfiable` gave; `None` for several parts."""
    match = _SPEC.fullmatch(part.removeprefix("bytes="))
    if match is None:
        return None
    if match["suffix"] is not None:
        return max(0, size - int(match["suffix"])), size
    return int(match["first"]), min(size, int(match["last"]) + 1) if match["last"] else size


def _is_forward(match: re.Match[str]) -> bool:
    return not match["last"] or int(match["first"]) <= int(match["last"])


def _begins_within(match: re.Match[str], size: int) -> bool:
    if match["suffix"] is not None:
        return size > 0 and int(match["suffix"]) > 0
    return int(match["first"]) < size
