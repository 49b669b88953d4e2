"""Sessions of people: login, refresh, logout (contract 2.3; decisions 32 and 37)."""

from seatrial.domain import errors
from seatrial.domain.access import MemberRole
from seatrial.domain.member import LONGEST_PASSWORD
from seatrial.domain.second_factor import LONGEST_CODE
from seatrial.web.openapi import examples
from seatrial.web.openapi.collaborators import PERSON
from seatrial.web.openapi.errors import CREDENTIAL
from seatrial.web.openapi.members import member_session
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

EXAMPLE = {
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
    password = string(minLength=1, maxLength=LONGEST_PASSWORD)
    code = string("Where the account has a second factor: a code, or a recovery code.", maxLength=LONGEST_CODE)
    name = string(minLength=1, maxLength=EMAIL_LIMIT)
    payload: Json = {
        "description": "A dashboard sends `email`, the SDK of an app `user`.",
        "oneOf": [
            {
                "type": "object",
                "properties": {key: name, "password": password, "twoFactorCode": code},
                "required": [key, "password"],
                **shape,
            }
            for key, shape in (("email", {}), ("user", {"not": {"required": ["email"]}}))
        ],
    }
    login = {"provider": string(enum=list(PROVIDERS), default=PROVIDERS[0]), "payload": payload}
    example = {"provider": "traditional", "payload": {"email": "ada@example.com", "password": "a long enough one"}}
    answer = success("The session.", "SessionAnswer", ref("Session"), EXAMPLE)
    in_sdk = member_session("")["content"]["application/json"]
    content = answer["content"]["application/json"]
    content["schema"] = {"title": "LoginAnswer", "oneOf": [content["schema"], in_sdk["schema"]]}
    content["examples"]["sdk"] = in_sdk["examples"]["success"]
    return Operation(
        id="login",
        method="post",
        path="/v1/auth/login",
        tag=TAG,
        summary="Log in",
        description="With `payload.email`: `accessToken.token` is the credential of the Workspace API. With "
        "`payload.user` and the app's token: a session of a user or an employee of its organization.",
        credentials=({}, {"appToken": []}),
        body=json_body("Login", login, example, required=["payload"]),
        answers={200: answer},
        errors=(
            *CREDENTIAL,
            errors.InvalidRequest,
            errors.WrongCredentials,
            errors.SecondFactorNeeded,
            errors.SignInRefused,
            errors.ApiDisabled,
            errors.PayloadTooLarge,
            errors.TooManyRequests,
        ),
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
        answers={200: success("The session.", "SessionAnswer", ref("Session"), EXAMPLE)},
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
        credentials=({"sessionToken": []}, {"memberToken": []}),
        answers={200: success("It has ended.", "LoggedOutAnswer", ended, {"loggedOut": True})},
        errors=CREDENTIAL,
    )
