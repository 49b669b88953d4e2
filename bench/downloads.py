"""1 GiB downloaded: through nginx by X-Accel-Redirect, and from our own process, each beside a file of nginx's own."""

import json
import os
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

from bench import reference_nginx
from bench.client import post_form
from bench.download_client import get
from bench.server import Server, seatrial
from bench.table import PAIRS, Row
from bench.upload import UPLOAD

SIZE = 1 << 30
LOCATIONS = """
location / {{ proxy_pass http://127.0.0.1:{port}; proxy_set_header X-Forwarded-For $remote_addr; }}
location = /plain {{ sendfile on; }}
location /_blobs/ {{
  internal; alias {blobs}/; sendfile on; etag off; add_header ETag $upstream_http_etag;
}}
"""


def measure() -> list[Row]:
    """Measure both ways on the same bytes, in the page cache, in turn with the reference."""
    return compare(SIZE)


def compare(size: int, pairs: int = PAIRS) -> list[Row]:
    """Take samples with a file of so many bytes."""
    with tempfile.TemporaryDirectory(prefix="seatrial-bench-", dir=os.environ.get("SEATRIAL_BENCH_DIR")) as name:
        folder = Path(name)
        big = folder / "big.apk"
        with big.open("wb") as file:
            for _ in range(size >> 20):
                file.write(os.urandom(1 << 20))
        with (
            seatrial(folder / "data", settings={"SEATRIAL_DOWNLOADS__SENDFILE": "x-accel-redirect"}) as server,
            reference_nginx.nginx(
                folder / "nginx", LOCATIONS.format(port=server.port, blobs=folder / "data" / "blobs")
            ) as nginx,
        ):
            path = _upload(server, big)
            os.link(big, nginx.files / "plain")
            plain = partial(get, nginx.port, "/plain", "none", size)
            accel = partial(get, nginx.port, path, server.token, size)
            own = partial(get, server.port, path, server.token, size)
            for warm in (plain, accel, own):
                warm()
            idle = server.memory("VmRSS")
            by_accel, beside_accel = _in_turn(accel, plain, pairs)
            by_us, beside_us = _in_turn(own, plain, pairs)
            growth = server.memory("VmHWM") - idle
    shown = f"{size >> 20} MiB"
    return [
        Row(
            what=f"download of {shown} through nginx by X-Accel-Redirect",
            goal="at most 1.1 x the reference",
            unit="s",
            ours=by_accel,
            most=1.1,
            reference_name="a plain file of nginx's",
            reference=beside_accel,
        ),
        Row(
            what=f"download of {shown} from the server itself",
            goal="at most 3 x the reference",
            unit="s",
            ours=by_us,
            most=3,
            reference_name="a plain file of nginx's",
            reference=beside_us,
        ),
        Row(
            what=f"the server's memory growth over {2 * pairs} such downloads",
            goal="below 32 MiB",
            unit="MiB",
            ours=[max(0, growth) / 2**20],
            most=32,
        ),
    ]


def _upload(server: Server, file: Path) -> str:
    """Upload a build and give the signed path of its bytes."""
    build = json.loads(post_form(server.port, UPLOAD, server.token, file).body)["data"]
    # What is in it is of no kind, so its reading is over soon and in no sample's way.
    while server.call("GET", f"{UPLOAD}/{build['id']}")["status"] in {"pending", "in_progress"}:
        time.sleep(0.05)
    location: str = build["files"][0]["file"]["location"]
    return urlsplit(location).path


def _in_turn(ours: Callable[[], float], theirs: Callable[[], float], pairs: int) -> tuple[list[float], list[float]]:
    mine: list[float] = []
    other: list[float] = []
    for pair in range(pairs):
        for is_ours in (True, False) if pair % 2 else (False, True):
            (mine if is_ours else other).append(ours() if is_ours else theirs())
    return mine, other


if __name__ == "__main__":
    for row in compare(64 << 20, 3):
        print(" | ".join(row.cells()))
