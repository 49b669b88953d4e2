"""Parse one file several times in a process of its own: `python -m bench.parse_child FILE TIMES`.

Prints the time of each warm parse in ms, the peak memory of the process in MiB, and the MB that one parse reads.
"""

import io
import json
import resource
import sys
import time
from pathlib import Path
from typing import BinaryIO, cast

from seatrial.domain.buildinfo import BuildInfo
from seatrial.domain.errors import BuildFileInvalid
from seatrial.parsers import parse_file


class _Counted(io.RawIOBase):
    """A file that counts what is read of it; it passes for a remote one, whose content is not verified."""

    is_remote = True

    def __init__(self, path: Path) -> None:
        self._file = path.open("rb", buffering=0)
        self.bytes_read = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def read(self, size: int = -1) -> bytes:
        data = self._file.read(size)
        self.bytes_read += len(data)
        return data


def parse(file: BinaryIO) -> BuildInfo | None:
    """Parse a file to its end, or to its refusal."""
    try:
        return parse_file(file)
    except BuildFileInvalid:
        return None


def main(path: Path, times: int) -> None:
    samples = []
    read = 0
    for _ in range(times + 1):
        file = _Counted(path)
        began = time.perf_counter()
        parse(cast("BinaryIO", file))
        samples.append((time.perf_counter() - began) * 1000)
        read = file.bytes_read
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"ms": samples[1:], "cold": samples[0], "peak": peak, "read": read / 1e6}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
