"""Whether a build will install, told before anybody tries: what phones say themselves only when it is too late."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from seatrial.domain.browser import Browser
from seatrial.domain.build import Build, FileType
from seatrial.domain.buildinfo import BuildInfo, Format, Os, Signing, SigningKind

SOON = timedelta(days=14)
FIRST_WITHOUT_V1 = 30
"""The API level from which on Android refuses apps that target it and are signed by scheme v1 alone (Android 11)."""

# API levels by the versions that people know, from developer.android.com's table of them.
ANDROID_VERSIONS = {
    16: "4.1",
    17: "4.2",
    18: "4.3",
    19: "4.4",
    21: "5.0",
    22: "5.1",
    23: "6.0",
    24: "7.0",
    25: "7.1",
    26: "8.0",
    27: "8.1",
    28: "9",
    29: "10",
    30: "11",
    31: "12",
    32: "12L",
    33: "13",
    34: "14",
    35: "15",
    36: "16",
}
SYSTEM_NAMES = {
    Os.IOS: "iOS",
    Os.ANDROID: "Android",
    Os.MACOS: "macOS",
    Os.WINDOWS: "Windows",
    Os.LINUX: "Linux",
    Os.HARMONYOS: "HarmonyOS",
    Os.TVOS: "tvOS",
    Os.VISIONOS: "visionOS",
}
_FAMILIES = {"iPhone": "iphone", "iPod": "iphone", "iPad": "ipad"}


class Level(StrEnum):
    """How bad it is."""

    OK = "ok"
    NOTE = "note"
    WARNING = "warning"
    STOP = "stop"
    """It will not install."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """One thing to know before the tap."""

    level: Level
    text: str


def system_name(os: str) -> str:
    """Give the name that people know a system by."""
    return SYSTEM_NAMES.get(Os(os), os) if os in set(Os) else os


def requirement(info: BuildInfo | None) -> str:
    """Say what the build needs of the system; empty where it does not say."""
    if info is None or info.os is None or not info.min_os:
        return ""
    return f"{system_name(info.os)} {_version(info)} or later"


def verdicts(build: Build, browser: Browser, now: datetime, *, is_secure: bool) -> list[Verdict]:
    """Tell all that stands between a build and a device, the worst first; `is_secure` is whether links are https."""
    found = list(_of_file(build, now))
    if build.info is not None:
        found += _of_device(build.info, browser)
    if build.os in {Os.IOS, Os.TVOS, Os.VISIONOS} and browser.os == Os.IOS:
        if browser.is_in_app:
            found.append(Verdict(Level.WARNING, "Open this page in Safari: it cannot install from inside another app."))
        if not is_secure:
            found.append(Verdict(Level.STOP, "iOS installs over https only, and this server is reached without it."))
    fits = browser.os == build.os and not any(one.level is Level.STOP for one in found)
    if fits:
        version = f" ({system_name(browser.os)} {browser.version})" if browser.version else ""
        found.append(Verdict(Level.OK, f"Made for this {browser.name}{version}."))
    order = (Level.STOP, Level.WARNING, Level.OK, Level.NOTE)
    return sorted(found, key=lambda one: order.index(one.level))


def _of_file(build: Build, now: datetime) -> Iterator[Verdict]:
    info = build.info
    if info is None:
        return
    if info.format is Format.AAB and build.file(FileType.PACKAGE) is None:
        yield Verdict(Level.STOP, "This is an Android App Bundle of which no APK was made: no device installs it.")
    if info.format is Format.MAC_APP_ZIP and info.os in {Os.IOS, Os.TVOS, Os.VISIONOS}:
        yield Verdict(Level.STOP, "This is an app in a ZIP archive, for simulators: no device installs it from here.")
    if info.os is Os.ANDROID:
        yield from _of_android(info)
    elif info.os in {Os.IOS, Os.TVOS, Os.VISIONOS} and info.format is Format.IPA:
        yield from _of_apple(info.signing, now)
    elif info.signing is not None and info.signing.kind in {SigningKind.UNSIGNED, SigningKind.INVALID}:
        yield Verdict(Level.WARNING, f"{_unsigned(info.signing.kind)}: the system will warn, or refuse it.")


def _unsigned(kind: SigningKind) -> str:
    return "It is not signed" if kind is SigningKind.UNSIGNED else "Its signature does not fit its content"


def _of_apple(signing: Signing | None, now: datetime) -> Iterator[Verdict]:
    if signing is None or signing.kind is None:
        return
    if signing.kind in {SigningKind.UNSIGNED, SigningKind.INVALID}:
        yield Verdict(Level.STOP, f"{_unsigned(signing.kind)}: no device takes it.")
    if signing.kind is SigningKind.APP_STORE:
        yield Verdict(Level.STOP, "It is signed for the App Store: devices take it from there and TestFlight only.")
    profile = signing.profile
    if profile is not None and profile.expires is not None:
        if profile.expires <= now:
            yield Verdict(
                Level.STOP,
                f"Its provisioning profile ended on {_day(profile.expires)}: it cannot be installed any more, and "
                "where it is installed it does not open.",
            )
        elif profile.expires - now <= SOON:
            yield Verdict(Level.WARNING, f"It works until {_day(profile.expires)}, when its provisioning profile ends.")
    if profile is not None and profile.devices is not None and not profile.all_devices:
        name = f" “{profile.name}”" if profile.name else ""
        count = len(profile.devices)
        devices = "the one device" if count == 1 else f"the {count} devices"
        yield Verdict(Level.NOTE, f"It installs only on {devices} in the provisioning profile{name}.")
    if signing.kind is SigningKind.ENTERPRISE:
        yield Verdict(
            Level.NOTE,
            "Before it opens for the first time, trust its maker in Settings, General, VPN & Device Management.",
        )


def _of_android(info: BuildInfo) -> Iterator[Verdict]:
    signing = info.signing
    if signing is None:
        return
    target = int(info.target_os) if info.target_os and info.target_os.isdecimal() else 0
    if signing.kind in {SigningKind.UNSIGNED, SigningKind.INVALID}:
        yield Verdict(Level.STOP, f"{_unsigned(signing.kind)}: no device takes it.")
    elif signing.schemes == ("v1",) and target >= FIRST_WITHOUT_V1:
        yield Verdict(Level.STOP, "It is signed by scheme v1 alone: Android 11 and later refuse it.")
    elif signing.kind is SigningKind.DEBUG:
        yield Verdict(
            Level.NOTE, "It is signed with a debug key: it does not replace a release, nor the other way round."
        )
    if info.architectures and not {"arm64-v8a", "armeabi-v7a", "armeabi"} & set(info.architectures):
        names = ", ".join(info.architectures)
        yield Verdict(Level.WARNING, f"Its native code is for {names} only: for emulators, hardly for a phone.")


def _of_device(info: BuildInfo, browser: Browser) -> Iterator[Verdict]:
    if info.os is None or browser.os != info.os:
        return
    if info.min_os and browser.version and _number(browser.version) < _number(_version(info)):
        yield Verdict(
            Level.STOP,
            f"It needs {requirement(info)}; this {browser.name} has {system_name(info.os)} {browser.version}.",
        )
    family = _FAMILIES.get(browser.name)
    if family == "iphone" and info.device_families and "iphone" not in info.device_families:
        yield Verdict(Level.STOP, f"It is not made for the {browser.name}.")


def _version(info: BuildInfo) -> str:
    said = info.min_os or ""
    if info.os is Os.ANDROID and said.isdecimal():
        return ANDROID_VERSIONS.get(int(said), f"with API level {said}")
    return said


def _number(version: str) -> tuple[int, ...]:
    """Read a version's leading numbers; what is none compares as older than everything."""
    numbers = []
    for part in version.removesuffix("L").split(".")[:3]:
        if not (part.isascii() and part.isdigit() and len(part) < 6):
            break
        numbers.append(int(part))
    while numbers and numbers[-1] == 0:
        numbers.pop()
    return tuple(numbers)


def _day(moment: datetime) -> str:
    return f"{moment.day} {moment:%B %Y}"
