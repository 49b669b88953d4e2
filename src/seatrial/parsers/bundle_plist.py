"""What an app's Info.plist says, as plain values.

Keys: Apple's "Information Property List" reference.
"""

import re

from seatrial.domain.buildinfo import Os
from seatrial.parsers.plist import PlistValue, table, text, texts

MAX_LIST = 1_000

WANTED = frozenset(
    {
        *("CFBundleDisplayName", "CFBundleName", "CFBundleExecutable", "CFBundleIdentifier", "DTSDKName"),
        *("CFBundleShortVersionString", "CFBundleVersion", "MinimumOSVersion", "LSMinimumSystemVersion"),
        *("CFBundleSupportedPlatforms", "DTPlatformName", "CFBundleDevelopmentRegion", "UIDeviceFamily"),
        *("CFBundleIcons", "CFBundleIcons~ipad", "CFBundleIconFiles", "CFBundleIconFiles~ipad", "CFBundleIconFile"),
        *("CFBundleIconName", "CFBundleURLTypes", "UIBackgroundModes", "WKBackgroundModes", "NSExtension"),
        *("DTXcode", "DTXcodeBuild", "DTPlatformVersion", "DTSDKBuild", "BuildMachineOSBuild"),
        *("UIRequiredDeviceCapabilities", "ITSWatchOnlyContainer", "EXAppExtensionAttributes"),
    }
)
"""The keys that are read; the others stay bytes."""

_OF_PLATFORM = {
    "iphoneos": Os.IOS,
    "iphonesimulator": Os.IOS,
    "watchos": Os.IOS,  # installed through the iPhone it is paired with
    "watchsimulator": Os.IOS,
    "appletvos": Os.TVOS,
    "appletvsimulator": Os.TVOS,
    "xros": Os.VISIONOS,
    "xrsimulator": Os.VISIONOS,
    "macosx": Os.MACOS,
}
_FAMILIES = {"1": "iphone", "2": "ipad", "3": "tv", "4": "watch", "6": "mac", "7": "vision"}
# UIDeviceFamily may be left out; what the platform implies stands in.
_IMPLIED_FAMILY = {Os.IOS: ("iphone",), Os.TVOS: ("tv",), Os.VISIONOS: ("vision",)}
_WATCH = {"watchos", "watchsimulator"}


def display_name(values: dict[str, PlistValue]) -> str | None:
    """Give the name under the app's icon."""
    keys = ("CFBundleDisplayName", "CFBundleName", "CFBundleExecutable")
    return next((name for key in keys if (name := text(values.get(key)))), None)


def platforms(values: dict[str, PlistValue]) -> tuple[str, ...]:
    """Give the platforms that the app is built for, in lower case: `iphoneos`, `macosx`, `appletvsimulator`."""
    named = (*texts(values.get("CFBundleSupportedPlatforms")), *texts(values.get("DTPlatformName")))
    return tuple(dict.fromkeys(name.lower() for name in named))


def system(values: dict[str, PlistValue], *, mac: bool) -> Os:
    """Tell the operating system; `mac` is the bundle's layout, which decides where the keys are silent."""
    known = (found for name in platforms(values) if (found := _OF_PLATFORM.get(name)))
    return Os.MACOS if mac else next(known, Os.IOS)


def is_for_simulator(values: dict[str, PlistValue]) -> bool:
    """Whether the app runs in a simulator only."""
    return any(name.endswith("simulator") for name in platforms(values))


def is_watch_only(values: dict[str, PlistValue]) -> bool:
    """Whether the app on the phone is only the wrapping of a watch app."""
    return values.get("ITSWatchOnlyContainer") is True


def families(values: dict[str, PlistValue], found: Os) -> tuple[str, ...]:
    """Give the kinds of devices: `iphone`, `ipad`, `tv`, `watch`, `mac`, `vision`."""
    named = tuple(dict.fromkeys(_FAMILIES[n] for n in texts(values.get("UIDeviceFamily")) if n in _FAMILIES))
    if is_watch_only(values):
        return ("watch",)
    if named:
        return named
    return ("watch",) if _WATCH & set(platforms(values)) else _IMPLIED_FAMILY.get(found, ())


def min_os(values: dict[str, PlistValue]) -> str | None:
    """Give the oldest system version that takes the app."""
    return text(values.get("MinimumOSVersion")) or text(values.get("LSMinimumSystemVersion"))


def url_schemes(values: dict[str, PlistValue]) -> tuple[str, ...]:
    """Give the URL schemes that open the app, each once."""
    types = values.get("CFBundleURLTypes")
    found = [s for entry in (types if isinstance(types, list) else []) for s in texts(table(entry).get(_SCHEMES))]
    return tuple(dict.fromkeys(found))[:MAX_LIST]


_SCHEMES = "CFBundleURLSchemes"


_SDK = re.compile(r"([a-z]{1,40})(\d+(?:\.\d+)*)?")


def background_modes(values: dict[str, PlistValue]) -> tuple[str, ...]:
    """Give what the app does while it is not on the screen."""
    found = (*texts(values.get("UIBackgroundModes")), *texts(values.get("WKBackgroundModes")))
    return tuple(dict.fromkeys(found))[:MAX_LIST]


def sdks(values: dict[str, PlistValue]) -> dict[str, str]:
    """Give the versions of the tools: `xcode` as people say it, the platform's SDK by name, and the Mac's build."""
    found: dict[str, str] = {}
    xcode = text(values.get("DTXcode"))
    if xcode:
        found["xcode"] = _xcode(xcode)
    sdk = _SDK.match(text(values.get("DTSDKName")) or "")
    if sdk is not None:  # old tools write words like "GM" into DTPlatformVersion
        found[sdk[1]] = sdk[2] or text(values.get("DTPlatformVersion")) or ""
    for key, word in (
        ("DTXcodeBuild", "xcodeBuild"),
        ("DTSDKBuild", "sdkBuild"),
        ("BuildMachineOSBuild", "macosBuild"),
    ):
        if value := text(values.get(key)):
            found[word] = value
    return {name: value for name, value in found.items() if value}


def _xcode(number: str) -> str:
    """Write `1251` as 12.5.1: two digits of the major version, then one each, as Xcode packs its version."""
    if not (number.isascii() and number.isdigit() and len(number) in {3, 4}):
        return number
    major, minor, patch = int(number[:-2]), number[-2], number[-1]
    return f"{major}.{minor}" + (f".{patch}" if patch != "0" else "")


def extension_point(values: dict[str, PlistValue]) -> str | None:
    """Give the place in the system that an extension extends."""
    old = text(table(values.get("NSExtension")).get("NSExtensionPointIdentifier"))
    return old or text(table(values.get("EXAppExtensionAttributes")).get("EXExtensionPointIdentifier"))


def contract_values(values: dict[str, PlistValue], icons: tuple[str, ...]) -> dict[str, object]:
    """Name the values as the contract's `info.ios.plist` does: single ones as text, lists as lists of text."""
    single = (
        *("CFBundleDisplayName", "MinimumOSVersion", "CFBundleIdentifier"),
        *("CFBundleShortVersionString", "CFBundleVersion", "CFBundleName"),
    )
    chosen: dict[str, object] = {key: found for key in single if (found := text(values.get(key)))}
    lists = {
        "CFBundleSupportedPlatforms": texts(values.get("CFBundleSupportedPlatforms")),
        "CFBundleIcons": icons,
        "UIDeviceFamily": texts(values.get("UIDeviceFamily")),
    }
    return chosen | {key: list(found) for key, found in lists.items() if found}
