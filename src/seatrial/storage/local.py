"""Blobs in a folder of this machine.

A blob is written beside its place as `{file id}.part` and renamed when it is whole, so a reader sees all of it or
nothing, and `delete` finds what a killed process left. Commit is: fsync of the file, rename, fsync of its folder and of
every folder above it up to the root: a rename is durable when the folder is, and a folder when the one above it is.
All steps go through descriptors of folders opened without following links, so that no link planted inside the root
leads out of it.
"""

import contextlib
import errno
import os
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

import structlog

from seatrial.domain.build import StorageProvider
from seatrial.domain.errors import InsufficientStorage
from seatrial.domain.place import LOCAL_ID
from seatrial.storage import FoundBlob, StoredBlob, keys
from seatrial.storage.disk import TURNS, begin_write_back, free_above, make_durably, whole_disk
from seatrial.storage.fingerprint import Fingerprint
from seatrial.storage.portion import portion

SMALL_BYTES = 64 << 10
"""Smaller pieces are copied together."""
WRITE_BACK_BYTES = 16 << 20
"""How much is written before the kernel is asked to begin putting it on the disk; makes the last fsync short."""
MARK_BYTES = 64 << 20
"""How much is written between two looks at the reserve."""

log = structlog.get_logger()

FILE_MODE = 0o640
FOLDER_MODE = 0o750
"""Nobody else reads builds; a web server that sends files for us is put into our group."""

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_OLD_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC
_NEW_FILE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


class LocalBlobStore:
    """A folder of blobs; `reserve` is the bytes of its disk that are not ours to fill."""

    provider = StorageProvider(id=LOCAL_ID, name="local", region="local", bucket="local")

    def __init__(self, root: Path, reserve: int | None = None) -> None:
        self._root = root.resolve()
        make_durably(self._root, FOLDER_MODE)
        self._reserve = reserve
        self._writers = 0
        self._counting = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Nothing is held open between calls."""

    def writer(self, key: str) -> "LocalBlobWriter":
        """Begin to write a key that does not exist yet.

        Raises FileExistsError, InsufficientStorage when the disk is full up to the reserve, ServiceUnavailable when it
        takes nothing.
        """
        if self.free_bytes() <= 0:
            raise InsufficientStorage
        *folders, name = keys.check(key).split("/")
        with whole_disk():
            # `delete` may remove a folder as empty between the moment it is made and the moment a file is in it.
            for _ in range(100):
                with contextlib.suppress(FileNotFoundError):
                    return self._begin(key, folders, name)
        raise FileNotFoundError(key)

    def link(self, key: str, path: Path) -> bool:
        """Give a durable file a key as well, durably; False where the system cannot.

        Raises FileExistsError.
        """
        *folders, name = keys.check(key).split("/")
        with _descend(self._root, folders, make=True) as chain:
            try:
                os.link(path, name, dst_dir_fd=chain[-1], follow_symlinks=False)
            except FileExistsError:
                raise
            except OSError:
                return False  # another disk, or one without links
            with whole_disk():
                for folder in reversed(chain):
                    os.fsync(folder)
        return True

    def open(self, key: str) -> BinaryIO:
        """Open a blob for seekable reading.

        Raises FileNotFoundError.
        """
        *folders, name = keys.check(key).split("/")
        try:
            with _descend(self._root, folders) as chain:
                return os.fdopen(os.open(name, _OLD_FILE, dir_fd=chain[-1]), "rb")
        except (NotADirectoryError, IsADirectoryError) as error:
            raise FileNotFoundError(errno.ENOENT, "no blob has this key", key) from error

    def local_path(self, key: str) -> AbstractContextManager[Path]:
        """Give the path of the blob itself.

        Raises FileNotFoundError.
        """
        return contextlib.nullcontext(self.path(key))

    def path(self, key: str) -> Path:
        """Give the path of the blob itself.

        Raises FileNotFoundError.
        """
        self.open(key).close()
        return self._root / key

    def signed_link(self, key: str, seconds: int, disposition: str, mimetype: str) -> None:  # noqa: ARG002  # it has none
        """Give none: links to a disk are the server's own."""
        keys.check(key)

    def delete(self, key: str) -> None:
        """Remove a blob and whatever an unfinished writer left under its key; a missing key is fine.

        Folders that become empty go too.
        """
        *folders, name = keys.check(key).split("/")
        with contextlib.suppress(FileNotFoundError, NotADirectoryError), _descend(self._root, folders) as chain:
            for each in (name, _unfinished(name)):
                with contextlib.suppress(FileNotFoundError, IsADirectoryError):
                    os.unlink(each, dir_fd=chain[-1])
            survivor = len(folders)
            with contextlib.suppress(OSError):  # not empty, or gone already
                while survivor:
                    os.rmdir(folders[survivor - 1], dir_fd=chain[survivor - 1])
                    survivor -= 1
            os.fsync(chain[survivor])

    def walk(self) -> Iterator[FoundBlob]:
        """Give every file; what a person put there, under a name that is no key, is not given."""
        for folder, _, names in os.walk(self._root):
            for name in names:
                path = Path(folder) / name
                key = str(path.relative_to(self._root))
                is_whole = not key.endswith(_unfinished(""))
                key = key.removesuffix(_unfinished(""))
                if keys.SAFE_KEY.fullmatch(key):
                    with contextlib.suppress(FileNotFoundError):
                        about = path.stat(follow_symlinks=False)
                        yield FoundBlob(key, about.st_size, about.st_mtime, is_whole)

    def free_bytes(self) -> int:
        """Tell how much fits above the reserve; negative when the reserve is being eaten."""
        return free_above(self._root, self._reserve)

    def ping(self) -> None:
        """Look whether the folder is there.

        Raises OSError.
        """
        self.free_bytes()

    def count(self, by: int) -> None:
        """Note that a writer began, or that one ended."""
        with self._counting:
            self._writers += by

    @property
    def writers(self) -> int:
        """How many writers are under way."""
        return self._writers

    def _begin(self, key: str, folders: list[str], name: str) -> "LocalBlobWriter":
        with _descend(self._root, folders, make=True) as chain:
            folder = chain[-1]
            file = os.open(_unfinished(name), _NEW_FILE, FILE_MODE, dir_fd=folder)
            try:
                # After the temporary file is ours, so that two writers cannot both find the place empty.
                _refuse_existing(name, folder)
                writer = LocalBlobWriter(key, file, [os.dup(each) for each in reversed(chain)], self)
            except BaseException:
                os.close(file)
                os.unlink(_unfinished(name), dir_fd=folder)
                raise
        self.count(1)
        return writer


class LocalBlobWriter:
    """A file that is not whole yet; `folders` are descriptors from its own folder up to the root."""

    def __init__(self, key: str, file: int, folders: list[int], store: LocalBlobStore) -> None:
        self.key = key
        self.size = 0
        self._name = key.rpartition("/")[2]
        self._file = file
        self._folders = folders
        self._store = store
        self._fingerprint = Fingerprint()
        self._pending: list[bytes | bytearray] = []
        self._written = 0
        self._marked = 0
        self._flushed = 0
        self._closed = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Add bytes.

        Raises InsufficientStorage when the disk is full up to the reserve, ServiceUnavailable when it takes nothing,
        ValueError after the end.
        """
        if self._closed:
            raise ValueError("write after commit or cancel")
        self.size += len(data)
        if isinstance(data, bytes) and len(data) >= SMALL_BYTES:
            self._pending.append(data)  # as it came: a copy would buy nothing
        elif self._pending and isinstance(self._pending[-1], bytearray):
            self._pending[-1] += data
        else:
            self._pending.append(bytearray(data))
        if self.size - self._written >= portion(self._store.writers):
            self._put_pending()

    def commit(self) -> StoredBlob:
        """Make the bytes durable, then visible under the key. Whatever fails, nothing is left behind.

        Raises InsufficientStorage, ServiceUnavailable, ValueError after a commit or cancel, FileNotFoundError where the
        key was deleted meanwhile.
        """
        if self._closed:
            raise ValueError("commit after commit or cancel")
        try:
            self._put_pending()
            with whole_disk():
                os.fsync(self._file)
                own = self._folders[0]
                os.rename(_unfinished(self._name), self._name, src_dir_fd=own, dst_dir_fd=own)
        except BaseException:
            self.cancel()
            raise
        try:
            with whole_disk():
                for folder in self._folders:
                    os.fsync(folder)
        except BaseException:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(self._name, dir_fd=self._folders[0])
            raise
        finally:
            self._close()
        return self._fingerprint.blob(self.key)

    def cancel(self) -> None:
        """Leave nothing behind. Does nothing after a commit or a second time."""
        if self._closed:
            return
        # What a disk does not let go now has a row as a loose blob, and goes when it does.
        with contextlib.suppress(OSError):
            os.unlink(_unfinished(self._name), dir_fd=self._folders[0])
        self._remove_empty_folders()
        self._close()

    def _put_pending(self) -> None:
        pending, self._pending = self._pending, []
        with TURNS:
            with whole_disk():
                _write_all(self._file, pending)
            for piece in pending:
                self._fingerprint.update(piece)
                self._written += len(piece)
        if self._written - self._flushed >= WRITE_BACK_BYTES:
            begin_write_back(self._file, self._flushed, self._written - self._flushed)
            self._flushed = self._written
        if self._written - self._marked >= MARK_BYTES:
            self._marked = self._written
            if self._store.free_bytes() <= 0:
                raise InsufficientStorage

    def _remove_empty_folders(self) -> None:
        with contextlib.suppress(OSError):  # not empty, or gone already
            for name, above in zip(reversed(self.key.split("/")[:-1]), self._folders[1:], strict=True):
                os.rmdir(name, dir_fd=above)

    def _close(self) -> None:
        self._closed = True
        self._pending = []
        self._store.count(-1)
        for descriptor in (self._file, *self._folders):
            os.close(descriptor)


def _write_all(file: int, pieces: list[bytes | bytearray]) -> None:
    """Write pieces in one call where the system takes them all; they are fewer than its limit of 1024."""
    written = os.writev(file, pieces) if pieces else 0
    for piece in pieces:
        rest = memoryview(piece)[written:]
        written = max(0, written - len(piece))
        while rest:
            rest = rest[os.write(file, rest) :]


def _unfinished(name: str) -> str:
    return f"{name}.part"  # a dot is in no key


@contextlib.contextmanager
def _descend(root: Path, folders: list[str], *, make: bool = False) -> Iterator[list[int]]:
    """Open the root and the folders below it one by one, following no link."""
    with contextlib.ExitStack() as stack:
        chain: list[int] = []

        def enter(name: str | Path, above: int | None) -> None:
            descriptor = os.open(name, _FOLDER, dir_fd=above)
            stack.callback(os.close, descriptor)
            chain.append(descriptor)

        enter(root, None)
        for folder in folders:
            if make:
                with contextlib.suppress(FileExistsError):
                    os.mkdir(folder, FOLDER_MODE, dir_fd=chain[-1])
            enter(folder, chain[-1])
        yield chain


def _refuse_existing(name: str, folder: int) -> None:
    with contextlib.suppress(FileNotFoundError):
        os.stat(name, dir_fd=folder, follow_symlinks=False)
        raise FileExistsError(errno.EEXIST, "a blob is written once", name)
