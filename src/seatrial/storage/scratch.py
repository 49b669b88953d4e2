"""Copies of distant blobs on this machine, for programs that want a path."""

import contextlib
import fcntl
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO

from seatrial.domain.errors import InsufficientStorage

LEFT_FREE = 256 << 20
"""Bytes of the disk that a copy does not touch."""


class Scratch:
    """A folder of copies; each is there while its block runs, and one whose process died is removed by the next."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @contextlib.contextmanager
    def copy(self, pieces: Iterable[bytes | memoryview], size: int) -> Iterator[Path]:
        """Write pieces of so many bytes into a file for as long as the block runs.

        Raises InsufficientStorage before the first piece is asked for, and whatever the pieces raise.
        """
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._sweep()
        if shutil.disk_usage(self._folder).free - LEFT_FREE < size:
            raise InsufficientStorage
        with self._held() as file:
            for piece in pieces:
                file.write(piece)
            file.flush()
            yield Path(file.name)

    @contextlib.contextmanager
    def _held(self) -> Iterator[IO[bytes]]:
        while True:
            with tempfile.NamedTemporaryFile(dir=self._folder, suffix=".copy") as file:
                # Held until the end: so it can be told from one that a dead process has left.
                fcntl.flock(file, fcntl.LOCK_EX)
                if Path(file.name).exists():  # nobody swept it between its making and our hold
                    yield file
                    return

    def _sweep(self) -> None:
        for path in self._folder.glob("*.copy"):
            with contextlib.suppress(OSError), path.open("rb") as file:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                path.unlink()
