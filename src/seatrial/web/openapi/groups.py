"""Groups: tags on people."""

from dataclasses import replace

from seatrial.domain import errors
from seatrial.domain.access import Permission
from seatrial.domain.membership import MemberKind
from seatrial.web.openapi import examples
from seatrial.web.openapi.errors import CHANGING
from seatrial.web.openapi.faces import ORGANIZATION, WORKSPACE_TOKEN
from seatrial.web.openapi.lists import page, sort
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
from seatrial.web.openapi.resource import Resource, name_filter
from seatrial.wire.bodies import NAME_LIMIT
from seatrial.wire.groups import COUNT_LIMIT, DESCRIPTION_LIMIT, GROUP_LIMIT, MEMBER_SORTS, PEOPLE_LIMIT, SORTS

TAG = "Groups"
_EXAMPLE: Json = {
    "id": "5d2e4f6a8b0c1d3e5f7a9b0c",
    "organization": examples.ORGANIZATION_ID,
    "name": "group1",
    "description": "Testers in Porto",
    "employees": 12,
    "users": 1,
    "createdAt": examples.MOMENT,
    "updatedAt": examples.MOMENT,
}
_PERSON = {
    "id": examples.PERSON["id"],
    "kind": "employee",
    "email": "ada@example.com",
    "firstName": "Ada",
    "lastName": "Marsh",
}
_GROUP = Resource(
    name="Group",
    noun="a group",
    tag=TAG,
    path=f"{ORGANIZATION}/groups",
    item="groupId",
    example=_EXAMPLE,
    listing=Permission.GROUP_LIST,
    creating=Permission.GROUP_CREATE,
    updating=Permission.GROUP_UPDATE,
    deleting=Permission.GROUP_DELETE,
)
_CHANGES = {
    "name": string(
        "Unique in any case; without commas and bars, which separate names in a filter.",
        minLength=1,
        maxLength=GROUP_LIMIT,
    ),
    "description": nullable(string(maxLength=DESCRIPTION_LIMIT)),
}
_NAMES = nullable(array(string(minLength=1, maxLength=NAME_LIMIT), "Ids or e-mail addresses.", maxItems=PEOPLE_LIMIT))


def conditions(what: str) -> Json:
    """Describe conditions over groups in a body: names, or the text that an upload's form takes."""
    clause = {"oneOf": [array(string(maxLength=GROUP_LIMIT), maxItems=COUNT_LIMIT), string("`group1,group2`.")]}
    return {
        "description": f"{what}: OR between the outer entries, AND inside one; or text like `group1,group2|group3`.",
        "oneOf": [array(clause, maxItems=COUNT_LIMIT), string(), {"type": "null"}],
    }


def schemas() -> dict[str, Json]:
    """Give the schemas of groups."""
    group = {
        "id": entity_id(),
        "organization": entity_id(),
        "name": string(),
        "description": string(),
        "employees": number("How many employees are in it."),
        "users": number("How many members with accounts are in it."),
        "createdAt": moment(),
        "updatedAt": moment(),
    }
    person = {
        "id": entity_id(),
        "kind": string(enum=[kind.value for kind in MemberKind]),
        "email": string(),
        "firstName": string(),
        "lastName": string(),
    }
    return {
        "Group": record(group),
        "GroupPerson": record(person, "An employee or a user in a group."),
        "GroupPersonPage": page(ref("GroupPerson")),
    } | _GROUP.page_schema()


def operations() -> list[Operation]:
    """Describe the routes of groups."""
    return [
        _GROUP.search("List the groups", SORTS, name_filter(NAME_LIMIT)),
        _GROUP.create("Make a group", _CHANGES, {"name": "group1"}, required=["name"]),
        _GROUP.show(),
        _GROUP.update("Audiences that name the group follow another name.", _CHANGES, {"name": "group2"}),
        _GROUP.remove("Its people stay. 409 while an audience names it.", errors.Conflict),
        _members(),
        _move("addToGroup", "members", "Put people into a group", "All of them, or nobody where one is unknown: 400."),
        _move("removeFromGroup", "members/remove", "Take people out of a group", "Who is not in it does not matter."),
    ]


def _members() -> Operation:
    shown = examples.page(_PERSON)
    listed = Operation(
        id="listGroupMembers",
        method="get",
        path="",
        tag=TAG,
        summary="List who is in a group",
        description="Employees and users, by e-mail address.",
        credentials=WORKSPACE_TOKEN,
        permission=Permission.EMPLOYEE_LIST,
        parameters=(_by_email(), shared("page"), shared("limit")),
        answers={200: success("A page.", "GroupPersonPageAnswer", ref("GroupPersonPage"), shown)},
        errors=(*_GROUP.show().errors, errors.InvalidRequest),
    )
    return _GROUP.under(listed, "members")


def _by_email() -> Json:
    described = sort(*MEMBER_SORTS)
    return described | {"schema": described["schema"] | {"default": "email:asc"}}


def _move(name: str, path: str, summary: str, description: str) -> Operation:
    moved = Operation(
        id=name,
        method="post",
        path="",
        tag=TAG,
        summary=summary,
        description=description,
        credentials=WORKSPACE_TOKEN,
        permission=Permission.GROUP_UPDATE,
        body=json_body("GroupPeople", {"employees": _NAMES, "users": _NAMES}, {"employees": ["ada@example.com"]}),
        answers=_GROUP.answer("The group now."),
        errors=CHANGING,
    )
    return replace(_GROUP.under(moved, path), id=name)
