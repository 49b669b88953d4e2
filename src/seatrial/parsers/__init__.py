"""What a build file is: one door, `parse`, and one file per format behind it.

Importing this package is cheap; a parser and its libraries are loaded when the first file of its format comes.
Files of strangers are parsed in a child process: see `isolation`.
"""

from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from seatrial.domain.buildinfo import BuildInfo, Format, Os
from seatrial.domain.errors import BuildFileInvalid, ProcessingCode


def parse(path: Path) -> BuildInfo:
    """Read a build file, whatever its name; raise `BuildFileInvalid` with a sentence that says what to do.

    Formats that are recognised but not read give a `BuildInfo` whose warning says so.
    """
    from seatrial.parsers.detect import detect

    with path.open("rb") as file:
        if not file.read(1):
            raise BuildFileInvalid(ProcessingCode.EMPTY_FILE, "The file is empty; upload it again.")
        found = detect(file)
        if found is None:
            raise BuildFileInvalid(
                ProcessingCode.UNRECOGNISED_FORMAT,
                "The file is of no known format. Upload an app package, or fill in buildPlatform, packageName, "
                "packageVersion and packageIcon.",
            )
        read = _READERS.get(found)
        return read(file) if read is not None else _unread(found)


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


def _apk(file: BinaryIO) -> BuildInfo:
    from seatrial.parsers.apk import parse_apk

    return parse_apk(file)


def _ipa(file: BinaryIO) -> BuildInfo:
    from seatrial.parsers.ipa import parse_ipa

    return parse_ipa(file)


def _zip(file: BinaryIO) -> BuildInfo:
    from seatrial.parsers.archive import Archive

    if not any(True for _ in Archive.open(file).names()):
        raise BuildFileInvalid(
            ProcessingCode.EMPTY_FILE, "The archive holds no files; pack the build again, then upload it."
        )
    return _unread(Format.ZIP)


_READERS: dict[Format, Callable[[BinaryIO], BuildInfo]] = {Format.APK: _apk, Format.IPA: _ipa, Format.ZIP: _zip}

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
