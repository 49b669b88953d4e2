"""Audiences: named sets of employees, looked up at the moment of asking."""

from dataclasses import replace

from seatrial.domain.access import Permission
from seatrial.domain.audience import MOST_SINGLE_PEOPLE
from seatrial.web.openapi import examples
from seatrial.web.openapi.employees import EMPLOYEE, FILTERS
from seatrial.web.openapi.faces import ORGANIZATION
from seatrial.web.openapi.groups import conditions
from seatrial.web.openapi.notation import Json, Operation, array, entity_id, moment, nullable, record, string
from seatrial.web.openapi.resource import Resource, name_filter
from seatrial.wire.audiences import SORTS
from seatrial.wire.bodies import NAME_LIMIT
from seatrial.wire.employees import SORTS as EMPLOYEE_SORTS
from seatrial.wire.groups import DESCRIPTION_LIMIT

TAG = "Audiences"
_EXAMPLE: Json = {
    "id": "5e3f5a7b9c1d2e4f6a8b0c1d",
    "organization": examples.ORGANIZATION_ID,
    "name": "Porto and Lisbon",
    "description": "",
    "conditions": [["group1", "group2"], ["group3"]],
    "employees": [{"id": examples.PERSON["id"], "email": "ada@example.com"}],
    "createdAt": examples.MOMENT,
    "updatedAt": examples.MOMENT,
}
_AUDIENCE = Resource(
    name="Audience",
    noun="an audience",
    tag=TAG,
    path=f"{ORGANIZATION}/audiences",
    item="audienceId",
    example=_EXAMPLE,
    listing=Permission.AUDIENCE_LIST,
    creating=Permission.AUDIENCE_CREATE,
    updating=Permission.AUDIENCE_UPDATE,
    deleting=Permission.AUDIENCE_DELETE,
)
_SETTINGS = {
    "name": string("Unique in any case.", minLength=1, maxLength=NAME_LIMIT),
    "description": nullable(string(maxLength=DESCRIPTION_LIMIT)),
    "conditions": conditions("Names of groups that there are"),
    "employees": nullable(
        array(
            string(minLength=1, maxLength=NAME_LIMIT),
            "Single people beside those who meet the conditions: ids or e-mail addresses.",
            maxItems=MOST_SINGLE_PEOPLE,
        )
    ),
}


def schemas() -> dict[str, Json]:
    """Give the schemas of audiences."""
    audience = {
        "id": entity_id(),
        "organization": entity_id(),
        "name": string(),
        "description": string(),
        "conditions": array(array(string()), "Names of groups: OR between the outer entries, AND inside one."),
        "employees": array(record({"id": entity_id(), "email": string()}), "The single people."),
        "createdAt": moment(),
        "updatedAt": moment(),
    }
    return {"Audience": record(audience)} | _AUDIENCE.page_schema()


def operations() -> list[Operation]:
    """Describe the routes of audiences."""
    people = EMPLOYEE.search("List who is in an audience now", EMPLOYEE_SORTS, *FILTERS)
    people = replace(
        people,
        id="listAudienceEmployees",
        tag=TAG,
        description="Without those who are switched off, and those whom an app named without proof.",
        parameters=people.parameters[1:],
    )
    return [
        _AUDIENCE.search("List the audiences", SORTS, name_filter(NAME_LIMIT)),
        _AUDIENCE.create("Make an audience", _SETTINGS, {"name": "Porto", "conditions": [["group1"]]}, ["name"]),
        _AUDIENCE.show(),
        _AUDIENCE.update("", _SETTINGS, {"conditions": [["group1"], ["group2"]]}),
        _AUDIENCE.remove("Its people stay."),
        _AUDIENCE.under(people, "employees"),
    ]
