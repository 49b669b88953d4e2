"""Sets of APKs that make one app: bundletool's `.apks`, and the `.xapk` and `.apkm` of stores.

Sources: `commands.proto` of bundletool for `toc.pb`; the stores' archives have no specification: they hold the base APK
and its splits side by side, a JSON document that is not believed here, and expansion files (OBB).

What the app is, its base APK says, so that this is the one module that calls another format's parser (`apk`). Inner
APKs are stored, not packed, and are read where they lie.
"""

from dataclasses import replace
from typing import BinaryIO

from seatrial.domain.buildinfo import BuildInfo, EmbeddedBundle, EmbeddedKind, Format
from seatrial.domain.errors import BuildFileInvalid, ProcessingCode
from seatrial.parsers.apk import parse_apk
from seatrial.parsers.apk_set_icon import find_icon_in_splits
from seatrial.parsers.apk_set_names import names_in_splits
from seatrial.parsers.apk_set_part import Part, find_base, named, read_parts
from seatrial.parsers.archive import Archive, shown
from seatrial.parsers.protobuf import Budget, Message
from seatrial.parsers.texts import MAX_TEXT, listed, told

TOC = "toc.pb"
MAX_TOC = 16 << 20
MAX_EMBEDDED = 500
MAX_LISTED = 1000
_MAX_FIELDS = 1_000_000

_ENCRYPTED_HEAD = 26
_MAX_KEY_MEMORY = 512 << 20
_MAX_CHUNK = 1 << 30


def parse_apk_set(file: BinaryIO, archive: Archive | None = None) -> BuildInfo:
    """Read a set from a seekable file; raise `BuildFileInvalid` where it is none or lacks its base APK.

    Everything but splits, architectures, names in other languages and sizes is what the base APK says. A split that
    cannot be read, or that belongs to another build, adds a warning. `sizes` has two categories more: `splits`, and
    `obb` for expansion files.
    """
    archive = archive or _open(file)
    warnings: list[str] = []
    parts = read_parts(file, archive, warnings)
    base = find_base(parts)
    info = parse_apk(base.file)
    own = [part for part in parts if part.package == base.package]
    splits = [part for part in own if part.split is not None]
    is_bundletool = archive.find(TOC) is not None
    warnings += _disagreements(base, info, parts)
    if not is_bundletool and len(own) - len(splits) > 1:
        warnings.append(f"The archive has several complete APKs of the app; it is described by “{shown(base.path)}”.")
    if len(splits) > MAX_EMBEDDED:
        warnings.append(f"The set has {len(splits):,} splits; {MAX_EMBEDDED} of them are listed.")
    info = _with_icon(info, base, splits)
    libraries = dict.fromkeys([*info.native_libraries, *(name for part in own for name in part.libraries)])
    return replace(
        info,
        format=Format.APKS if is_bundletool else Format.XAPK,
        localized_names=names_in_splits(base, splits) | info.localized_names,
        architectures=_architectures(info, own),
        native_libraries=listed(list(libraries)[: 2 * MAX_LISTED], MAX_LISTED),
        embedded=(*info.embedded, *map(_embedded, splits))[:MAX_EMBEDDED],
        sizes=_sizes(archive, info, base, parts),
        sdks=info.sdks | (_bundletool(archive, warnings) if is_bundletool else {}),
        warnings=(*archive.warnings, *_lasting(info, splits), *warnings),
    )


def is_encrypted(file: BinaryIO) -> bool:
    """Whether this is an encrypted `.apkm`, as one store wrote them before 2021.

    They have no magic number. Their head is a byte, the algorithm that makes a key of a password (1 or 2, as in
    libsodium), and, each in 64 bits, the effort and memory that it takes and the size of the encrypted pieces.
    """
    file.seek(0)
    head = file.read(_ENCRYPTED_HEAD)
    if len(head) < _ENCRYPTED_HEAD or head[1] not in {1, 2}:
        return False
    effort, memory, chunk = (int.from_bytes(head[at : at + 8], "little") for at in (2, 10, 18))
    return 0 < effort < 1000 and 8192 <= memory <= _MAX_KEY_MEMORY and 0 < chunk <= _MAX_CHUNK


def _open(file: BinaryIO) -> Archive:
    if is_encrypted(file):
        raise BuildFileInvalid(
            ProcessingCode.CORRUPT_ARCHIVE,
            "The file is an encrypted .apkm, which only the installer of its store opens. Download the app again as an"
            " .apkm of today, which is not encrypted, or export its APKs from a device.",
        )
    return Archive.open(file)


def _disagreements(base: Part, info: BuildInfo, parts: list[Part]) -> list[str]:
    """Find what keeps a device from installing the APKs together."""
    strangers = [part.path for part in parts if part.package != base.package]
    others = [part.path for part in parts if part.package == base.package and part.version_code != info.version_code]
    # A build of the same app for other devices may well have a version code of its own.
    splits = {part.path for part in parts if part.split is not None}
    signed_otherwise = [part.path for part in parts if part.path in splits and part.signers != base.signers]
    found = []
    if strangers:
        found.append(f"The set has APKs of other apps than {shown(base.package or '')}: {named(strangers)}.")
    if others:
        found.append(
            f"These APKs of the set have another version code than the base APK: {named(others)}."
            " Android refuses to install them together; export all parts of one build."
        )
    if signed_otherwise:
        found.append(
            f"These splits are not signed as the base APK is: {named(signed_otherwise)}."
            " Android refuses to install them together; sign all APKs with the same key."
        )
    return found


def _with_icon(info: BuildInfo, base: Part, splits: list[Part]) -> BuildInfo:
    """Look for the icon in the splits too, where the base alone has none or one that lacks parts."""
    if not splits or (info.icon_png is not None and not any(_is_about_icon(each) for each in info.warnings)):
        return info
    icon = find_icon_in_splits(base, splits)
    if icon.png is None or (icon.warning and info.icon_png is not None):
        return info
    kept = (warning for warning in info.warnings if not _is_about_icon(warning))
    return replace(
        info,
        icon_png=icon.png,
        icon_source=icon.path,
        android=info.android | ({"icon": icon.path} if icon.path else {}),
        warnings=(*kept, *filter(None, [icon.warning])),
    )


def _is_about_icon(warning: str) -> bool:
    return "icon" in warning.lower()


def _lasting(info: BuildInfo, splits: list[Part]) -> list[str]:
    """Leave out that the base needs splits, where they are here."""
    return [warning for warning in info.warnings if not (splits and "needs its split APKs" in warning)]


def _architectures(info: BuildInfo, own: list[Part]) -> tuple[str, ...]:
    found = frozenset(info.architectures).union(*(part.architectures for part in own))
    return listed(sorted(found)[: 2 * MAX_LISTED], MAX_LISTED)


def _embedded(part: Part) -> EmbeddedBundle:
    return EmbeddedBundle(
        kind=EmbeddedKind.SPLIT,
        path=told(part.path) or "",
        identifier=part.split,
        version_name=part.version_name,
        version_code=part.version_code,
    )


def _sizes(archive: Archive, info: BuildInfo, base: Part, parts: list[Part]) -> dict[str, int]:
    members = (archive.find(name) for name in archive.names() if name.lower().endswith(".obb"))
    more = {
        "splits": sum(part.size for part in parts if part.path != base.path),
        "obb": sum(member.compressed_size for member in members if member is not None),
    }
    return info.sizes | {category: size for category, size in more.items() if size}


def _bundletool(archive: Archive, warnings: list[str]) -> dict[str, str]:
    """Read the version of bundletool that `BuildApksResult` states."""
    try:
        tool = Message(archive.read(TOC, MAX_TOC), Budget(_MAX_FIELDS)).message(2)
        version = told(tool.text(2, MAX_TEXT)) if tool is not None else None
    except (ValueError, BuildFileInvalid) as problem:
        warnings.append(f"toc.pb cannot be read ({problem}).")
        version = None
    return {"bundletool": version} if version else {}
