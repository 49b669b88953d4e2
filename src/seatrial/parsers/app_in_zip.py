"""ZIP archives that hold an app for Apple's devices or simulators, and are no ipa: a bare app, or an Xcode archive.

No device installs such a file. What it holds is told all the same, with a sentence that says what to upload instead.
"""

import re
from dataclasses import replace
from typing import BinaryIO

from seatrial.domain.buildinfo import BuildInfo, Format
from seatrial.domain.errors import BuildFileInvalid
from seatrial.parsers import bundle
from seatrial.parsers.archive import Archive

MAX_TRIES = 5

_BARE = re.compile(r"((?!__MACOSX/)[^/]+\.app/)Info\.plist")
_XCODE = re.compile(
    r"((?!__MACOSX/)(?:[^/]+/)?[^/]+\.xcarchive/Products/Applications/[^/]+\.app/)(?:Contents/)?Info\.plist"
)
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
    unread = "Name, version and icon are not read from zip files; the values of the upload stand alone."
    return BuildInfo(format=Format.ZIP, warnings=(*archive.warnings, unread))
