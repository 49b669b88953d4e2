"""The `info` of a build: what its file says about itself, one block per family of platforms (contract 1.1).

Every block and every key of it is always there, empty where the file says nothing (decision 21); values are strings
even where a property list holds numbers or arrays (decision 22).
"""

from seatrial.domain.build import Build, FileType
from seatrial.domain.buildinfo import BuildInfo, Format, Os, ProvisioningProfile
from seatrial.wire.links import Links
from seatrial.wire.timestamps import timestamp

_ANDROID_KEYS = (
    "targetSdkVersion",
    "minSDKVersion",
    "packageName",
    "platformBuildVersionName",
    "platformBuildVersionCode",
    "versionName",
    "versionCode",
    "icon",
)
_IOS_FAMILY = frozenset({Os.IOS, Os.TVOS, Os.VISIONOS})
_NOTHING = BuildInfo(format=Format.OPAQUE)
_NO_PROFILE = ProvisioningProfile()


def info_json(build: Build, links: Links) -> dict[str, object]:
    """Show what processing found out: every block of the contract, empty where it is not this build's (decision 21)."""
    info = build.info
    icon = build.file(FileType.ICON)
    return {
        "icon": links.location(icon) if icon else "",
        "android": _android(info if info and info.os is Os.ANDROID else _NOTHING),
        "ios": _ios(info if info and info.os in _IOS_FAMILY else _NOTHING),
        "pkg": _bundle(info if info and info.os is Os.MACOS else _NOTHING),
    }


def _ios(info: BuildInfo) -> dict[str, object]:
    return {"plist": _ios_plist(info), "mobileprovision": _mobileprovision(info)}


def _android(info: BuildInfo) -> dict[str, object]:
    generic = {"packageName": info.identifier, "versionName": info.version_name, "versionCode": info.version_code}
    return {key: info.android.get(key) or generic.get(key) or "" for key in _ANDROID_KEYS}


def _bundle(info: BuildInfo) -> dict[str, object]:
    plist = info.plist
    return {
        "CFBundleDisplayName": _text(plist.get("CFBundleDisplayName")) or info.display_name or "",
        "CFBundleIdentifier": _text(plist.get("CFBundleIdentifier")) or info.identifier or "",
        "CFBundleShortVersionString": _text(plist.get("CFBundleShortVersionString")) or info.version_name or "",
        "CFBundleVersion": _text(plist.get("CFBundleVersion")) or info.version_code or "",
        "CFBundleName": _text(plist.get("CFBundleName")),
    }


def _ios_plist(info: BuildInfo) -> dict[str, object]:
    bundle = _bundle(info)
    return {
        "CFBundleDisplayName": bundle["CFBundleDisplayName"],
        "CFBundleSupportedPlatforms": _texts(info.plist.get("CFBundleSupportedPlatforms")),
        "MinimumOSVersion": _text(info.plist.get("MinimumOSVersion")) or info.min_os or "",
        "CFBundleIdentifier": bundle["CFBundleIdentifier"],
        "CFBundleShortVersionString": bundle["CFBundleShortVersionString"],
        "CFBundleVersion": bundle["CFBundleVersion"],
        "CFBundleName": bundle["CFBundleName"],
        "CFBundleIcons": _texts(info.plist.get("CFBundleIcons")),
        "UIDeviceFamily": _texts(info.plist.get("UIDeviceFamily")),
    }


def _mobileprovision(info: BuildInfo) -> dict[str, object]:
    signing = info.signing
    profile = (signing.profile if signing else None) or _NO_PROFILE
    return {
        "ExpirationDate": timestamp(profile.expires) if profile.expires else "",
        "TeamIdentifier": ",".join(profile.team_identifiers),
        "ProvisionsAllDevices": profile.all_devices,
        "TeamName": profile.team_name or "",
        "ProvisionedDevices": ",".join(profile.devices or ()),
        "signingType": signing.kind.value if signing and signing.kind else "",
    }


def _text(value: object) -> str:
    """Show a property list's scalar as text; anything else is as good as absent."""
    match value:
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case int() | float():
            return str(value)
        case _:
            return ""


def _texts(value: object) -> list[str]:
    """Show an array of scalars as texts; a lone scalar, as some tools write it, is an array of one."""
    items = value if isinstance(value, (list, tuple)) else [value]
    return [text for text in map(_text, items) if text]
