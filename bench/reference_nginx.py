"""The upload's reference: nginx takes the bytes by DAV PUT, openssl hashes them, `sync FILE` puts them on the disk."""

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.client import put
from bench.table import Unavailable

NAME = "nginx DAV PUT, openssl dgst -sha256, sync FILE"
CONFIGURATION = """
daemon off; master_process off; worker_processes 1; pid {folder}/pid; error_log {folder}/error.log;
{user}
events {{ worker_connections 64; }}
http {{
  access_log off; client_max_body_size 0; client_body_buffer_size 1m; client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  server {{ listen 127.0.0.1:{port}; root {folder}/files; {locations} }}
}}
"""


@dataclass(frozen=True, slots=True)
class Nginx:
    """A running nginx and where its files lie."""

    port: int
    files: Path

    def take(self, file: Path) -> float:
        """Give the seconds of one PUT, hash and sync; the file is removed again."""
        stored = self.files / "upload"
        answer = put(self.port, "/upload", file)
        assert answer.status == 201, answer
        start = time.perf_counter()
        subprocess.run(["openssl", "dgst", "-sha256", str(stored)], check=True, stdout=subprocess.DEVNULL)
        subprocess.run(["sync", str(stored)], check=True)
        seconds = answer.seconds + time.perf_counter() - start
        stored.unlink()
        return seconds


@contextmanager
def nginx(folder: Path, locations: str = "location / { dav_methods PUT; }") -> Iterator[Nginx]:
    """Run nginx on a free port with everything below a folder.

    Raises Unavailable where nginx or openssl is missing.
    """
    program = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if program is None or shutil.which("openssl") is None:
        raise Unavailable("nginx and openssl are needed: scripts/test-tools.sh bench")
    (folder / "files").mkdir(parents=True)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    configuration = folder / "nginx.conf"
    user = "user root;" if folder.owner() == "root" else ""
    configuration.write_text(CONFIGURATION.format(folder=folder, port=port, user=user, locations=locations))
    process = subprocess.Popen([program, "-e", str(folder / "error.log"), "-c", str(configuration)])
    try:
        _wait_for(port)
        yield Nginx(port, folder / "files")
    finally:
        process.terminate()
        process.wait()


def _wait_for(port: int) -> None:
    for _ in range(100):
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except ConnectionRefusedError:
            time.sleep(0.05)
        else:
            return
    raise Unavailable("nginx did not start")
