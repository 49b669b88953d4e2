"""SIGTERM in the middle of everything: what is under way ends well, nothing new begins, and no job is lost."""

import json
import socket
import time
from urllib.parse import urlsplit

from tests.conftest import StartServer
from tests.server import DEMO_APK, PATIENCE_SECONDS, Server

CONTENT = bytes(range(256)) * (32 << 10)
QUEUED = 12


def connected(server: Server, request: str) -> socket.socket:
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 64 << 10)
    connection.settimeout(PATIENCE_SECONDS)
    connection.connect(("127.0.0.1", server.port))
    connection.sendall(request.encode())
    return connection


def test_what_is_under_way_when_a_server_is_told_to_stop(start_server: StartServer) -> None:
    server = start_server()
    first = server.processed()["id"]
    answer = server.ci.post(f"/builds/{first}/files", files={"file": ("big.bin", CONTENT)}).json()["data"]
    big = urlsplit(answer["files"][-1]["file"]["location"]).path
    bearer = f"Host: 127.0.0.1\r\nAuthorization: Bearer {server.app_token}\r\n"
    body = b'--b\r\nContent-Disposition: form-data; name="build"; filename="a.apk"\r\n\r\n' + DEMO_APK.read_bytes()
    body += b"\r\n--b--\r\n"
    head = f"POST /v1/integrations/builds HTTP/1.1\r\n{bearer}Content-Type: multipart/form-data; boundary=b\r\n"
    with (
        connected(server, f"GET {big} HTTP/1.1\r\n{bearer}\r\n") as download,
        connected(server, f"{head}Content-Length: {len(body)}\r\n\r\n") as upload,
        download.makefile("rb") as received,
        upload.makefile("rb") as answered,
    ):
        upload.sendall(body[:1000])
        assert received.readline().startswith(b"HTTP/1.1 200")
        while received.readline() != b"\r\n":
            pass
        begun = received.read(1 << 20)
        queued = [server.upload()["id"] for _ in range(QUEUED)]  # more than are read at once
        assert server.process is not None
        server.process.terminate()
        give_up = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < give_up:  # no more comes in
            try:
                socket.create_connection(("127.0.0.1", server.port)).close()
            except OSError:
                break
            time.sleep(0.02)
        else:
            raise AssertionError("it still takes connections")
        upload.sendall(body[1000:])
        assert answered.readline().startswith(b"HTTP/1.1 200")
        lines = list(iter(answered.readline, b"\r\n"))
        [length] = [int(line.split(b":")[1]) for line in lines if line.lower().startswith(b"content-length")]
        last = json.loads(answered.read(length))["data"]["id"]
        assert begun + received.read(len(CONTENT) - len(begun)) == CONTENT
    assert server.process.wait(PATIENCE_SECONDS) == 0
    server.restart()
    for build in (*queued, last):
        assert server.wait_for(build)["status"] == "processed"
