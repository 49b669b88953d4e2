"""1 GiB uploaded, hashed and on the disk, beside nginx, openssl and sync; and what it costs in memory.

`python -m bench.upload` measures the pipeline alone, without rules and database.
"""

import json
import os
import tempfile
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

from bench import reference_nginx
from bench.client import post_form
from bench.server import Server, pipeline, seatrial
from bench.table import PAIRS, Row

SIZE = 1 << 30
UPLOAD = "/v1/integrations/builds"


def measure() -> list[Row]:
    """Measure the real server, its worker left out: what it does with the file later is another number."""
    return compare(lambda folder: seatrial(folder, "--no-worker"))


def compare(serve: Callable[[Path], AbstractContextManager[Server]], pairs: int = PAIRS) -> list[Row]:
    """Take our samples and the reference's in turn, on the same disk."""
    with tempfile.TemporaryDirectory(prefix="seatrial-bench-", dir=os.environ.get("SEATRIAL_BENCH_DIR")) as name:
        folder = Path(name)
        big, small = folder / "big.apk", folder / "small.apk"
        with big.open("wb") as file:
            for _ in range(SIZE >> 20):
                file.write(os.urandom(1 << 20))
        small.write_bytes(os.urandom(1 << 20))
        ours: list[float] = []
        theirs: list[float] = []
        with reference_nginx.nginx(folder / "nginx") as nginx, serve(folder / "data") as server:
            take(server, small)
            idle = server.memory("VmRSS")
            for pair in range(pairs):
                for is_ours in (True, False) if pair % 2 else (False, True):
                    settle()
                    if is_ours:
                        ours.append(take(server, big))
                    else:
                        theirs.append(nginx.take(big))
            growth = server.memory("VmHWM") - idle
    return [
        Row(
            what="1 GiB multipart upload, hashed, fsynced, to local disk",
            goal="at most the reference",
            unit="s",
            ours=ours,
            most=1,
            reference_name=reference_nginx.NAME,
            reference=theirs,
        ),
        Row(
            what=f"the server's memory growth over {pairs} such uploads",
            goal="below 32 MiB",
            unit="MiB",
            ours=[growth / 2**20],
            most=32,
        ),
    ]


def take(server: Server, file: Path) -> float:
    """Give the seconds of one upload; the build is removed again."""
    answer = post_form(server.port, UPLOAD, server.token, file)
    assert answer.status == 200, answer
    server.call("DELETE", f"{UPLOAD}/{json.loads(answer.body)['data']['id']}")
    return answer.seconds


def settle() -> None:
    """Let the disk come to rest, so that no sample pays for the one before."""
    os.sync()
    time.sleep(0.5)


if __name__ == "__main__":
    for row in compare(pipeline):
        print(" | ".join(row.cells()))
