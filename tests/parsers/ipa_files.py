"""The sample ipas, and small ones made on the spot."""

import io
import plistlib
import zipfile
from pathlib import Path

FIXTURES = Path(__file__).parents[1] / "fixtures" / "ipa"
DEMO = FIXTURES / "demo.ipa"
ENTERPRISE = FIXTURES / "demo-enterprise.ipa"
DEVELOPMENT = FIXTURES / "demo-development.ipa"
SOURCES = FIXTURES / "src"
APP = "Payload/SeatrialDemo.app/"

MINIMAL: dict[str, object] = {"CFBundleIdentifier": "org.seatrial.minimal", "CFBundleVersion": "7"}


def member(ipa: Path, name: str) -> bytes:
    with zipfile.ZipFile(ipa) as archive:
        return archive.read(APP + name)


def zipped(files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> io.BytesIO:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, data in files.items():
            archive.writestr(zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0)), data, method)
    return out


def ipa(info: dict[str, object] | bytes, files: dict[str, bytes] | None = None) -> io.BytesIO:
    """Make an ipa of an Info.plist and of files inside the app."""
    data = info if isinstance(info, bytes) else plistlib.dumps(info, fmt=plistlib.FMT_BINARY)
    app = "Payload/Mini.app/"
    return zipped({app + "Info.plist": data} | {app + name: d for name, d in (files or {}).items()})


def stored(path: Path) -> bytes:
    """Write an archive again without packing, so that changed bytes reach the members."""
    with zipfile.ZipFile(path) as old:
        return zipped({name: old.read(name) for name in old.namelist()}, zipfile.ZIP_STORED).getvalue()
