"""Verifying the signatures of a large APK: the time, warm, beside apksigner's, and the memory of a whole process."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

from bench.table import Row, Unavailable
from seatrial.parsers.apk_signatures import read_signatures
from seatrial.parsers.apk_verification import verify_apk
from seatrial.parsers.archive import Archive

SAMPLES = 7
BYTES = 134_000_000
MEMBERS = 20_800
FIXTURES = Path(__file__).parents[1] / "tests/fixtures"
KEYS = FIXTURES / "apk/keys"

CHILD = """
import re, sys
from pathlib import Path
from bench.verification import verified
verified(Path(sys.argv[1]))
# Not ru_maxrss, which counts the process that started this one, too.
print(int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) / 1024)
"""


def measure() -> list[Row]:
    """Make a large APK, have apksigner sign it, and verify it in turn with apksigner."""
    if not shutil.which("apksigner"):
        raise Unavailable("Debian's apksigner is not installed")
    ours, theirs = [], []
    with tempfile.TemporaryDirectory(prefix="seatrial-bench-") as folder:
        apk = large_apk(Path(folder))
        verified(apk)
        for _ in range(SAMPLES):
            start = time.perf_counter()
            verified(apk)
            ours.append(round((time.perf_counter() - start) * 1000, 1))
            start = time.perf_counter()
            subprocess.run(["apksigner", "verify", str(apk)], check=True, capture_output=True)
            theirs.append(round((time.perf_counter() - start) * 1000, 1))
        command = [sys.executable, "-c", CHILD, str(apk)]
        memory = float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    size = f"an apk of {BYTES / 1e6:.0f} MB with {MEMBERS:,} entries"
    return [
        Row(what=f"v2 and v3 verified, {size}", goal="below 250 ms", unit="ms", ours=ours, most=250),
        Row(
            what=f"v2 and v3 verified, {size}",
            goal="faster than apksigner",
            unit="ms",
            ours=ours,
            most=1,
            reference_name="apksigner, with its start",
            reference=theirs,
        ),
        Row(
            what=f"v2 and v3 verified, {size}, peak memory of the process",
            goal="below 64 MiB",
            unit="MiB",
            ours=[round(memory, 1)],
            most=64,
        ),
    ]


def verified(apk: Path) -> None:
    """Read the signers and verify; fail where the file is not found good."""
    with apk.open("rb") as file:
        archive = Archive.open(file)
        assert verify_apk(file, archive, read_signatures(file, archive).signing).signing.verified


def large_apk(folder: Path) -> Path:
    """Write an APK of incompressible members and sign it by v2 and v3."""
    raw, signed = folder / "raw.apk", folder / "signed.apk"
    noise = os.urandom(BYTES // MEMBERS)
    with zipfile.ZipFile(FIXTURES / "apk_signing" / "rsa-2048.apk") as small, zipfile.ZipFile(raw, "w") as archive:
        archive.writestr("AndroidManifest.xml", small.read("AndroidManifest.xml"))
        for number in range(MEMBERS - 1):
            archive.writestr(f"assets/{number // 100}/{number}.bin", noise)
    subprocess.run(
        [
            *("apksigner", "sign", "--ks", KEYS / "release.p12", "--ks-type", "PKCS12", "--ks-key-alias", "release"),
            *("--ks-pass", "pass:seatrial", "--v1-signing-enabled", "false", "--in", raw, "--out", signed),
        ],
        check=True,
        capture_output=True,
    )
    return signed


if __name__ == "__main__":
    for row in measure():
        print(" | ".join(row.cells()))
