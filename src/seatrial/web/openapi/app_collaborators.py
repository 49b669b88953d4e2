"""Members' roles in single apps (contract 2.5)."""

from dataclasses import replace

from seatrial.domain.access import AppRole, MemberRole, Permission
from seatrial.web.openapi import examples
from seatrial.web.openapi.collaborators import PERSON
from seatrial.web.openapi.faces import ORGANIZATION, WORKSPACE
from seatrial.web.openapi.notation import Json, Operation, array, boolean, entity_id, moment, record, shared, string
from seatrial.web.openapi.resource import Resource
from seatrial.wire.app_collaborators import SORTS
from seatrial.wire.bodies import NAME_LIMIT

TAG = "App collaborators"
_ROLES = [role.value for role in AppRole]
_ROLE = string("In any case. Counts beside the role in the organization, in this app only.", enum=_ROLES)
_EXAMPLE: Json = {
    "id": "5f4a6b8c0d2e3f5a7b9c1d2e",
    "organization": examples.ORGANIZATION_ID,
    "application": {"_id": examples.APP_ID, "description": "", "name": "Tide Tables", "slug": "tide-tables"},
    "role": "editor",
    "tags": ["group1"],
    "user": examples.PERSON | {"role": "unassigned", "ssoUser": False},
    "detected": False,
    "createdBy": examples.PERSON["id"],
    "updatedAt": examples.MOMENT,
    "createdAt": examples.MOMENT,
}
_IN_APP = Resource(
    name="AppCollaborator",
    noun="a member's role in an app",
    tag=TAG,
    path=f"{WORKSPACE.prefix}/collaborators",
    item="collaboratorId",
    example=_EXAMPLE,
    listing=Permission.APP_COLLABORATOR_LIST,
    creating=Permission.APP_COLLABORATOR_CREATE,
    updating=Permission.APP_COLLABORATOR_UPDATE,
    deleting=Permission.APP_COLLABORATOR_DELETE,
    parents=WORKSPACE.parameters,
)


def schemas() -> dict[str, Json]:
    """Give the schemas of roles in apps."""
    application = {"_id": entity_id(), "description": string(), "name": string(), "slug": string()}
    found = {
        "id": entity_id(),
        "organization": entity_id(),
        "application": record(application),
        "role": string(enum=_ROLES),
        "tags": array(string()),
        "user": record(PERSON | {"role": string(enum=[*map(str, MemberRole)]), "ssoUser": boolean()}),
        "detected": boolean("Always false: nobody is found by themselves."),
        "createdBy": string("The id of the person who gave the role; empty where no person did."),
        "updatedAt": moment(),
        "createdAt": moment(),
    }
    return {"AppCollaborator": record(found, "A member's role in one app.")} | _IN_APP.page_schema()


def operations() -> list[Operation]:
    """Describe the routes of roles in apps."""
    changes = {"role": _ROLE}
    search = _IN_APP.search("List the roles in an app", SORTS)
    wanted = {"user": string("An id or an e-mail address of a member.", maxLength=NAME_LIMIT), "role": _ROLE}
    everywhere = replace(
        search,
        id="listAppCollaboratorsOfAllApps",
        path=f"{ORGANIZATION}/collaborators/apps",
        summary="List the roles in all apps",
        parameters=tuple(one for one in search.parameters if one != shared("applicationId")),
    )
    return [
        everywhere,
        search,
        _IN_APP.create(
            "Give a member a role in an app", wanted, {"user": "ada@example.com", "role": "editor"}, ["user", "role"]
        ),
        _IN_APP.show(),
        _IN_APP.update("", changes, {"role": "viewer"}),
        _IN_APP.remove("They stay a member of the organization."),
    ]
