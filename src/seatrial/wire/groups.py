"""Groups as JSON, and conditions over them: OR outside, AND inside, in all forms that clients send (decision 4)."""

from collections.abc import Iterable
from dataclasses import dataclass

from seatrial.domain.errors import InvalidRequest
from seatrial.domain.group import Group, GroupChanges, GroupPeople
from seatrial.domain.listing import ListQuery
from seatrial.domain.recipient import Recipient
from seatrial.wire import bodies, fields
from seatrial.wire.queries import Params, list_query
from seatrial.wire.timestamps import timestamp

Groups = tuple[tuple[str, ...], ...]

GROUP_LIMIT = 128
COUNT_LIMIT = 100
DESCRIPTION_LIMIT = 1000
PEOPLE_LIMIT = 1000
SORTS = ("createdAt", "name")
MEMBER_SORTS = ("email",)

_RULE = "must be fields filter[i][j], a JSON array of arrays of strings, or text like group1,group2|group3"

_JSON_RULE = "must be an array of arrays of strings, or text like group1,group2|group3"


def collect(entries: Iterable[tuple[tuple[str, ...], str]]) -> Groups:
    """Read form fields, each given as the subscripts behind `filter` and its text.

    Of repeated whole texts the last one counts; clauses by subscript come behind it, in the order of their numbers.

    Raises InvalidRequest naming `filter`.
    """
    whole: list[list[str]] = []
    numbered: dict[int, dict[int, str]] = {}
    for subscripts, text in entries:
        match subscripts:
            case ():
                whole = _from_text(text)
            case (outer,):
                clause = numbered.setdefault(_position(outer, numbered), {})
                clause.update(enumerate(text.split(","), _position("", clause)))
            case (outer, inner):
                clause = numbered.setdefault(_position(outer, numbered), {})
                clause[_position(inner, clause)] = text
            case _:
                raise InvalidRequest({"filter": _RULE})
    return _bounded([*whole, *(_in_order(numbered[outer]) for outer in sorted(numbered))])


def from_json(name: str, value: object) -> Groups:
    """Read the groups of a JSON body, named so: an array of arrays of strings, or one string in either spelling.

    Raises InvalidRequest.
    """
    try:
        if value is None:
            return ()
        if isinstance(value, str):
            return _bounded(_from_text(value))
        if isinstance(value, list):
            return _bounded([_clause(item) for item in value])
    except InvalidRequest as invalid:
        raise InvalidRequest(dict.fromkeys([name], "; ".join(invalid.fields.values()))) from None
    raise InvalidRequest({name: _JSON_RULE})


@dataclass(frozen=True, slots=True)
class WantedGroup:
    """What a new group is to be."""

    name: str
    description: str


def groups_query(params: Params) -> ListQuery:
    """Read which groups to list.

    Raises InvalidRequest.
    """
    return list_query(params, SORTS, ("name",))


def members_query(params: Params) -> ListQuery:
    """Read which page of a group's people to list; by e-mail address.

    Raises InvalidRequest.
    """
    said = list(params)
    if not any(name == "sort" and text.strip() for name, text in said):
        said.append(("sort", "email:asc"))
    return list_query(said, MEMBER_SORTS)


def wanted_group(body: bytes) -> WantedGroup:
    """Read what a new group is to be.

    Raises InvalidRequest.
    """
    said = bodies.json_object(body)
    return WantedGroup(
        name=bodies.line(GROUP_LIMIT)("name", said.get("name")),
        description=bodies.text(DESCRIPTION_LIMIT)("description", said.get("description")),
    )


def group_changes(body: bytes) -> GroupChanges:
    """Read edits to a group.

    Raises InvalidRequest.
    """
    said = bodies.json_object(body)
    return GroupChanges(
        name=bodies.optional(said, "name", bodies.line(GROUP_LIMIT)),
        description=bodies.optional(said, "description", bodies.text(DESCRIPTION_LIMIT)),
    )


def group_people(body: bytes) -> GroupPeople:
    """Read whom to put into a group or to take out of it.

    Raises InvalidRequest.
    """
    said = bodies.json_object(body)
    people = GroupPeople(
        employees=bodies.names(PEOPLE_LIMIT)("employees", said.get("employees")),
        users=bodies.names(PEOPLE_LIMIT)("users", said.get("users")),
    )
    if not people.employees and not people.users:
        raise InvalidRequest({"employees": "or users is required: an array of ids or e-mail addresses"})
    return people


def group_json(group: Group) -> dict[str, object]:
    """Show a group."""
    return {
        "id": group.id,
        "organization": group.organization_id,
        "name": group.name,
        "description": group.description,
        "employees": group.employees,
        "users": group.users,
        "createdAt": timestamp(group.created_at),
        "updatedAt": timestamp(group.updated_at),
    }


def person_json(person: Recipient) -> dict[str, object]:
    """Show somebody in a group."""
    return {
        "id": person.id,
        "kind": person.kind.value,
        "email": person.email,
        "firstName": person.first_name,
        "lastName": person.last_name,
    }


def _from_text(text: str) -> list[list[str]]:
    if not text.lstrip().startswith(("[", "{")):
        return [clause.split(",") for clause in text.split("|")]
    value = fields.json_value("filter", text, _RULE)
    if not isinstance(value, list):
        raise InvalidRequest({"filter": _RULE})
    return [_clause(item) for item in value]


def _clause(item: object) -> list[str]:
    members = item if isinstance(item, list) else [item]
    names = [member for member in members if isinstance(member, str)]
    if len(names) < len(members):
        raise InvalidRequest({"filter": _RULE})
    return names


def _position(subscript: str, taken: Iterable[int]) -> int:
    """Read a subscript; the empty one is the next free number, as form parsers everywhere have it."""
    if not subscript:
        return max(taken, default=-1) + 1
    if not (subscript.isascii() and subscript.isdigit() and len(subscript) < 10):
        raise InvalidRequest({"filter": _RULE})
    return int(subscript)


def _in_order(clause: dict[int, str]) -> list[str]:
    return [clause[inner] for inner in sorted(clause)]


def _bounded(clauses: list[list[str]]) -> Groups:
    trimmed = ([fields.one_line("filter", member, GROUP_LIMIT) for member in clause] for clause in clauses)
    groups = tuple(tuple(dict.fromkeys(filter(None, clause))) for clause in trimmed if any(clause))
    if max(map(len, groups), default=0) > COUNT_LIMIT or len(groups) > COUNT_LIMIT:
        raise InvalidRequest({"filter": f"must be at most {COUNT_LIMIT} clauses of at most {COUNT_LIMIT} groups"})
    return groups
