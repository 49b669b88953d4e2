"""A worker that is killed in the middle of a thousand mails: nobody is forgotten, and nobody gets a third one."""

import json
import os
import signal
import subprocess
import time
from collections import Counter
from pathlib import Path

import pytest

from tests import smtp
from tests.server import PATIENCE_SECONDS, SEATRIAL, Json, Server, Workspace, environment

PEOPLE = 1000
KILLS = (150, 420, 700)


@pytest.mark.slow
def test_kill_9_in_the_middle_of_a_thousand_mails(workspace: Workspace, tmp_path: Path) -> None:
    own = workspace.copied_to(tmp_path)
    post = smtp.Post()
    with smtp.serving(post) as port:
        settings = {
            "SEATRIAL_MAIL__HOST": "127.0.0.1",
            "SEATRIAL_MAIL__PORT": str(port),
            "SEATRIAL_MAIL__SECURITY": "none",
            "SEATRIAL_MAIL__SENDER": "builds@example.com",
        }
        server = Server(own, tmp_path / "server.log", settings, arguments=["--no-worker"])
        worker = _worker(own, settings, tmp_path)
        try:
            _employ(server, PEOPLE)
            build = server.upload(notifyEmployees="true", notifyMessage="to all")
            for kill_at in KILLS:
                post.wait_for(kill_at)
                os.kill(worker.pid, signal.SIGKILL)
                worker.wait()
                worker = _worker(own, settings, tmp_path)
            post.wait_for(PEOPLE)
            mails = _settled(server, build["id"])
        finally:
            worker.kill()
            worker.wait()
            server.close()
    copies = Counter(recipient for recipient, _ in post.taken)
    lost = {mail["email"] for mail in mails if mail["lostAnswers"]}
    assert len(mails) == PEOPLE
    assert {mail["status"] for mail in mails} == {"sent"}
    assert set(copies) == {mail["email"] for mail in mails}
    assert all(count == 1 for person, count in copies.items() if person not in lost)
    assert all(count <= 2 for count in copies.values())
    # One mail at most for each connection that was open when the worker died, and the log says which.
    assert len(lost) <= 2 * len(KILLS)
    for mail in mails:
        said = " ".join(step["note"] for step in mail["history"])
        assert ("the worker ended before the answer; sent once more" in said) == (mail["email"] in lost)
    for person in lost:
        assert len({message["Message-ID"] for message in post.messages(person)}) == 1


def _worker(own: Workspace, settings: dict[str, str], folder: Path) -> "subprocess.Popen[bytes]":
    with (folder / "worker.log").open("a") as log:
        return subprocess.Popen(
            [SEATRIAL, "worker", "--data-dir", own.data_dir],
            env=environment({**own.settings, **settings}),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=log,
        )


def _employ(server: Server, count: int) -> None:
    columns = "id, organization_id, email, origin, type, disabled, created_at, updated_at"
    people = [
        (f"{number:024x}", server.organization["id"], f"p{number}@example.com", "import", "traditional", False, 0, 0)
        for number in range(1, count + 1)
    ]
    for begin in range(0, count, 100):
        rows = people[begin : begin + 100]
        places = ", ".join(["(?, ?, ?, ?, ?, ?, ?, ?)"] * len(rows))
        server.write(f"INSERT INTO employees ({columns}) VALUES {places}", *(value for row in rows for value in row))


def _settled(server: Server, build_id: str) -> list[Json]:
    """Wait until every mail is in its last state, and give them all."""
    client = server.client(f"/v1/organizations/{server.organization['id']}", server.service_token)
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        answer = client.get("/mails", params={"build": build_id, "limit": PEOPLE})
        assert answer.status_code == 200, answer.text
        items: list[Json] = json.loads(answer.text)["data"]["items"]
        if all(mail["status"] not in {"queued", "sending", "deferred"} for mail in items):
            return items
        assert time.monotonic() < deadline, Counter(mail["status"] for mail in items)
        time.sleep(0.2)
