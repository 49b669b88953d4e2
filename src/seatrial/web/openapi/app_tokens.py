"""App tokens: list, make, show, revoke (contract 2.2; decision 48)."""

from seatrial.domain import errors
from seatrial.domain.access import Permission, TokenScope
from seatrial.web.openapi import examples
from seatrial.web.openapi.builds import DELETED
from seatrial.web.openapi.errors import CHANGING, SCOPED
from seatrial.web.openapi.faces import WORKSPACE, WORKSPACE_TOKEN
from seatrial.web.openapi.lists import page, paging
from seatrial.web.openapi.notation import (
    Json,
    Operation,
    array,
    entity_id,
    json_body,
    moment,
    nullable,
    number,
    record,
    ref,
    shared,
    string,
    success,
)
from seatrial.wire.app_tokens import DESCRIPTION_LIMIT
from seatrial.wire.service_accounts import OVERLAP_SECONDS

TAG = "App tokens"
SECRET = string("The secret: only in this answer, never again.")
EXPIRES_AT: Json = {
    "description": "When it ends, ISO 8601, in the future; null or nothing: never by itself.",
    "anyOf": [string(format="date-time"), string(format="date"), string(const=""), {"type": "null"}],
}

_SECONDS = number(
    "For how long the secret before stays good; nothing or null: not at all.", maximum=OVERLAP_SECONDS, default=0
)
ROTATION = json_body("Rotation", {"overlapSeconds": nullable(_SECONDS)}, {"overlapSeconds": 3600}) | {"required": False}

_PATH = f"{WORKSPACE.prefix}/tokens"
_SCOPES = array(
    string(enum=[scope.value for scope in TokenScope]),
    "`upload`: everything on builds by the Integrations API. `sdk`: for apps that carry the token inside; it can "
    "neither upload nor list. `publish`: sends builds and files beside them and reads builds, nothing else.",
    minItems=1,
)
_EXAMPLE = {
    "id": "65f1c2d3e4b5a69788776655",
    "organization": examples.ORGANIZATION_ID,
    "application": examples.APP_ID,
    "description": "GitHub Actions",
    "scopes": ["upload"],
    "trustedPublisher": None,
    "expiresAt": None,
    "lastUsedAt": None,
    "createdAt": examples.MOMENT,
}


def schemas() -> dict[str, Json]:
    """Give the schemas of app tokens."""
    keys = {
        "id": entity_id(),
        "organization": entity_id(),
        "application": entity_id(),
        "description": string(),
        "scopes": _SCOPES,
        "bearer": SECRET,
        "trustedPublisher": nullable(entity_id("The rule by which an identity token was traded in for it.")),
        "expiresAt": nullable(moment()),
        "lastUsedAt": nullable(moment("To the minute.")),
        "createdAt": moment(),
    }
    return {
        "AppToken": record({name: schema for name, schema in keys.items() if name != "bearer"}),
        "NewAppToken": record(keys),
        "AppTokenPage": page(ref("AppToken")),
    }


def operations() -> list[Operation]:
    """Describe the routes of app tokens."""
    return [_search(), _create(), _show(), _rotate(), _revoke()]


def _search() -> Operation:
    return Operation(
        id="listAppTokens",
        method="get",
        path=_PATH,
        tag=TAG,
        summary="List an app's tokens",
        description="Without their secrets, newest first; revoked ones are not there any more.",
        credentials=WORKSPACE_TOKEN,
        permission=Permission.APP_TOKEN_LIST,
        parameters=(*WORKSPACE.parameters, *paging("createdAt")),
        answers={200: success("A page.", "AppTokenPageAnswer", ref("AppTokenPage"), examples.page(_EXAMPLE))},
        errors=(*SCOPED, errors.InvalidRequest),
    )


def _create() -> Operation:
    wanted = {
        "description": nullable(string("What it is for.", maxLength=DESCRIPTION_LIMIT)),
        "scopes": nullable(_SCOPES) | {"default": ["upload"]},
        "expiresAt": EXPIRES_AT,
    }
    made = _EXAMPLE | {"bearer": "sta_8iRQ4mVXsQ0ePpDOH0cW5l9lFf2sKk7d"}
    return Operation(
        id="createAppToken",
        method="post",
        path=_PATH,
        tag=TAG,
        summary="Make an app token",
        credentials=WORKSPACE_TOKEN,
        permission=Permission.APP_TOKEN_CREATE,
        parameters=WORKSPACE.parameters,
        body=json_body("WantedAppToken", wanted, {"description": "GitHub Actions", "scopes": ["upload"]}),
        answers={200: success("The token.", "NewAppTokenAnswer", ref("NewAppToken"), made)},
        errors=CHANGING,
        links={
            "revoke": {
                "operationId": "revokeAppToken",
                "description": "End it.",
                "parameters": {
                    "organizationId": "$request.path.organizationId",
                    "applicationId": "$request.path.applicationId",
                    "appTokenId": "$response.body#/data/id",
                },
            }
        },
    )


def _show() -> Operation:
    return Operation(
        id="showAppToken",
        method="get",
        path=f"{_PATH}/{{appTokenId}}",
        tag=TAG,
        summary="Show an app token without its secret",
        credentials=WORKSPACE_TOKEN,
        permission=Permission.APP_TOKEN_LIST,
        parameters=(*WORKSPACE.parameters, shared("appTokenId")),
        answers={200: success("The token.", "AppTokenAnswer", ref("AppToken"), _EXAMPLE)},
        errors=SCOPED,
    )


def _rotate() -> Operation:
    made = _EXAMPLE | {"bearer": "sta_8iRQ4mVXsQ0ePpDOH0cW5l9lFf2sKk7d"}
    return Operation(
        id="rotateAppToken",
        method="post",
        path=f"{_PATH}/{{appTokenId}}/rotate",
        tag=TAG,
        summary="Give an app token another secret",
        description="The old one ends at once, or is good beside the new one for `overlapSeconds`.",
        credentials=WORKSPACE_TOKEN,
        permission=Permission.APP_TOKEN_CREATE,
        parameters=(*WORKSPACE.parameters, shared("appTokenId")),
        body=ROTATION,
        answers={200: success("The token with its new secret.", "NewAppTokenAnswer", ref("NewAppToken"), made)},
        errors=(*CHANGING, errors.Conflict),
    )


def _revoke() -> Operation:
    return Operation(
        id="revokeAppToken",
        method="delete",
        path=f"{_PATH}/{{appTokenId}}",
        tag=TAG,
        summary="Revoke an app token",
        description="At once and for good.",
        credentials=WORKSPACE_TOKEN,
        permission=Permission.APP_TOKEN_DELETE,
        parameters=(*WORKSPACE.parameters, shared("appTokenId")),
        answers={200: success("It has ended.", "DeletedAnswer", DELETED, {"deleted": True})},
        errors=SCOPED,
    )
