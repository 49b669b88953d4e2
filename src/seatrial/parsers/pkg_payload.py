"""The app that an installer's payload brings: its Info.plist, its icon files and the heads of its executables.

A payload has no directory and is read as a stream, from its start and only as far as needed or allowed. Folders come
before files there, so that icons and executables are kept until the app's Info.plist tells which of them are meant.
"""

import re
from collections.abc import Iterable, Iterator

from seatrial.domain.errors import BuildFileInvalid, ProcessingCode
from seatrial.parsers.archive import Member, shown
from seatrial.parsers.cpio import CpioInvalid, CpioStream
from seatrial.parsers.limits import current
from seatrial.parsers.unpacking import PackedDataInvalid, unpacked

MAX_KEPT = 16 << 20
"""Bytes kept of one payload, all files together."""
MAX_FILES = 60
HEAD = 128 << 10
"""Bytes kept of an executable: they name its processors."""
MAX_NAME = 1_000

# An app that is in no other bundle, and what of it is kept.
_PART = re.compile(
    r"(?:\./)?((?:(?![^/]+\.(?:app|framework|bundle|plugin|appex|xpc)/)[^/]+/)*+[^/]+\.app/)"
    r"Contents/(Info\.plist|MacOS/[^/]+|Resources/[^/]+\.icns|embedded\.provisionprofile|_CodeSignature/CodeResources)"
)


class PayloadApp:
    """The kept files of one app, by name; a `Tree` for the readers of bundles."""

    def __init__(self, folder: str) -> None:
        self.folder = folder
        """Where the app is in the payload, with a `/` at its end."""
        self._files: dict[str, bytes] = {}

    def keep(self, name: str, data: bytes) -> None:
        """Add a file, or the beginning of one."""
        self._files[name] = data

    def names(self) -> Iterable[str]:
        """Give the names of the kept files."""
        return self._files.keys()

    def find(self, name: str) -> Member | None:
        """Look up a kept file by its exact name."""
        data = self._files.get(name)
        return None if data is None else Member(name, len(data), len(data), 0, 0, 0, 0)

    def read(self, member: str | Member, limit: int) -> bytes:
        """Give the kept bytes of a file."""
        name = member if isinstance(member, str) else member.name
        data = self._files.get(name)
        if data is None or len(data) > limit:
            raise BuildFileInvalid(ProcessingCode.CORRUPT_ARCHIVE, f"“{shown(name)}” cannot be read.")
        return data

    def stream(self, member: Member) -> Iterator[bytes]:
        """Give the kept bytes of a file in one piece."""
        yield self.read(member, MAX_KEPT)


class PayloadUnreadable(Exception):
    """A payload that is damaged, or longer than what is searched, before an app was found in it."""


def find_app(pieces: Iterable[bytes], limit: int, *, icon: bool = True) -> PayloadApp | None:
    """Find the first app with an Info.plist in at most `limit` unpacked bytes of a payload.

    `icon` says whether to read on for an icon where none came before Info.plist.
    """
    apps: dict[str, PayloadApp] = {}
    found: PayloadApp | None = None
    try:
        for app, part in _kept(CpioStream(unpacked(pieces)), apps, limit):
            if part == "Info.plist" and found is None:
                found = app
            if found is not None and (not icon or _has_icon(found)):
                break
            if found is not None and app is not found:
                break
    except (CpioInvalid, PackedDataInvalid, PayloadUnreadable) as problem:
        if found is None:
            raise PayloadUnreadable(str(problem)) from None
    return found


def _has_icon(app: PayloadApp) -> bool:
    return any(name.endswith(".icns") for name in app.names())


def _kept(archive: CpioStream, apps: dict[str, PayloadApp], limit: int) -> Iterator[tuple[PayloadApp, str]]:
    """Walk over the payload and keep the files that matter; give each app with the part that has come."""
    left, files = MAX_KEPT, 0
    for entry in archive.entries():
        if archive.position > limit or files >= MAX_FILES:
            raise PayloadUnreadable(f"no more than {limit >> 20} MiB of it are searched")
        part = _PART.fullmatch(entry.name) if entry.regular and len(entry.name) <= MAX_NAME else None
        if part is None:
            continue
        app = apps.setdefault(part[1], PayloadApp(part[1]))
        wanted = min(entry.size, HEAD) if part[2].startswith("MacOS/") else entry.size
        if wanted > min(left, current().plist_bytes):
            continue
        data = bytearray()
        for piece in archive.content():
            data += piece
            if len(data) >= wanted:
                break
        left -= wanted
        files += 1
        app.keep(entry.name.removeprefix("./"), bytes(data[:wanted]))
        yield app, part[2]
