"""Durability as the order of system calls: kills leave the page cache alive, so only the order proves it."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = """
import sys
from pathlib import Path
from seatrial.storage.local import LocalBlobStore
store = LocalBlobStore(Path(sys.argv[1]))
writer = store.writer("builds/o/a/b/file")
writer.write(bytes(3 << 20))
writer.commit()
print("acknowledged", flush=True)
"""
CALL = re.compile(r"\b(?P<name>\w+)\((?P<arguments>.*)\)\s+=\s+0\b|\b(?P<write>write)\(1.*acknowledged")


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed (scripts/test-tools.sh)")
def test_everything_is_on_the_disk_before_the_blob_is_acknowledged(tmp_path: Path) -> None:
    root, trace = tmp_path.resolve() / "blobs", tmp_path / "trace"
    command = ["strace", "-y", "-f", "-o", str(trace), "-e", "trace=fsync,fdatasync,rename,renameat,renameat2,write"]
    done = subprocess.run(
        [*command, sys.executable, "-c", PROGRAM, str(root)], check=False, capture_output=True, text=True
    )
    if done.returncode and "ptrace" in done.stderr:
        pytest.skip(f"strace may not trace here: {done.stderr.strip()[:200]}")
    assert done.returncode == 0, done.stderr
    steps: list[str] = []
    for match in CALL.finditer(trace.read_text()):
        if match["write"]:
            steps.append("acknowledged")
        elif match["name"].startswith("rename"):
            steps.append("rename")
        else:
            steps.append(re.sub(r"^\d+<(.*)>$", r"\1", match["arguments"]))
    assert steps[-8:] == [
        f"{root}/builds/o/a/b/file.part",
        "rename",
        f"{root}/builds/o/a/b",
        f"{root}/builds/o/a",
        f"{root}/builds/o",
        f"{root}/builds",
        f"{root}",
        "acknowledged",
    ]
    assert steps[:-8] == [str(root.parent)]  # the root itself was new
