"""Members in the store and in apps' SDKs as JSON, in the shapes that the published SDKs read (contract 2.6)."""

from dataclasses import dataclass

from seatrial.domain.errors import InvalidRequest
from seatrial.domain.membership import MemberIdentity, OpenedMemberSession
from seatrial.wire import bodies, tags
from seatrial.wire.envelope import ok
from seatrial.wire.timestamps import timestamp
from seatrial.wire.users import EMAIL_LIMIT


@dataclass(frozen=True, slots=True)
class Named:
    """Whom an app says its user is; `None` where it says nothing."""

    email: str
    first_name: str | None
    last_name: str | None
    tags: tuple[str, ...] | None


def named_member(body: bytes) -> Named:
    """Read whom an app names.

    Raises InvalidRequest.
    """
    said = bodies.json_object(body)
    email = bodies.line(EMAIL_LIMIT)("email", said.get("email"))
    name, at, host = email.rpartition("@")
    if not (name and at and host) or any(character.isspace() for character in email):
        raise InvalidRequest({"email": f"must be an e-mail address of at most {EMAIL_LIMIT} characters"})
    line = bodies.line(bodies.NAME_LIMIT)
    return Named(
        email=email,
        first_name=line("firstName", said["firstName"]) if said.get("firstName") is not None else None,
        last_name=line("lastName", said["lastName"]) if said.get("lastName") is not None else None,
        tags=tags.from_json(said["tags"]) if said.get("tags") is not None else None,
    )


def member_login_json(opened: OpenedMemberSession) -> dict[str, object]:
    """Show a member's session, this once, as a whole answer.

    The SDKs disagree about where the secret is: in `data.bearer` or in `token` beside `data`.
    """
    data = {
        "bearer": opened.secret,
        "token": opened.secret,
        "expiresAt": timestamp(opened.expires_at),
        "member": named_json(opened.member),
    }
    return ok(data) | {"token": opened.secret}


def named_json(member: MemberIdentity) -> dict[str, object]:
    """Show whom a session is of, in few words."""
    return {
        "id": member.id,
        "email": member.email,
        "firstName": member.first_name,
        "lastName": member.last_name,
    }


def member_profile_json(member: MemberIdentity) -> dict[str, object]:
    """Show who is signed in."""
    return {
        **named_json(member),
        "fullName": member.full_name,
        "picture": member.picture,
        "language": member.language,
        "type": member.kind.value,
        "createdAt": timestamp(member.created_at),
    }
