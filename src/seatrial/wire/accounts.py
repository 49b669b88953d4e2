"""People's own accounts as JSON: profile, password, sessions, second factor."""

from dataclasses import dataclass, field

from seatrial.domain.app import User
from seatrial.domain.errors import InvalidRequest
from seatrial.domain.ids import SessionId
from seatrial.domain.member import LONGEST_PASSWORD, PersonChanges, Session
from seatrial.domain.second_factor import LONGEST_CODE, Enrolment, SecondFactorState
from seatrial.wire import bodies
from seatrial.wire.timestamps import timestamp
from seatrial.wire.users import EMAIL_LIMIT, person_json


@dataclass(frozen=True, slots=True)
class Proof:
    """What somebody shows before something that matters."""

    password: str = field(repr=False)
    code: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class NewPassword:
    """A password in the place of another one, or of what a link's secret stands for."""

    old: str = field(repr=False)
    """The password before, or the link's secret."""
    new: str = field(repr=False)


def profile_json(user: User, factor: SecondFactorState) -> dict[str, object]:
    """Show somebody their own account."""
    return {
        **person_json(user),
        "fullName": f"{user.first_name} {user.last_name}".strip(),
        "language": user.language,
        "type": "user",
        "twoFactor": state_json(factor),
        "createdAt": timestamp(user.created_at),
    }


def person_changes(body: bytes) -> PersonChanges:
    """Read edits to one's own account.

    Raises InvalidRequest.
    """
    said = bodies.json_object(body)
    return PersonChanges(
        first_name=bodies.optional(said, "firstName", bodies.line(bodies.NAME_LIMIT)),
        last_name=bodies.optional(said, "lastName", bodies.line(bodies.NAME_LIMIT)),
        language=bodies.optional(said, "language", bodies.language),
    )


def new_password(body: bytes) -> NewPassword:
    """Read a change of one's own password.

    Raises InvalidRequest.
    """
    return _passwords(body, "password", "newPassword")


def reset_password(body: bytes) -> NewPassword:
    """Read another password for the holder of a link.

    Raises InvalidRequest.
    """
    return _passwords(body, "token", "password")


def forgotten(body: bytes) -> str:
    """Read the e-mail address of who forgot the password.

    Raises InvalidRequest.
    """
    email = bodies.line(EMAIL_LIMIT)("email", bodies.json_object(body).get("email"))
    if not email:
        raise InvalidRequest({"email": "is required"})
    return email


def proof(body: bytes) -> Proof:
    """Read a password and a code; both may be missing, where the account has none.

    Raises InvalidRequest.
    """
    said = bodies.json_object(body) if body.strip() else {}
    return Proof(
        bodies.text(LONGEST_PASSWORD)("password", said.get("password")),
        bodies.line(LONGEST_CODE)("code", said.get("code")),
    )


def code(body: bytes) -> str:
    """Read the first code of an authenticator.

    Raises InvalidRequest.
    """
    said = bodies.line(LONGEST_CODE)("code", bodies.json_object(body).get("code"))
    if not said:
        raise InvalidRequest({"code": "is required: six digits"})
    return said


def session_json(session: Session, current: SessionId) -> dict[str, object]:
    """Show one of somebody's own sessions without its secrets."""
    return {
        "id": session.id,
        "current": session.id == current,
        "method": session.method.value,
        "userAgent": session.user_agent,
        "createdAt": timestamp(session.created_at),
        "lastUsedAt": timestamp(session.last_used_at) if session.last_used_at else None,
        "expiresAt": timestamp(session.refresh_expires_at),
    }


def state_json(state: SecondFactorState) -> dict[str, object]:
    """Show whether there is a second factor."""
    return {"enabled": state.enabled, "recoveryCodesLeft": state.recovery_codes_left}


def enrolment_json(enrolment: Enrolment) -> dict[str, object]:
    """Show what an authenticator app needs, this once."""
    return {"secret": enrolment.secret, "uri": enrolment.uri, "qrCode": enrolment.qr_code}


def _passwords(body: bytes, old: str, new: str) -> NewPassword:
    said = bodies.json_object(body)
    read = bodies.text(LONGEST_PASSWORD)
    given = {name: read(name, said.get(name)) for name in (old, new)}
    missing = {name: "is required" for name, value in given.items() if not value}
    if missing:
        raise InvalidRequest(missing)
    return NewPassword(given[old], given[new])
