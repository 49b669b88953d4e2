"""Testers' Apple devices: known by their UDID, so that the team can add them to a provisioning profile."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from seatrial.domain.apple_products import product_name
from seatrial.domain.build import Paging
from seatrial.domain.buildinfo import ProvisioningProfile
from seatrial.domain.errors import InvalidRequest
from seatrial.domain.ids import AppId, BuildId, KnownDeviceId, OrganizationId
from seatrial.domain.membership import MemberKind

NAME_LIMIT = 60
PRODUCT_LIMIT = 64
# Forty hex digits until 2018, since then eight, a hyphen and sixteen: as Xcode and Apple's developer site write them.
_OLD = re.compile(r"[0-9a-f]{40}")
_NEW = re.compile(r"[0-9A-F]{8}-[0-9A-F]{16}")


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownDevice:
    """A device that somebody made known to an organization."""

    id: KnownDeviceId
    organization_id: OrganizationId
    udid: str
    product: str
    """What it calls itself, like `iPhone15,4`."""
    os_build: str
    """The build of its system, like `21B101`."""
    os_version: str
    """The version of its system as its browser said it last, like `17.1`; empty where it said none."""
    serial: str
    """Empty where it is not asked for."""
    name: str
    """What its owner calls themselves or it, where nobody was signed in."""
    kind: MemberKind | None
    """What its owner is, where they were signed in."""
    member_id: str
    email: str
    """Of the owner, where they were signed in; so are the names."""
    first_name: str
    last_name: str
    app_id: AppId | None
    """The app on whose page it was made known."""
    is_proven: bool
    """Whether its answer was signed by a certificate that Apple gave to a device."""
    last_seen_at: datetime
    created_at: datetime

    @property
    def product_name(self) -> str:
        """The name in the shop."""
        return product_name(self.product)

    @property
    def owner(self) -> str:
        """Whose it is, as far as anybody said."""
        return f"{self.first_name} {self.last_name}".strip() or self.email or self.name

    @property
    def label(self) -> str:
        """What a list of devices on Apple's site is to call it."""
        return f"{self.owner} {self.product_name}".strip()


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceAnswer:
    """What a device says of itself when it is asked by a profile."""

    udid: str
    product: str = ""
    os_build: str = ""
    serial: str = ""
    challenge: str = ""
    is_proven: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfiledBuild:
    """A build that people can get, or the newest of its app, with the devices that its profile names."""

    id: BuildId
    app_id: AppId
    app_name: str
    app_slug: str
    version_name: str
    version_code: str
    profile: str
    """The profile's name."""
    devices: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenDevice:
    """A device, and the builds that would install on it."""

    device: KnownDevice
    builds: tuple[ProfiledBuild, ...]


class DeviceState(StrEnum):
    """Which devices to list."""

    MISSING = "missing"
    """In no build's profile."""
    PRESENT = "present"
    """In some build's profile."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceQuery(Paging):
    """Which devices, who came last first; `None` filters nothing."""

    text: str | None = None
    """A part of a UDID, a product or its name, or of the owner's name or address; in any case."""
    app: str | None = None
    """The id or slug of the app on whose page it was made known."""
    state: DeviceState | None = None


class Membership(StrEnum):
    """What a device is to a profile."""

    LISTED = "listed"
    MISSING = "missing"
    ANY = "any"
    """The profile names no devices: every device may have the build, or none by this way."""


def printable(said: str, limit: int = NAME_LIMIT) -> str:
    """Give what can be shown of a text that anybody may have typed, or a device sent."""
    return "".join(letter for letter in said if letter.isprintable()).strip()[:limit]


def checked_udid(said: str) -> str:
    """Give a UDID as Apple's tools write it.

    Raises InvalidRequest for what is none.
    """
    for text, form in ((said.strip().lower(), _OLD), (said.strip().upper(), _NEW)):
        if form.fullmatch(text):
            return text
    raise InvalidRequest({"UDID": "must be 40 hex digits, or 8 and 16 with a hyphen between them"})


def is_in(udid: str, profile: ProvisioningProfile | None) -> Membership:
    """Tell what a device is to a profile."""
    if profile is None or profile.all_devices or profile.devices is None:
        return Membership.ANY
    wanted = udid.casefold()
    return Membership.LISTED if any(one.casefold() == wanted for one in profile.devices) else Membership.MISSING


def seen(device: KnownDevice, builds: Sequence[ProfiledBuild]) -> SeenDevice:
    """Put beside a device the builds that would install on it."""
    return SeenDevice(device=device, builds=tuple(one for one in builds if device.udid.casefold() in one.devices))
