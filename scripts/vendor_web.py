"""Bring the pages' parts from npm into `static/vendor`: exact versions, checked by digest, with their licences.

`make vendor` runs it; what it writes is committed, so that nobody else needs npm. The icons are one sprite of those
that templates name.
"""

import hashlib
import re
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

WEB = Path(__file__).resolve().parents[1] / "src/seatrial/web"
VENDOR = WEB / "static/vendor"
ICON = re.compile(r"""icon\(\s*["']([a-z0-9-]+)["']""")
_SVG = re.compile(r"<svg[^>]*>(.*)</svg>", re.DOTALL)

# Package and version, SHA-256 of its archive, licence file, and files to take with the names that they get here.
PARTS: tuple[tuple[str, str, str, str, dict[str, str]], ...] = (
    (
        "@tabler/core",
        "1.6.1",
        "d02d679e51f6c179b21f035e154c13cdcb2ae8b18579e56ea606408ba7fc7a87",
        "",
        {"dist/css/tabler.min.css": "tabler.min.css"},
    ),
    (
        "htmx.org",
        "4.0.1",
        "5fba65616ca148a86d377e9771bcada7f35faee3558651feb929eea425e13b3c",
        "LICENSE",
        {"dist/htmx.min.js": "htmx.min.js", "dist/ext/hx-sse.min.js": "hx-sse.min.js"},
    ),
    (
        "tus-js-client",
        "4.3.1",
        "919f46808b2c689be9214df5c0f21879bee4a4599b34e212ada8f14de1db9bc0",
        "LICENSE",
        {"dist/tus.min.js": "tus.min.js"},
    ),
)
ICONS = ("@tabler/icons", "3.52.0", "626620c7d42afd2f294fba167ce4653b5cb946336d186b4991c70b700e5616af")


def main() -> None:
    """Write everything anew."""
    VENDOR.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        for package, version, digest, licence, files in PARTS:
            folder = _unpacked(Path(scratch), package, version, digest)
            for source, name in files.items():
                text = (folder / source).read_text("utf-8")
                (VENDOR / name).write_text(re.sub(r"\n?/[/*]# sourceMappingURL=\S+( \*/)?\s*$", "\n", text))
            if licence:
                (VENDOR / f"{package.rpartition('/')[2]}.LICENSE").write_text((folder / licence).read_text("utf-8"))
        _sprite(_unpacked(Path(scratch), *ICONS))


def _unpacked(scratch: Path, package: str, version: str, digest: str) -> Path:
    printed = subprocess.run(
        ["npm", "pack", "--silent", f"{package}@{version}"], cwd=scratch, check=True, capture_output=True, text=True
    ).stdout
    archive = scratch / printed.strip().splitlines()[-1]
    found = hashlib.sha256(archive.read_bytes()).hexdigest()
    if found != digest:
        sys.exit(f"{package} {version} is not what it was: {found}")
    folder = scratch / archive.stem
    with tarfile.open(archive) as packed:
        packed.extractall(folder, filter="data")
    return folder / "package"


def _sprite(folder: Path) -> None:
    sources = [*(WEB / "templates").rglob("*.html"), *(WEB / "dashboard").rglob("*.py")]
    named = {name for path in sources for name in ICON.findall(path.read_text("utf-8"))}
    symbols = []
    for name in sorted(named | set(_listed())):
        drawn = _SVG.search((folder / f"icons/outline/{name}.svg").read_text("utf-8"))
        if drawn is None:
            sys.exit(f"there is no icon {name}")
        inner = re.sub(r">\s+<", "><", drawn[1].strip())
        symbols.append(f'<symbol id="{name}" viewBox="0 0 24 24">{inner}</symbol>')
    (VENDOR / "icons.svg").write_text(
        '<svg xmlns="http://www.w3.org/2000/svg" fill="none" stroke="currentColor" stroke-width="2" '
        'stroke-linecap="round" stroke-linejoin="round">\n' + "\n".join(symbols) + "\n</svg>\n"
    )
    (VENDOR / "icons.LICENSE").write_text((folder / "LICENSE").read_text("utf-8"))


def _listed() -> list[str]:
    """Name the icons that code chooses by a word of the domain; `dashboard/icons.txt` lists them, one a line."""
    listed = WEB / "dashboard/icons.txt"
    return listed.read_text("utf-8").split() if listed.exists() else []


if __name__ == "__main__":
    main()
