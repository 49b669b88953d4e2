"""Operating systems and build platforms: which words are allowed, and what a file name suggests before processing."""

from seatrial.domain.buildinfo import Os

CUSTOM_PLATFORMS = ("ps4", "ps5", "switch", "xbox-one", "xbox-series")
"""Platforms whose packages are opaque: described by four fields of the upload (contract 1.1)."""

BUILD_PLATFORMS = (*(os.value for os in Os), *CUSTOM_PLATFORMS)
"""Everything that `buildPlatform` may say, and every `os` that a list can be filtered by."""

_BY_EXTENSION = {
    "ipa": Os.IOS,
    "apk": Os.ANDROID,
    "aab": Os.ANDROID,
    "apks": Os.ANDROID,
    "xapk": Os.ANDROID,
    "apkm": Os.ANDROID,
    "pkg": Os.MACOS,
    "dmg": Os.MACOS,
    "exe": Os.WINDOWS,
    "msi": Os.WINDOWS,
    "msix": Os.WINDOWS,
    "msixbundle": Os.WINDOWS,
    "appx": Os.WINDOWS,
    "appxbundle": Os.WINDOWS,
    "deb": Os.LINUX,
    "rpm": Os.LINUX,
    "appimage": Os.LINUX,
    "hap": Os.HARMONYOS,
}


def extension_of(file_name: str) -> str:
    """Give a file name's extension without dot in lower case; `tar.gz` is one, anything unlikely is none."""
    name = file_name.lower()
    if name.endswith(".tar.gz"):
        return "tar.gz"
    _, dot, extension = name.rpartition(".")
    return extension if dot and extension.isascii() and extension.isalnum() and len(extension) <= 16 else ""


def guess_os(build_platform: str, extension: str) -> str:
    """Say what a pending build most likely is, until its content has been read."""
    if build_platform:
        return build_platform
    guessed = _BY_EXTENSION.get(extension)
    return guessed.value if guessed else ""
