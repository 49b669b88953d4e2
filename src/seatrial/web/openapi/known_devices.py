"""Testers' devices, and how a device becomes known."""

from dataclasses import replace

from seatrial.domain import errors
from seatrial.domain.access import Permission
from seatrial.domain.known_device import DeviceState
from seatrial.web.openapi import examples
from seatrial.web.openapi.errors import SCOPED
from seatrial.web.openapi.faces import ORGANIZATION
from seatrial.web.openapi.notation import (
    Json,
    Operation,
    array,
    boolean,
    entity_id,
    header,
    moment,
    parameter,
    record,
    response,
    shared,
    string,
)
from seatrial.web.openapi.resource import Resource
from seatrial.wire.known_devices import TEXT_LIMIT

TAG = "Devices"
EXAMPLE: Json = {
    "id": "6655f0c2a1b2c3d4e5f60718",
    "udid": "00008120-0012345A67B8901E",
    "product": "iPhone15,4",
    "productName": "iPhone 15",
    "osVersion": "17.1.2",
    "osBuild": "21B101",
    "serial": "",
    "owner": {
        "type": "employee",
        "id": examples.PERSON["id"],
        "email": "ada@example.com",
        "firstName": "Ada",
        "lastName": "Marsh",
        "name": "",
    },
    "application": examples.APP_ID,
    "proven": False,
    "builds": [
        {
            "id": examples.BUILD_ID,
            "application": examples.APP_ID,
            "versionName": "2.4.0",
            "versionCode": "173",
            "profile": "QA devices",
        }
    ],
    "lastSeen": examples.MOMENT,
    "createdAt": examples.MOMENT,
}
DEVICE = Resource(
    name="KnownDevice",
    noun="a device",
    tag=TAG,
    path=f"{ORGANIZATION}/devices",
    item="deviceId",
    example=EXAMPLE,
    listing=Permission.DEVICE_LIST,
    creating=Permission.DEVICE_LIST,
    updating=Permission.DEVICE_LIST,
    deleting=Permission.DEVICE_DELETE,
)
_LOCATION = {"Location": header("Where.", string())}
FILTERS = (
    parameter("text", "query", string(maxLength=TEXT_LIMIT), "A part of a UDID, a product, or an owner, in any case."),
    parameter("app", "query", string(maxLength=TEXT_LIMIT), "The id or slug of the app on whose page it came."),
    parameter(
        "state",
        "query",
        string(enum=[*map(str, DeviceState)]),
        "`missing`: in no profile of a build that publications give now or that is the newest of its app.",
    ),
)


def schemas() -> dict[str, Json]:
    """Give the schemas of devices."""
    owner = {
        "type": string(enum=["employee", "user", ""]),
        "id": string(),
        "email": string(),
        "firstName": string(),
        "lastName": string(),
        "name": string("What somebody called themselves who was not signed in."),
    }
    build = {
        "id": entity_id(),
        "application": entity_id(),
        "versionName": string(),
        "versionCode": string(),
        "profile": string("The name of its profile."),
    }
    device = {
        "id": entity_id(),
        "udid": string("What Apple knows it by."),
        "product": string("What it calls itself."),
        "productName": string("Its name in the shop."),
        "osVersion": string("As its browser said it last; empty where it said none."),
        "osBuild": string("The build of its system."),
        "serial": string("Empty where the server does not ask for it."),
        "owner": record(owner),
        "application": string("The app on whose page it became known; empty for none."),
        "proven": boolean("Whether a certificate that Apple gave to a device signed its answer."),
        "builds": array(record(build), "Those that would install on it."),
        "lastSeen": moment(),
        "createdAt": moment(),
    }
    return {"KnownDevice": record(device, "A tester's device.")} | DEVICE.page_schema()


def operations() -> list[Operation]:
    """Describe the routes of devices."""
    search = replace(
        DEVICE.search("List testers' devices", ()),
        parameters=(shared("organizationId"), *FILTERS, shared("page"), shared("limit")),
    )
    return [
        search,
        _export(search, "exportDevices", "csv", "text/csv", "Export devices as a table", "RFC 4180, UTF-8."),
        _export(
            search,
            "exportDevicesForApple",
            "txt",
            "text/plain",
            "Export devices for Apple's developer site",
            "As “Register Multiple Devices” takes them: `Device ID`, `Device Name`, `Device Platform` with tabs.",
        ),
        DEVICE.show(),
        DEVICE.remove("Profiles that name it stay as they are."),
        _answer(),
    ]


def _export(search: Operation, name: str, end: str, kind: str, summary: str, text: str) -> Operation:
    headers = {"Content-Disposition": header("A name for the file.", string())}
    return replace(
        search,
        id=name,
        path=f"{search.path}.{end}",
        summary=summary,
        description=text,
        parameters=(shared("organizationId"), *FILTERS),
        answers={200: response("All that match.", {kind: {"schema": string()}}, headers)},
        errors=(*SCOPED, errors.InvalidRequest),
    )


def _answer() -> Operation:
    return Operation(
        id="takeDeviceAnswer",
        method="post",
        path="/profile/device",
        tag=TAG,
        summary="Take a device's answer",
        description="What an Apple device sends after a profile of the store asked it: a property list with UDID, "
        "PRODUCT, VERSION and the CHALLENGE of the profile, in CMS signed data, at most 64 KiB.",
        body={
            "required": True,
            "content": {"application/pkcs7-signature": {"schema": {"type": "string", "format": "binary"}}},
        },
        answers={301: response("To the page that says what came of it.", headers=_LOCATION)},
        errors=(errors.InvalidRequest, errors.PayloadTooLarge, errors.TooManyRequests),
    )
