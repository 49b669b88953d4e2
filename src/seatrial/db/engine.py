"""Connections: one writer and a few readers on SQLite, a pool on PostgreSQL."""

import math
import re
import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import msgspec
import psycopg
from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.engine.interfaces import DBAPIConnection, ExceptionContext
from sqlalchemy.exc import ArgumentError, DataError, DBAPIError, DisconnectionError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.pool import ConnectionPoolEntry, QueuePool

from seatrial.db.changes import changes_of
from seatrial.db.pulse import SILENT_SECONDS, Pulse
from seatrial.domain.errors import InsufficientStorage, InvalidRequest, ServiceUnavailable

BUSY_SECONDS = 30.0
"""How long a caller waits for a lock or a connection."""
_WAL_RETRY_SECONDS = 0.01
SQLITE_READERS = 2
"""More reader threads make SQLite slower, not faster: the interpreter lock is handed around in convoys."""
POOL_SIZE = 12
"""Connections to PostgreSQL that one process opens at most, beside those of the job engine."""
_RECYCLE_SECONDS = 1800
PING_AFTER_SECONDS = 1.0
"""A connection that was idle for longer is asked for a sign of life before anybody's statement meets it."""
_LIBPQ = {
    "application_name": "seatrial",
    # A server that is gone without a word is noticed within seconds, at the start and in the middle of things.
    "connect_timeout": "5",
    "keepalives_idle": "15",
    "keepalives_interval": "5",
    "keepalives_count": "3",
    "tcp_user_timeout": "30000",
}
_SESSION = {
    # What a process that vanished has locked becomes free soon: milliseconds, then seconds, seconds and tries.
    "idle_in_transaction_session_timeout": 60_000,
    "tcp_keepalives_idle": 15,
    "tcp_keepalives_interval": 5,
    "tcp_keepalives_count": 3,
    "tcp_user_timeout": 30_000,
}
_STANDBY = frozenset({"25006", "0A000"})
"""SQLSTATEs of a server that only reads, as a standby does: of a change, and of a transaction that is to make one.

The second one stands for whatever a server cannot do, and we ask for nothing else that one may not be able to.
"""
_UNAVAILABLE = _STANDBY | {"25P03", "57P05"}
"""SQLSTATEs beside operational errors: a standby; a session ended for idling."""

_HOST = re.compile(r"(?:\[([0-9A-Fa-f:.%]+)\]|([^:\[\]]+))(?::(\d+))?")
"""One of several hosts: an address of IPv6 in brackets or anything else, and perhaps a port."""

_AFTERWARDS = "seatrial.afterwards"
_BEFOREHAND = "seatrial.beforehand"

_encoder = msgspec.json.Encoder()


@dataclass(frozen=True, slots=True)
class PoolState:
    """Connections of one pool: open, in use, and how many there can be."""

    opened: int
    used: int
    most: int


class UnknownDatabase(ValueError):
    """A database URL that this program cannot work with."""


class Database:
    """The database behind a URL; use `transaction` to change it and `read` to look."""

    def __init__(
        self,
        url: str,
        *,
        busy_seconds: float = BUSY_SECONDS,
        pool_size: int = POOL_SIZE,
        silent_seconds: float = SILENT_SECONDS,
    ) -> None:
        """Take a SQLAlchemy URL of SQLite, or one of PostgreSQL as every tool spells it.

        Raises UnknownDatabase.
        """
        self.url = _spelled_out(url)
        self.busy_seconds = busy_seconds
        self.pulse = Pulse(silent_seconds)
        """Of PostgreSQL; a file has none."""
        self.longest = busy_seconds + 2 * silent_seconds
        """After so many seconds the server has ended a statement, and said so."""
        self.is_sqlite = self.url.startswith("sqlite")
        if self.is_sqlite:
            self.writer = _sqlite_engine(self.url, busy_seconds, pool_size=1, begin="BEGIN IMMEDIATE")
            self._reader = _sqlite_engine(
                self.url, busy_seconds, pool_size=SQLITE_READERS, begin="BEGIN", read_only=True
            )
            self._single = self._reader
        else:
            self.writer = _postgresql_engine(self.url, busy_seconds, pool_size, self.pulse, self.longest)
            # One snapshot for the whole block, so that a page and its total agree, as they do on SQLite.
            self._reader = self.writer.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            self._single = self.writer.execution_options(isolation_level="AUTOCOMMIT", postgresql_readonly=True)
        self._changes = changes_of(make_url(self.url).database or "" if self.is_sqlite else None, self._single)

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """Change things: all of the block's statements or none of them.

        SQLite lets one such block run at a time. On PostgreSQL they run side by side, each statement sees what was
        committed before it (READ COMMITTED), and a block that decides by what it reads must lock that (`FOR UPDATE`).

        Raises ServiceUnavailable when the database does not answer, InsufficientStorage when its disk is full,
        InvalidRequest for a value that it cannot hold.
        """
        with _as_domain_errors(), self.writer.begin() as connection:
            connection.info.pop(_AFTERWARDS, None)  # what a transaction that was rolled back has left
            connection.info.pop(_BEFOREHAND, None)
            yield connection
            last: dict[Callable[[Connection, list[Any]], None], list[Any]] = connection.info.pop(_BEFOREHAND, {})
            for write, items in last.items():
                write(connection, items)
            afterwards: dict[Callable[[], None], None] = connection.info.pop(_AFTERWARDS, {})
        for call in afterwards:
            call()

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Look at one consistent state.

        Raises ServiceUnavailable when the database does not answer.
        """
        with _as_domain_errors(), self._reader.begin() as connection:
            yield connection

    @contextmanager
    def look_up(self) -> Iterator[Connection]:
        """Look with one statement, which sees one state by itself; two round trips less than `read`.

        Raises ServiceUnavailable when the database does not answer.
        """
        with _as_domain_errors(), self._single.begin() as connection:
            yield connection

    def mark(self) -> object:
        """Give a mark that equals an earlier one only if nobody has committed anything since.

        What is read after it may be kept under it. Raises ServiceUnavailable when the database does not answer.
        """
        with _as_domain_errors():
            return self._changes.mark()

    def ping(self) -> None:
        """Ask the database for a sign of life.

        Raises ServiceUnavailable.
        """
        with self.read() as tx:
            tx.execute(text("SELECT 1"))

    def pools(self) -> list[tuple[str, PoolState]]:
        """Tell how many connections there are: a writer's and readers' on SQLite, one pool on PostgreSQL."""
        engines = [("writer", self.writer), ("readers", self._reader)] if self.is_sqlite else [("all", self.writer)]
        return [
            (name, PoolState(pool.checkedin() + pool.checkedout(), pool.checkedout(), pool.size()))
            for name, pool in ((name, engine.pool) for name, engine in engines)
            if isinstance(pool, QueuePool)
        ]

    def close(self) -> None:
        """Give all connections back."""
        self.pulse.close()
        self._changes.close()
        self._reader.dispose()
        self.writer.dispose()


def before_commit(tx: Connection, write: Callable[[Connection, list[Any]], None], item: object) -> None:
    """Have something written as the last act of the transaction, all items of one writer together.

    For what holds a lock that everybody wants: it is held for the commit alone, and nobody takes another one after it,
    so that no two transactions wait for each other.
    """
    tx.info.setdefault(_BEFOREHAND, {}).setdefault(write, []).append(item)


def after_commit(tx: Connection, call: Callable[[], None]) -> None:
    """Have something called once when the transaction is committed, and not if it is rolled back.

    For what may be lost when the process dies in between, and cannot fail.
    """
    tx.info.setdefault(_AFTERWARDS, {})[call] = None


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
    except DataError as error:
        # The last line: whatever takes values from outside has refused or cleaned them before.
        raise InvalidRequest({"request": "holds a text or number that cannot be stored"}) from error
    except DBAPIError as error:
        if error.connection_invalidated or _sqlstate(error) in _UNAVAILABLE:
            raise ServiceUnavailable from error
        raise


def _is_disk_full(error: OperationalError) -> bool:
    if isinstance(error.orig, sqlite3.Error):
        return getattr(error.orig, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL
    return _sqlstate(error) == "53100"  # PostgreSQL: disk_full


def _sqlstate(error: DBAPIError) -> str | None:
    return getattr(error.orig, "sqlstate", None)


def _to_json(value: object) -> str:
    return _encoder.encode(value).decode()


_JSON: dict[str, Any] = {"json_serializer": _to_json, "json_deserializer": msgspec.json.decode}


def _spelled_out(url: str) -> str:
    try:
        parsed = _with_one_authority(url)
    except (ArgumentError, ValueError):
        raise UnknownDatabase("must be a URL such as postgresql://user:password@host/database") from None
    if parsed.get_backend_name() == "sqlite":
        return url
    if parsed.drivername not in {"postgres", "postgresql", "postgresql+psycopg"}:
        raise UnknownDatabase(f"must begin with sqlite:/// or postgresql://, not with {parsed.drivername}:")
    query = _LIBPQ | dict(parsed.query) | {"options": _session_options(parsed, _SESSION)}
    return parsed.set(drivername="postgresql+psycopg", query=query).render_as_string(hide_password=False)


def _with_one_authority(url: str) -> URL:
    """Parse a URL; several hosts, as libpq spells a database that fails over, become parameters.

    Of several the one that takes writes is meant, unless the URL says otherwise.
    """
    parts = urlsplit(url)
    login, at, places = parts.netloc.rpartition("@")
    if "," not in places:
        return make_url(url)
    hosts = [_HOST.fullmatch(place) for place in places.split(",")]
    found = [host for host in hosts if host is not None]
    if len(found) < len(hosts):
        raise ValueError(places)
    said: dict[str, str | tuple[str, ...]]
    said = {"host": ",".join(host[1] or host[2] for host in found), "port": ",".join(host[3] or "" for host in found)}
    parsed = make_url(urlunsplit(parts._replace(netloc=f"{login}{at}")))
    return parsed.set(query={"target_session_attrs": "read-write", **parsed.query, **said})


def _session_options(url: URL, ours: Mapping[str, int]) -> str:
    """Put our settings of a session before those that the URL has, so that the operator's win."""
    theirs = url.query.get("options", ())
    return " ".join((*(f"-c {name}={value}" for name, value in ours.items()), *_as_tuple(theirs)))


def _as_tuple(value: str | tuple[str, ...]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else value


def _postgresql_engine(url: str, busy_seconds: float, pool_size: int, pulse: Pulse, longest: float) -> Engine:
    # An operator who gives statements another time in the URL is taken at their word.
    is_ours = "statement_timeout" not in str(make_url(url).query.get("options", ""))
    return well_connected(
        create_engine(
            url,
            pool_size=pool_size,
            max_overflow=0,
            pool_timeout=busy_seconds,
            pool_recycle=_RECYCLE_SECONDS,
            isolation_level="READ COMMITTED",
            connect_args={
                "options": _session_options(make_url(url), {"statement_timeout": round(busy_seconds * 1000)})
            },
            **_JSON,
        ),
        pulse,
        longest if is_ours else None,
    )


def well_connected(engine: Engine, pulse: Pulse, longest: float | None = None) -> Engine:
    """Have connections to PostgreSQL replaced that are of no use any more.

    Those that the server has cut while they were idle (asking each time would cost a round trip), that lead to a
    standby, or to a server that is silent. No statement takes longer than so many seconds.
    """
    pulse.watch(engine, longest)
    _let_go_of_standbys(engine)

    @event.listens_for(engine, "checkin")
    def _rest(_connection: object, record: ConnectionPoolEntry) -> None:
        record.info["rested"] = time.monotonic()

    @event.listens_for(engine, "checkout")
    def _wake(connection: DBAPIConnection, record: ConnectionPoolEntry, _proxy: object) -> None:
        if time.monotonic() - record.info.get("rested", math.inf) > PING_AFTER_SECONDS:
            try:
                engine.dialect.do_ping(connection)
            except psycopg.Error as gone:
                raise DisconnectionError from gone  # the pool opens another one

    return engine


def _let_go_of_standbys(engine: Engine) -> None:
    """Have connections closed that turn out to lead to a server that only reads: the next one may lead elsewhere."""

    @event.listens_for(engine, "handle_error")
    def _let_go(context: ExceptionContext) -> None:
        if getattr(context.original_exception, "sqlstate", None) in _STANDBY:
            context.is_disconnect = True


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
        **_JSON,
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
