"""Whether a build will install, told before anybody tries: what phones say themselves only when it is too late."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from seatrial.domain.browser import Browser
from seatrial.domain.build import Build, FileType
from seatrial.domain.buildinfo import BuildInfo, Format, Os, ProvisioningProfile, Signing, SigningKind
from seatrial.domain.known_device import Membership, is_in
from seatrial.domain.sentence import Sentence

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
APPLE = frozenset({Os.IOS, Os.TVOS, Os.VISIONOS})
"""Systems whose builds devices install over the air, by a provisioning profile."""
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
    sentence: Sentence

    @property
    def text(self) -> str:
        """The sentence in English."""
        return str(self.sentence)


def system_name(os: str) -> str:
    """Give the name that people know a system by."""
    return SYSTEM_NAMES.get(Os(os), os) if os in set(Os) else os


def requirement(info: BuildInfo | None) -> str:
    """Say what the build needs of the system; empty where it does not say."""
    return "{system} {version} or later".format(**_asked(info)) if info is not None and _asked(info) else ""


def needs(info: BuildInfo | None) -> Sentence | None:
    """Say the same in a sentence; nothing where the build does not say."""
    return Sentence("Needs {system} {version} or later.", _asked(info)) if info is not None and _asked(info) else None


def verdicts(build: Build, browser: Browser, now: datetime, *, is_secure: bool, udid: str = "") -> list[Verdict]:
    """Tell all that stands between a build and a device, the worst first.

    `is_secure` is whether links are https; `udid` is the device's, where it is known.
    """
    found = list(_of_file(build, now, udid))
    if build.info is not None:
        found += _of_device(build.info, browser)
    if build.os in APPLE and browser.os == Os.IOS:
        if browser.is_in_app:
            text = "Open this page in Safari: it cannot install from inside another app."
            found.append(Verdict(Level.WARNING, Sentence(text)))
        if not is_secure:
            text = "iOS installs over https only, and this server is reached without it."
            found.append(Verdict(Level.STOP, Sentence(text)))
    fits = browser.os == build.os and not any(one.level is Level.STOP for one in found)
    if fits:
        device = {"device": browser.name, "system": system_name(browser.os), "version": browser.version}
        text = "Made for this {device} ({system} {version})." if browser.version else "Made for this {device}."
        found.append(Verdict(Level.OK, Sentence(text, device)))
    order = (Level.STOP, Level.WARNING, Level.OK, Level.NOTE)
    return sorted(found, key=lambda one: order.index(one.level))


def profile_of(build: Build) -> ProvisioningProfile | None:
    """Give the profile of a build that names the devices it installs on; nothing where it names none."""
    info = build.info
    if info is None or info.os not in APPLE or info.format is not Format.IPA or info.signing is None:
        return None
    profile = info.signing.profile
    return profile if profile is not None and profile.devices is not None and not profile.all_devices else None


def _of_file(build: Build, now: datetime, udid: str) -> Iterator[Verdict]:
    info = build.info
    if info is None:
        return
    if info.format is Format.AAB and build.file(FileType.PACKAGE) is None:
        text = "This is an Android App Bundle of which no APK was made: no device installs it."
        yield Verdict(Level.STOP, Sentence(text))
    if info.format is Format.MAC_APP_ZIP and info.os in APPLE:
        text = "This is an app in a ZIP archive, for simulators: no device installs it from here."
        yield Verdict(Level.STOP, Sentence(text))
    if info.os is Os.ANDROID:
        yield from _of_android(info)
    elif info.os in APPLE and info.format is Format.IPA:
        yield from _of_apple(info.signing, now, udid)
    elif info.signing is not None and info.signing.kind is SigningKind.UNSIGNED:
        yield Verdict(Level.WARNING, Sentence("It is not signed: the system will warn, or refuse it."))
    elif info.signing is not None and info.signing.kind is SigningKind.INVALID:
        text = "Its signature does not fit its content: the system will warn, or refuse it."
        yield Verdict(Level.WARNING, Sentence(text))


def _untaken(kind: SigningKind | None) -> Iterator[Verdict]:
    if kind is SigningKind.UNSIGNED:
        yield Verdict(Level.STOP, Sentence("It is not signed: no device takes it."))
    elif kind is SigningKind.INVALID:
        yield Verdict(Level.STOP, Sentence("Its signature does not fit its content: no device takes it."))


def _of_apple(signing: Signing | None, now: datetime, udid: str) -> Iterator[Verdict]:
    if signing is None or signing.kind is None:
        return
    yield from _untaken(signing.kind)
    if signing.kind is SigningKind.APP_STORE:
        text = "It is signed for the App Store: devices take it from there and TestFlight only."
        yield Verdict(Level.STOP, Sentence(text))
    if signing.profile is not None:
        yield from _of_profile(signing.profile, now, udid)
    if signing.kind is SigningKind.ENTERPRISE:
        text = "Before it opens for the first time, trust its maker in Settings, General, VPN & Device Management."
        yield Verdict(Level.NOTE, Sentence(text))


def _of_profile(profile: ProvisioningProfile, now: datetime, udid: str) -> Iterator[Verdict]:
    if profile.expires is not None:
        day = {"day": profile.expires}
        if profile.expires <= now:
            text = (
                "Its provisioning profile ended on {day}: it cannot be installed any more, and where it is installed "
                "it does not open."
            )
            yield Verdict(Level.STOP, Sentence(text, day))
        elif profile.expires - now <= SOON:
            text = "It works until {day}, when its provisioning profile ends."
            yield Verdict(Level.WARNING, Sentence(text, day))
    if profile.devices is None or profile.all_devices:
        return
    said = {"name": f" “{profile.name}”" if profile.name else "", "number": len(profile.devices)}
    if not udid:
        text = "It installs only on the {number} devices in the provisioning profile{name}."
        if len(profile.devices) == 1:
            text = "It installs only on the one device in the provisioning profile{name}."
        yield Verdict(Level.NOTE, Sentence(text, said))
    elif is_in(udid, profile) is Membership.LISTED:
        yield Verdict(Level.OK, Sentence("This device is in its provisioning profile{name}.", said))
    else:
        text = "This device is not in its provisioning profile{name}: it cannot install this build."
        yield Verdict(Level.STOP, Sentence(text, said))


def _of_android(info: BuildInfo) -> Iterator[Verdict]:
    signing = info.signing
    if signing is None:
        return
    target = int(info.target_os) if info.target_os and info.target_os.isdecimal() else 0
    if signing.kind in {SigningKind.UNSIGNED, SigningKind.INVALID}:
        yield from _untaken(signing.kind)
    elif signing.schemes == ("v1",) and target >= FIRST_WITHOUT_V1:
        yield Verdict(Level.STOP, Sentence("It is signed by scheme v1 alone: Android 11 and later refuse it."))
    elif signing.kind is SigningKind.DEBUG:
        text = "It is signed with a debug key: it does not replace a release, nor the other way round."
        yield Verdict(Level.NOTE, Sentence(text))
    if info.architectures and not {"arm64-v8a", "armeabi-v7a", "armeabi"} & set(info.architectures):
        text = "Its native code is for {names} only: for emulators, hardly for a phone."
        yield Verdict(Level.WARNING, Sentence(text, {"names": info.architectures}))


def _of_device(info: BuildInfo, browser: Browser) -> Iterator[Verdict]:
    if info.os is None or browser.os != info.os:
        return
    if info.min_os and browser.version and _number(browser.version) < _number(_version(info)):
        text = "It needs {system} {version} or later; this {device} has {system} {own}."
        device = {"device": browser.name, "own": browser.version}
        yield Verdict(Level.STOP, Sentence(text, {**_asked(info), **device}))
    family = _FAMILIES.get(browser.name)
    if family == "iphone" and info.device_families and "iphone" not in info.device_families:
        yield Verdict(Level.STOP, Sentence("It is not made for the {device}.", {"device": browser.name}))


def _asked(info: BuildInfo) -> dict[str, object]:
    """Give the system and the version that a build needs; nothing where it does not say."""
    if info.os is None or not info.min_os:
        return {}
    return {"system": system_name(info.os), "version": _version(info)}


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
