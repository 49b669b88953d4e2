"""Connections: one writer and a few readers on SQLite, a pool on PostgreSQL."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from seatrial.domain.errors import InsufficientStorage, ServiceUnavailable

BUSY_SECONDS = 30.0
"""How long a caller waits for a lock or a connection."""
_WAL_RETRY_SECONDS = 0.01
SQLITE_READERS = 2
"""More reader threads make SQLite slower, not faster: the interpreter lock is handed around in convoys."""


class Database:
    """The database behind a URL; use `transaction` to change it and `read` to look."""

    def __init__(self, url: str, *, busy_seconds: float = BUSY_SECONDS) -> None:
        self.url = url
        self.busy_seconds = busy_seconds
        self.is_sqlite = make_url(url).get_backend_name() == "sqlite"
        if self.is_sqlite:
            self.writer = _sqlite_engine(url, busy_seconds, pool_size=1, begin="BEGIN IMMEDIATE")
            self._reader = _sqlite_engine(url, busy_seconds, pool_size=SQLITE_READERS, begin="BEGIN", read_only=True)
        else:
            self.writer = self._reader = create_engine(
                url, pool_size=10, max_overflow=10, pool_timeout=busy_seconds, pool_pre_ping=True, **_json_options()
            )

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """Change things: all of the block's statements or none of them.

        Raises ServiceUnavailable when the database does not answer, InsufficientStorage when its disk is full.
        """
        with _as_domain_errors(), self.writer.begin() as connection:
            yield connection

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Look at one consistent state.

        Raises ServiceUnavailable when the database does not answer.
        """
        with _as_domain_errors(), self._reader.begin() as connection:
            yield connection

    def ping(self) -> None:
        """Ask the database for a sign of life.

        Raises ServiceUnavailable.
        """
        with self.read() as tx:
            tx.execute(text("SELECT 1"))

    def close(self) -> None:
        """Give all connections back."""
        self._reader.dispose()
        self.writer.dispose()


@contextmanager
def _as_domain_errors() -> Iterator[None]:
    try:
        yield
    except OperationalError as error:
        if _is_disk_full(error):
            raise InsufficientStorage from error
        raise ServiceUnavailable from error
    except PoolTimeoutError as error:
        raise ServiceUnavailable from error  # whoever has the connection waits for the database itself
    except DBAPIError as error:
        if error.connection_invalidated:
            raise ServiceUnavailable from error
        raise


def _is_disk_full(error: OperationalError) -> bool:
    if isinstance(error.orig, sqlite3.Error):
        return getattr(error.orig, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL
    return getattr(error.orig, "sqlstate", None) == "53100"  # PostgreSQL: disk_full


def _json_options() -> dict[str, Any]:
    encoder = msgspec.json.Encoder()
    return {"json_serializer": lambda value: encoder.encode(value).decode(), "json_deserializer": msgspec.json.decode}


def _sqlite_engine(url: str, busy_seconds: float, *, pool_size: int, begin: str, read_only: bool = False) -> Engine:
    path = make_url(url).database
    if path and path != ":memory:":
        Path(path).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(
        url,
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=busy_seconds,
        # The driver's own transaction control begins too late for us: we say BEGIN ourselves.
        connect_args={"isolation_level": None, "check_same_thread": False, "timeout": busy_seconds},
        **_json_options(),
    )

    @event.listens_for(engine, "connect")
    def _configure(connection: sqlite3.Connection, _record: object) -> None:
        _switch_to_wal(connection, busy_seconds)
        # FULL, because an acknowledged upload must survive a power cut, which NORMAL does not promise in WAL mode.
        for pragma in ("synchronous=FULL", "foreign_keys=ON", "temp_store=MEMORY"):
            connection.execute(f"PRAGMA {pragma}")
        if read_only:
            connection.execute("PRAGMA query_only=ON")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        # IMMEDIATE: a deferred transaction that turns into a writer fails at once when another one writes.
        connection.exec_driver_sql(begin)

    return engine


def _switch_to_wal(connection: sqlite3.Connection, busy_seconds: float) -> None:
    """Set the file's journal mode; SQLite itself does not wait where several processes try that on a new file."""
    deadline = time.monotonic() + busy_seconds
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() >= deadline:
                raise
            time.sleep(_WAL_RETRY_SECONDS)
        else:
            return
