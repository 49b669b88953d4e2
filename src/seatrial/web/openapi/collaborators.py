"""People of an organization: list, take in, show, edit, remove (contract 2.5)."""

from seatrial.domain import errors
from seatrial.domain.access import MemberRole, Permission
from seatrial.domain.member import LONGEST_PASSWORD, SHORTEST_PASSWORD
from seatrial.web.openapi import examples
from seatrial.web.openapi.builds import DELETED
from seatrial.web.openapi.errors import CHANGING, SCOPED
from seatrial.web.openapi.faces import ORGANIZATION, WORKSPACE_TOKEN
from seatrial.web.openapi.lists import page, paging
from seatrial.web.openapi.notation import (
    Json,
    Operation,
    array,
    boolean,
    entity_id,
    json_body,
    moment,
    nullable,
    parameter,
    record,
    ref,
    shared,
    string,
    success,
)
from seatrial.wire import fields
from seatrial.wire.bodies import NAME_LIMIT
from seatrial.wire.users import EMAIL_LIMIT, SORTS

TAG = "Collaborators"
PERSON = {
    "id": entity_id(),
    "email": string(),
    "firstName": string(),
    "lastName": string(),
    "picture": string(),
}

_PATH = f"{ORGANIZATION}/collaborators"
_ONE = (shared("organizationId"), shared("collaboratorId"))
_ROLES = [role.value for role in MemberRole]
_PASSWORD = string(minLength=SHORTEST_PASSWORD, maxLength=LONGEST_PASSWORD)
_ROLE = string("In any case. Only an owner makes owners and changes them.", enum=_ROLES)
_NAME = nullable(string(maxLength=NAME_LIMIT))
_TAGS = {
    "description": "The groups of the person: an array, or one text with commas between them.",
    "oneOf": [array(string(maxLength=fields.TAG_LIMIT), maxItems=fields.TAG_COUNT_LIMIT), string()],
}


def schemas() -> dict[str, Json]:
    """Give the schemas of people."""
    member = {
        "id": entity_id("The person's id."),
        "organization": entity_id(),
        "role": string(enum=_ROLES),
        "user": record(PERSON | {"role": string(enum=_ROLES), "ssoUser": boolean()}),
        "tags": array(string()),
        "createdAt": moment(),
        "updatedAt": moment(),
    }
    return {
        "Collaborator": record(member, "A person as a member of an organization."),
        "CollaboratorPage": page(ref("Collaborator")),
    }


def operations() -> list[Operation]:
    """Describe the routes of people."""
    return [_search(), _create(), _show(), _update(), _remove()]


def _example() -> Json:
    return {
        "id": examples.PERSON["id"],
        "organization": examples.ORGANIZATION_ID,
        "role": "editor",
        "user": examples.PERSON | {"role": "editor", "ssoUser": False},
        "tags": ["group1"],
        "createdAt": examples.MOMENT,
        "updatedAt": examples.MOMENT,
    }


def _answer(description: str) -> dict[int, Json]:
    return {200: success(description, "CollaboratorAnswer", ref("Collaborator"), _example())}


def _search() -> Operation:
    email = parameter("email", "query", string(maxLength=EMAIL_LIMIT), "Exactly this address, in any case.")
    shown = examples.page(_example())
    return Operation(
        id="listCollaborators",
        method="get",
        path=_PATH,
        tag=TAG,
        summary="List an organization's people",
        description="Who came last, first.",
        credentials=WORKSPACE_TOKEN,
        permission=Permission.COLLABORATOR_LIST,
        parameters=(shared("organizationId"), email, *paging(*SORTS)),
        answers={200: success("A page.", "CollaboratorPageAnswer", ref("CollaboratorPage"), shown)},
        errors=(*SCOPED, errors.InvalidRequest),
    )


def _create() -> Operation:
    person = {
        "email": string("An address with `@`.", maxLength=EMAIL_LIMIT, pattern=r"^\S+@\S+$"),
        "role": _ROLE | {"default": "viewer"},
        "password": nullable(_PASSWORD)
        | {"description": "Needed for a person who has no account yet; of one who has, it stays theirs."},
        "firstName": _NAME,
        "lastName": _NAME,
        "tags": _TAGS,
    }
    example = {"email": "ada@example.com", "role": "editor", "password": "a long enough one", "tags": ["group1"]}
    return Operation(
        id="createCollaborator",
        method="post",
        path=_PATH,
        tag=TAG,
        summary="Take a person in",
        credentials=WORKSPACE_TOKEN,
        permission=Permission.COLLABORATOR_CREATE,
        parameters=(shared("organizationId"),),
        body=json_body("NewCollaborator", person, example, required=["email"]),
        answers=_answer("The member."),
        errors=(*CHANGING, errors.Conflict),
    )


def _show() -> Operation:
    return Operation(
        id="showCollaborator",
        method="get",
        path=f"{_PATH}/{{collaboratorId}}",
        tag=TAG,
        summary="Show a member",
        credentials=WORKSPACE_TOKEN,
        permission=Permission.COLLABORATOR_LIST,
        parameters=_ONE,
        answers=_answer("The member."),
        errors=SCOPED,
    )


def _update() -> Operation:
    changes = {
        "role": _ROLE,
        "password": _PASSWORD | {"description": "Ends the person's sessions."},
        "firstName": _NAME,
        "lastName": _NAME,
        "tags": _TAGS,
    }
    return Operation(
        id="updateCollaborator",
        method="put",
        path=f"{_PATH}/{{collaboratorId}}",
        tag=TAG,
        summary="Update a member",
        description="Only the keys that are sent change. Name and password of a person who belongs to other "
        "organizations too are theirs alone: 409. An organization keeps its last owner: 409.",
        credentials=WORKSPACE_TOKEN,
        permission=Permission.COLLABORATOR_UPDATE,
        parameters=_ONE,
        body=json_body("CollaboratorChanges", changes, {"role": "editor"}),
        answers=_answer("The member now."),
        errors=(*CHANGING, errors.Conflict),
    )


def _remove() -> Operation:
    return Operation(
        id="removeCollaborator",
        method="delete",
        path=f"{_PATH}/{{collaboratorId}}",
        tag=TAG,
        summary="End a membership",
        description="A person without any other one loses the account and its sessions.",
        credentials=WORKSPACE_TOKEN,
        permission=Permission.COLLABORATOR_DELETE,
        parameters=_ONE,
        answers={200: success("It has ended.", "DeletedAnswer", DELETED, {"deleted": True})},
        errors=(*SCOPED, errors.Conflict),
    )
