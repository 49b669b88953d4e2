"""The APKs of a set, read where they lie in it: which app and build each belongs to, and who signed it."""

import io
import struct
from dataclasses import dataclass
from typing import BinaryIO
from weakref import WeakKeyDictionary

from seatrial.domain.errors import BuildFileInvalid, ProcessingCode
from seatrial.parsers import axml, limits
from seatrial.parsers.apk_signing_block import block_signers, signing_block
from seatrial.parsers.archive import Archive, Member, shown
from seatrial.parsers.jar_signature import jar_signers
from seatrial.parsers.texts import told
from seatrial.parsers.window import Window, at_hand

MAX_PARTS = 1000
MAX_NAMED = 3
"""Members named in one warning; the others are counted."""

_MANIFEST = "AndroidManifest.xml"
_VERSION_CODE = 0x0101021B
_VERSION_NAME = 0x0101021C
_VERSION_CODE_MAJOR = 0x01010576
_LOCAL_HEADER = 30  # APPNOTE.TXT, 4.3.7
_STORED = 0
_BROKEN = (struct.error, ValueError, IndexError, BuildFileInvalid)

# bundletool's folders; the set in `splits` is the one that devices of today get.
_FOLDERS = {"splits": 0, "": 1, "standalones": 2, "system": 3, "instant": 5}
_OTHER_FOLDER = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One APK of a set."""

    path: str
    file: BinaryIO
    """The APK as a file of its own."""
    size: int
    package: str | None
    split: str | None
    """The split's name; `None` for an APK that installs by itself or as the base."""
    version_name: str | None
    version_code: str | None
    architectures: frozenset[str]
    libraries: tuple[str, ...]
    signers: frozenset[bytes] | None
    """Certificates in DER, none where it is not signed; `None` where the signature cannot be read."""


_READ: WeakKeyDictionary[Archive, list[Part]] = WeakKeyDictionary()
"""The parts of archives that are in use: whoever verifies a set needs what was read for describing it."""


def read_parts(file: BinaryIO, archive: Archive, warnings: list[str]) -> list[Part]:
    """Read what every APK of a set says about itself; raise `BuildFileInvalid` where there is none to read.

    Asked again for the same archive it gives the same parts, without their warnings.
    """
    parts = _READ.get(archive)
    if parts is None:
        parts = _READ[archive] = _Reader(file, archive, warnings).read()
    return parts


def find_base(parts: list[Part]) -> Part:
    """Find the APK that describes the app: one without a split's name, of the app that most of the APKs belong to.

    Raise `BuildFileInvalid` where there are splits only.
    """
    counts: dict[str | None, int] = {}
    for part in parts:
        counts[part.package] = counts.get(part.package, 0) + 1
    whole = [part for part in parts if part.split is None and part.package]
    if not whole:
        raise BuildFileInvalid(
            ProcessingCode.MANIFEST_MISSING,
            f"The archive has splits of {shown(parts[0].package or 'an app')} but no base APK, without which they do"
            " not install. Export all APKs of the app together.",
        )
    return min(whole, key=lambda part: (-counts[part.package], _folder_rank(part.path), -part.size, part.path))


def named(paths: list[str]) -> str:
    """List members in a sentence."""
    listed = ", ".join(f"“{shown(path)}”" for path in paths[:MAX_NAMED])
    return listed if len(paths) <= MAX_NAMED else f"{listed} and {len(paths) - MAX_NAMED:,} more"


def _folder_rank(path: str) -> int:
    return _FOLDERS.get(path.rpartition("/")[0].rpartition("/")[2], _OTHER_FOLDER)


class _Reader:
    def __init__(self, file: BinaryIO, archive: Archive, warnings: list[str]) -> None:
        self.file = file
        self.archive = archive
        self.warnings = warnings
        # What all APKs together may take; splits are small, and a set of large ones is not.
        self.entries = limits.current().entries
        self.manifests = limits.current().manifest_bytes
        self.unpacked = limits.current().nested_bytes

    def read(self) -> list[Part]:
        members = self._members()
        parts: list[Part] = []
        broken: list[str] = []
        too_large: list[str] = []
        reason = ""
        for member in members[:MAX_PARTS]:
            try:
                window = self._open(member)
                if window is None:
                    too_large.append(member.name)
                    continue
                parts.append(self._part(member, window))
            except _BROKEN as problem:
                reason = reason or str(problem)  # the problem itself would keep the bytes that it met
                broken.append(member.name)
        if broken:
            self.warnings.append(f"These APKs of the set cannot be read: {named(broken)} ({reason}).")
        if too_large:
            most = limits.current().nested_bytes >> 20
            self.warnings.append(
                f"These APKs of the set are compressed, and unpack to more than {most} MiB, so that they were not"
                f" looked at: {named(too_large)}. Pack them without compression."
            )
        if len(members) > MAX_PARTS:
            self.warnings.append(f"The set has {len(members):,} APKs; {MAX_PARTS:,} of them were looked at.")
        if not parts:
            raise BuildFileInvalid(
                ProcessingCode.MANIFEST_MISSING,
                self.warnings[-1] if members else "The archive has no APK in it. Upload the app's APKs together.",
            )
        return parts

    def _members(self) -> list[Member]:
        """List the APKs; of compressed ones those first that have the name of no split."""
        names = [n for n in self.archive.names() if n.lower().endswith(".apk") and not n.startswith("__MACOSX/")]
        found = [member for name in names if (member := self.archive.find(name)) is not None]
        return sorted(found, key=lambda member: member.method != _STORED and _is_named_as_split(member.name))

    def _open(self, member: Member) -> BinaryIO | None:
        """Make a file of a member; `None` for a compressed one that takes too much memory."""
        if member.method == _STORED:
            self.file.seek(member.offset)
            header = self.file.read(_LOCAL_HEADER)
            if len(header) < _LOCAL_HEADER or header[:4] != b"PK\3\4":
                raise ValueError("the archive points at no file header")
            name, extra = struct.unpack_from("<2H", header, 26)
            return Window(self.file, member.offset + _LOCAL_HEADER + int(name) + int(extra), member.compressed_size)
        if member.size > self.unpacked:
            return None
        data = self.archive.read(member, self.unpacked)
        self.unpacked -= len(data)
        return io.BytesIO(data)

    def _part(self, member: Member, file: BinaryIO) -> Part:
        near = at_hand(file)  # sets have hundreds of small splits
        archive = Archive.open(near)
        names = list(archive.names())
        self.entries -= len(names)
        if self.entries < 0:
            raise ValueError("the APKs of the set have too many entries together")
        data = archive.read(_MANIFEST, self.manifests)
        self.manifests -= len(data)
        root = axml.parse(data)
        libraries = [name.split("/") for name in names if name.startswith("lib/") and name.endswith(".so")]
        return Part(
            path=member.name,
            file=file,
            size=member.size,
            package=_plain(root, "package"),
            split=_plain(root, "split"),
            version_name=_text(root.value(_VERSION_NAME)),
            version_code=_version_code(root),
            architectures=frozenset(parts[1] for parts in libraries if len(parts) == 3),
            libraries=tuple(dict.fromkeys(parts[2] for parts in libraries if len(parts) == 3)),
            signers=_signers(near, archive),
        )


def _is_named_as_split(name: str) -> bool:
    file_name = name.rpartition("/")[2]
    return file_name.startswith(("config.", "split_", "split.")) or ".config." in file_name


def _signers(file: BinaryIO, archive: Archive) -> frozenset[bytes] | None:
    """Find the certificates of the newest scheme, which is the one that devices compare."""
    try:
        block = signing_block(file, archive.central_directory_offset)
        for scheme in ("v3", "v2"):
            if block is not None and scheme in block.parts:
                return frozenset(signer.certificates[0] for signer in block_signers(scheme, block.parts[scheme]))
        return frozenset(signer.certificate for signer in jar_signers(archive))
    except _BROKEN:
        return None


def _version_code(root: axml.Element) -> str | None:
    minor, major = root.value(_VERSION_CODE), root.value(_VERSION_CODE_MAJOR)
    if minor is None or minor.value.number is None:
        return None
    return str(((major.value.number if major else None) or 0) << 32 | minor.value.number)


def _plain(root: axml.Element, name: str) -> str | None:
    return _text(root.plain(name))


def _text(typed: axml.Typed | None) -> str | None:
    if typed is None or typed.value.reference is not None:
        return None
    return told(typed.text) if typed.value.number is None else str(typed.value.number)
