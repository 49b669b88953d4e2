"""What an APK's members tell without the manifest: machine code, sizes, packages inside, and what it was made with.

Sources: developer.android.com, "Analyze your build with the APK Analyzer" for what lies where; for versions the file
formats of those who write them, named beside each.
"""

import re
from typing import NamedTuple

from seatrial.domain.buildinfo import EmbeddedBundle, EmbeddedKind
from seatrial.domain.errors import BuildFileInvalid
from seatrial.parsers.archive import Archive
from seatrial.parsers.texts import listed, told

MAX_LIBRARIES = 1_000
MAX_ARCHITECTURES = 50
MAX_EMBEDDED = 500
_HEAD = 4096
"""Bytes in which a version must stand: they all stand at the beginning."""

_FILES = {"resources.arsc": "resources", "AndroidManifest.xml": "resources", "stamp-cert-sha256": "signature"}
_SIGNATURES = (".MF", ".SF", ".RSA", ".DSA", ".EC")

_GRADLE = "META-INF/com/android/build/gradle/app-metadata.properties"
_UNITY = rb"\0(\d+\.\d+\.\d+[abfpx]\d+)"

# Member, name of the version in `BuildInfo.sdks`, and where in the member's beginning the version stands.
_VERSIONS = (
    (_GRADLE, "androidGradlePlugin", rb"androidGradlePluginVersion=([\w.-]+)"),
    ("kotlin-tooling-metadata.json", "kotlin", rb'"buildPluginVersion"\s*:\s*"([\w.-]+)"'),
    ("META-INF/androidx.core_core.version", "androidxCore", rb"\A\s*([\w.-]+)"),
    ("META-INF/androidx.appcompat_appcompat.version", "appcompat", rb"\A\s*([\w.-]+)"),
    ("META-INF/androidx.compose.ui_ui.version", "compose", rb"\A\s*([\w.-]+)"),
    ("META-INF/com.google.android.material_material.version", "material", rb"\A\s*([\w.-]+)"),
    ("META-INF/com.android.support_appcompat-v7.version", "supportLibrary", rb"\A\s*([\w.-]+)"),
    ("META-INF/kotlinx_coroutines_core.version", "kotlinxCoroutines", rb"\A\s*([\w.-]+)"),
    ("play-services-basement.properties", "playServices", rb"(?m)^version=([\w.-]+)"),
    ("assets/www/cordova.js", "cordova", rb"PLATFORM_VERSION_BUILD_LABEL = '([\w.-]+)'"),
    # The header of Unity's bundles, and of its serialized files, ends with the editor's version.
    ("assets/bin/Data/data.unity3d", "unity", _UNITY),
    ("assets/bin/Data/globalgamemanagers", "unity", _UNITY),
)

_HERMES = "assets/index.android.bundle"
_HERMES_MAGIC = bytes.fromhex("c61fbc03c103191f")  # React Native's engine, bytecode file header


class Contents(NamedTuple):
    """What the names and sizes of the members tell; see `BuildInfo`."""

    architectures: tuple[str, ...]
    native_libraries: tuple[str, ...]
    sizes: dict[str, int]
    embedded: tuple[EmbeddedBundle, ...]
    """APKs among the assets, which the app may install or load."""


def read_contents(archive: Archive) -> Contents:
    """Sort the members by what they are."""
    libraries: list[str] = []
    packages: list[str] = []
    sizes = dict.fromkeys(("code", "native", "resources", "assets", "signature", "other"), 0)
    resources = assets = 0
    for name, packed in archive.sizes():
        # Most members are resources or assets; large builds have tens of thousands of them.
        if name.startswith("res/"):
            resources += packed
        elif name.startswith("assets/"):
            assets += packed
            if name.endswith(".apk"):
                packages.append(name)
        elif name.startswith("lib/"):
            sizes["native"] += packed
            if name.endswith(".so") and name.count("/") == 2:
                libraries.append(name)
        else:
            sizes[_category(name)] += packed
            if name.endswith(".apk"):
                packages.append(name)
    sizes["resources"] += resources
    sizes["assets"] += assets
    architectures = sorted({name.split("/")[1] for name in libraries})[:MAX_ARCHITECTURES]
    names = list(dict.fromkeys(name.rpartition("/")[2] for name in libraries))[:MAX_LIBRARIES]
    return Contents(
        listed(architectures, MAX_ARCHITECTURES),
        listed(names, MAX_LIBRARIES),
        {category: size for category, size in sizes.items() if size},
        tuple(EmbeddedBundle(kind=EmbeddedKind.PACKAGE, path=told(each) or "") for each in packages[:MAX_EMBEDDED]),
    )


def _category(name: str) -> str:
    if name.startswith("META-INF/"):
        return "signature" if name.endswith(_SIGNATURES) else "other"
    if name.endswith(".dex") and "/" not in name:
        return "code"
    return _FILES.get(name, "other")


def sdk_versions(archive: Archive) -> dict[str, str]:
    """Find the versions that members state; what cannot be read is left out, as nothing depends on it."""
    found: dict[str, str] = {}
    for member, key, pattern in _VERSIONS:
        hit = re.search(pattern, _head(archive, member))
        if hit:
            found.setdefault(key, hit[1].decode()[:100])
    bundle = _head(archive, _HERMES)
    if bundle.startswith(_HERMES_MAGIC) and len(bundle) >= 12:
        found["hermesBytecode"] = str(int.from_bytes(bundle[8:12], "little"))
    return found


def _head(archive: Archive, name: str) -> bytes:
    member = archive.find(name)
    if member is None:
        return b""
    try:
        return next(archive.stream(member), b"")[:_HEAD]
    except BuildFileInvalid:
        return b""
