"""People of an organization as JSON, in the shape of the vendor's collaborators (contract 2.5)."""

from seatrial.domain.access import MemberRole
from seatrial.domain.app import User
from seatrial.domain.build import UNSET
from seatrial.domain.errors import InvalidRequest
from seatrial.domain.listing import ListQuery
from seatrial.domain.member import LONGEST_PASSWORD, Member, MemberChanges, NewMember
from seatrial.wire import bodies, tags
from seatrial.wire.queries import Params, list_query
from seatrial.wire.timestamps import timestamp

SORTS = ("createdAt", "email")
EMAIL_LIMIT = 256


def members_query(params: Params) -> ListQuery:
    """Read which people to list.

    Raises InvalidRequest.
    """
    return list_query(params, SORTS, ("email",))


def new_member(body: bytes) -> NewMember:
    """Read whom to take in.

    Raises InvalidRequest.
    """
    said = bodies.json_object(body)
    email = bodies.line(EMAIL_LIMIT)("email", said.get("email"))
    if not email:
        raise InvalidRequest({"email": "is required"})
    name = bodies.line(bodies.NAME_LIMIT)
    return NewMember(
        email=email,
        role=_role("role", said.get("role", MemberRole.VIEWER.value)),
        password=_password("password", said["password"]) if said.get("password") is not None else None,
        first_name=name("firstName", said.get("firstName")),
        last_name=name("lastName", said.get("lastName")),
        tags=tags.from_json(said["tags"]) if "tags" in said else (),
    )


def member_changes(body: bytes) -> MemberChanges:
    """Read edits to a member.

    Raises InvalidRequest.
    """
    said = bodies.json_object(body)
    return MemberChanges(
        role=bodies.optional(said, "role", _role),
        tags=tags.from_json(said["tags"]) if "tags" in said else UNSET,
        first_name=bodies.optional(said, "firstName", bodies.line(bodies.NAME_LIMIT)),
        last_name=bodies.optional(said, "lastName", bodies.line(bodies.NAME_LIMIT)),
        password=bodies.optional(said, "password", _password),
    )


def member_json(member: Member) -> dict[str, object]:
    """Show a member; its id is the person's."""
    return {
        "id": member.user.id,
        "organization": member.organization_id,
        "role": member.role.value,
        "user": {**person_json(member.user), "role": member.role.value, "ssoUser": False},
        "tags": list(member.tags),
        "createdAt": timestamp(member.created_at),
        "updatedAt": timestamp(member.updated_at),
    }


def person_json(user: User) -> dict[str, object]:
    """Show who somebody is."""
    return {
        "id": user.id,
        "email": user.email,
        "firstName": user.first_name,
        "lastName": user.last_name,
        "picture": user.picture,
    }


def _role(name: str, value: object) -> MemberRole:
    return MemberRole(bodies.word(*MemberRole)(name, value))


def _password(name: str, value: object) -> str:
    return bodies.text(LONGEST_PASSWORD)(name, value)
