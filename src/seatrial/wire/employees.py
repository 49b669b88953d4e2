"""Employees of the store as JSON (contract 2.5)."""

from seatrial.domain.build import UNSET
from seatrial.domain.employee import Employee, EmployeeChanges, NewEmployee
from seatrial.domain.errors import InvalidRequest
from seatrial.domain.listing import ListQuery
from seatrial.domain.member import LONGEST_PASSWORD
from seatrial.wire import bodies, tags
from seatrial.wire.queries import Params, list_query
from seatrial.wire.timestamps import timestamp

SORTS = ("createdAt", "updatedAt", "email", "firstName", "lastName")
EMAIL_LIMIT = 256
PICTURE_LIMIT = 2048


def employees_query(params: Params) -> ListQuery:
    """Read which employees to list.

    Raises InvalidRequest.
    """
    return list_query(params, SORTS, ("email", "name", "group"))


def new_employee(body: bytes) -> NewEmployee:
    """Read whom to take into the store.

    Raises InvalidRequest.
    """
    said = bodies.json_object(body)
    name = bodies.line(bodies.NAME_LIMIT)
    return NewEmployee(
        email=email("email", said.get("email")),
        first_name=name("firstName", said.get("firstName")),
        last_name=name("lastName", said.get("lastName")),
        picture=_picture("picture", said.get("picture")),
        language=bodies.language("language", said.get("language")),
        tags=tags.from_json(said["tags"]) if "tags" in said else (),
        disabled=bodies.boolean("disabled", said.get("disabled", False)),
        password=_password("password", said.get("password")),
    )


def employee_changes(body: bytes) -> EmployeeChanges:
    """Read edits to an employee.

    Raises InvalidRequest.
    """
    said = bodies.json_object(body)
    name = bodies.line(bodies.NAME_LIMIT)
    return EmployeeChanges(
        email=bodies.optional(said, "email", email),
        first_name=bodies.optional(said, "firstName", name),
        last_name=bodies.optional(said, "lastName", name),
        picture=bodies.optional(said, "picture", _picture),
        language=bodies.optional(said, "language", bodies.language),
        tags=tags.from_json(said["tags"]) if "tags" in said else UNSET,
        disabled=bodies.optional(said, "disabled", bodies.boolean),
        password=bodies.optional(said, "password", _password),
    )


def employee_json(employee: Employee) -> dict[str, object]:
    """Show an employee."""
    return {
        "id": employee.id,
        "organization": employee.organization_id,
        "from": employee.origin.value,
        "type": employee.type.value,
        "email": employee.email,
        "firstName": employee.first_name,
        "lastName": employee.last_name,
        "picture": employee.picture,
        "tags": list(employee.tags),
        "language": employee.language,
        "disabled": employee.disabled,
        "lastSeen": timestamp(employee.last_seen_at) if employee.last_seen_at else None,
        "createdAt": timestamp(employee.created_at),
        "updatedAt": timestamp(employee.updated_at),
    }


def email(name: str, value: object) -> str:
    """Read an e-mail address, as far as its length goes.

    Raises InvalidRequest where it is missing.
    """
    said = bodies.line(EMAIL_LIMIT)(name, value)
    if not said:
        raise InvalidRequest({name: "is required"})
    return said


def _picture(name: str, value: object) -> str:
    said = bodies.line(PICTURE_LIMIT)(name, value)
    if said and not said.startswith(("https://", "http://")):
        raise InvalidRequest({name: "must be a URL that begins with https:// or http://"})
    return said


def _password(name: str, value: object) -> str | None:
    return None if value is None else bodies.text(LONGEST_PASSWORD)(name, value)
