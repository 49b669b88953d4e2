"""Login, refresh and their answers (contract 2.3; decision 32)."""

from dataclasses import dataclass, field

from seatrial.domain.errors import InvalidRequest
from seatrial.domain.member import LONGEST_PASSWORD, OpenedSession
from seatrial.domain.second_factor import LONGEST_CODE
from seatrial.wire import bodies, fields
from seatrial.wire.timestamps import timestamp
from seatrial.wire.users import EMAIL_LIMIT, person_json

PROVIDERS = ("traditional",)


@dataclass(frozen=True, slots=True)
class Credentials:
    """Who says who they are."""

    email: str
    password: str = field(repr=False)
    code: str = field(repr=False)
    """Of an authenticator app, or a recovery code; empty where none was sent."""
    is_sdk: bool
    """Whether it is the body of an app's SDK: `payload.user` instead of `payload.email` (decision 32)."""


def credentials(body: bytes) -> Credentials:
    """Read a dashboard's login, or an SDK's.

    Raises InvalidRequest.
    """
    said = bodies.json_object(body)
    fields.word("provider", bodies.string("provider", said.get("provider", PROVIDERS[0])), PROVIDERS)
    payload = bodies.nested(said, "payload")
    name = "user" if "user" in payload and "email" not in payload else "email"
    email = bodies.line(EMAIL_LIMIT)(f"payload.{name}", payload.get(name))
    password = bodies.text(LONGEST_PASSWORD)("payload.password", payload.get("password"))
    missing = {f"payload.{key}": "is required" for key, value in ((name, email), ("password", password)) if not value}
    if missing:
        raise InvalidRequest(missing)
    code = bodies.line(LONGEST_CODE)("payload.twoFactorCode", payload.get("twoFactorCode"))
    return Credentials(email, password, code, is_sdk=name == "user")


def refresh_token(body: bytes) -> str:
    """Read the refresh token to be traded in.

    Raises InvalidRequest.
    """
    return bodies.secret("refreshToken", bodies.json_object(body).get("refreshToken"))


def session_json(opened: OpenedSession) -> dict[str, object]:
    """Show a pair of tokens, this once, and whose they are."""
    user = opened.user
    return {
        "accessToken": {"token": opened.access_token, "expireAt": timestamp(opened.access_expires_at)},
        "refreshToken": {"token": opened.refresh_token, "expireAt": timestamp(opened.refresh_expires_at)},
        "user": {
            **person_json(user),
            "fullName": f"{user.first_name} {user.last_name}".strip(),
            "role": opened.role.value if opened.role else "",
            "createdAt": timestamp(user.created_at),
        },
    }
