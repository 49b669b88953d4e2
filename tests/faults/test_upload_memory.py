"""Memory of an upload, by the kernel's accounting in a process of its own: never by time."""

import subprocess
import sys

import pytest

PROGRAM = """
import asyncio, hashlib, re, sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from seatrial.web.multipart import FormLimits, read_form

CHUNK, TOTAL, BOUNDARY = 256_000, int(sys.argv[1]), b"------------------------d74496d66958873e"

class Sink:
    key, size = "sink", 0
    def __init__(self): self.hash = hashlib.sha256()
    def write(self, data): self.hash.update(data); self.size += len(data)
    def cancel(self): pass

async def stream():
    yield b"--" + BOUNDARY + b'\\r\\nContent-Disposition: form-data; name="build"; filename="a.apk"\\r\\n\\r\\n'
    left = TOTAL
    while left:
        size = min(CHUNK, left)
        yield bytes(size)
        left -= size
        await asyncio.sleep(0)
    yield b"\\r\\n--" + BOUNDARY + b"--\\r\\n"

def peak():
    return int(re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())[1]) << 10

async def main():
    sink = Sink()
    with ThreadPoolExecutor(2) as threads:
        form = await read_form(
            stream(), f"multipart/form-data; boundary={BOUNDARY.decode()}", None,
            lambda *_: sink, limits=FormLimits(), threads=threads)
    assert form.files[0].size == sink.size
    return sink.size

before = peak()
size = asyncio.run(main())
print(size, peak() - before)
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="reads the kernel's accounting in /proc")
def test_four_gibibytes_pass_through_in_constant_memory() -> None:
    total = 4 << 30
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(total)], check=True, capture_output=True, text=True, timeout=280
    )
    size, growth = map(int, done.stdout.split())
    assert size == total
    assert growth < 64 << 20
