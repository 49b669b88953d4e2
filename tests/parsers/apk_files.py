"""The sample APKs, and variants of them that no build tool would write."""

import io
import zipfile
from pathlib import Path

FIXTURES = Path(__file__).parents[1] / "fixtures" / "apk"
DEMO = FIXTURES / "demo.apk"
DEBUG = FIXTURES / "demo-debug.apk"
UNSIGNED = FIXTURES / "demo-unsigned.apk"
FEATURES = FIXTURES / "features.apk"
DRAWINGS = FIXTURES / "drawings.apk"

CORPUS = Path(__file__).parents[2].parent / "shared" / "corpus"


def member(apk: Path, name: str) -> bytes:
    with zipfile.ZipFile(apk) as archive:
        return archive.read(name)


def rebuilt(apk: Path, changes: dict[str, bytes | None]) -> io.BytesIO:
    """Write the archive again with other bytes for some members, without those that are `None`."""
    out = io.BytesIO()
    with zipfile.ZipFile(apk) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for info in old.infolist():
            data = changes.get(info.filename, old.read(info.filename))
            if data is not None:
                new.writestr(info.filename, data)
        for name in changes.keys() - set(old.namelist()):
            added = changes[name]
            if added is not None:
                new.writestr(name, added)
    return out
