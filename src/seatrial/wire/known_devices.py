"""Testers' devices as JSON, as a table, and as the list that Apple's developer site takes."""

from collections.abc import Iterable

from seatrial.domain.known_device import DeviceQuery, DeviceState, SeenDevice
from seatrial.wire import fields
from seatrial.wire.csv_lines import csv_lines
from seatrial.wire.queries import Params, filters_of, paging_of
from seatrial.wire.timestamps import timestamp

TEXT_LIMIT = 128
COLUMNS = (
    *("udid", "product", "productName", "osVersion", "osBuild", "serial", "name", "email", "proven"),
    *("builds", "lastSeen", "createdAt"),
)
APPLE_HEAD = ("Device ID", "Device Name", "Device Platform")
APPLE_NAME = 50
"""Characters of a name that Apple's site takes."""


def devices_query(params: Params) -> DeviceQuery:
    """Read which devices to list.

    Raises InvalidRequest naming the parameter and what is allowed.
    """
    said = filters_of(params, ("text", "app", "state", "page", "limit"))
    return DeviceQuery(
        text=fields.bounded("text", said["text"], TEXT_LIMIT) if "text" in said else None,
        app=fields.bounded("app", said["app"], TEXT_LIMIT) if "app" in said else None,
        state=DeviceState(fields.word("state", said["state"], DeviceState)) if "state" in said else None,
        **paging_of(said),
    )


def device_json(seen: SeenDevice) -> dict[str, object]:
    """Show a device with the builds that would install on it."""
    device = seen.device
    return {
        "id": device.id,
        "udid": device.udid,
        "product": device.product,
        "productName": device.product_name,
        "osVersion": device.os_version,
        "osBuild": device.os_build,
        "serial": device.serial,
        "owner": {
            "type": device.kind.value if device.kind else "",
            "id": device.member_id,
            "email": device.email,
            "firstName": device.first_name,
            "lastName": device.last_name,
            "name": device.name,
        },
        "application": device.app_id or "",
        "proven": device.is_proven,
        "builds": [
            {
                "id": build.id,
                "application": build.app_id,
                "versionName": build.version_name,
                "versionCode": build.version_code,
                "profile": build.profile,
            }
            for build in seen.builds
        ],
        "lastSeen": timestamp(device.last_seen_at),
        "createdAt": timestamp(device.created_at),
    }


def devices_head() -> bytes:
    """Give the line with the names of the columns."""
    return csv_lines([COLUMNS])


def devices_csv(devices: Iterable[SeenDevice]) -> bytes:
    """Give a line for each device."""
    return csv_lines(
        (
            *(one.device.udid, one.device.product, one.device.product_name, one.device.os_version),
            *(one.device.os_build, one.device.serial, one.device.owner, one.device.email),
            "true" if one.device.is_proven else "false",
            " | ".join(f"{build.app_name} {build.version_name}".strip() for build in one.builds),
            timestamp(one.device.last_seen_at),
            timestamp(one.device.created_at),
        )
        for one in devices
    )


def apple_head() -> bytes:
    """Give the first line of a list for "Register Multiple Devices"."""
    return _tabs(APPLE_HEAD)


def apple_list(devices: Iterable[SeenDevice]) -> bytes:
    """Give a line for each device of such a list: identifier, name and platform with tabs between them."""
    return b"".join(
        _tabs((one.device.udid, one.device.label[:APPLE_NAME].strip() or one.device.udid, "ios")) for one in devices
    )


def _tabs(cells: Iterable[str]) -> bytes:
    return ("\t".join(" ".join(cell.split()) for cell in cells) + "\r\n").encode()
