"""Service accounts: list, make, show, edit, rotate, revoke (contract 2.3)."""

from seatrial.domain import errors
from seatrial.domain.access import Permission, Role
from seatrial.web.openapi import examples
from seatrial.web.openapi.app_tokens import EXPIRES_AT, ROTATION, SECRET
from seatrial.web.openapi.builds import DELETED
from seatrial.web.openapi.errors import CHANGING, SCOPED
from seatrial.web.openapi.faces import ORGANIZATION, WORKSPACE_TOKEN
from seatrial.web.openapi.lists import page, paging
from seatrial.web.openapi.notation import (
    Json,
    Operation,
    entity_id,
    json_body,
    moment,
    nullable,
    record,
    ref,
    shared,
    string,
    success,
)
from seatrial.web.openapi.organizations import NAME, PART_OF_NAME
from seatrial.wire.service_accounts import SORTS

TAG = "Service accounts"

_PATH = f"{ORGANIZATION}/serviceAccounts"
_ONE = (shared("organizationId"), shared("serviceAccountId"))
_ROLE = string(
    "`admin`: everything. `developer`: reads all, writes builds and app tokens. `viewer`: reads. In any case.",
    enum=[role.value for role in Role],
)
_EXAMPLE = {
    "id": "5b7e4d2c1a0f9e8d7c6b5a43",
    "organization": examples.ORGANIZATION_ID,
    "name": "Release robot",
    "role": "developer",
    "identity": f"5b7e4d2c1a0f9e8d7c6b5a43@{examples.ORGANIZATION_ID}.iam.builds.example.com",
    "expiresAt": None,
    "lastUsedAt": None,
    "createdAt": examples.MOMENT,
}
_SECRET_EXAMPLE = {"bearer": "sts_Vq3hO0rTt1yPzK8cM5nXb7dWw9sJj2fA"}


def schemas() -> dict[str, Json]:
    """Give the schemas of service accounts."""
    keys = {
        "id": entity_id(),
        "organization": entity_id(),
        "name": string(),
        "role": string(enum=[role.value for role in Role]),
        "identity": string("Its address, which builds show as `uploadedBy.email`."),
        "bearer": SECRET,
        "expiresAt": nullable(moment()),
        "lastUsedAt": nullable(moment("To the minute.")),
        "createdAt": moment(),
    }
    return {
        "ServiceAccount": record({name: schema for name, schema in keys.items() if name != "bearer"}),
        "NewServiceAccount": record(keys),
        "ServiceAccountPage": page(ref("ServiceAccount")),
    }


def operations() -> list[Operation]:
    """Describe the routes of service accounts."""
    return [_search(), _create(), _show(), _update(), _revoke(), _rotate()]


def _search() -> Operation:
    shown = examples.page(_EXAMPLE)
    return Operation(
        id="listServiceAccounts",
        method="get",
        path=_PATH,
        tag=TAG,
        summary="List an organization's service accounts",
        description="Without their secrets, newest first.",
        credentials=WORKSPACE_TOKEN,
        permission=Permission.SERVICE_ACCOUNT_LIST,
        parameters=(shared("organizationId"), PART_OF_NAME, *paging(*SORTS)),
        answers={200: success("A page.", "ServiceAccountPageAnswer", ref("ServiceAccountPage"), shown)},
        errors=(*SCOPED, errors.InvalidRequest),
    )


def _create() -> Operation:
    wanted = {"name": NAME, "role": _ROLE, "expiresAt": EXPIRES_AT}
    example = {"name": "Release robot", "role": "developer"}
    return Operation(
        id="createServiceAccount",
        method="post",
        path=_PATH,
        tag=TAG,
        summary="Make a service account",
        credentials=WORKSPACE_TOKEN,
        permission=Permission.SERVICE_ACCOUNT_CREATE,
        parameters=(shared("organizationId"),),
        body=json_body("WantedServiceAccount", wanted, example, required=["name", "role"]),
        answers=_with_secret("The account."),
        errors=CHANGING,
        links={
            verb: {
                "operationId": verb,
                "description": description,
                "parameters": {
                    "organizationId": "$request.path.organizationId",
                    "serviceAccountId": "$response.body#/data/id",
                },
            }
            for verb, description in {
                "rotateServiceAccount": "Give it another secret.",
                "revokeServiceAccount": "End it.",
            }.items()
        },
    )


def _show() -> Operation:
    return Operation(
        id="showServiceAccount",
        method="get",
        path=f"{_PATH}/{{serviceAccountId}}",
        tag=TAG,
        summary="Show a service account without its secret",
        credentials=WORKSPACE_TOKEN,
        permission=Permission.SERVICE_ACCOUNT_LIST,
        parameters=_ONE,
        answers=_shown("The account."),
        errors=SCOPED,
    )


def _update() -> Operation:
    changes = {"name": NAME, "role": _ROLE, "expiresAt": EXPIRES_AT}
    return Operation(
        id="updateServiceAccount",
        method="put",
        path=f"{_PATH}/{{serviceAccountId}}",
        tag=TAG,
        summary="Update a service account",
        description="Only the keys that are sent change; its secret stays.",
        credentials=WORKSPACE_TOKEN,
        permission=Permission.SERVICE_ACCOUNT_UPDATE,
        parameters=_ONE,
        body=json_body("ServiceAccountChanges", changes, {"role": "developer"}),
        answers=_shown("The account now."),
        errors=CHANGING,
    )


def _rotate() -> Operation:
    return Operation(
        id="rotateServiceAccount",
        method="post",
        path=f"{_PATH}/{{serviceAccountId}}/rotate",
        tag=TAG,
        summary="Give a service account another secret",
        credentials=WORKSPACE_TOKEN,
        permission=Permission.SERVICE_ACCOUNT_UPDATE,
        parameters=_ONE,
        body=ROTATION,
        answers=_with_secret("The account with its new secret."),
        errors=CHANGING,
    )


def _revoke() -> Operation:
    return Operation(
        id="revokeServiceAccount",
        method="delete",
        path=f"{_PATH}/{{serviceAccountId}}",
        tag=TAG,
        summary="Revoke a service account",
        description="At once and for good.",
        credentials=WORKSPACE_TOKEN,
        permission=Permission.SERVICE_ACCOUNT_DELETE,
        parameters=_ONE,
        answers={200: success("It has ended.", "DeletedAnswer", DELETED, {"deleted": True})},
        errors=SCOPED,
    )


def _shown(description: str) -> dict[int, Json]:
    return {200: success(description, "ServiceAccountAnswer", ref("ServiceAccount"), _EXAMPLE)}


def _with_secret(description: str) -> dict[int, Json]:
    made = _EXAMPLE | _SECRET_EXAMPLE
    return {200: success(description, "NewServiceAccountAnswer", ref("NewServiceAccount"), made)}
