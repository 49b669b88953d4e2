"""Signing in where builds are installed: the SDK's calls (contract 2.6)."""

from seatrial.domain import errors
from seatrial.web.openapi import examples
from seatrial.web.openapi.errors import CREDENTIAL
from seatrial.web.openapi.faces import APP_TOKEN
from seatrial.web.openapi.notation import (
    Json,
    Operation,
    array,
    entity_id,
    json_body,
    moment,
    nullable,
    record,
    ref,
    string,
    success,
)
from seatrial.wire import fields
from seatrial.wire.bodies import NAME_LIMIT
from seatrial.wire.users import EMAIL_LIMIT

TAG = "Members"

MEMBER_SESSION_EXAMPLE = {
    "bearer": "stm_Qw3hO0rTt1yPzK8cM5nXb7dWw9sJj2fA",
    "token": "stm_Qw3hO0rTt1yPzK8cM5nXb7dWw9sJj2fA",
    "expiresAt": examples.MOMENT,
    "member": {key: value for key, value in examples.PERSON.items() if key != "picture"},
}


def schemas() -> dict[str, Json]:
    """Give the schemas of members."""
    member = {"id": entity_id(), "email": string(), "firstName": string(), "lastName": string()}
    session = {
        "bearer": string("For the header `x-sdk-auth-token`; shown once."),
        "token": string("The same."),
        "expiresAt": moment(),
        "member": record(member),
    }
    return {"MemberSession": record(session, "Somebody who is signed in where builds are installed.")}


def member_session(description: str) -> Json:
    """Describe an answer with a member's session; the secret is also beside `data`, where one SDK reads it."""
    answer = success(description, "MemberSessionAnswer", ref("MemberSession"), MEMBER_SESSION_EXAMPLE)
    content = answer["content"]["application/json"]
    content["schema"]["properties"]["token"] = string("As `data.token`: one SDK reads it here.")
    content["schema"]["required"] = [*content["schema"]["required"], "token"]
    content["examples"]["success"]["value"]["token"] = MEMBER_SESSION_EXAMPLE["token"]
    return answer


def operations() -> list[Operation]:
    """Describe the routes of members."""
    named = {
        "email": string(minLength=3, maxLength=EMAIL_LIMIT, pattern=r"^[^\s@]+@[^\s@]+$"),
        "firstName": nullable(string(maxLength=NAME_LIMIT)),
        "lastName": nullable(string(maxLength=NAME_LIMIT)),
        "tags": {
            "description": "Groups that exist; others are left out. They decide neither about access nor about mails.",
            "oneOf": [array(string(maxLength=fields.TAG_LIMIT), maxItems=fields.TAG_COUNT_LIMIT), string()],
        },
    }
    where = record({"redirectUrl": string("The page of the app's organization, without a query.")})
    return [
        Operation(
            id="customLogin",
            method="post",
            path="/v1/auth/customLogin",
            tag=TAG,
            summary="Open a session for whom the app names",
            description="Without any proof: an app's token is in everybody's hands. So such a member counts in no "
            "group, and who is known as a user or as another kind of employee cannot be named: 401 with code 4002. "
            "An organization can switch it off (`customLoginEnabled`).",
            credentials=APP_TOKEN,
            body=json_body("CustomLogin", named, {"email": "ada@example.com", "tags": ["qa"]}, required=["email"]),
            answers={200: member_session("The session.")},
            errors=(
                *CREDENTIAL,
                errors.WrongCredentials,
                errors.ApiDisabled,
                errors.InvalidRequest,
                errors.PayloadTooLarge,
                errors.TooManyRequests,
                errors.Conflict,
            ),
        ),
        Operation(
            id="showLoginRedirect",
            method="get",
            path="/v1/auth/redirect",
            tag=TAG,
            summary="Where the app's users sign in",
            description="An SDK opens it in a browser, with its own URL scheme as `?scheme=...`.",
            credentials=APP_TOKEN,
            answers={
                200: success(
                    "The page.",
                    "RedirectAnswer",
                    where,
                    {"redirectUrl": "https://builds.example.com/login/harbour-mobile"},
                )
            },
            errors=(*CREDENTIAL, errors.ApiDisabled),
        ),
    ]
