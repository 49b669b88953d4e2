"""Members' roles in single apps as JSON (contract 2.5)."""

from seatrial.domain.access import AppRole
from seatrial.domain.app_collaborator import AppCollaborator
from seatrial.domain.errors import InvalidRequest
from seatrial.domain.listing import ListQuery
from seatrial.wire import bodies
from seatrial.wire.queries import Params, list_query
from seatrial.wire.timestamps import timestamp
from seatrial.wire.users import person_json

SORTS = ("createdAt",)


def app_collaborators_query(params: Params) -> ListQuery:
    """Read which roles to list.

    Raises InvalidRequest.
    """
    return list_query(params, SORTS)


def new_app_collaborator(body: bytes) -> tuple[str, AppRole]:
    """Read whom, by id or e-mail address, to give which role in an app.

    Raises InvalidRequest.
    """
    said = bodies.json_object(body)
    person = bodies.line(bodies.NAME_LIMIT)("user", said.get("user"))
    if not person:
        raise InvalidRequest({"user": "is required: an id or an e-mail address"})
    return person, _role(said)


def wanted_role(body: bytes) -> AppRole:
    """Read another role.

    Raises InvalidRequest.
    """
    return _role(bodies.json_object(body))


def app_collaborator_json(found: AppCollaborator) -> dict[str, object]:
    """Show a member's role in an app."""
    app, member = found.app, found.member
    return {
        "id": found.id,
        "organization": app.organization_id,
        "application": {"_id": app.id, "description": app.description, "name": app.name, "slug": app.slug},
        "role": found.role.value,
        "tags": list(member.tags),
        "user": {**person_json(member.user), "role": member.role.value, "ssoUser": False},
        "detected": False,
        "createdBy": found.created_by,
        "updatedAt": timestamp(found.updated_at),
        "createdAt": timestamp(found.created_at),
    }


def _role(said: dict[str, object]) -> AppRole:
    if said.get("role") is None:
        raise InvalidRequest({"role": f"is required: one of {', '.join(AppRole)}"})
    return AppRole(bodies.word(*AppRole)("role", said["role"]))
