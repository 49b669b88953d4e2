"""Parse one file several times in a process of its own: `python -m bench.parse_child FILE TIMES`.

Prints the processor time of each warm parse in ms, that of a bundle's icon alone, the peak memory of the process in
MiB, and the MB that one parse reads. Parsing is bound by the processor; what else runs on the machine counts less so
than it would by the clock on the wall.
"""

import io
import json
import resource
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast

from seatrial.domain.buildinfo import BuildInfo
from seatrial.domain.errors import BuildFileInvalid
from seatrial.parsers import parse_file

if TYPE_CHECKING:
    from collections.abc import Sequence

    from seatrial.parsers.drawables import Drawables, Icon, Item


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


class _Icons:
    """Counts the time that the icons of bundles (AAB) take; most of it the drawing of vectors."""

    def __init__(self) -> None:
        self.milliseconds = 0.0

    def watch(self) -> None:
        """Stand between parsers and the search for icons; to be called before a parser takes it along by name."""
        from seatrial.parsers import drawables_icon

        self._find = drawables_icon.find_icon
        drawables_icon.find_icon = self._timed

    def _timed(self, source: "Drawables", wishes: "Sequence[Item]") -> "Icon":
        began = time.process_time()
        try:
            return self._find(source, wishes)
        finally:
            self.milliseconds += (time.process_time() - began) * 1000


def _peak() -> float:
    """Give the most memory of this process in MiB; `getrusage` would count what its parent had when it began."""
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM:"))
        return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main(path: Path, times: int) -> None:
    icons = _Icons()
    if path.suffix == ".aab":  # what it loads would count as memory of other formats
        icons.watch()
    samples, drawn = [], []
    read = 0
    for _ in range(times + 1):
        file = _Counted(path)
        icons.milliseconds = 0.0
        began = time.process_time()
        parse(cast("BinaryIO", file))
        samples.append((time.process_time() - began) * 1000)
        drawn.append(icons.milliseconds)
        read = file.bytes_read
    warm = {"ms": samples[1:], "icon": drawn[1:]}
    print(json.dumps({**warm, "cold": samples[0], "peak": _peak(), "read": read / 1e6}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
