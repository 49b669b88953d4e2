"""A folder of a volume as a tree of files by name, for the readers of bundles."""

from collections import deque
from collections.abc import Iterable, Iterator

from seatrial.domain.errors import BuildFileInvalid, ProcessingCode
from seatrial.parsers import limits
from seatrial.parsers.archive import Member, shown
from seatrial.parsers.disk import DiskUnreadable, Node, Volume

MAX_DEPTH = 60
MAX_NAME = 4_096
MAX_FILES = 50_000
"""Files and folders of one app that are looked at, where the limit on entries is not lower."""
MAX_STREAMED = 1 << 30
"""Bytes read of one app's files, all together; a hole in a file may be of any length."""
MAX_SIZE = 1 << 44
"""What larger sizes are taken for, so that sums of them stay numbers that can be stored."""


class VolumeTree:
    """The files below one folder; it is walked over at the first question, files of higher folders first."""

    def __init__(self, volume: Volume, folder: Node, prefix: str) -> None:
        self._volume, self._folder, self._prefix = volume, folder, prefix
        self._nodes: dict[str, tuple[Member, Node]] | None = None
        self._left = MAX_STREAMED
        self.incomplete = False
        """Whether there are more files than the limit on entries lets in, or a damaged folder."""

    def names(self) -> Iterable[str]:
        """Give the names of the files."""
        return self._files().keys()

    def find(self, name: str) -> Member | None:
        """Look a file up by its exact name."""
        found = self._files().get(name)
        return found[0] if found else None

    def read(self, member: str | Member, limit: int) -> bytes:
        """Give all bytes of a file of at most `limit` bytes; raise `BuildFileInvalid`."""
        found = self.find(member) if isinstance(member, str) else member
        if found is None:
            raise _corrupt(str(member), "it is not there")
        data = bytearray()
        for piece in self.stream(found):
            data += piece
            if len(data) > limit:
                raise BuildFileInvalid(
                    ProcessingCode.ARCHIVE_BOMB,
                    f"“{shown(found.name)}” has more than the {limit:,} bytes allowed for it.",
                )
        return bytes(data)

    def stream(self, member: Member) -> Iterator[bytes]:
        """Give the bytes of a file in pieces; raise `BuildFileInvalid` for damage."""
        found = self._files().get(member.name)
        if found is None:
            raise _corrupt(member.name, "it is not there")
        try:
            for piece in self._volume.stream(found[1]):
                self._left -= len(piece)
                if self._left < 0:
                    raise _corrupt(member.name, "the app's files are too large")
                yield piece
        except DiskUnreadable as problem:
            raise _corrupt(member.name, str(problem)) from None

    def _files(self) -> dict[str, tuple[Member, Node]]:
        if self._nodes is None:
            self._nodes = dict(self._walk())
        return self._nodes

    def _walk(self) -> Iterator[tuple[str, tuple[Member, Node]]]:
        left = min(limits.current().entries, MAX_FILES)
        folders = deque([(self._prefix, self._folder, 0)])
        seen = {self._folder.key}
        while folders:
            path, folder, depth = folders.popleft()
            try:
                for node in self._volume.children(folder):
                    left -= 1
                    name = path + node.name
                    if left < 0 or len(name) > MAX_NAME:
                        self.incomplete = True
                        return
                    if not node.folder:
                        size, packed_size = min(node.size, MAX_SIZE), min(node.packed_size, MAX_SIZE)
                        yield name, (Member(name, size, packed_size, 0, 0, 0, 0), node)
                    elif depth < MAX_DEPTH and node.key not in seen:  # a damaged volume may go round in circles
                        seen.add(node.key)
                        folders.append((name + "/", node, depth + 1))
            except DiskUnreadable:
                self.incomplete = True


def _corrupt(name: str, reason: str) -> BuildFileInvalid:
    return BuildFileInvalid(ProcessingCode.CORRUPT_ARCHIVE, f"“{shown(name)}” cannot be read: {reason}.")
