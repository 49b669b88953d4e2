"""Times are UTC with millisecond precision: what the wire shows is what the database holds."""

from datetime import UTC, datetime


def utc_now() -> datetime:
    """Now, in UTC, cut to milliseconds."""
    now = datetime.now(UTC)
    return now.replace(microsecond=now.microsecond // 1000 * 1000)
