"""Sessions of people: login, refresh, logout (contract 2.3; decisions 32 and 37)."""

from seatrial.domain import errors
from seatrial.domain.access import MemberRole
from seatrial.domain.member import LONGEST_PASSWORD
from seatrial.web.openapi import examples
from seatrial.web.openapi.collaborators import PERSON
from seatrial.web.openapi.errors import CREDENTIAL
from seatrial.web.openapi.notation import (
    Json,
    Operation,
    boolean,
    json_body,
    moment,
    record,
    ref,
    string,
    success,
)
from seatrial.wire.sessions import PROVIDERS
from seatrial.wire.users import EMAIL_LIMIT

TAG = "Sessions"

_EXAMPLE = {
    "accessToken": {"token": "stu_Qw3hO0rTt1yPzK8cM5nXb7dWw9sJj2fA", "expireAt": examples.MOMENT},
    "refreshToken": {"token": "str_Lm5nXb7dWw9sJj2fAQw3hO0rTt1yPzK8", "expireAt": examples.MOMENT},
    "user": examples.PERSON | {"fullName": "Ada Marsh", "role": "editor", "createdAt": examples.MOMENT},
}


def schemas() -> dict[str, Json]:
    """Give the schema of a session."""
    token = record({"token": string("Shown once."), "expireAt": moment()})
    role = string(
        "In the organization that the person joined first; empty without any.",
        enum=["", *(role.value for role in MemberRole)],
    )
    user = record(PERSON | {"fullName": string(), "role": role, "createdAt": moment()})
    return {"Session": record({"accessToken": token, "refreshToken": token, "user": user})}


def operations() -> list[Operation]:
    """Describe the routes of sessions."""
    return [_login(), _refresh(), _logout()]


def _login() -> Operation:
    payload: Json = {
        "type": "object",
        "properties": {
            "email": string(minLength=1, maxLength=EMAIL_LIMIT),
            "password": string(minLength=1, maxLength=LONGEST_PASSWORD),
        },
        "required": ["email", "password"],
        "additionalProperties": True,
    }
    login = {"provider": string(enum=list(PROVIDERS), default=PROVIDERS[0]), "payload": payload}
    example = {"provider": "traditional", "payload": {"email": "ada@example.com", "password": "a long enough one"}}
    return Operation(
        id="login",
        method="post",
        path="/v1/auth/login",
        tag=TAG,
        summary="Log in",
        description="`accessToken.token` is the credential of the Workspace API.",
        body=json_body("Login", login, example, required=["payload"]),
        answers={200: success("The session.", "SessionAnswer", ref("Session"), _EXAMPLE)},
        errors=(errors.InvalidRequest, errors.WrongCredentials, errors.PayloadTooLarge, errors.TooManyRequests),
    )


def _refresh() -> Operation:
    secret = {"refreshToken": string("Of the pair before; it is good once.", minLength=1, maxLength=128)}
    example = {"refreshToken": "str_Lm5nXb7dWw9sJj2fAQw3hO0rTt1yPzK8"}
    return Operation(
        id="refreshSession",
        method="post",
        path="/v1/auth/refresh",
        tag=TAG,
        summary="Trade a refresh token for the next pair",
        body=json_body("Refresh", secret, example, required=["refreshToken"]),
        answers={200: success("The session.", "SessionAnswer", ref("Session"), _EXAMPLE)},
        errors=(errors.InvalidRequest, errors.InvalidToken, errors.TokenExpired, errors.PayloadTooLarge),
    )


def _logout() -> Operation:
    ended = record({"loggedOut": boolean(const=True)})
    return Operation(
        id="logout",
        method="post",
        path="/v1/auth/logout",
        tag=TAG,
        summary="Log out",
        description="Ends the session of the access token, its refresh token included.",
        credentials=({"sessionToken": []},),
        answers={200: success("It has ended.", "LoggedOutAnswer", ended, {"loggedOut": True})},
        errors=CREDENTIAL,
    )
