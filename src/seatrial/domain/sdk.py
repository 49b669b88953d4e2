"""What an app's SDK is told: the rules of an app, and which build is the last one."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from itertools import zip_longest

from seatrial.domain.build import UNSET, Unset
from seatrial.domain.buildinfo import BuildInfo, Format, Os
from seatrial.domain.device import Device
from seatrial.domain.ids import AppId, BuildId
from seatrial.domain.storable import storable

SDK_SYSTEMS = (Os.IOS, Os.ANDROID)
"""Systems that the vendor publishes an SDK for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SdkRules:
    """What people chose for the SDK of one system."""

    force_auth: bool = False
    """Only members who signed in may download."""
    force_update: bool = False
    """Versions below the least one stop working until they are updated."""
    ota: bool = False
    """Newer builds are offered."""
    min_version: str = ""
    """The least version that may go on: a `versionCode` on Android, a version such as 1.4.2 on iOS; or empty."""
    must_update_message: str = ""
    update_message: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SdkChanges:
    """Edits to the rules of one system; `UNSET` leaves a value as it is."""

    force_auth: bool | Unset = UNSET
    force_update: bool | Unset = UNSET
    ota: bool | Unset = UNSET
    min_version: str | Unset = UNSET
    must_update_message: str | Unset = UNSET
    update_message: str | Unset = UNSET


def merged_rules(before: Mapping[Os, SdkRules], changes: Mapping[Os, SdkChanges]) -> dict[Os, SdkRules]:
    """Give the rules after edits: what they do not name stays."""
    after = dict(before)
    for system, edits in changes.items():
        said = {one.name: getattr(edits, one.name) for one in fields(edits)}
        given = {name: value for name, value in said.items() if not isinstance(value, Unset)}
        after[system] = replace(after.get(system, SdkRules()), **given)
    return after


@dataclass(frozen=True, slots=True, kw_only=True)
class LastBuild:
    """The newest build of one system that devices may update to, in its package's own words."""

    id: BuildId
    app_id: AppId
    os: Os
    identifier: str
    version_name: str
    version_code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """An SDK that called in, as it was last seen."""

    app_id: AppId
    os: Os
    sdk_version: str
    capabilities: tuple[str, ...]
    package_known: bool
    """Whether it runs in an app that this app has builds of."""
    seen_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SdkState:
    """Everything about the SDK of one app and one system."""

    rules: SdkRules = field(default_factory=SdkRules)
    last: LastBuild | None = None
    seen: Sighting | None = None

    @property
    def short_of(self) -> str:
        """The version of the last build where it is below the least one: who must update finds nothing to update to.

        Empty where all is well.
        """
        if self.last is None or not self.rules.min_version or not self.rules.force_update:
            return ""
        version = self.last.version_code if self.last.os is Os.ANDROID else self.last.version_name
        return version if is_older(version, self.rules.min_version) else ""


SdkStates = Mapping[Os, SdkState]


@dataclass(frozen=True, slots=True)
class Offer:
    """Which build a device is told to be the last one, and in which words; both empty for none."""

    build_id: str = ""
    version: str = ""


def plain_offer(last: LastBuild | None) -> Offer:
    """Name the last build to whoever is no device: in the version that the system's SDK compares."""
    if last is None:
        return Offer()
    return Offer(last.id, last.version_code if last.os is Os.ANDROID else last.version_name or last.version_code)


def offer_to(device: Device, last: LastBuild | None) -> Offer:
    """Name the last build to a device so that its SDK offers it exactly where it is newer than what runs there.

    Android's SDK compares `versionCode`s, which says all. Apple's has three comparisons with the one value it gets
    (SDK 4.5.1): `checkUpdate` holds the marketing version against it, `isUpToDate` the bundle version, and the next
    start, after the update, the marketing version once more. So the value is chosen for the device at hand.
    """
    if last is None or last.os is Os.ANDROID or not (device.app_version and device.package_version):
        return plain_offer(last)
    short, bundle = device.app_version, device.package_version
    is_newer = _order(last.version_name, short) > 0 or (
        _order(last.version_name, short) == 0 and _order(last.version_code, bundle) > 0
    )

    def rank(version: str) -> tuple[bool, bool, bool]:
        offered = is_older(short, version)
        silent_after = not is_older(last.version_name, version)
        return offered == is_newer, not is_newer or silent_after, is_older(bundle, version) == is_newer

    candidates = [last.version_name, last.version_code, f"{last.version_name}.{last.version_code}"]
    if not is_newer:
        candidates.append("")  # older than everything, to every comparison of the SDK
    return Offer(last.id, max(candidates, key=rank))


_RUNS = re.compile(r"[0-9]+|[^0-9]")


def is_older(current: str, least: str) -> bool:
    """Compare as the SDK for iOS does: parts filled up with `.0`, then runs of digits as numbers."""
    return _order(current, least) < 0


def _order(left: str, right: str) -> int:
    missing = left.count(".") - right.count(".")
    left, right = left + ".0" * -missing, right + ".0" * missing
    for one, other in zip_longest(_RUNS.findall(left), _RUNS.findall(right), fillvalue=""):
        if one.isdigit() and other.isdigit():
            pair: tuple[object, object] = (int(one), int(other))
        else:
            pair = (one, other)
        if pair[0] != pair[1]:
            return 1 if pair[0] > pair[1] else -1  # type: ignore[operator]  # both are of one kind
    return 0


_INSTALLED = {Os.ANDROID: {Format.APK}, Os.IOS: {Format.IPA}}
"""What devices install as it was uploaded."""
LONGEST_IDENTIFIER = 255


def update_identifier(info: BuildInfo | None, *, is_converted: bool) -> str:
    """Give the identifier of the apps that can update to a build; empty where no device installs its file.

    `is_converted` says that an APK was made of it: of an Android App Bundle, that is what devices get.
    """
    if info is None or info.os not in _INSTALLED or not info.identifier or len(info.identifier) > LONGEST_IDENTIFIER:
        return ""
    is_installed = info.format in _INSTALLED[info.os] or (info.format is Format.AAB and is_converted)
    return storable(info.identifier) if is_installed else ""
