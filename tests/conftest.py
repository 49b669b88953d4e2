"""What every test has: no way out of this machine, and real servers for those who ask."""

import ipaddress
import socket
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.postgres import Postgres, running
from tests.server import Server, Workspace, init

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


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """Give the PostgreSQL of this test run."""
    with running() as server:
        yield server


@pytest.fixture(scope="session")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """Give one workspace as `seatrial init` makes it; to be copied, never served."""
    data_dir = tmp_path_factory.mktemp("workspace") / "data"
    return Workspace(data_dir, init(data_dir))


@pytest.fixture(scope="session")
def server(workspace: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Give the server that all tests share which change nothing that another one looks at."""
    folder = tmp_path_factory.mktemp("server")
    shared = Server(workspace.copied_to(folder), folder / "server.log")
    yield shared
    shared.close()


@pytest.fixture
def start_server(workspace: Workspace, tmp_path: Path) -> Iterator[StartServer]:
    """Start servers of a test's own: `start_server({"SEATRIAL_TOKENS__DOWNLOAD": "1"}, ["--no-worker"])`."""
    with ExitStack() as stack:
        count = 0

        def start(settings: Mapping[str, str] | None = None, arguments: Sequence[str] = ()) -> Server:
            nonlocal count
            count += 1
            folder = tmp_path / f"server-{count}"
            own = Server(workspace.copied_to(folder), folder / "server.log", settings, arguments)
            stack.callback(own.close)
            return own

        yield start
