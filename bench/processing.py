"""From the answer to an upload until the build is processed: real files of all sizes, and sixteen at once."""

import json
import shutil
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from bench.client import post_form
from bench.processed import CORPUS, real_apk, take
from bench.server import Server, seatrial
from bench.table import Row, Unavailable
from bench.upload import UPLOAD
from bench.verification import BYTES, large_apk

SMALLEST, LARGEST = 4_000_000, 110_000_000
FILES = 12
ROUNDS = 25
AT_ONCE = 16
CROWDS = 5


def measure() -> list[Row]:
    """Measure an idle server with its worker inside."""
    real = real_files()
    with tempfile.TemporaryDirectory(prefix="seatrial-bench-") as folder, seatrial(Path(folder, "data")) as server:
        # Of the largest that people upload the corpus has none.
        made = [large_apk(Path(folder))] if shutil.which("apksigner") else []
        files = [*real, *made]
        take(server, files[0])
        samples = sorted(take(server, file) * 1000 for _ in range(ROUNDS) for file in files)
        crowd = real_apk()
        crowds = [together(server, crowd) for _ in range(CROWDS)]
    slowest = samples[int(len(samples) * 0.99)]
    sizes = [file.stat().st_size / 1e6 for file in real]
    what = f"answered to processed, {len(real)} real files of {min(sizes):.0f} to {max(sizes):.0f} MB"
    what += f" and a signed apk of {BYTES / 1e6:.0f} MB made here, idle" if made else ", idle"
    return [
        Row(what=what, goal="p50 below 150 ms", unit="ms", ours=[round(each, 1) for each in samples], most=150),
        Row(what=f"{what}: p99", goal="below 1 s", unit="ms", ours=[round(slowest, 1)], most=1000),
        Row(
            what=f"{AT_ONCE} real apks of {crowd.stat().st_size / 1e6:.1f} MB at once: last answer to all processed",
            goal="below 1 s",
            unit="s",
            ours=crowds,
            most=1,
        ),
    ]


def real_files() -> list[Path]:
    """Choose real builds that can be read, spread over all sizes.

    Raises Unavailable where the corpus is absent.
    """
    found = [path for kind in ("apk", "ipa", "xapk", "apks") for path in CORPUS.glob(f"{kind}/*.{kind}")]
    fit = sorted(
        (path for path in found if SMALLEST <= path.stat().st_size <= LARGEST), key=lambda path: path.stat().st_size
    )
    if not fit:
        raise Unavailable(f"no real builds of 4 to 100 MB in {CORPUS.name}/")
    return fit[:: -(-len(fit) // FILES)]


def together(server: Server, file: Path) -> float:
    """Give the seconds from the last of many parallel answers until all of them are processed."""
    with ThreadPoolExecutor(AT_ONCE) as threads:
        answers = list(threads.map(lambda _: post_form(server.port, UPLOAD, server.token, file), range(AT_ONCE)))
        builds = [json.loads(answer.body)["data"]["id"] for answer in answers]
        shown = list(threads.map(lambda one: server.call("GET", f"{UPLOAD}/{one}?wait=60")["status"], builds))
    seconds = time.monotonic() - max(answer.ended for answer in answers)
    assert set(shown) == {"processed"}, shown
    return seconds


if __name__ == "__main__":
    for row in measure():
        print(" | ".join(row.cells()))
