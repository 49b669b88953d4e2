"""A mark that is another one whenever anybody has committed anything, for answers that are kept until then."""

import sqlite3
import threading
from dataclasses import dataclass, field

from sqlalchemy import Engine


@dataclass(slots=True)
class FileChanges:
    """Changes of a SQLite file, by the counter that SQLite keeps for a connection (`PRAGMA data_version`).

    It is compared with itself alone, and so has a connection of its own. May be used from any thread.
    """

    path: str
    _connection: sqlite3.Connection | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def mark(self) -> object:
        """Give the mark; another process' commits change it, too."""
        with self._lock:
            if self._connection is None:
                self._connection = sqlite3.connect(self.path, check_same_thread=False, isolation_level=None)
            return self._connection.execute("PRAGMA data_version").fetchone()[0]

    def close(self) -> None:
        """Give the connection back."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None


@dataclass(frozen=True, slots=True)
class ServerChanges:
    """Changes of a PostgreSQL database, by its snapshot: which transactions with an id have ended, and which run."""

    engine: Engine

    def mark(self) -> object:
        """Give the mark."""
        with self.engine.connect() as connection:
            return connection.exec_driver_sql("SELECT pg_current_snapshot()::text").scalar_one()

    def close(self) -> None:
        """Have nothing to give back: the connection was the pool's."""


@dataclass(frozen=True, slots=True)
class NoTelling:
    """A database that nobody can ask for changes, such as one in memory: every mark is a new one."""

    def mark(self) -> object:
        """Give a mark that equals no other."""
        return object()

    def close(self) -> None:
        """Have nothing to give back."""


def changes_of(path: str | None, engine: Engine) -> FileChanges | ServerChanges | NoTelling:
    """Choose the way for a database: a file's path, empty for one in memory, `None` for a server."""
    if path is None:
        return ServerChanges(engine)
    return FileChanges(path) if path not in {"", ":memory:"} else NoTelling()
