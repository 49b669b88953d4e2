"""What ends soon in published builds."""

from seatrial.domain import errors
from seatrial.domain.access import Permission
from seatrial.domain.expiration import ExpirationKind
from seatrial.domain.platforms import BUILD_PLATFORMS
from seatrial.web.openapi import examples
from seatrial.web.openapi.errors import SCOPED
from seatrial.web.openapi.faces import ORGANIZATION, WORKSPACE_TOKEN
from seatrial.web.openapi.lists import page
from seatrial.web.openapi.notation import (
    Json,
    Operation,
    array,
    entity_id,
    moment,
    number,
    parameter,
    record,
    ref,
    shared,
    string,
    success,
)
from seatrial.wire.expirations import DEFAULT_SORT, MOST_DAYS, SORTS

TAG = "Expirations"

EXPIRATION = {
    "kind": "profile",
    "name": "Tide Tables In-House",
    "identifier": "2a6b8e0c-5d1f-4a7e-9c3b-0f1e2d3c4b5a",
    "expiresAt": "2024-12-10T09:00:00.000Z",
    "daysLeft": 28,
    "builds": [{"id": examples.BUILD_ID, "versionName": "2.4.0", "versionCode": "240", "os": "ios"}],
}
_APP = {"id": examples.APP_ID, "name": "Tide Tables", "slug": "tide-tables", "picture": ""}


def ending_keys() -> dict[str, Json]:
    """Give the schema of what ends, key by key."""
    build = {
        "id": entity_id(),
        "versionName": string(),
        "versionCode": string(),
        "os": string(enum=["", *BUILD_PLATFORMS]),
    }
    return {
        "kind": string(enum=[kind.value for kind in ExpirationKind]),
        "name": string("Of the profile, or the subject of the certificate."),
        "identifier": string("The profile's UUID, or the certificate's SHA-256."),
        "expiresAt": moment(),
        "daysLeft": number("Whole days, rounded down; negative after the end.", minimum=-MOST_DAYS),
        "builds": array(record(build), "The published builds that end with it.", minItems=1),
    }


def schemas() -> dict[str, Json]:
    """Give the schemas of what ends."""
    return {
        "Expiration": record({"application": ref("ApplicationInfo")} | ending_keys()),
        "ExpirationPage": page(ref("Expiration")),
    }


def operations() -> list[Operation]:
    """Describe the calendar."""
    words = [f"{field}:{way}" for field in SORTS for way in ("asc", "desc")]
    sort = parameter("sort", "query", string(enum=words, default=DEFAULT_SORT), "By what, and in which direction.")
    within = parameter(
        "within",
        "query",
        number(maximum=MOST_DAYS),
        "Only what ends in so many days, or has ended already.",
        example=60,
    )
    shown = examples.page({"application": _APP} | EXPIRATION)
    return [
        Operation(
            id="listExpirations",
            method="get",
            path=f"{ORGANIZATION}/expirations",
            tag=TAG,
            summary="List what ends in published builds",
            description="Provisioning profiles, and the certificates of whoever signed, of the builds that open "
            "publications give now; each once for an app, what ends first at the top.",
            credentials=WORKSPACE_TOKEN,
            permission=Permission.BUILD_LIST,
            parameters=(shared("organizationId"), within, sort, shared("page"), shared("limit")),
            answers={200: success("A page.", "ExpirationPageAnswer", ref("ExpirationPage"), shown)},
            errors=(*SCOPED, errors.InvalidRequest),
        )
    ]
