"""The log of downloads as a table for spreadsheets (RFC 4180, in UTF-8)."""

from collections.abc import Iterable, Iterator

from seatrial.domain.download import Download
from seatrial.wire.csv_lines import csv_lines as rows_csv
from seatrial.wire.devices import device_json
from seatrial.wire.timestamps import timestamp

COLUMNS = (
    "id",
    "createdAt",
    "build",
    "from",
    "memberType",
    "memberId",
    "email",
    "firstName",
    "lastName",
    "ipAddress",
    "userAgent",
    *(f"device.{name}" for name in ("vendor", "model", "type", "osName", "osVersion", "sdkVersion")),
    *(f"device.{name}" for name in ("packageName", "appVersion", "packageVersion")),
)


def csv_head() -> bytes:
    """Give the line with the names of the columns."""
    return rows_csv([COLUMNS])


def csv_lines(downloads: Iterable[Download]) -> bytes:
    """Give a line for each download."""
    return rows_csv(map(_row, downloads))


def _row(download: Download) -> Iterator[str]:
    member = download.member
    yield from (download.id, timestamp(download.created_at), download.build_id, download.origin)
    yield from (download.member_type, member.id, member.email, member.first_name, member.last_name)
    yield from (download.address, download.user_agent, *device_json(download.device).values())
