"""Points in time: UTC, milliseconds, `Z` (contract, section 0; one client parses exactly this)."""

from datetime import UTC, date, datetime, timedelta

from seatrial.domain.errors import InvalidRequest

_RULE = "must be an ISO 8601 date or date-time, e.g. 2024-11-11 or 2024-11-11T11:27:35.446Z"


def timestamp(moment: datetime) -> str:
    """Write a time like `2024-11-11T11:27:35.446Z`; one without a time zone is UTC."""
    return _utc(moment).isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"


def read_timestamp(name: str, text: str, *, end_of_day: bool = False) -> datetime:
    """Read an ISO 8601 time as UTC; without a zone it is UTC, a bare day is its first or last millisecond.

    Raises InvalidRequest.
    """
    try:
        utc = _utc(datetime.fromisoformat(text))
        return utc + timedelta(days=1, milliseconds=-1) if end_of_day and _is_day(text) else utc
    except (ValueError, OverflowError):  # the second: a zone or a day beyond the years 1 to 9999
        raise InvalidRequest({name: _RULE}) from None


def _utc(moment: datetime) -> datetime:
    if moment.tzinfo is UTC:
        return moment
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True
