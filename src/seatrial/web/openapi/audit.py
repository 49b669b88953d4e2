"""The record of who did what."""

from seatrial.domain import errors
from seatrial.domain.access import Permission, PrincipalKind
from seatrial.web.openapi import examples
from seatrial.web.openapi.errors import SCOPED
from seatrial.web.openapi.faces import ORGANIZATION, WORKSPACE_TOKEN
from seatrial.web.openapi.lists import page
from seatrial.web.openapi.notation import (
    Json,
    Operation,
    entity_id,
    moment,
    parameter,
    record,
    ref,
    shared,
    string,
    success,
)
from seatrial.wire.audit import TEXT_LIMIT

TAG = "Audit log"

_WORD = string(maxLength=TEXT_LIMIT)
_EXAMPLE = {
    "id": "5b7e4d2c1a0f9e8d7c6b5a44",
    "application": "",
    "action": "serviceAccount.create",
    "target": "5b7e4d2c1a0f9e8d7c6b5a43",
    "principal": {"type": "session", "id": "5b7e4d2c1a0f9e8d7c6b5a42", "name": "owner@example.com"},
    "detail": {"role": "developer"},
    "createdAt": examples.MOMENT,
}


def schemas() -> dict[str, Json]:
    """Give the schemas of the record."""
    principal = {
        "type": string(enum=[kind.value for kind in PrincipalKind]),
        "id": string(),
        "name": string("What the principal is called now; empty for one that is gone."),
    }
    return {
        "AuditEntry": record(
            {
                "id": entity_id(),
                "application": string("The app's id, or empty."),
                "action": string("What was done, such as `build.delete`."),
                "target": string("The id of what it was done to."),
                "principal": record(principal),
                "detail": {"type": "object", "description": "What else is worth knowing; depends on the action."},
                "createdAt": moment(),
            }
        ),
        "AuditPage": page(ref("AuditEntry")),
    }


def operations() -> list[Operation]:
    """Describe the route of the record."""
    return [
        Operation(
            id="listAuditLog",
            method="get",
            path=f"{ORGANIZATION}/auditLog",
            tag=TAG,
            summary="List who did what, the newest first",
            credentials=WORKSPACE_TOKEN,
            permission=Permission.AUDIT_LIST,
            parameters=(
                shared("organizationId"),
                parameter("action", "query", _WORD, "How the action begins: `build.` for all of builds."),
                parameter("principal", "query", _WORD, "The id of who did it."),
                parameter("target", "query", _WORD, "The id of what it was done to."),
                parameter("iniDate", "query", string(), "The earliest time, itself included.", example="2026-11-01"),
                parameter("endDate", "query", string(), "The latest time, itself included.", example="2026-11-30"),
                shared("page"),
                shared("limit"),
            ),
            answers={200: success("A page.", "AuditPageAnswer", ref("AuditPage"), examples.page(_EXAMPLE))},
            errors=(*SCOPED, errors.InvalidRequest),
        )
    ]
