"""What commands print: for people in colour, for programs as JSON."""

import json
import sys
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import NoReturn

import typer
from rich.console import Console
from rich.table import Table

from seatrial.domain.clock import utc_now

_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def fail(sentence: str, code: int = 1) -> NoReturn:
    """Say in one sentence what is wrong, and exit."""
    print(f"seatrial: {' '.join(sentence.split())}", file=sys.stderr)
    raise SystemExit(code)


def print_json(value: object) -> None:
    """Print one JSON value on one line."""
    print(json.dumps(value, ensure_ascii=False))


def print_table(columns: Iterable[str], rows: Iterable[Iterable[object]]) -> None:
    """Print rows for people."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*(_cell(value) for value in row))
    Console(highlight=False, soft_wrap=not sys.stdout.isatty()).print(table)


def print_facts(facts: Mapping[str, object]) -> None:
    """Print names and values for people, the names in one column."""
    width = max(map(len, facts))
    for name, value in facts.items():
        print(f"{name:<{width}}  {_cell(value)}")


def moment(value: datetime | None) -> str | None:
    """Write a time as the API does."""
    return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z") if value else None


def expiry(text: str | None) -> datetime | None:
    """Read `90d`, `12h`, `30m`, `2w` or an ISO date as a time to come."""
    if text is None:
        return None
    unit = _UNITS.get(text[-1:])
    try:
        if unit:
            when = utc_now() + timedelta(**{unit: int(text[:-1])})
        else:
            when = datetime.fromisoformat(text)
            when = when if when.tzinfo else when.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        raise typer.BadParameter(f"{text!r} is neither like 90d, 12h or 30m nor a date like 2027-01-31") from None
    if when <= utc_now():
        raise typer.BadParameter(f"{text!r} is not in the future")
    return when


def _cell(value: object) -> str:
    if isinstance(value, datetime):
        return moment(value) or ""
    return "-" if value is None or value == "" else str(value)
