"""Refused uploads (decision 51): the answer comes before the body, and little of the body is read at all."""

import shutil
import socket
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.faults.aftermath import assert_untouched
from tests.faults.raw_http import answer_on, connected, head, part
from tests.server import Json, Server, Workspace, environment

ANNOUNCED = 1 << 30
MOST_READ = 64 << 20
IN_BUFFERS = (1 << 20) + sum(
    int(Path(f"/proc/sys/net/ipv4/{name}").read_text().split()[2]) for name in ("tcp_rmem", "tcp_wmem")
)
"""What the kernel may hold between the two ends, and what is still read after the answer."""


@dataclass(frozen=True)
class Refusal:
    """An upload that cannot succeed, whatever its bytes are."""

    path: str
    token: str | None
    announced: int
    status: int
    code: int


REFUSALS = {
    "unknown token": Refusal("/builds", "sta_unknown", ANNOUNCED, 401, 4004),
    "no token": Refusal("/builds", "", ANNOUNCED, 401, 4002),
    "no such build": Refusal(f"/builds/{'0' * 24}/files", None, ANNOUNCED, 404, 3001),
    "too large": Refusal("/builds", None, (2 << 30) + 1, 413, 1013),
    "larger than the disk": Refusal("/builds", None, 2 << 30, 507, 1507),
    "no such path": Refusal("/build", None, ANNOUNCED, 404, 3001),
}

ASKING = [
    *((name, "announced") for name in REFUSALS),
    # A body of unknown size is refused for its size when it has grown too large, not before.
    *((name, "chunked") for name, refusal in REFUSALS.items() if refusal.status not in {413, 507}),
]


@pytest.fixture(params=list(REFUSALS.values()), ids=list(REFUSALS))
def refusal(request: pytest.FixtureRequest) -> Refusal:
    refusal: Refusal = request.param
    return refusal


@pytest.fixture(scope="module")
def shared(workspace: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("refused")
    # No upload fits, however others fill and free the disk meanwhile; all else is refused before anybody looks there.
    reserve = shutil.disk_usage(folder).total
    settings = {
        "SEATRIAL_LIMITS__REFUSED_SECONDS": "0.5",
        "SEATRIAL_LIMITS__BODY": "2GiB",
        "SEATRIAL_STORAGE__RESERVE": str(reserve),
    }
    server = Server(workspace.copied_to(folder), folder / "server.log", settings)
    yield server
    server.close()


@pytest.fixture
def server(shared: Server) -> Iterator[Server]:
    yield shared
    assert_untouched(shared)


def send_until_answered(connection: socket.socket, most: int) -> int:
    """Send like a client that reads nothing before it has sent all; stops when the server lets it."""
    piece, sent = bytes(1 << 20), 0
    connection.settimeout(10)
    try:
        while sent < most:
            sent += connection.send(piece)
    except (ConnectionError, TimeoutError):
        pass
    return sent


def test_clients_that_send_regardless_are_stopped_and_answered(server: Server) -> None:
    """All at once, as the server waits five seconds for each to look up."""

    def send(refusal: Refusal) -> int:
        with connected(server) as connection:
            connection.sendall(
                head(server, refusal.path, refusal.token, Content_Length=refusal.announced) + part("build", b"")[:-2]
            )
            return send_until_answered(connection, ANNOUNCED)

    with ThreadPoolExecutor(len(REFUSALS)) as threads:
        sent = dict(zip(REFUSALS, threads.map(send, REFUSALS.values()), strict=True))
    assert {name: count for name, count in sent.items() if count > MOST_READ + IN_BUFFERS} == {}


def test_a_client_that_waits_with_its_body_is_answered(server: Server, refusal: Refusal) -> None:
    with connected(server) as connection:
        connection.sendall(head(server, refusal.path, refusal.token, Content_Length=refusal.announced))
        answer = answer_on(connection)
    assert answer is not None
    assert (answer.status, answer.body["error"]["code"]) == (refusal.status, refusal.code)


def test_a_client_whose_body_is_short_reads_the_answer_and_the_connection_is_closed(server: Server) -> None:
    body = part("build", bytes(8 << 20))
    with connected(server) as connection:
        connection.sendall(head(server, "/builds", "sta_unknown", Content_Length=ANNOUNCED) + body)
        answer = answer_on(connection, to_the_end=True)
    assert answer is not None
    assert (answer.status, answer.body["error"]["code"]) == (401, 4004)


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed (scripts/test-tools.sh)")
@pytest.mark.parametrize(("name", "transfer"), ASKING)
def test_curl_that_asks_first_sends_nothing(server: Server, tmp_path: Path, name: str, transfer: str) -> None:
    refusal = REFUSALS[name]
    sparse = tmp_path / "sparse"
    with sparse.open("wb") as file:
        file.truncate(min(refusal.announced, (2 << 30) - 200) if refusal.status != 413 else refusal.announced)
    token = server.app_token if refusal.token is None else refusal.token
    done = curl(
        "--expect100-timeout", "30", "-H", "Expect: 100-continue", "-H", f"Authorization: Bearer {token}",
        *(["-H", "Transfer-Encoding: chunked"] if transfer == "chunked" else []),
        "-F", f"build=@{sparse}", "-o", tmp_path / "answer", "-D", tmp_path / "headers",
        "-w", "%{http_code} %{size_upload}", f"{server.base_url}/v1/integrations{refusal.path}",
    )  # fmt: skip
    assert done == f"{refusal.status} 0"
    assert f'"code":{refusal.code}' in (tmp_path / "answer").read_text()
    assert "connection: close" in (tmp_path / "headers").read_text().lower()
    assert "100 Continue" not in (tmp_path / "headers").read_text()


def curl(*arguments: object) -> str:
    done = subprocess.run(
        ["curl", "-sS", *map(str, arguments)],
        env=environment(),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_refusals_say_what_is_allowed(server: Server) -> None:
    answers: dict[int, Json] = {}
    for refusal in REFUSALS.values():
        with connected(server) as connection:
            asking = head(server, refusal.path, refusal.token, Content_Length=refusal.announced, Expect="100-continue")
            connection.sendall(asking)
            answer = answer_on(connection)
        assert answer is not None
        answers[answer.status] = answer.body
    assert answers[413]["error"]["data"] == {"limit": 2 << 30}
    assert answers[507]["status"] is False
