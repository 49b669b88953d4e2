"""From the answer to an upload until the build is processed, on an idle server with its worker inside."""

import json
import tempfile
import time
from pathlib import Path

from bench.client import post_form
from bench.server import Server, seatrial
from bench.table import Row, Unavailable
from bench.upload import UPLOAD

SAMPLES = 21
CORPUS = Path(__file__).parents[1].parent / "shared/corpus"
LOOK_SECONDS = 0.003
IDLE_SECONDS = 0.3


def measure() -> list[Row]:
    """Upload the same real apk again and again, each time after a pause."""
    sample = real_apk()
    with tempfile.TemporaryDirectory(prefix="seatrial-bench-") as folder, seatrial(Path(folder)) as server:
        take(server, sample)
        samples = [take(server, sample) * 1000 for _ in range(SAMPLES)]
    size = sample.stat().st_size / 1e6
    return [
        Row(
            what=f"answered to processed, a real apk of {size:.1f} MB, idle",
            goal="p50 below 200 ms",
            unit="ms",
            ours=[round(each, 1) for each in samples],
            most=200,
        )
    ]


def real_apk() -> Path:
    """Find the real apk nearest to 4 MB.

    Raises Unavailable where the corpus is absent.
    """
    found = sorted(CORPUS.glob("apk/*.apk"), key=lambda path: abs(path.stat().st_size - 4_000_000))
    if not found:
        raise Unavailable(f"no real apk in {CORPUS.name}/")
    return found[0]


def take(server: Server, file: Path) -> float:
    """Give the seconds between the answer and the first look that shows the build processed."""
    time.sleep(IDLE_SECONDS)
    answer = post_form(server.port, UPLOAD, server.token, file)
    build = json.loads(answer.body)["data"]["id"]
    while (shown := server.call("GET", f"{UPLOAD}/{build}"))["status"] in {"pending", "in_progress"}:
        time.sleep(LOOK_SECONDS)
    seconds = time.monotonic() - answer.ended
    assert shown["status"] == "processed", shown
    return seconds


def settled(server: Server, file: Path) -> str:
    """Upload a build, wait until it is processed, and give its id."""
    build = str(json.loads(post_form(server.port, UPLOAD, server.token, file).body)["data"]["id"])
    while server.call("GET", f"{UPLOAD}/{build}")["status"] in {"pending", "in_progress"}:
        time.sleep(LOOK_SECONDS)
    return build


if __name__ == "__main__":
    for row in measure():
        print(" | ".join(row.cells()))
