"""The record of who did what."""

from seatrial.domain import errors
from seatrial.domain.access import Permission, PrincipalKind
from seatrial.web.openapi import examples
from seatrial.web.openapi.download_log import period
from seatrial.web.openapi.errors import SCOPED
from seatrial.web.openapi.faces import ORGANIZATION, WORKSPACE_TOKEN
from seatrial.web.openapi.lists import page
from seatrial.web.openapi.notation import (
    Json,
    Operation,
    array,
    boolean,
    entity_id,
    header,
    moment,
    nullable,
    number,
    parameter,
    record,
    ref,
    response,
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
    "sequence": 42,
    "hash": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
}
_HEAD = "42:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"


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
                "sequence": nullable(number("Its place in the organization's chain.")),
                "hash": string("SHA-256 over the entry and the hash before it; empty outside of the chain."),
            }
        ),
        "AuditVerification": record(
            {
                "verified": boolean("Whether nothing is wrong."),
                "entries": number("That were looked at."),
                "head": string("Number and hash of the last one; keep it elsewhere, and ask for it later."),
                "problems": array(
                    record({"sequence": nullable(number()), "id": string(), "problem": string("What is wrong.")})
                ),
            }
        ),
        "AuditPage": page(ref("AuditEntry")),
    }


def operations() -> list[Operation]:
    """Describe the routes of the record."""
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
                *period(),
                shared("page"),
                shared("limit"),
            ),
            answers={200: success("A page.", "AuditPageAnswer", ref("AuditPage"), examples.page(_EXAMPLE))},
            errors=(*SCOPED, errors.InvalidRequest),
        ),
        Operation(
            id="verifyAuditLog",
            method="get",
            path=f"{ORGANIZATION}/auditLog/verification",
            tag=TAG,
            summary="Prove that the record is as it was written",
            description="Looks through the whole chain, and names what was changed, removed or put in.",
            credentials=WORKSPACE_TOKEN,
            permission=Permission.AUDIT_LIST,
            parameters=(
                shared("organizationId"),
                parameter(
                    "head",
                    "query",
                    string(pattern=r"^([0-9]{1,15}:[0-9A-Fa-f]{64})?$"),
                    "A head of before, which has to be in the chain.",
                ),
            ),
            answers={
                200: success(
                    "What came of it.",
                    "AuditVerificationAnswer",
                    ref("AuditVerification"),
                    {"verified": True, "entries": 42, "head": _HEAD, "problems": []},
                )
            },
            errors=(*SCOPED, errors.InvalidRequest),
        ),
        Operation(
            id="exportAuditLog",
            method="get",
            path=f"{ORGANIZATION}/auditLog/export",
            tag=TAG,
            summary="The whole record as JSON lines",
            description="The oldest entry first. Each line is canonical JSON: without `hash`, keys sorted and without "
            "blanks, its SHA-256 is `hash`.",
            credentials=WORKSPACE_TOKEN,
            permission=Permission.AUDIT_LIST,
            parameters=(
                shared("organizationId"),
                parameter("after", "query", number(), "The number of the entry to begin behind."),
            ),
            answers={
                200: response(
                    "The record.",
                    {"application/x-ndjson": {"schema": string()}},
                    {"Content-Disposition": header("The file's name (RFC 6266).", string())},
                )
            },
            errors=(*SCOPED, errors.InvalidRequest),
        ),
    ]
