"""1 GiB uploaded to an object store through the server, beside rclone to the same store, and its cost in memory."""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench.server import seatrial
from bench.table import PAIRS, Row, Unavailable
from bench.upload import settle, take
from tests.object_stores import ACCESS_KEY, SECRET_KEY, ObjectServer, make_bucket, seaweedfs

SIZE = 1 << 30
RCLONE = Path(sys.executable).with_name("rclone")


def measure() -> list[Row]:
    """Take our samples and rclone's in turn; what was sent is removed again, so that the store's disk is as before."""
    if not RCLONE.exists():
        raise Unavailable("rclone is not installed")
    with (
        tempfile.TemporaryDirectory(prefix="seatrial-bench-", dir=os.environ.get("SEATRIAL_BENCH_DIR")) as name,
        seaweedfs() as store,
    ):
        folder = Path(name)
        big, small = folder / "big.apk", folder / "small.apk"
        with big.open("wb") as file:
            for _ in range(SIZE >> 20):
                file.write(os.urandom(1 << 20))
        small.write_bytes(os.urandom(1 << 20))
        settings = {
            "SEATRIAL_STORAGE__PROVIDER": "s3",
            "SEATRIAL_STORAGE__BUCKET": make_bucket(store, "bench"),
            "SEATRIAL_STORAGE__REGION": "us-east-1",
            "SEATRIAL_STORAGE__ENDPOINT": store.endpoint,
            "SEATRIAL_STORAGE__ACCESS_KEY": ACCESS_KEY,
            "SEATRIAL_STORAGE__SECRET_KEY": SECRET_KEY,
        }
        ours: list[float] = []
        theirs: list[float] = []
        with seatrial(folder / "data", "--no-worker", settings=settings) as server:
            take(server, small)
            idle = server.memory("VmRSS")
            for pair in range(PAIRS):
                for is_ours in (True, False) if pair % 2 else (False, True):
                    settle()
                    if is_ours:
                        ours.append(take(server, big))
                    else:
                        theirs.append(_rclone(store, big))
            growth = server.memory("VmHWM") - idle
    return [
        Row(
            what="1 GiB multipart upload, hashed, to an object store",
            goal="at most 1.15 x the reference",
            unit="s",
            ours=ours,
            most=1.15,
            reference_name="rclone copyto",
            reference=theirs,
        ),
        Row(
            what=f"the server's memory growth over {PAIRS} such uploads",
            goal="below 64 MiB",
            unit="MiB",
            ours=[growth / 2**20],
            most=64,
        ),
    ]


def _rclone(store: ObjectServer, file: Path) -> float:
    """Give the seconds that rclone takes to send the file; it is removed again."""
    remote = f":s3,provider=SeaweedFS,endpoint='{store.endpoint}',region=us-east-1,no_check_bucket=true"
    remote += f",access_key_id={ACCESS_KEY},secret_access_key={SECRET_KEY}:bench/rclone.apk"
    began = time.monotonic()
    subprocess.run([RCLONE, "--config", os.devnull, "copyto", str(file), remote], check=True, capture_output=True)
    seconds = time.monotonic() - began
    subprocess.run([RCLONE, "--config", os.devnull, "deletefile", remote], check=True, capture_output=True)
    return seconds


if __name__ == "__main__":
    for row in measure():
        print(" | ".join(row.cells()))
