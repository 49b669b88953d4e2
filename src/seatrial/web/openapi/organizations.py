"""Organizations: which are mine, their name and switches (contract 2.2; decision 40)."""

from seatrial.domain import errors
from seatrial.domain.access import Permission
from seatrial.domain.retention import MOST_RETAINED, MOST_TRASH_DAYS
from seatrial.web.openapi import examples
from seatrial.web.openapi.errors import CHANGING, CREDENTIAL
from seatrial.web.openapi.faces import ORGANIZATION, WORKSPACE_TOKEN
from seatrial.web.openapi.lists import page, paging
from seatrial.web.openapi.notation import (
    Json,
    Operation,
    boolean,
    entity_id,
    json_body,
    moment,
    nullable,
    number,
    parameter,
    record,
    ref,
    shared,
    string,
    success,
)
from seatrial.wire.bodies import NAME_LIMIT
from seatrial.wire.organizations import MOST_DAYS, SORTS

TAG = "Organizations"

NAME = string("At least one character that is no blank.", maxLength=NAME_LIMIT, pattern=r"\S")
PART_OF_NAME = parameter("name", "query", string(maxLength=NAME_LIMIT), "A part of the name, in any case.")
SLUG_FILTER = parameter("slug", "query", string(maxLength=NAME_LIMIT), "Exactly this slug.")

_LOG_DAYS = nullable(
    number(
        "Days after which the log of downloads names nobody any more; 0 for never, null for the server's own setting.",
        maximum=MOST_DAYS,
    )
)
_EXAMPLE = {
    "id": examples.ORGANIZATION_ID,
    "name": "Harbour Mobile",
    "slug": "harbour-mobile",
    "integrationsEnabled": True,
    "workspaceEnabled": True,
    "requireTwoFactor": False,
    "passwordSignIn": True,
    "customLoginEnabled": True,
    "buildRetentionDays": None,
    "buildsRetainedPerPublication": None,
    "trashDays": 30,
    "downloadLogDays": None,
    "createdAt": examples.MOMENT,
    "updatedAt": examples.MOMENT,
}
_RETENTION = {
    "buildRetentionDays": nullable(
        number("For apps that choose none: days that builds are kept.", minimum=1, maximum=MOST_RETAINED)
    ),
    "buildsRetainedPerPublication": nullable(
        number("The same: builds that a publication keeps of each system.", minimum=1, maximum=MOST_RETAINED)
    ),
    "trashDays": number(
        "For how long removed builds can be brought back; counts for those removed from now on.",
        minimum=1,
        maximum=MOST_TRASH_DAYS,
    ),
}


def schemas() -> dict[str, Json]:
    """Give the schemas of organizations."""
    return {
        "Organization": record(
            {
                "id": entity_id(),
                "name": string(),
                "slug": string(),
                "integrationsEnabled": boolean("Whether app tokens are let in."),
                "workspaceEnabled": boolean("Whether service accounts and sessions are let in."),
                "requireTwoFactor": boolean("Whether sessions that a password opened need a second factor."),
                "passwordSignIn": boolean("False where an identity provider is the only way in; owners aside."),
                "customLoginEnabled": boolean("Whether apps may name their users without any proof."),
                **_RETENTION,
                "downloadLogDays": _LOG_DAYS,
                "createdAt": moment(),
                "updatedAt": moment(),
            }
        ),
        "OrganizationPage": page(ref("Organization")),
    }


def operations() -> list[Operation]:
    """Describe the routes of organizations."""
    switches = {
        "name": NAME,
        "integrationsEnabled": boolean("Switches the Integrations API; off, it answers 403 with code 4003."),
        "workspaceEnabled": boolean("Switches the Workspace API; off, a session can still switch it on here."),
        "requireTwoFactor": boolean("On, a session without a second factor is answered 403 until one is set up."),
        "customLoginEnabled": boolean("Switches `POST /v1/auth/customLogin` of the SDK."),
        **_RETENTION,
        "downloadLogDays": _LOG_DAYS,
    }
    return [
        Operation(
            id="listOrganizations",
            method="get",
            path="/v1/organizations",
            tag=TAG,
            summary="List the organizations of a credential",
            credentials=WORKSPACE_TOKEN,
            permission=Permission.ORGANIZATION_LIST,
            parameters=(PART_OF_NAME, SLUG_FILTER, *paging(*SORTS)),
            answers={
                200: success("A page.", "OrganizationPageAnswer", ref("OrganizationPage"), examples.page(_EXAMPLE))
            },
            errors=(*CREDENTIAL, errors.Forbidden, errors.ApiDisabled, errors.InvalidRequest),
        ),
        Operation(
            id="updateOrganization",
            method="put",
            path=ORGANIZATION,
            tag=TAG,
            summary="Rename an organization, switch its APIs, choose its retention",
            description="Only the keys that are sent change.",
            credentials=WORKSPACE_TOKEN,
            permission=Permission.ORGANIZATION_UPDATE,
            parameters=(shared("organizationId"),),
            body=json_body("OrganizationChanges", switches, {"name": "Harbour Mobile"}),
            answers={200: success("The organization now.", "OrganizationAnswer", ref("Organization"), _EXAMPLE)},
            errors=CHANGING,
        ),
    ]
