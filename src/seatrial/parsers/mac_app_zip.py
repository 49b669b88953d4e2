"""macOS apps in a ZIP archive: `<name>.app/Contents/` at the top, as Finder and Xcode pack them."""

import re
from dataclasses import replace
from typing import BinaryIO

from seatrial.domain.buildinfo import BuildInfo, EmbeddedBundle, EmbeddedKind, Format
from seatrial.domain.errors import BuildFileInvalid, ProcessingCode
from seatrial.parsers import bundle
from seatrial.parsers.archive import Archive, shown

MAX_TRIES = 5
MAX_EMBEDDED = 500
MAX_NAME = 1_000

_APP = re.compile(r"((?!__MACOSX/)[^/]+\.app/)Contents/Info\.plist")


def parse_mac_app_zip(file: BinaryIO, archive: Archive | None = None) -> BuildInfo:
    """Read the app at the archive's top; of several, the first that can be read.

    Raise `BuildFileInvalid` where there is none, or none that can be read.
    """
    archive = archive or Archive.open(file)
    apps = list(dict.fromkeys(found[1] for name in archive.names() if (found := _APP.fullmatch(name))))
    problem = BuildFileInvalid(
        ProcessingCode.MANIFEST_MISSING,
        "The archive has no <name>.app/Contents/Info.plist; zip the app itself, not the folder around it.",
    )
    for index, folder in enumerate(apps[:MAX_TRIES]):
        try:
            info = bundle.read_app(archive, folder, Format.MAC_APP_ZIP)
        except BuildFileInvalid as reason:
            problem = problem if index else reason
            continue
        warnings = [*archive.warnings, *info.warnings]
        if len(apps) > 1:
            warnings.append(f"The archive holds {len(apps)} apps; “{shown(folder.rstrip('/'))}” is read.")
        others = [
            EmbeddedBundle(kind=EmbeddedKind.APP, path=other.rstrip("/")[:MAX_NAME])
            for other in apps
            if other != folder
        ]
        return replace(info, embedded=(*info.embedded, *others)[:MAX_EMBEDDED], warnings=tuple(warnings))
    raise problem
