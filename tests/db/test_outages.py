"""A PostgreSQL that is away, comes back, is full, slow or locked: a clear answer, and everything as before afterwards."""

import signal
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress

import pytest
from sqlalchemy import Connection, make_url, text

from seatrial.db import schema
from seatrial.db.engine import POOL_SIZE, Database, UnknownDatabase
from seatrial.domain.errors import InsufficientStorage, InvalidRequest, ServiceUnavailable
from tests.postgres import Postgres, running
from tests.worker.watching import wait_for


@pytest.fixture(scope="module")
def own() -> Iterator[Postgres]:
    """Give a server that may be stopped."""
    with running() as server:
        yield server


@pytest.fixture
def database(postgres: Postgres) -> Iterator[Database]:
    database = Database(postgres.fresh_schema(), busy_seconds=1)
    yield database
    database.close()


@pytest.mark.parametrize("prefix", ["postgres", "postgresql", "postgresql+psycopg"])
def test_every_spelling_of_the_url_means_the_same(postgres: Postgres, prefix: str) -> None:
    database = Database(postgres.url().replace("postgresql", prefix, 1))
    database.ping()
    assert not database.is_sqlite
    database.close()


@pytest.mark.parametrize("places", ["127.0.0.1:{port},127.0.0.1:1", "127.0.0.1:1,127.0.0.1:{port}"])
def test_of_several_hosts_the_one_that_takes_writes_is_meant(postgres: Postgres, places: str) -> None:
    """As libpq spells it: https://www.postgresql.org/docs/current/libpq-connect.html, multiple hosts."""
    database = Database(f"postgresql://postgres@{places.format(port=postgres.port)}/postgres?application_name=mine")
    with database.read() as tx:
        assert tx.scalar(text("SHOW application_name")) == "mine"
    database.close()


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("postgresql://u:p%40@a,b:6543/d", {"host": "a,b", "port": ",6543", "target_session_attrs": "read-write"}),
        (
            "postgres://u@[::1]:1,b/d?target_session_attrs=any",
            {"host": "::1,b", "port": "1,", "target_session_attrs": "any"},
        ),
    ],
)
def test_several_hosts_become_parameters(url: str, said: dict[str, str]) -> None:
    parsed = make_url(Database(url).url)
    assert {name: parsed.query[name] for name in said} == said
    assert (parsed.username, parsed.database) == ("u", "d")


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://u:secret@a:1:2,b/d",
        "postgresql://u:secret@a,:5/d",
        "postgresql://u:secret@h:x/d",
        "mysql://u:secret@h/d",
        "postgresql+asyncpg://u:secret@h/d",
        "secret",
        "",
        "http://secret",
    ],
)
def test_a_url_of_something_else_is_refused_without_telling_its_password(url: str) -> None:
    with pytest.raises(UnknownDatabase) as refused:
        Database(url)
    assert "secret" not in str(refused.value)


def test_parameters_of_the_url_win(postgres: Postgres) -> None:
    database = Database(postgres.url() + "?application_name=mine&options=-c%20statement_timeout%3D7s")
    with database.read() as tx:
        assert tx.scalar(text("SHOW application_name")) == "mine"
        assert tx.scalar(text("SHOW statement_timeout")) == "7s"
        assert tx.scalar(text("SHOW idle_in_transaction_session_timeout")) == "1min"
    database.close()


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGQUIT], ids=["stopped", "crashed"])
def test_a_restart_is_an_answer_in_between_and_nothing_more(own: Postgres, how: signal.Signals) -> None:
    database = Database(own.fresh_database())
    schema.upgrade(database)
    with database.read() as tx:
        tx.execute(text("SELECT 1"))
    own.stop(how)
    for _ in range(2):
        with pytest.raises(ServiceUnavailable):
            database.ping()
        with pytest.raises(ServiceUnavailable), database.transaction() as tx:
            tx.execute(text("SELECT 1"))
    own.start()
    for _ in range(5):
        database.ping()
        with database.transaction() as tx:
            tx.execute(text("SELECT 1"))
    database.close()


def test_a_crash_in_the_middle_leaves_nothing_half_done(own: Postgres) -> None:
    database = Database(own.fresh_database())
    with database.transaction() as tx:
        tx.execute(text("CREATE TABLE marks (number integer)"))
    with pytest.raises(ServiceUnavailable), database.transaction() as tx:  # noqa: PT012  # the block is the subject
        tx.execute(text("INSERT INTO marks VALUES (1)"))
        own.stop(signal.SIGQUIT)
        tx.execute(text("INSERT INTO marks VALUES (2)"))
    own.start()
    with database.read() as tx:
        assert tx.scalar(text("SELECT count(*) FROM marks")) == 0
    database.close()


@pytest.fixture
def impatient(own: Postgres) -> Iterator[Database]:
    database = Database(own.fresh_database(), silent_seconds=0.2)
    yield database
    database.close()


def test_a_frozen_server_is_an_answer_in_between_and_nothing_more(impatient: Database, own: Postgres) -> None:
    """Who is in the middle, who has a connection, and who needs one: none of them waits until it wakes up."""
    with impatient.transaction() as tx:
        tx.execute(text("CREATE TABLE notes (number integer)"))
    with ExitStack() as frozen:
        with pytest.raises(ServiceUnavailable), impatient.transaction() as tx:  # noqa: PT012  # the block is the subject
            tx.execute(text("INSERT INTO notes VALUES (1)"))
            frozen.enter_context(own.frozen())
            tx.execute(text("INSERT INTO notes VALUES (2)"))
        with ThreadPoolExecutor(2 * POOL_SIZE) as threads:
            refused = [threads.submit(impatient.ping) for _ in range(2 * POOL_SIZE)]
        assert {type(one.exception()) for one in refused} == {ServiceUnavailable}
        with pytest.raises(ServiceUnavailable):
            impatient.mark()
    wait_for(lambda: _answers(impatient))
    with impatient.read() as tx:
        assert tx.scalar(text("SELECT count(*) FROM notes")) == 0


def test_of_several_hosts_one_that_is_frozen_is_left_out(own: Postgres, postgres: Postgres) -> None:
    hosts = f"127.0.0.1:{own.port},127.0.0.1:{postgres.port}"
    database = Database(f"postgresql://postgres@{hosts}/postgres", silent_seconds=0.2)
    assert _port(database) == own.port
    with own.frozen():
        with pytest.raises(ServiceUnavailable):
            database.ping()
        assert _port(database) == postgres.port
    database.close()


class Balancer:
    """Passes connections on to a server; those that were there at a moment may be kept open and never served again."""

    def __init__(self, port: int) -> None:
        self._target = port
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._sockets: list[socket.socket] = []
        self._kept: list[threading.Event] = []
        threading.Thread(target=self._serve, daemon=True).start()

    @property
    def port(self) -> int:
        port: int = self._listening.getsockname()[1]
        return port

    def forget(self) -> None:
        for one in self._kept:
            one.set()

    def close(self) -> None:
        for one in (self._listening, *self._sockets):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listening.accept()
                server, is_forgotten = socket.create_connection(("127.0.0.1", self._target)), threading.Event()
                self._sockets += [client, server]
                self._kept.append(is_forgotten)
                for pair in ((client, server), (server, client)):
                    threading.Thread(target=self._copy, args=(*pair, is_forgotten), daemon=True).start()

    @staticmethod
    def _copy(source: socket.socket, sink: socket.socket, is_forgotten: threading.Event) -> None:
        with suppress(OSError):
            while data := source.recv(1 << 16):
                if not is_forgotten.is_set():
                    sink.sendall(data)


def test_a_connection_that_is_kept_open_in_between_is_given_up(postgres: Postgres) -> None:
    """What it led to is gone, and at the same address somebody answers: no sign of life is missing."""
    balancer = Balancer(postgres.port)
    url = f"postgresql://postgres@127.0.0.1:{balancer.port}/postgres"
    database = Database(url, busy_seconds=1, silent_seconds=0.2)
    try:
        database.ping()
        balancer.forget()
        with pytest.raises(ServiceUnavailable):
            database.ping()
        database.ping()
    finally:
        database.close()
        balancer.close()


def test_a_slow_statement_of_a_server_that_lives_is_left_alone(impatient: Database) -> None:
    with impatient.transaction() as tx:
        assert tx.scalar(text("SELECT 1 FROM pg_sleep(1.2)")) == 1


def _answers(database: Database) -> bool:
    try:
        database.ping()
    except ServiceUnavailable:
        return False
    return True


def _port(database: Database) -> int:
    with database.read() as tx:
        port: int = tx.scalar(text("SELECT inet_server_port()"))
    return port


@pytest.mark.parametrize(
    ("sqlstate", "answer"),
    [
        ("53100", InsufficientStorage),  # disk_full
        ("53300", ServiceUnavailable),  # too_many_connections
        ("40P01", ServiceUnavailable),  # deadlock_detected
        ("40001", ServiceUnavailable),  # serialization_failure
        ("25006", ServiceUnavailable),  # read_only_sql_transaction: it became a standby
        ("22001", InvalidRequest),  # string_data_right_truncation
    ],
)
def test_what_the_server_says_becomes_an_answer(database: Database, sqlstate: str, answer: type[Exception]) -> None:
    with pytest.raises(answer), database.transaction() as tx:
        tx.exec_driver_sql(f"DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '{sqlstate}'; END $$")
    database.ping()


def test_a_statement_that_takes_too_long_is_given_up(database: Database) -> None:
    with pytest.raises(ServiceUnavailable), database.transaction() as tx:
        tx.execute(text("SELECT pg_sleep(30)"))
    database.ping()


def test_who_waits_for_a_lock_is_told_so(database: Database) -> None:
    with database.transaction() as holder:
        holder.execute(text("LOCK TABLE apps"))
        with pytest.raises(ServiceUnavailable), database.read() as tx:
            tx.execute(text("SELECT count(*) FROM apps"))
    with database.read() as tx:
        assert tx.scalar(text("SELECT count(*) FROM apps")) == 0


def test_when_every_connection_is_taken_the_next_one_is_told_so(postgres: Postgres) -> None:
    database = Database(postgres.fresh_database(), busy_seconds=0.2, pool_size=2)
    held: list[Connection] = []
    with database.read() as one, database.transaction() as two:
        held += [one, two]
        with pytest.raises(ServiceUnavailable):
            database.ping()
    database.ping()
    database.close()


def test_who_migrates_waits_for_who_migrates_already_however_long_it_takes(postgres: Postgres) -> None:
    url = postgres.fresh_database()
    first, second = Database(url), Database(url, busy_seconds=0.2)
    done = threading.Event()

    def upgrade() -> None:
        schema.upgrade(second)
        done.set()

    with first.transaction() as tx:
        tx.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": schema._LOCK})
        thread = threading.Thread(target=upgrade)
        thread.start()
        assert not done.wait(1)
    thread.join(60)
    assert done.is_set()
    for database in (first, second):
        database.close()
