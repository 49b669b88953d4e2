"""Debian packages: an `ar` archive of `debian-binary`, `control.tar` and `data.tar`, the latter two packed.

Format: deb(5) and deb-control(5) of dpkg; signatures: debsigs(1) and dpkg-sig, members whose name starts with `_gpg`.
"""

import re
from collections.abc import Iterator
from typing import BinaryIO

from seatrial.domain.buildinfo import BuildInfo, Format, Os, Signing, SigningKind
from seatrial.domain.errors import BuildFileInvalid, ProcessingCode
from seatrial.parsers import ar, limits
from seatrial.parsers.archive import Archive, corrupt, shown
from seatrial.parsers.desktop_icons import MAX_SEARCHED, IconSearch, is_entry
from seatrial.parsers.packed_stream import StreamTooLong, opened
from seatrial.parsers.tarball import entries
from seatrial.parsers.texts import told
from seatrial.parsers.unpacking import PackedDataInvalid, Puller
from seatrial.parsers.window import Window

MAX_CONTROL = 1 << 20
MAX_SUMS = 8 << 20

# Packed bytes of a data.tar that is searched for an icon, by method: each takes some 50 ms at most to unpack.
_SEARCHED = {"": 32 << 20, "gz": 8 << 20, "zst": 16 << 20, "xz": 2 << 20, "lzma": 2 << 20, "bz2": 1 << 20}
_FIELD = re.compile(r"([!-9;-~]+):[ \t]*(.*)")
_SIGNATURE = re.compile(r"_gpg[a-z0-9]+")


def parse_deb(file: BinaryIO, _archive: Archive | None = None) -> BuildInfo:
    """Read a package; raise `BuildFileInvalid` when its control file is missing, unreadable or says too little."""
    parts = ar.members(file)
    warnings: list[str] = []
    fields, installs_app = _control(file, parts)
    package, version = told(fields.get("package")), told(fields.get("version"))
    if package is None or version is None:
        raise BuildFileInvalid(
            ProcessingCode.MANIFEST_INVALID,
            "The package's control file names no Package or no Version; build the package with dpkg-deb.",
        )
    architecture = told(fields.get("architecture"))
    if architecture is None:
        warnings.append("The package's control file names no Architecture; dpkg refuses to install it.")
    icon = _icon(file, parts, package, warnings) if installs_app else None
    signatures = [part.name for part in parts if _SIGNATURE.fullmatch(part.name)]
    return BuildInfo(
        format=Format.DEB,
        os=Os.LINUX,
        identifier=package,
        display_name=package,
        version_name=version,
        architectures=(architecture,) if architecture else (),
        icon_png=icon[0] if icon else None,
        icon_source=icon[1] if icon else None,
        signing=Signing(
            kind=SigningKind.SIGNED if signatures else SigningKind.UNSIGNED, schemes=("debsigs",) if signatures else ()
        ),
        warnings=tuple(warnings),
    )


def _control(file: BinaryIO, parts: list[ar.Piece]) -> tuple[dict[str, str], bool]:
    """Read the control file; tell whether the package may install a desktop app, too."""
    if not parts or parts[0].name != "debian-binary":
        raise corrupt("The package does not start with the member debian-binary; upload it again.")
    file.seek(parts[0].offset)
    if not file.read(min(parts[0].size, 16)).startswith(b"2."):
        raise BuildFileInvalid(
            ProcessingCode.MANIFEST_INVALID, "The package is not of Debian's format 2; build it with dpkg-deb."
        )
    stream = _opened(file, parts, "control.tar", limits.current().manifest_bytes)
    if stream is None:
        raise BuildFileInvalid(
            ProcessingCode.MANIFEST_MISSING, "The package has no control.tar that can be read; build it with dpkg-deb."
        )
    try:
        control, sums = _control_files(stream)
    except StreamTooLong:
        raise _bomb("control.tar", limits.current().manifest_bytes) from None
    except PackedDataInvalid as problem:
        raise corrupt(f"The package's control.tar cannot be read: {shown(str(problem))}.") from None
    if control is None:
        raise BuildFileInvalid(
            ProcessingCode.MANIFEST_MISSING, "The package's control.tar has no control file; build it with dpkg-deb."
        )
    # The list of checksums names all files; without one, nobody knows before looking.
    return _fields(control), sums is None or any(is_entry(path) for path in _paths(sums))


def _control_files(stream: Puller) -> tuple[bytes | None, bytes | None]:
    found: dict[str, bytes] = {}
    for entry in entries(stream):
        name = entry.name.removeprefix("./")
        most = {"control": MAX_CONTROL, "md5sums": MAX_SUMS}.get(name)
        if most is None or not entry.is_file:
            continue
        if name in found:
            raise corrupt(f"The package's control.tar has two files named “{name}”; it is refused.")
        if entry.size > most:
            if name == "control":
                raise _bomb("control", most)
            continue
        found[name] = stream.read(entry.size)
        if len(found[name]) < entry.size:
            raise PackedDataInvalid("it ends inside a file")
    return found.get("control"), found.get("md5sums")


def _bomb(name: str, most: int) -> BuildFileInvalid:
    return BuildFileInvalid(
        ProcessingCode.ARCHIVE_BOMB, f"The package's “{name}” unpacks to more than the {most:,} bytes allowed for it."
    )


def _opened(file: BinaryIO, parts: list[ar.Piece], name: str, limit: int) -> Puller | None:
    for part in parts:
        if part.name == name or part.name.startswith(name + "."):
            return opened(Window(file, part.offset, part.size), part.name[len(name) + 1 :], limit)
    return None


def _fields(control: bytes) -> dict[str, str]:
    """Read the first paragraph: names are not case-sensitive, values may go on in lines that start with a blank."""
    fields: dict[str, str] = {}
    for line in control.decode("utf-8", "replace").split("\n"):
        if not line.strip() and fields:
            break
        found = _FIELD.fullmatch(line.rstrip("\r"))
        if found:
            fields.setdefault(found[1].lower(), found[2])
    return fields


def _paths(sums: bytes) -> Iterator[str]:
    """Give the paths of a list of checksums: `<32 hex digits>  usr/bin/x`."""
    return (line[34:].decode("utf-8", "replace") for line in sums.split(b"\n"))


def _icon(file: BinaryIO, parts: list[ar.Piece], package: str, warnings: list[str]) -> tuple[bytes, str] | None:
    """Search a small data.tar for the icon; a large one has none for us, as it could only be read from its start."""
    part = next((one for one in parts if one.name == "data.tar" or one.name.startswith("data.tar.")), None)
    if part is None or part.size > _SEARCHED.get(part.name[9:], 0):
        return None
    stream = _opened(file, parts, "data.tar", min(MAX_SEARCHED, limits.current().payload_bytes))
    search = IconSearch()
    try:
        for entry in entries(stream) if stream else ():
            if entry.is_file and stream and search.wants(entry.name, entry.size):
                search.take(entry.name, stream.read(entry.size))
    except StreamTooLong:
        warnings.append("The package's contents are too large to be searched for more icons.")
    except PackedDataInvalid as problem:
        warnings.append(f"The package's data.tar is damaged: {shown(str(problem))}; dpkg cannot install it.")
    return search.best(package, warnings)
