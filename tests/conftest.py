"""What every test has: no way out of this machine, and real servers for those who ask."""

import gc
import ipaddress
import itertools
import socket
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import pytest
from xdist.scheduler import LoadFileScheduling  # type: ignore[import-untyped]

from seatrial.db import schema
from seatrial.db.engine import Database
from tests import object_stores
from tests.databases import KINDS
from tests.object_stores import ObjectServer
from tests.postgres import Postgres, running
from tests.server import Server, Workspace, init

WITH_PROCESSES = tuple(f"tests/{room}/" for room in ("browser", "cli", "e2e", "faults", "worker"))
"""Where a test waits for servers and browsers."""
StartServer = Callable[..., Server]


def _is_near(address: Any) -> bool:
    if not isinstance(address, tuple):
        return True  # a path in the file system
    host = str(address[0])
    try:
        return host in {"localhost", ""} or ipaddress.ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        return False


@pytest.fixture(autouse=True, scope="session")
def _nothing_beyond_loopback() -> Iterator[None]:
    """Fail whoever talks to another machine: what a test needs is here."""

    def guarded(connect: Callable[[socket.socket, Any], Any]) -> Callable[[socket.socket, Any], Any]:
        def only_near(own: socket.socket, address: Any) -> Any:
            if not _is_near(address):
                pytest.fail(f"a test tried to reach {address!r}")
            return connect(own, address)

        return only_near

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", guarded(socket.socket.connect))
        patch.setattr(socket.socket, "connect_ex", guarded(socket.socket.connect_ex))
        yield


@pytest.fixture(autouse=True, scope="session")
def _authorities_are_read_once() -> Iterator[None]:
    """Let all clients of these processes share what they trust: to read it anew takes each a tenth of a second."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("httpx._transports.default.create_ssl_context", cache(httpx.create_ssl_context))
        yield


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """Give the PostgreSQL of this test run."""
    with running() as server:
        yield server


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the file that migrated ones are copies of: all migrations take a fifth of a second of a core."""
    path = tmp_path_factory.mktemp("migrated") / "seatrial.db"
    database = Database(f"sqlite:///{path}")
    schema.upgrade(database)
    database.close()
    return path


@pytest.fixture(scope="session")
def seaweedfs() -> Iterator[ObjectServer]:
    """Give the S3 server of this test run."""
    with object_stores.seaweedfs() as server:
        yield server


@pytest.fixture(scope="session")
def azurite() -> Iterator[ObjectServer]:
    """Give the Azure server of this test run."""
    if not object_stores.has_azurite():
        pytest.skip("Azurite is not installed (scripts/test-tools.sh brings it where there is npm)")
    with object_stores.azurite() as server:
        yield server


@pytest.fixture(scope="session")
def workspaces(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Workspace]:
    """Give the workspace of a kind, made when it is first asked for: SQLite and a disk, or PostgreSQL and S3."""

    @cache
    def make(kind: str) -> Workspace:
        data_dir = tmp_path_factory.mktemp("workspace") / "data"
        if kind == "sqlite":
            return Workspace(data_dir, init(data_dir))
        postgres: Postgres = request.getfixturevalue("postgres")
        url = postgres.fresh_database()
        made = init(data_dir, {"SEATRIAL_DATABASE_URL": url})
        store: ObjectServer = request.getfixturevalue("seaweedfs")
        numbers = itertools.count(1)

        def bucket() -> dict[str, str]:
            # The links that clients get are ours, as with a disk; test_object_storage.py has those of the store.
            settings = object_stores.s3_settings(store.endpoint, f"{data_dir.parent.name}-{next(numbers)}")
            return settings | {"SEATRIAL_STORAGE__PROXY": "true"}

        return Workspace(data_dir, made, url, postgres.copy_of, bucket)

    return make


@pytest.fixture(scope="session")
def servers(
    workspaces: Callable[[str], Workspace], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[str], Server]]:
    """Give the shared server of a kind of database, started when it is first asked for."""
    with ExitStack() as stack:

        @cache
        def start(kind: str) -> Server:
            folder = tmp_path_factory.mktemp("server")
            shared = Server(workspaces(kind).copied_to(folder), folder / "server.log")
            stack.callback(shared.close)
            stack.callback(shared.stop)  # at its end it must say that all went well
            return shared

        yield start


@pytest.fixture(scope="session")
def database_kind(request: pytest.FixtureRequest) -> str:
    """Say what the servers of a test keep their data in; tests/databases.py says which get both."""
    return str(getattr(request, "param", "sqlite"))


@pytest.fixture(scope="session")
def workspace(database_kind: str, workspaces: Callable[[str], Workspace]) -> Workspace:
    """Give one workspace as `seatrial init` makes it; to be copied, never served."""
    return workspaces(database_kind)


@pytest.fixture(scope="session")
def server(database_kind: str, servers: Callable[[str], Server]) -> Server:
    """Give the server that all tests share which change nothing that another one looks at."""
    return servers(database_kind)


@pytest.fixture
def start_server(workspace: Workspace, tmp_path: Path) -> Iterator[StartServer]:
    """Start servers of a test's own: `start_server({"SEATRIAL_TOKENS__DOWNLOAD": "1"}, ["--no-worker"])`.

    `on_disk` keeps files on the local disk whatever the database is.
    """
    with ExitStack() as stack:
        count = 0

        def start(
            settings: Mapping[str, str] | None = None, arguments: Sequence[str] = (), *, on_disk: bool = False
        ) -> Server:
            nonlocal count
            count += 1
            folder = tmp_path / f"server-{count}"
            like = workspace.on_disk() if on_disk else workspace
            own = Server(like.copied_to(folder), folder / "server.log", settings, arguments)
            stack.callback(own.close)
            return own

        yield start


def scope_of(nodeid: str) -> str:
    """Say what one process runs together: a file's tests, of each kind of database that they are run against."""
    kinds = [kind for kind in KINDS if kind in nodeid.partition("[")[2]]
    return " ".join([nodeid.partition("::")[0], *kinds])


class ByFileAndDatabase(LoadFileScheduling):  # type: ignore[misc]  # the package has no types
    """One process for each file, and for each kind of database that a file's tests are run against."""

    def _split_scope(self, nodeid: str) -> str:
        return scope_of(nodeid)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Begin with what takes long, where several processes share the tests: it would keep all waiting at the end."""
    if not hasattr(config, "workerinput"):
        return
    slow = {scope_of(item.nodeid) for item in items if item.get_closest_marker("slow")}
    many = Counter(scope_of(item.nodeid) for item in items)

    def turn(item: pytest.Item) -> tuple[bool, bool, int, str]:
        scope = scope_of(item.nodeid)
        return scope not in slow, not scope.startswith(WITH_PROCESSES), -many[scope], scope

    items.sort(key=turn)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """Look for no garbage in thousands of tests while they are found, nor ever again: they stay."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadFileScheduling | None:
    """Distribute finer than by file: the longest files are those that ask everything of both databases."""
    if config.getoption("dist") != "loadfile":
        return None
    config.option.loadscopereorder = False  # in the order of pytest_collection_modifyitems
    return ByFileAndDatabase(config, log)
