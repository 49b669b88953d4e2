"""Two servers on PostgreSQL behind the nginx of `deploy/`, restarted one after the other under load: nobody notices."""

import os
import re
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx
import pytest

from tests.server import DEMO_APK, PATIENCE_SECONDS, SEATRIAL, Workspace, environment

SITE = Path(__file__).resolve().parents[2] / "deploy/nginx.conf"
AROUND = """
daemon off; master_process off; pid {folder}/nginx.pid; error_log {folder}/nginx.log; {user}
events {{ }}
http {{
  access_log off; client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  include {folder}/site.conf;
}}
"""
HAND_OVER = """
import os, sys
os.dup2(int(sys.argv[1]), 3)
os.environ |= {"LISTEN_FDS": "1", "LISTEN_PID": str(os.getpid())}
os.execv(sys.argv[2], sys.argv[2:])
"""


class Node:
    """A server whose socket somebody else keeps open, as systemd does."""

    def __init__(self, workspace: Workspace, log: Path) -> None:
        self.workspace, self.log = workspace, log
        self.door = socket.create_server(("127.0.0.1", 0), backlog=2048)
        self.port = int(self.door.getsockname()[1])
        self.start()

    def start(self) -> None:
        with self.log.open("a") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-c", HAND_OVER, str(self.door.fileno()), SEATRIAL, "serve", "--data-dir", self.workspace.data_dir],
                env=environment(self.workspace.settings), stdout=subprocess.PIPE, stderr=log, text=True,
                pass_fds=[self.door.fileno()],
            )  # fmt: skip
        assert self.process.stdout is not None
        assert f"ready on http://127.0.0.1:{self.port}" in next(
            line for line in self.process.stdout if " ready on " in line
        )

    def stop(self) -> None:
        self.process.terminate()
        assert self.process.wait(PATIENCE_SECONDS) == 0, self.log.read_text()[-2000:]
        assert self.process.stdout is not None
        self.process.stdout.close()

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait(PATIENCE_SECONDS)
        if self.process.stdout is not None:
            self.process.stdout.close()
        self.door.close()


@contextmanager
def nginx(folder: Path, nodes: list[Node]) -> Iterator[int]:
    found = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if found is None:
        pytest.skip("nginx is not installed (scripts/test-tools.sh)")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = int(free.getsockname()[1])
    site = SITE.read_text()
    for number, node in enumerate(nodes, 1):
        assert f"api-{number}:8080" in site
        site = site.replace(f"api-{number}:8080", f"127.0.0.1:{node.port}")
    site = re.sub(r"^ *ssl_.*\n", "", site, flags=re.MULTILINE).replace("listen 443 ssl", f"listen 127.0.0.1:{port}")
    (folder / "site.conf").write_text(site)
    user = "user root;" if os.geteuid() == 0 else ""
    (folder / "nginx.conf").write_text(AROUND.format(folder=folder, user=user))
    process = subprocess.Popen(
        [found, "-e", folder / "nginx.log", "-c", folder / "nginx.conf"], stdin=subprocess.DEVNULL
    )
    try:
        give_up = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                socket.create_connection(("127.0.0.1", port)).close()
                break
            except ConnectionRefusedError:
                assert process.poll() is None, (folder / "nginx.log").read_text()
                assert time.monotonic() < give_up
                time.sleep(0.05)
        yield port
    finally:
        process.terminate()
        process.wait(PATIENCE_SECONDS)


def test_a_rolling_restart_fails_no_request(workspaces: Callable[[str], Workspace], tmp_path: Path) -> None:
    with ExitStack() as stack:
        workspace = workspaces("postgresql").copied_to(tmp_path)
        nodes = []
        for number in range(2):
            nodes.append(Node(workspace, tmp_path / f"{number}.log"))
            stack.callback(nodes[-1].close)
        port = stack.enter_context(nginx(tmp_path, nodes))
        answers: Counter[tuple[str, object]] = Counter()
        uploaded: set[str] = set()
        over, moved = threading.Event(), threading.Semaphore(0)
        token = {"Authorization": f"Bearer {workspace.printed['appToken']}"}

        def ask(kind: str) -> None:
            with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=PATIENCE_SECONDS, trust_env=False) as client:
                while not over.is_set():
                    try:
                        if kind == "upload":
                            files = {"build": ("demo.apk", DEMO_APK.read_bytes())}
                            answer = client.post("/v1/integrations/builds", headers=token, files=files)
                            uploaded.add(answer.json()["data"]["id"])
                        else:
                            answer = client.get("/v1/integrations/builds?limit=1", headers=token)
                        answers[kind, answer.status_code] += 1
                    except (httpx.HTTPError, KeyError) as error:
                        answers[kind, repr(error)] += 1
                    moved.release()
                    over.wait(0.05)

        def let_many_pass() -> None:
            for _ in range(10):
                assert moved.acquire(timeout=PATIENCE_SECONDS)

        threads = [threading.Thread(target=ask, args=(kind,)) for kind in ("list", "upload")]
        for thread in threads:
            thread.start()
        try:
            let_many_pass()
            for node in nodes:
                node.stop()
                node.start()
                let_many_pass()
        finally:
            over.set()
            for thread in threads:
                thread.join()
        assert set(answers) == {("list", 200), ("upload", 200)}, answers
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", headers=token, trust_env=False) as client:
            listed = client.get("/v1/integrations/builds?limit=100").json()["data"]
        assert listed["totalDocs"] == len(uploaded)
