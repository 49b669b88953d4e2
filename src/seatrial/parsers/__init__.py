"""What a build file is: one door, `parse`, and one file per format behind it.

Importing this package is cheap; a parser and its libraries are loaded when the first file of its format comes.
Files of strangers are parsed in a child process: see `isolation`.
"""

import importlib
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from seatrial.domain.buildinfo import BuildInfo, Format, Os
from seatrial.domain.errors import BuildFileInvalid, ProcessingCode

if TYPE_CHECKING:
    from seatrial.parsers.archive import Archive


def parse(path: Path) -> BuildInfo:
    """Read a build file, whatever its name; raise `BuildFileInvalid` with a sentence that says what to do."""
    with path.open("rb") as file:
        return parse_file(file)


def parse_file(file: BinaryIO) -> BuildInfo:
    """Read a build from anything seekable, a local file or ranges of a stored object; raise what `parse` raises.

    Formats that are recognised but not read give a `BuildInfo` whose warning says so.
    """
    from seatrial.parsers.detect import recognise

    if not file.read(1):
        raise BuildFileInvalid(ProcessingCode.EMPTY_FILE, "The file is empty; upload it again.")
    found = recognise(file)
    if found is None:
        raise BuildFileInvalid(
            ProcessingCode.UNRECOGNISED_FORMAT,
            "The file is of no known format. Upload an app package, or fill in buildPlatform, packageName, "
            "packageVersion and packageIcon.",
        )
    if found.format is Format.ZIP and found.archive is not None:
        _refuse_empty(found.archive)
    place = _READERS.get(found.format)
    if place is None:
        return _unread(found.format)
    read: Reader = _function(place)
    info = read(file, found.archive)
    place = _VERIFIERS.get(found.format)
    if place is not None and found.archive is not None:
        verify: Verifier = _function(place)
        info = verify(file, found.archive, info)
    return info


def _function(place: str) -> Any:
    module, _, name = place.partition(":")
    return getattr(importlib.import_module(f"seatrial.parsers.{module}"), name)


def hold_to_name(info: BuildInfo, extension: str) -> None:
    """Refuse a plain archive under a package's name: its sender means an app, and no device would install it.

    Content alone says what a file is; the name only tells that something is missing from it. Raises `BuildFileInvalid`.
    """
    expected = _INSIDE.get(extension)
    if info.format is Format.ZIP and expected is not None:
        raise BuildFileInvalid(
            ProcessingCode.MANIFEST_MISSING,
            f"The file is named .{extension}, but the archive has no {expected}. Build the app again, then upload it.",
        )


def _refuse_empty(archive: "Archive") -> None:
    if not any(True for _ in archive.names()):
        raise BuildFileInvalid(
            ProcessingCode.EMPTY_FILE, "The archive holds no files; pack the build again, then upload it."
        )


Reader = Callable[[BinaryIO, "Archive | None"], BuildInfo]
"""A format's parser: the file, and where it is a ZIP archive, its directory as detection has read it already."""

Verifier = Callable[[BinaryIO, "Archive", BuildInfo], BuildInfo]
"""Gives the same with a verdict on its signatures."""

# Module and function by format; a module is imported when the first file of its format comes.
_READERS = {
    Format.APK: "apk:parse_apk",
    Format.AAB: "aab:parse_aab",
    Format.APKS: "apk_set:parse_apk_set",
    Format.XAPK: "apk_set:parse_apk_set",
    Format.IPA: "ipa:parse_ipa",
    Format.MSI: "msi:parse_msi",
    Format.MSIX: "msix:parse_msix",
    Format.EXE: "exe:parse_exe",
    Format.DEB: "deb:parse_deb",
    Format.RPM: "rpm:parse_rpm",
    Format.APPIMAGE: "appimage:parse_appimage",
    Format.HAP: "hap:parse_hap",
    Format.PKG: "pkg:parse_pkg",
    Format.DMG: "dmg:parse_dmg",
    Format.MAC_APP_ZIP: "mac_app_zip:parse_mac_app_zip",
    Format.ZIP: "app_in_zip:parse_zip",
}

# A second look at formats whose signatures cover the whole file; left out for files that are far away.
_VERIFIERS = {
    Format.APK: "apk_verification:verify_build",
    Format.AAB: "aab_signing:verify_build",
    Format.APKS: "apk_set_verification:verify_build",
    Format.XAPK: "apk_set_verification:verify_build",
}

# What must be in an archive of this name, in the words of its platform.
_INSIDE = {
    "apk": "AndroidManifest.xml",
    "aab": "base/manifest/AndroidManifest.xml",
    "ipa": "Payload/<name>.app folder",
}

_IMPLIED_OS = {
    Format.AAB: Os.ANDROID,
    Format.APKS: Os.ANDROID,
    Format.XAPK: Os.ANDROID,
    Format.MAC_APP_ZIP: Os.MACOS,
    Format.PKG: Os.MACOS,
    Format.DMG: Os.MACOS,
    Format.MSI: Os.WINDOWS,
    Format.MSIX: Os.WINDOWS,
    Format.EXE: Os.WINDOWS,
    Format.DEB: Os.LINUX,
    Format.RPM: Os.LINUX,
    Format.APPIMAGE: Os.LINUX,
    Format.HAP: Os.HARMONYOS,
}


def _unread(found: Format) -> BuildInfo:
    """Describe a file of which no more than the format is read."""
    warning = f"Name, version and icon are not read from {found} files; the values of the upload stand alone."
    return BuildInfo(format=found, os=_IMPLIED_OS.get(found), warnings=(warning,))
