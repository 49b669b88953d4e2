"""Whether and why a reader of the wire refuses what it is given."""

from collections.abc import Callable

from seatrial.domain.errors import InvalidRequest


def refusal(read: Callable[[], object]) -> dict[str, str] | None:
    """Give the fields that were named, `None` where nothing was refused; any other error goes through."""
    try:
        read()
    except InvalidRequest as error:
        return error.fields
    return None
