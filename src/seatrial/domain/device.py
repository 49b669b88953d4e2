"""What an app on a device says about itself and the device, and how much of an address is kept."""

import ipaddress
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum

from seatrial.domain.buildinfo import Os


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """A device as an app's SDK describes it; empty for what it does not say. Nothing of it is proven."""

    vendor: str = ""
    model: str = ""
    type: str = ""
    os_name: str = ""
    os_version: str = ""
    sdk_version: str = ""
    """Like `ANDROID_5.0.0`."""
    package_name: str = ""
    """The identifier of the app that asks."""
    app_version: str = ""
    """Its version as people read it: `versionName`, `CFBundleShortVersionString`."""
    package_version: str = ""
    """Its version as machines compare it: `versionCode`, `CFBundleVersion`."""

    @property
    def os(self) -> Os | None:
        """The system whose SDK asks, if any."""
        said = f"{self.sdk_version}|{self.os_name}".lower()
        if "android" in said:
            return Os.ANDROID
        return Os.IOS if said.startswith("ios") or self.os_name.lower().startswith(("ios", "ipados")) else None


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who is at the other end of a connection, as far as it says."""

    address: str = ""
    user_agent: str = ""


class AddressPolicy(StrEnum):
    """How much of a network address is kept."""

    FULL = "full"
    TRUNCATED = "truncated"
    """The network: the first 24 bits of IPv4, the first 48 of IPv6."""
    NONE = "none"


_KEPT_BITS = {4: 24, 6: 48}


def kept_address(address: str, policy: AddressPolicy) -> str:
    """Give what is kept of an address; nothing of what is no address."""
    if policy is AddressPolicy.NONE:
        return ""
    with suppress(ValueError):
        found = ipaddress.ip_address(address.partition("%")[0])
        found = getattr(found, "ipv4_mapped", None) or found
        if policy is AddressPolicy.FULL:
            return str(found)
        return str(ipaddress.ip_network((found, _KEPT_BITS[found.version]), strict=False).network_address)
    return ""
