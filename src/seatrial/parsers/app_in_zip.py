"""ZIP archives around a build: a bare app for Apple's devices or simulators, an Xcode archive, or a single package.

No device installs such a file. What it holds is told all the same, with a sentence that says what to upload instead.
"""

import re
from dataclasses import replace
from typing import BinaryIO

from seatrial.domain.buildinfo import BuildInfo, Format
from seatrial.domain.errors import BuildFileInvalid
from seatrial.parsers import bundle
from seatrial.parsers.archive import Archive, shown
from seatrial.parsers.detect import detect
from seatrial.parsers.nested import open_member

MAX_TRIES = 5

_BARE = re.compile(r"((?!__MACOSX/)[^/]+\.app/)Info\.plist")
_XCODE = re.compile(
    r"((?!__MACOSX/)(?:[^/]+/)?[^/]+\.xcarchive/Products/Applications/[^/]+\.app/)(?:Contents/)?Info\.plist"
)
_PACKAGE = re.compile(r"(?!__MACOSX/)(?:[^/]+/){0,4}[^/]+\.(?:apk|aab|apks|xapk|ipa)", re.IGNORECASE)
_ADVICE = {
    _BARE: "The archive holds a bare app; devices install an ipa, which Xcode or `zip` makes of a folder Payload.",
    _XCODE: "The archive is an Xcode archive; export the app from it, then upload the ipa or the installer.",
}


def parse_zip(file: BinaryIO, archive: Archive | None = None) -> BuildInfo:
    """Read the app in an archive of no format of its own; without one, only the format is told.

    Raise `BuildFileInvalid` where the archive itself is damaged.
    """
    archive = archive or Archive.open(file)
    for pattern, advice in _ADVICE.items():
        folders = dict.fromkeys(found[1] for name in archive.names() if (found := pattern.fullmatch(name)))
        for folder in [*folders][:MAX_TRIES]:
            try:
                info = bundle.read_app(archive, folder, Format.ZIP)
            except BuildFileInvalid:
                continue  # a folder that is only named like an app
            return replace(info, warnings=(*archive.warnings, *info.warnings, advice))
    inner = _package(file, archive)
    if inner is not None:
        return replace(inner, warnings=(*archive.warnings, *inner.warnings))
    unread = "Name, version and icon are not read from zip files; the values of the upload stand alone."
    return BuildInfo(format=Format.ZIP, warnings=(*archive.warnings, unread))


def _package(file: BinaryIO, archive: Archive) -> BuildInfo | None:
    """Read the only package in the archive, as pipelines wrap them; several say nothing about which one is meant."""
    from seatrial.parsers import parse_file

    names = [name for name in archive.names() if _PACKAGE.fullmatch(name)]
    member = archive.find(names[0]) if len(names) == 1 else None
    nested = open_member(file, archive, member) if member is not None else None
    if member is None or nested is None:
        return None
    try:
        if detect(nested) is Format.ZIP:
            return None  # a package by its name alone; archives in archives may have no end
        nested.seek(0)
        info = parse_file(nested)
    except BuildFileInvalid:
        return None
    advice = (
        f"The archive holds “{shown(member.name)}”; upload that file itself, because no device installs an archive."
    )
    return replace(info, format=Format.ZIP, warnings=(*info.warnings, advice))
