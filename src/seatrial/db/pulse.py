"""Whether a PostgreSQL still answers: one that is frozen, or out of reach, keeps its connections and says nothing.

No timer of the system ends that: a frozen process' connections are kept alive by its system, and the server's own time
limits are frozen with it. So whoever waits for a statement for long has a new connection asked for a sign of life, once
for all that wait. A server that gives none is silent: statements that wait for it are given up, no connection to it is
tried, and it is asked every second until it answers. A slow statement of a server that lives is left alone, until that
server must have ended it by itself: then somebody in between has kept a connection whose server is gone.
"""

import math
import select
import threading
import time
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple, TypeVar

import psycopg
import structlog
from psycopg.abc import PQGen
from psycopg.errors import ConnectionTimeout
from sqlalchemy import Connection, Engine, event, text

SILENT_SECONDS = 5.0
"""How long a statement waits before the server is asked for a sign of life, and how long the server may take for it."""
_LEAST_SECONDS = 2.0
"""What a server may take for a sign of life in any case; the driver waits no shorter for a connection."""
_AGAIN_SECONDS = 1.0
"""How often a silent one is asked."""

log = structlog.get_logger()
RV = TypeVar("RV")
Parameters = Mapping[str, Any]
"""Of a connection, as libpq names them."""


class Place(NamedTuple):
    """Where a server is; parts that nobody named are empty."""

    host: str
    port: str


class DatabaseSilent(ConnectionTimeout):
    """The server does not answer."""

    def __init__(self) -> None:
        super().__init__("connection failed: the server does not answer")


class Watched(psycopg.Connection[tuple[Any, ...]]):
    """A connection that is given up when its server is silent."""

    longest: float | None = None
    """After so many seconds a statement is given up, whoever answers; `None`: never."""
    _pulse: "Pulse | None" = None
    _place: Place
    _parameters: Parameters

    def watch(self, pulse: "Pulse", place: Place, parameters: Parameters) -> None:
        """Have a pulse felt from now on."""
        self._pulse, self._place, self._parameters = pulse, place, parameters

    def wait(self, gen: PQGen[RV], interval: float = 0.1, timeout: float | None = None) -> RV:
        """Wait for the server as the driver does.

        Raises DatabaseSilent, after which the connection is closed.
        """
        if self._pulse is None:
            return super().wait(gen, interval, timeout)
        return super().wait(self._doubting(gen, self._pulse), interval, timeout)

    def _doubting(self, gen: PQGen[RV], pulse: "Pulse") -> Generator[Any, Any, RV]:
        """Pass everything on; the driver says several times a second when nothing has come."""
        began = time.monotonic()
        patience = began + pulse.seconds
        ready = None
        while True:
            try:
                wanted = gen.send(ready) if ready is not None else next(gen)
            except StopIteration as done:
                value: RV = done.value
                return value
            ready = yield wanted
            if ready:
                patience = time.monotonic() + pulse.seconds
                continue
            now = time.monotonic()
            if now >= patience:
                pulse.doubt(self._place, self._parameters)
            is_over = self.longest is not None and now - began >= self.longest
            if is_over or pulse.is_silent(self._place):
                self.pgconn.finish()
                raise DatabaseSilent


class Pulse:
    """What one process knows of the servers behind a URL; may be used from any thread."""

    def __init__(self, seconds: float = SILENT_SECONDS) -> None:
        self.seconds = seconds
        self._silent: set[Place] = set()
        self._asking: set[Place] = set()
        self._heard: dict[Place, float] = {}
        self._lock = threading.Lock()
        self._closed = threading.Event()

    def watch(self, engine: Engine, longest: float | None = None) -> None:
        """Have all connections of an engine watched, and no statement on them take longer than so many seconds."""

        @event.listens_for(engine, "do_connect")
        def _connect(_dialect: object, _record: object, _arguments: object, parameters: Parameters) -> Watched:
            connection = self.connect(parameters)
            connection.longest = longest
            return connection

    def connect(self, parameters: Parameters) -> Watched:
        """Open a connection, of several places to one that is not silent.

        Raises DatabaseSilent where there is none, psycopg.Error.
        """
        places = _places(parameters)
        awake = [place for place in places if not self.is_silent(place)]
        if not awake:
            raise DatabaseSilent
        try:
            connection = Watched.connect(**_leading_to(awake, places, parameters))
        except ConnectionTimeout:
            for place in awake:
                self.doubt(place, parameters)
            raise
        connection.watch(self, _place_of(connection, places), parameters)
        return connection

    def is_silent(self, place: Place) -> bool:
        """Whether a server gave no sign of life when it was last asked."""
        return place in self._silent

    def doubt(self, place: Place, parameters: Parameters) -> None:
        """Have a server asked for a sign of life, unless somebody asks it or it has just given one."""
        with self._lock:
            is_heard = time.monotonic() - self._heard.get(place, -math.inf) < self.seconds
            if is_heard or place in self._asking or self._closed.is_set():
                return
            self._asking.add(place)
        threading.Thread(target=self._find_out, args=(place, parameters), name="database-pulse", daemon=True).start()

    def close(self) -> None:
        """Ask no more."""
        self._closed.set()

    def _find_out(self, place: Place, parameters: Parameters) -> None:
        asked = {
            **_leading_to([place], _places(parameters), parameters),
            "connect_timeout": math.ceil(max(self.seconds, _LEAST_SECONDS)),
            "target_session_attrs": "any",  # a standby lives, too
        }
        try:
            while not self._closed.is_set() and not self._answers(asked):
                if place not in self._silent:
                    log.warning("database_silent", host=place.host, port=place.port)
                    self._silent.add(place)
                self._closed.wait(_AGAIN_SECONDS)
        finally:
            if place in self._silent:
                log.warning("database_answers_again", host=place.host, port=place.port)
                self._silent.discard(place)
            with self._lock:
                self._heard[place] = time.monotonic()
                self._asking.discard(place)

    def _answers(self, parameters: Parameters) -> bool:
        try:
            connection = psycopg.connect(**parameters)
        except ConnectionTimeout:
            return False
        except psycopg.Error:
            return True  # it said no, or its system did, as it then does to those who wait
        try:
            # Also a statement: in between may be somebody who takes connections and has no server behind.
            connection.pgconn.send_query(b"SELECT 1")
            connection.pgconn.flush()
            poller = select.poll()
            poller.register(connection.pgconn.socket, select.POLLIN)
            return bool(poller.poll(max(self.seconds, _LEAST_SECONDS) * 1000))
        except psycopg.Error:
            return True
        finally:
            connection.close()


@contextmanager
def as_long_as_it_takes(tx: Connection) -> Iterator[None]:
    """Let the statements of a transaction on PostgreSQL take any time in the block, as long as the server lives."""
    connection = tx.connection.driver_connection
    assert isinstance(connection, Watched)
    tx.execute(text("SET LOCAL statement_timeout = 0"))
    longest, connection.longest = connection.longest, None
    try:
        yield
    finally:
        connection.longest = longest


def _places(parameters: Parameters) -> list[Place]:
    hosts, ports = (str(parameters.get(name, "")).split(",") for name in ("host", "port"))
    if "hostaddr" in parameters or len(ports) not in {1, len(hosts)}:
        return [Place(",".join(hosts), ",".join(ports))]  # libpq knows what is meant, or says what is wrong
    return [Place(host, ports[number % len(ports)]) for number, host in enumerate(hosts)]


def _leading_to(some: Sequence[Place], places: Sequence[Place], parameters: Parameters) -> dict[str, Any]:
    """Have parameters lead to some of their places only."""
    if len(some) == len(places):
        return dict(parameters)
    return {**parameters, "host": ",".join(one.host for one in some), "port": ",".join(one.port for one in some)}


def _place_of(connection: Watched, places: Sequence[Place]) -> Place:
    host, port = connection.info.host, str(connection.info.port)
    return next((one for one in places if one.host == host and one.port in {"", port}), places[0])
