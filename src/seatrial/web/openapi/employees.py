"""Employees of the store (contract 2.5)."""

from dataclasses import replace

from seatrial.domain import errors
from seatrial.domain.access import Permission
from seatrial.domain.employee import EmployeeOrigin, EmployeeType
from seatrial.domain.employee_list import MOST_ROWS
from seatrial.domain.member import LONGEST_PASSWORD, SHORTEST_PASSWORD
from seatrial.web.openapi import examples
from seatrial.web.openapi.errors import CHANGING
from seatrial.web.openapi.faces import APP_TOKEN, INTEGRATIONS, ORGANIZATION, WORKSPACE_TOKEN
from seatrial.web.openapi.notation import (
    Json,
    Operation,
    array,
    binary,
    boolean,
    entity_id,
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
from seatrial.web.openapi.resource import Resource, name_filter
from seatrial.wire import fields
from seatrial.wire.bodies import NAME_LIMIT
from seatrial.wire.employee_list import ERRORS_SHOWN
from seatrial.wire.employees import EMAIL_LIMIT, PICTURE_LIMIT, SORTS
from seatrial.wire.fields import LANGUAGES
from seatrial.wire.groups import GROUP_LIMIT

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
    report = {
        "dryRun": boolean(),
        "created": number("How many are new."),
        "updated": number("How many are changed."),
        "unchanged": number("How many were as the list says."),
        "failed": number("How many lines are wrong, and left out."),
        "errors": array(record({"line": number("From 1."), "message": string()}), f"At most {ERRORS_SHOWN} of them."),
    }
    return {
        "Employee": record(employee, "A person in the store."),
        "EmployeeImport": record(report, "What became of a list."),
    } | EMPLOYEE.page_schema()


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
        _import(),
        replace(
            search,
            id="integrationsListEmployees",
            path=f"{INTEGRATIONS.prefix}/employees",
            description="Of the organization that the app belongs to.",
            credentials=APP_TOKEN,
            parameters=search.parameters[1:],
        ),
    ]


def _import() -> Operation:
    report = {"dryRun": False, "created": 2, "updated": 1, "unchanged": 40, "failed": 1}
    wrong = {"line": 7, "message": "email: must be an e-mail address of at most 254 characters"}
    text = string("UTF-8 with commas, semicolons or tabs; the first line names the columns.")
    form = {"type": "object", "properties": {"file": binary("A CSV file.")}, "required": ["file"]}
    return Operation(
        id="importEmployees",
        method="post",
        path=f"{EMPLOYEE.path}/import",
        tag=TAG,
        summary="Take a list of employees in",
        description=f"At most {MOST_ROWS} lines with the columns email, firstName, lastName, tags (`;` or `|` between "
        "them) and language. All right lines in one transaction, by e-mail address: the same list again changes "
        "nothing. A column that is missing, and an empty cell, leave a value as it is.",
        credentials=WORKSPACE_TOKEN,
        permission=Permission.EMPLOYEE_CREATE,
        parameters=(
            shared("organizationId"),
            parameter("dryRun", "query", boolean(default=False), "Only say what would happen."),
            shared("idempotencyKey"),
        ),
        body={
            "required": True,
            "content": {
                "text/csv": {"schema": text, "example": "email,firstName,tags\nada@example.com,Ada,QA;Porto\n"},
                "multipart/form-data": {"schema": form},
            },
        },
        answers={
            200: success(
                "What became of it.", "EmployeeImportAnswer", ref("EmployeeImport"), report | {"errors": [wrong]}
            )
        },
        errors=(*CHANGING, errors.Conflict),
    )
