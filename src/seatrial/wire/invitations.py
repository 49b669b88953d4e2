"""Invitations as JSON."""

from datetime import datetime

from seatrial.domain.access import AppRole, MemberRole
from seatrial.domain.errors import InvalidRequest
from seatrial.domain.invitation import Acceptance, Invitation, NewInvitation, OpenInvitation
from seatrial.domain.listing import ListQuery
from seatrial.domain.member import LONGEST_PASSWORD
from seatrial.domain.membership import MemberKind
from seatrial.wire import bodies, tags
from seatrial.wire.employees import email
from seatrial.wire.queries import Params, list_query
from seatrial.wire.timestamps import timestamp

SORTS = ("createdAt", "email")


def invitations_query(params: Params) -> ListQuery:
    """Read which invitations to list.

    Raises InvalidRequest.
    """
    return list_query(params, SORTS, ("email",))


def new_invitation(body: bytes) -> NewInvitation:
    """Read whom to invite.

    Raises InvalidRequest.
    """
    said = bodies.json_object(body)
    name = bodies.line(bodies.NAME_LIMIT)
    app_role = said.get("appRole")
    return NewInvitation(
        kind=MemberKind(bodies.word(*MemberKind)("kind", said.get("kind", MemberKind.USER.value))),
        email=email("email", said.get("email")),
        first_name=name("firstName", said.get("firstName")),
        last_name=name("lastName", said.get("lastName")),
        role=MemberRole(bodies.word(*MemberRole)("role", said.get("role", MemberRole.VIEWER.value))),
        app=name("app", said.get("app")),
        app_role=None if app_role is None else AppRole(bodies.word(*AppRole)("appRole", app_role)),
        tags=tags.from_json(said["tags"]) if "tags" in said else (),
        language=bodies.language("language", said.get("language")),
    )


def acceptance(body: bytes) -> Acceptance:
    """Read what somebody says who accepts.

    Raises InvalidRequest.
    """
    said = bodies.json_object(body)
    name, password = bodies.line(bodies.NAME_LIMIT), said.get("password")
    if not isinstance(password, str) or not password:
        raise InvalidRequest({"password": "is required: a new one, or that of your account"})
    return Acceptance(
        password=bodies.text(LONGEST_PASSWORD)("password", password),
        first_name=name("firstName", said.get("firstName")),
        last_name=name("lastName", said.get("lastName")),
    )


def invitation_json(invitation: Invitation, now: datetime, link: str | None = None) -> dict[str, object]:
    """Show an invitation; `link` is there only with its secret, that is once."""
    return {
        "id": invitation.id,
        "organization": invitation.organization_id,
        "kind": invitation.kind.value,
        "email": invitation.email,
        "firstName": invitation.first_name,
        "lastName": invitation.last_name,
        "role": invitation.role.value if invitation.role else None,
        "app": invitation.app_id,
        "appRole": invitation.app_role.value if invitation.app_role else None,
        "tags": list(invitation.tags),
        "language": invitation.language,
        "status": invitation.status(now).value,
        **({"link": link} if link is not None else {}),
        "expiresAt": timestamp(invitation.expires_at),
        "acceptedAt": timestamp(invitation.accepted_at) if invitation.accepted_at else None,
        "createdAt": timestamp(invitation.created_at),
    }


def open_invitation_json(found: OpenInvitation) -> dict[str, object]:
    """Show an invitation to whoever has its link."""
    invitation = found.invitation
    return {
        "organization": found.organization,
        "kind": invitation.kind.value,
        "email": invitation.email,
        "firstName": invitation.first_name,
        "lastName": invitation.last_name,
        "role": invitation.role.value if invitation.role else None,
        "hasAccount": found.has_account,
        "status": found.status.value,
        "expiresAt": timestamp(invitation.expires_at),
    }
