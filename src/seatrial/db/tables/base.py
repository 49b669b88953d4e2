"""Column types that SQLite and PostgreSQL share, and that sort and compare alike on both."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, MetaData, String, Text, TypeDecorator, text
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeEngine

from seatrial.domain.place import LOCAL_ID

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


class Instant(TypeDecorator[datetime]):
    """A moment in UTC as whole milliseconds since 1970: exact, sortable and the same on every database."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:  # noqa: ARG002  # SQLAlchemy's
        """Turn a moment into milliseconds."""
        return None if value is None else (value - EPOCH) // _MILLISECOND

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002  # SQLAlchemy's
        """Turn milliseconds into a moment."""
        return None if value is None else EPOCH + int(value) * _MILLISECOND


def string(length: int | None = None) -> TypeEngine[str]:
    """Text that sorts by code points everywhere: as SQLite does, whatever the locale of a PostgreSQL database is.

    Beyond the same pages on both, it keeps indexes valid over an upgrade of the machine's C library.
    """
    kind = Text if length is None else String
    return kind(length).with_variant(kind(length, collation="C"), "postgresql")


ID = string(24)
DIGEST = string(64)
# JSON, not JSONB: people's metadata comes back as they sent it, with its order of keys and its spelling of numbers.
EMPTY = text("''")
LOCAL = text(f"'{LOCAL_ID}'")
"""Where files are that were there before there was a choice."""

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    }
)
