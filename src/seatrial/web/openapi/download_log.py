"""The log of downloads: pages and tables of it, and erasing somebody from it (contract 2.1)."""

from collections.abc import Iterator

from seatrial.domain import errors
from seatrial.domain.access import Permission
from seatrial.web.openapi import examples
from seatrial.web.openapi.downloads import TAG
from seatrial.web.openapi.errors import CHANGING, SCOPED
from seatrial.web.openapi.faces import ORGANIZATION, WORKSPACE, WORKSPACE_TOKEN
from seatrial.web.openapi.lists import page, paging, sort
from seatrial.web.openapi.notation import (
    Json,
    Operation,
    entity_id,
    header,
    json_body,
    moment,
    number,
    parameter,
    record,
    ref,
    response,
    shared,
    string,
    success,
)
from seatrial.wire.downloads import EMAIL_LIMIT as LONGEST_EMAIL
from seatrial.wire.queries import EMAIL_LIMIT

DEVICE_KEYS = (
    *("vendor", "model", "type", "osName", "osVersion", "sdkVersion"),
    *("packageName", "appVersion", "packageVersion"),
)
_MOMENT = {"type": "string", "anyOf": [{"format": "date-time"}, {"format": "date"}, {"const": ""}]}
_EXAMPLE = {
    "id": "6655f0c2a1b2c3d4e5f60718",
    "build": examples.BUILD_ID,
    "from": "integrationApi",
    "member": {
        "type": "unknown",
        "memberId": "5b7e4d2c1a0f9e8d7c6b5a43",
        "email": "5b7e4d2c1a0f9e8d7c6b5a43@5c9a1f0e8d3b2a7f4e6d1c0a.iam.builds.example.com",
        "firstName": "Release robot",
        "lastName": "",
        "picture": "",
        "user": "",
        "employee": "",
    },
    "ipAddress": "203.0.113.0",
    "userAgent": "curl/8.5.0",
    "device": dict.fromkeys(DEVICE_KEYS, ""),
    "createdAt": examples.MOMENT,
}


def period() -> tuple[Json, ...]:
    """Describe how a list is narrowed to a time."""
    moments = "ISO 8601; a bare day is meant as a whole, without a zone it is UTC."
    return (
        parameter("iniDate", "query", _MOMENT, f"The earliest moment. {moments}", example="2024-11-11"),
        parameter("endDate", "query", _MOMENT, f"The latest moment. {moments}", example=examples.MOMENT),
    )


def schemas() -> dict[str, Json]:
    """Give the schemas of the record."""
    member = {
        "type": string(enum=["user", "employee", "mdmUser", "unknown", "anonymous"]),
        "memberId": string(),
        "email": string(),
        "firstName": string(),
        "lastName": string(),
        "picture": string(),
        "user": string("The id again, of a user."),
        "employee": string("The id again, of an employee."),
    }
    origins = ["store", "sdk", "dashboard", "integrationApi", "emm", "adm", "scim", "agent", "win"]
    return {
        "Device": record({name: string() for name in DEVICE_KEYS}, "As its SDK describes it, where it does."),
        "Download": record(
            {
                "id": entity_id(),
                "build": entity_id(),
                "from": string("Where the token was made.", enum=origins),
                "member": record(member, "Whom the token was made for; nobody, once the log has forgotten them."),
                "ipAddress": string("Of whoever used the token, as far as the server's settings keep it."),
                "userAgent": string(),
                "device": ref("Device"),
                "createdAt": moment(),
            }
        ),
        "DownloadPage": page(ref("Download"), "One page of downloads."),
        "Erased": record(
            {
                "downloads": number("Entries of the log."),
                "feedbacks": number("Pieces of feedback."),
                "devices": number("Testers' devices."),
            }
        ),
    }


def operations() -> list[Operation]:
    """Describe the routes of the log."""
    return [*_of("/builds/{buildId}", "", "a build", shared("buildId")), *_of("", "App", "an app"), _erase()]


def _of(path: str, word: str, thing: str, *more: Json) -> Iterator[Operation]:
    filters = (
        *WORKSPACE.parameters,
        *more,
        parameter("email", "query", string(maxLength=EMAIL_LIMIT), "Exactly this address."),
        *period(),
    )
    yield Operation(
        id=WORKSPACE.operation_id(f"List{word}Downloads"),
        method="get",
        path=f"{WORKSPACE.prefix}{path}/downloads",
        tag=TAG,
        summary=f"List the downloads of {thing}",
        description="Whoever accepts `text/csv` first gets all of them as a table instead of a page.",
        credentials=WORKSPACE.credentials,
        permission=Permission.DOWNLOAD_LIST,
        parameters=(*filters, *paging("createdAt")),
        answers={200: success("A page.", "DownloadPageAnswer", ref("DownloadPage"), examples.page(_EXAMPLE))},
        errors=(*SCOPED, errors.InvalidRequest),
    )
    named = {"Content-Disposition": header("The file's name (RFC 6266).", string())}
    yield Operation(
        id=WORKSPACE.operation_id(f"Export{word}Downloads"),
        method="get",
        path=f"{WORKSPACE.prefix}{path}/downloads.csv",
        tag=TAG,
        summary=f"All downloads of {thing} as a table",
        description="RFC 4180 in UTF-8, a line each behind a line of names. Cells that a spreadsheet would take for a "
        "formula begin with an apostrophe.",
        credentials=WORKSPACE.credentials,
        permission=Permission.DOWNLOAD_LIST,
        parameters=(*filters, sort("createdAt")),
        answers={200: response("The table.", {"text/csv": {"schema": string()}}, named)},
        errors=(*SCOPED, errors.InvalidRequest),
    )


def _erase() -> Operation:
    email = string("In any case.", minLength=1, maxLength=LONGEST_EMAIL)
    return Operation(
        id="erasePerson",
        method="post",
        path=f"{ORGANIZATION}/erasures",
        tag=TAG,
        summary="Take one person out of the log of downloads and out of feedback",
        description="At once and for good: name, address and device; what they did stays and counts.",
        credentials=WORKSPACE_TOKEN,
        permission=Permission.EMPLOYEE_DELETE,
        parameters=(shared("organizationId"),),
        body=json_body("Erasure", {"email": email}, {"email": "someone@example.com"}, required=["email"]),
        answers={
            200: success(
                "How much named them.", "ErasedAnswer", ref("Erased"), {"downloads": 3, "feedbacks": 1, "devices": 1}
            )
        },
        errors=CHANGING,
    )
