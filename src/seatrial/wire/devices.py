"""Headers by which an app's SDK describes itself and its device (contract 2.6).

They must never break anything: what is missing, odd or too long is left out, repaired or cut, never refused.
"""

from collections.abc import Mapping

from seatrial.domain.device import Device
from seatrial.domain.storable import storable

LONGEST = 128
_HEADERS = {
    "vendor": "x-device-vendor",
    "model": "x-device-model",
    "type": "x-device-type",
    "os_name": "x-os-name",
    "os_version": "x-os-version",
    "sdk_version": "x-sdk-version",
    "package_name": "x-package-name",
    "app_version": "x-app-version",
    "package_version": "x-package-version",
}


def device_of(headers: Mapping[str, str]) -> Device:
    """Read what a request's headers say of the device that sends it."""
    return Device(**{name: _line(headers.get(header, "")) for name, header in _HEADERS.items()})


def device_json(device: Device) -> dict[str, str]:
    """Show a device; every key, empty where nothing was said."""
    return {
        "vendor": device.vendor,
        "model": device.model,
        "type": device.type,
        "osName": device.os_name,
        "osVersion": device.os_version,
        "sdkVersion": device.sdk_version,
        "packageName": device.package_name,
        "appVersion": device.app_version,
        "packageVersion": device.package_version,
    }


def _line(text: str) -> str:
    return "".join(character for character in storable(text.strip(), LONGEST) if character.isprintable())
