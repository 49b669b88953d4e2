"""iOS, iPadOS, tvOS and visionOS packages: `Payload/<name>.app/` in a ZIP archive.

The folder's parts are read as those of every Apple bundle; see `bundle`.
"""

import dataclasses
import re
from typing import BinaryIO

from seatrial.domain.buildinfo import BuildInfo, Format
from seatrial.domain.errors import BuildFileInvalid, ProcessingCode
from seatrial.parsers.archive import Archive, shown
from seatrial.parsers.bundle import read_app

_APP_PLIST = re.compile(r"((?:(?!__MACOSX/)[^/]+/)?Payload/([^/]+\.app)/)Info\.plist")


def parse_ipa(file: BinaryIO, archive: Archive | None = None) -> BuildInfo:
    """Read the app that an ipa installs; raise `BuildFileInvalid` when there is not exactly one, or no identifier."""
    archive = archive or Archive.open(file)
    folder = _app_folder(archive)
    info = read_app(archive, folder, Format.IPA)
    deeper = () if folder.startswith("Payload/") else (_TOO_DEEP,)
    return dataclasses.replace(info, warnings=(*archive.warnings, *deeper, *info.warnings))


_TOO_DEEP = "The Payload folder is not at the archive's top, so that no device takes it; zip Payload itself."


def _app_folder(archive: Archive) -> str:
    """Find the one app; an archive that was zipped with the folder around Payload is read, too."""
    apps = [(found[1], found[2]) for name in archive.names() if (found := _APP_PLIST.fullmatch(name))]
    apps = [app for app in apps if app[0].startswith("Payload/")] or apps
    if len(apps) == 1:
        return apps[0][0]
    if apps:
        listed = ", ".join(shown(app) for _, app in apps[:3])
        raise BuildFileInvalid(
            ProcessingCode.MANIFEST_INVALID,
            f"The Payload folder holds {len(apps)} apps ({listed}); an ipa must hold exactly one.",
        )
    raise BuildFileInvalid(
        ProcessingCode.MANIFEST_MISSING,
        "The archive has no Payload/<name>.app/Info.plist; export the app as an ipa again.",
    )
