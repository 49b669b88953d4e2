"""Bells across processes: on PostgreSQL a commit with jobs tells all that listen (LISTEN and NOTIFY).

A worker by itself otherwise has to look ten times a second for what servers take in. Who is not reached, because a
connection broke, finds its jobs by looking as rarely as bells allow.
"""

import select
import socket
import threading
from collections.abc import Callable
from typing import cast

import psycopg
import structlog
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import SQLAlchemyError

log = structlog.get_logger()

CHANNEL = "seatrial_jobs"
_AGAIN_SECONDS = 5.0
"""After how long a listener tries again that lost its connection."""
_GLANCE_SECONDS = 30
"""After how long a listener that hears nothing looks whether its connection is still there."""
_TELL = text("SELECT pg_notify(:channel, :queue)")


def tell(tx: Connection, queue: str) -> None:
    """Have all processes look at a queue once the transaction is committed; told twice is told once."""
    if tx.dialect.name == "postgresql":
        tx.execute(_TELL, {"channel": CHANNEL, "queue": queue})


class Listener:
    """A thread that hears what others tell, over one connection of its own."""

    def __init__(self, engine: Engine, heard: Callable[[str], None], changed: Callable[[], None]) -> None:
        """Take whom to call with a queue's name, and whom when `listening` has changed: nobody was heard before."""
        self._engine = engine
        self._heard = heard
        self._changed = changed
        self._stopping = threading.Event()
        self.listening = threading.Event()
        """Whether somebody would be heard now."""
        self._thread = threading.Thread(target=self._listen, name="job-listener", daemon=True)

    def start(self) -> None:
        """Begin to listen; for ever, or until `stop`."""
        self._woken, self._wake = socket.socketpair()
        self._thread.start()

    def stop(self) -> None:
        """Listen no more; nothing to do where it has stopped, or never began."""
        if self._thread.ident is None or self._stopping.is_set():
            return
        self._stopping.set()
        self._wake.send(b"\0")
        self._thread.join()
        self._wake.close()
        self._woken.close()

    def _listen(self) -> None:
        while not self._stopping.is_set():
            try:
                self._hear()
            except (psycopg.Error, SQLAlchemyError, OSError) as error:
                log.warning("not told of jobs of other processes", reason=str(error).partition("\n")[0])
                self._no_longer()
                self._stopping.wait(_AGAIN_SECONDS)
        self._no_longer()

    def _no_longer(self) -> None:
        if self.listening.is_set():
            self.listening.clear()
            self._changed()

    def _hear(self) -> None:
        with self._engine.connect() as pooled:
            pooled.detach()  # it is held for as long as the process lives, which is no business of the pool
            connection = cast("psycopg.Connection", pooled.connection.dbapi_connection)
            try:
                connection.autocommit = True
                connection.execute(f"LISTEN {CHANNEL}")
                self.listening.set()
                self._changed()
                poller = select.poll()
                poller.register(connection.fileno(), select.POLLIN)
                poller.register(self._woken, select.POLLIN)
                while not self._stopping.is_set():
                    for said in connection.notifies(timeout=0):
                        self._heard(said.payload)
                    poller.poll(_GLANCE_SECONDS * 1000)
            except psycopg.Error:
                pooled.invalidate()  # there is nothing to be put in order on it
                raise
