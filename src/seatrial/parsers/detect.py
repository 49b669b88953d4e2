"""Which format a file has, by its content alone.

A format is told by bytes at the place where its specification puts them; ZIP-based ones by what their directory
lists. A few magic bytes prove little for formats that are read no further, so that more than the magic is looked
at where it is cheap.
"""

import re
from collections.abc import Callable
from typing import BinaryIO, NamedTuple

from seatrial.domain.buildinfo import Format
from seatrial.domain.errors import BuildFileInvalid
from seatrial.parsers.archive import Archive

_HEAD = 4096
_KOLY = 512
"""Length of the trailer of a disk image (UDIF)."""

_END_RECORD = 22
"""Length of the record that ends a ZIP archive without a comment."""

_LOCAL_HEADER, _EMPTY_ZIP = b"PK\3\4", b"PK\5\6"


class Recognised(NamedTuple):
    """A format, and the directory of a file that is a ZIP archive, so that its parser need not read it again."""

    format: Format
    archive: Archive | None = None


def detect(file: BinaryIO) -> Format | None:
    """Give the format alone; see `recognise`."""
    found = recognise(file)
    return found.format if found else None


def recognise(file: BinaryIO) -> Recognised | None:
    """Recognise a seekable file; `None` for bytes of no known format.

    Raise `BuildFileInvalid` for a file that starts as a ZIP archive and cannot be read as one.
    """
    size = file.seek(0, 2)
    file.seek(0)
    head = file.read(_HEAD)
    if head.startswith((_LOCAL_HEADER, _EMPTY_ZIP)):
        archive = Archive.open(file)
        return Recognised(_in_archive(archive), archive)
    for look in _BY_HEAD:
        found = look(head)
        if found is not None:
            return Recognised(found)
    if _is_app_image(file, head):
        return Recognised(Format.APPIMAGE)
    if _is_disk_image(file, head, size) or _is_bare_disk(head):
        return Recognised(Format.DMG)
    return _behind_junk(file)


def _executable(head: bytes) -> Format | None:
    """DOS header (`MZ`); the programs for Windows behind it are PE, NE and LE."""
    return Format.EXE if head.startswith(b"MZ") and len(head) >= 64 else None


def _package(head: bytes) -> Format | None:
    found: Format | None = None
    if head.startswith(b"xar!") and len(head) >= 28:
        found = Format.PKG
    elif head.startswith(b"!<arch>\ndebian-binary"):
        found = Format.DEB
    elif head.startswith(b"\xed\xab\xee\xdb") and len(head) >= 96:  # the lead of an rpm
        found = Format.RPM
    elif head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):  # compound file, as in [MS-CFB] 2.2
        found = Format.MSI
    elif head.startswith(b"\x1f\x8b\x08"):  # RFC 1952
        found = Format.TAR_GZ
    return found


_BY_HEAD: tuple[Callable[[bytes], Format | None], ...] = (_package, _executable)


def _is_app_image(file: BinaryIO, head: bytes) -> bool:
    """An ELF file with `AI` and the type at offset 8; early tools left that out, but not the ISO 9660 image."""
    if not head.startswith(b"\x7fELF"):
        return False
    if head[8:11] in {b"AI\x01", b"AI\x02"}:
        return True
    file.seek(16 * 2048)  # ECMA-119, 6.2.1 and 8.1: the first volume descriptor is in sector 16
    return file.read(6)[1:] == b"CD001"


def _is_disk_image(file: BinaryIO, head: bytes, size: int) -> bool:
    """A UDIF trailer at the end, or at the start in old images; or an encrypted image of either version."""
    if head.startswith((b"koly", b"encrcdsa")):
        return True
    if size < _KOLY:
        return False
    file.seek(size - _KOLY)
    trailer = file.read(_KOLY)
    return trailer.startswith(b"koly\0\0\0\4") or trailer.endswith(b"cdsaencr")


def _is_bare_disk(head: bytes) -> bool:
    """A disk without the trailer of an image; asked for last, because its readers take time to load."""
    from seatrial.parsers.partitions import is_disk

    return is_disk(head)


def _behind_junk(file: BinaryIO) -> Recognised | None:
    """Look for an archive behind leading junk, as tampered packages have it."""
    try:
        archive = Archive.open(file)
    except BuildFileInvalid:
        file.seek(max(0, file.seek(0, 2) - _END_RECORD))
        if _EMPTY_ZIP in file.read(_END_RECORD):
            raise  # its end says that it was an archive
        return None
    return Recognised(_in_archive(archive), archive) if any(True for _ in archive.names()) else None


_APP = re.compile(r"(?!__MACOSX/)(?:[^/]+/)?Payload/([^/]+\.app/|$)")
_MAC_APP = re.compile(r"(?!__MACOSX/)[^/]+\.app/Contents/Info\.plist")
_HARMONY_MODULE = re.compile(r"[^/]+\.(?:hap|hsp)")
_SPLIT = re.compile(r"[^/]+\.apk")
_ANDROID_CODE = ("classes.dex", "resources.arsc")
_NO_APK = ("classes.jar", "mapping.txt")
_XAPK_MANIFESTS = ("manifest.json", "info.json")
_APPX_MANIFESTS = ("AppxManifest.xml", "AppxMetadata/AppxBundleManifest.xml")


def _in_archive(archive: Archive) -> Format:
    """Tell what an archive is for; the more telling names are asked for first."""
    for marks, found in (
        (("BundleConfig.pb", "base/manifest/AndroidManifest.xml"), Format.AAB),
        (_APPX_MANIFESTS, Format.MSIX),
    ):
        if any(archive.find(mark) for mark in marks):
            return found
    if _is_apk(archive):
        return Format.APK
    names = list(archive.names())
    if _is_hap(archive, names):
        return Format.HAP
    if any(_APP.match(name) for name in names):
        return Format.IPA
    if any(_MAC_APP.fullmatch(name) for name in names):
        return Format.MAC_APP_ZIP
    return _apk_set(archive, names)


def _is_apk(archive: Archive) -> bool:
    """Code or a manifest at the top; libraries (aar) and archives of mapping files have a manifest too."""
    if any(archive.find(name) for name in _ANDROID_CODE):
        return True
    if any(archive.find(name) for name in _NO_APK):
        return False
    # A folder entry with the manifest's name hides it from some tools, not from Android.
    return any(archive.find(name) for name in ("AndroidManifest.xml", "AndroidManifest.xml/"))


def _is_hap(archive: Archive, names: list[str]) -> bool:
    """A HarmonyOS module: stage model (module.json) or the older one (config.json); or a pack of modules."""
    if archive.find("pack.info") and any(_HARMONY_MODULE.fullmatch(name) for name in names):
        return True
    if not (archive.find("module.json") or archive.find("config.json")):
        return False
    return any(n in {"pack.info", "resources.index"} or n.startswith(("ets/", "assets/entry/")) for n in names)


def _apk_set(archive: Archive, names: list[str]) -> Format:
    """Tell bundletool's sets (toc.pb) and stores' sets (apks at the top) from any other archive."""
    if archive.find("toc.pb") and any(name.endswith(".apk") for name in names):
        return Format.APKS
    apks = sum(1 for name in names if _SPLIT.fullmatch(name))
    if apks > 1 or (apks and any(archive.find(name) for name in _XAPK_MANIFESTS)):
        return Format.XAPK
    return Format.ZIP
