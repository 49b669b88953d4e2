"""Employees of the store (contract 2.5)."""

from dataclasses import replace

from seatrial.domain.access import Permission
from seatrial.domain.employee import EmployeeOrigin, EmployeeType
from seatrial.domain.member import LONGEST_PASSWORD, SHORTEST_PASSWORD
from seatrial.web.openapi import examples
from seatrial.web.openapi.faces import APP_TOKEN, INTEGRATIONS, ORGANIZATION
from seatrial.web.openapi.notation import (
    Json,
    Operation,
    array,
    boolean,
    entity_id,
    moment,
    nullable,
    parameter,
    record,
    string,
)
from seatrial.web.openapi.resource import Resource, name_filter
from seatrial.wire import fields
from seatrial.wire.bodies import NAME_LIMIT
from seatrial.wire.employees import EMAIL_LIMIT, PICTURE_LIMIT, SORTS
from seatrial.wire.groups import GROUP_LIMIT
from seatrial.wire.uploads import LANGUAGES

TAG = "Employees"
EXAMPLE: Json = {
    "id": examples.PERSON["id"],
    "organization": examples.ORGANIZATION_ID,
    "from": "dashboard",
    "type": "traditional",
    "email": "ada@example.com",
    "firstName": "Ada",
    "lastName": "Marsh",
    "picture": "",
    "tags": ["group1"],
    "language": "en",
    "disabled": False,
    "lastSeen": None,
    "createdAt": examples.MOMENT,
    "updatedAt": examples.MOMENT,
}
EMPLOYEE = Resource(
    name="Employee",
    noun="an employee",
    tag=TAG,
    path=f"{ORGANIZATION}/employees",
    item="employeeId",
    example=EXAMPLE,
    listing=Permission.EMPLOYEE_LIST,
    creating=Permission.EMPLOYEE_CREATE,
    updating=Permission.EMPLOYEE_UPDATE,
    deleting=Permission.EMPLOYEE_DELETE,
)
FILTERS = (
    parameter("email", "query", string(maxLength=EMAIL_LIMIT), "Exactly this address, in any case."),
    name_filter(NAME_LIMIT),
    parameter("group", "query", string(maxLength=NAME_LIMIT), "Who is in the group of this name, in any case."),
)
TAGS = {
    "description": "Groups, made where they are missing: an array, or one text with commas between them.",
    "oneOf": [array(string(maxLength=GROUP_LIMIT), maxItems=fields.TAG_COUNT_LIMIT), string()],
}
_NAME = nullable(string(maxLength=NAME_LIMIT))
_PASSWORD = string("Kept as a hash, shown never.", minLength=SHORTEST_PASSWORD, maxLength=LONGEST_PASSWORD)
_CHANGES = {
    "email": string("An e-mail address.", maxLength=EMAIL_LIMIT),
    "firstName": _NAME,
    "lastName": _NAME,
    "picture": nullable(string("A URL.", maxLength=PICTURE_LIMIT)),
    "language": nullable(string("Of mails.", enum=[*LANGUAGES, "", None])),
    "tags": TAGS,
    "disabled": boolean("Gets no mails and cannot sign in."),
    "password": nullable(_PASSWORD),
}


def schemas() -> dict[str, Json]:
    """Give the schemas of employees."""
    employee = {
        "id": entity_id(),
        "organization": entity_id(),
        "from": string("How they came in.", enum=[one.value for one in EmployeeOrigin]),
        "type": string("How they sign in; `custom`: named by an app without proof.", enum=[*map(str, EmployeeType)]),
        "email": string(),
        "firstName": string(),
        "lastName": string(),
        "picture": string(),
        "tags": array(string(), "The groups that they are in, in the order of the names."),
        "language": string("`es en fr de it zh pt ru`, or empty."),
        "disabled": boolean(),
        "lastSeen": nullable(moment("When they last used the store or the SDK.")),
        "createdAt": moment(),
        "updatedAt": moment(),
    }
    return {"Employee": record(employee, "A person in the store.")} | EMPLOYEE.page_schema()


def operations() -> list[Operation]:
    """Describe the routes of employees."""
    search = EMPLOYEE.search("List the store's employees", SORTS, *FILTERS)
    return [
        search,
        EMPLOYEE.create(
            "Take an employee in", _CHANGES, {"email": "ada@example.com", "tags": ["group1"]}, required=["email"]
        ),
        EMPLOYEE.show(),
        EMPLOYEE.update(
            "`tags` replaces the groups set by hand; those of an identity provider stay. Another password, or null for "
            "none, ends the sessions.",
            _CHANGES,
            {"tags": ["group1", "group2"]},
        ),
        EMPLOYEE.remove("Ends the sessions, too."),
        replace(
            search,
            id="integrationsListEmployees",
            path=f"{INTEGRATIONS.prefix}/employees",
            description="Of the organization that the app belongs to.",
            credentials=APP_TOKEN,
            parameters=search.parameters[1:],
        ),
    ]
