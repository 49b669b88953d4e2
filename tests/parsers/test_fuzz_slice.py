"""The first damaged files of one fixed seed; `make fuzz` runs for longer, with others, and over real builds too."""

import subprocess
import sys

import pytest

SEED = 20261121
COUNT = 4_000
"""Files in all; the kinds take turns."""

# A slow machine is no defect: what takes long is found by `make fuzz`, and here only what never ends.
CPU_SECONDS = 30


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="the fuzzer reads memory from /proc")
def test_damaged_files_are_read_or_refused_and_nothing_else() -> None:
    """In a process of its own, because it forks and confines its children."""
    command = [sys.executable, "-m", "tests.fuzz.run", "--fixtures-only", "--seed", str(SEED)]
    command += ["--count", str(COUNT), "--cpu-limit", str(CPU_SECONDS)]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert f"{COUNT:,} files of " in ended.stdout
