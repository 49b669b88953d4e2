"""The cheapest client there is: a raw socket and sendfile, in a process of its own.

`python -m bench.client PORT HEAD TAIL FILE` sends the bytes of HEAD (a file with the request's head and the body's
beginning), FILE and TAIL, and prints JSON: the seconds from the first byte sent to the last one received, status, body.
"""

import json
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

BOUNDARY = b"------------------------d74496d66958873e"
FIELDS = {"versionName": "RC-1", "tags": "a, b", "changelog": "Bench", "deployer.name": "bench", "buildPlatform": ""}


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, and after how many seconds."""

    seconds: float
    ended: float
    """When the last byte came, by the machine's monotonic clock, the same in every process."""
    status: int
    body: str


def post_form(port: int, path: str, token: str, file: Path) -> Answer:
    """Upload a build as curl does, with five text fields before the file."""
    parts = [
        b'--%s\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n' % (BOUNDARY, name.encode(), value.encode())
        for name, value in FIELDS.items()
    ]
    name = file.name.encode()
    parts.append(
        b'--%s\r\nContent-Disposition: form-data; name="build"; filename="%s"\r\n'
        b"Content-Type: application/octet-stream\r\n\r\n" % (BOUNDARY, name)
    )
    before, after = b"".join(parts), b"\r\n--%s--\r\n" % BOUNDARY
    head = (
        b"POST %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nAuthorization: Bearer %s\r\nConnection: close\r\n"
        b"Content-Type: multipart/form-data; boundary=%s\r\nContent-Length: %d\r\n\r\n"
    ) % (path.encode(), port, token.encode(), BOUNDARY, len(before) + file.stat().st_size + len(after))
    return send(port, head + before, file, after)


def put(port: int, path: str, file: Path) -> Answer:
    """Send a file as the whole body of a PUT."""
    head = b"PUT %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nConnection: close\r\nContent-Length: %d\r\n\r\n"
    return send(port, head % (path.encode(), port, file.stat().st_size), file, b"")


def send(port: int, head: bytes, file: Path, tail: bytes) -> Answer:
    """Run the client process."""
    with tempfile.TemporaryDirectory() as folder:
        before, after = Path(folder, "head"), Path(folder, "tail")
        before.write_bytes(head)
        after.write_bytes(tail)
        command = [sys.executable, "-S", __file__, str(port), str(before), str(after), str(file)]
        return Answer(**json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout))


def main(port: str, head: str, tail: str, file: str) -> None:
    before, after = Path(head).read_bytes(), Path(tail).read_bytes()
    received = bytearray()
    with socket.create_connection(("127.0.0.1", int(port))) as connection, Path(file).open("rb") as body:
        start = time.monotonic()
        connection.sendall(before)
        connection.sendfile(body)
        connection.sendall(after)
        while data := connection.recv(65536):
            received += data
        ended = time.monotonic()
    answer_head, _, answer = bytes(received).partition(b"\r\n\r\n")
    status, text = int(answer_head.split()[1]), answer.decode("utf-8", "replace")
    print(json.dumps({"seconds": ended - start, "ended": ended, "status": status, "body": text}))


if __name__ == "__main__":
    main(*sys.argv[1:])
