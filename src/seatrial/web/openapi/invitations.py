"""Invitations: links that let somebody in, once and for a while."""

from dataclasses import replace

from seatrial.domain import errors
from seatrial.domain.access import AppRole, MemberRole, Permission
from seatrial.domain.invitation import InvitationStatus
from seatrial.domain.member import LONGEST_PASSWORD
from seatrial.domain.membership import MemberKind
from seatrial.web.openapi import examples
from seatrial.web.openapi.employees import TAGS
from seatrial.web.openapi.errors import CHANGING
from seatrial.web.openapi.faces import ORGANIZATION, WORKSPACE_TOKEN
from seatrial.web.openapi.notation import (
    Json,
    Operation,
    array,
    boolean,
    entity_id,
    json_body,
    moment,
    nullable,
    parameter,
    record,
    ref,
    response,
    string,
    success,
)
from seatrial.web.openapi.resource import Resource
from seatrial.wire.bodies import NAME_LIMIT
from seatrial.wire.employees import EMAIL_LIMIT
from seatrial.wire.fields import LANGUAGES
from seatrial.wire.invitations import SORTS

TAG = "Invitations"
_EXAMPLE: Json = {
    "id": "605b7c9d1e3f4a6b8c0d2e3f",
    "organization": examples.ORGANIZATION_ID,
    "kind": "user",
    "email": "ada@example.com",
    "firstName": "Ada",
    "lastName": "Marsh",
    "role": "editor",
    "app": None,
    "appRole": None,
    "tags": ["group1"],
    "language": "en",
    "status": "pending",
    "expiresAt": examples.MOMENT,
    "acceptedAt": None,
    "createdAt": examples.MOMENT,
}
_SENT = _EXAMPLE | {"link": "https://builds.example.com/invitation/sti_8iRQ4mVXsQ0ePpDOH0cW5l9l8iRQ4mVX"}
_OPEN: Json = {
    "organization": "Harbour Mobile",
    "kind": "user",
    "email": "ada@example.com",
    "firstName": "Ada",
    "lastName": "Marsh",
    "role": "editor",
    "hasAccount": False,
    "status": "pending",
    "expiresAt": examples.MOMENT,
}
_INVITATION = Resource(
    name="Invitation",
    noun="an invitation",
    tag=TAG,
    path=f"{ORGANIZATION}/invitations",
    item="invitationId",
    example=_EXAMPLE,
    listing=Permission.INVITATION_LIST,
    creating=Permission.INVITATION_CREATE,
    updating=Permission.INVITATION_CREATE,
    deleting=Permission.INVITATION_DELETE,
)
_KIND = string("`user` sees the dashboard, `employee` the store only.", enum=[kind.value for kind in MemberKind])
_ROLES, _APP_ROLES = [role.value for role in MemberRole], [role.value for role in AppRole]
_STATUS = string(enum=[status.value for status in InvitationStatus])
_NAME = nullable(string(maxLength=NAME_LIMIT))
_TOKEN = parameter("token", "path", string(minLength=1, maxLength=256), "The secret of the link.")
_WANTED = {
    "kind": _KIND | {"default": "user"},
    "email": string(maxLength=EMAIL_LIMIT),
    "firstName": _NAME,
    "lastName": _NAME,
    "role": string("Of a user. Nobody gives more than they have; only owners make owners.", enum=_ROLES)
    | {"default": "viewer"},
    "app": nullable(string("The id or slug of an app that a user gets a role in.", maxLength=NAME_LIMIT)),
    "appRole": {"description": "Goes with `app`.", "enum": [*_APP_ROLES, None]},
    "tags": TAGS,
    "language": nullable(string("Of the mail.", enum=[*LANGUAGES, "", None])),
}


def schemas() -> dict[str, Json]:
    """Give the schemas of invitations."""
    shown = {
        "id": entity_id(),
        "organization": entity_id(),
        "kind": _KIND,
        "email": string(),
        "firstName": string(),
        "lastName": string(),
        "role": {"description": "Of a user.", "enum": [*_ROLES, None]},
        "app": nullable(entity_id()),
        "appRole": {"enum": [*_APP_ROLES, None]},
        "tags": array(string()),
        "language": string(),
        "status": _STATUS,
        "link": string("Only in the answers to sending it: whoever has it can accept."),
        "expiresAt": moment(),
        "acceptedAt": nullable(moment()),
        "createdAt": moment(),
    }
    seen = {
        "organization": string("Its name."),
        "kind": _KIND,
        "email": string(),
        "firstName": string(),
        "lastName": string(),
        "role": {"enum": [*_ROLES, None]},
        "hasAccount": boolean("Whether the password to accept with is that of an account on this server."),
        "status": _STATUS,
        "expiresAt": moment(),
    }
    return {
        "Invitation": record(shown, optional=["link"]),
        "OpenInvitation": record(seen, "An invitation as its holder sees it."),
    } | _INVITATION.page_schema()


def operations() -> list[Operation]:
    """Describe the routes of invitations."""
    address = parameter("email", "query", string(maxLength=EMAIL_LIMIT), "Exactly this address, in any case.")
    example = {"email": "ada@example.com", "role": "editor"}
    create = _INVITATION.create("Invite somebody", _WANTED, example, ["email"])
    sent = {200: success("With the link, this once.", "InvitationAnswer", ref("Invitation"), _SENT)}
    described = (
        "Sends a mail with a link. What was sent to the address before is over. 409 for who is a member already, or an "
        "employee with a password."
    )
    return [
        _INVITATION.search("List the invitations", SORTS, address),
        replace(create, answers=sent, description=described),
        _INVITATION.show(),
        _INVITATION.remove("Its link works no more. 409 for one that was accepted.", errors.Conflict),
        _INVITATION.under(_resend(sent), "resend"),
        _look(),
        _accept(),
        *_page(),
    ]


def _resend(sent: dict[int, Json]) -> Operation:
    return Operation(
        id="resendInvitation",
        method="post",
        path="",
        tag=TAG,
        summary="Send another link",
        description="The old link is over, and the time begins anew.",
        credentials=WORKSPACE_TOKEN,
        permission=Permission.INVITATION_CREATE,
        answers=sent,
        errors=(*_INVITATION.show().errors, errors.Conflict),
    )


def _look() -> Operation:
    return Operation(
        id="showOpenInvitation",
        method="get",
        path="/v1/invitations/{token}",
        tag=TAG,
        summary="Show an invitation to its holder",
        description="Also one that is over: see `status`.",
        parameters=(_TOKEN,),
        answers={200: success("As it is now.", "OpenInvitationAnswer", ref("OpenInvitation"), _OPEN)},
        errors=(errors.EntityNotFound,),
    )


def _accept() -> Operation:
    said = {
        "password": string("A new one, or that of the account.", minLength=1, maxLength=LONGEST_PASSWORD),
        "firstName": _NAME,
        "lastName": _NAME,
    }
    done = _OPEN | {"status": "accepted"}
    return Operation(
        id="acceptInvitation",
        method="post",
        path="/v1/invitations/{token}",
        tag=TAG,
        summary="Accept an invitation",
        description="Makes the account and the membership, or the employee. 409 for a link that is over.",
        parameters=(_TOKEN,),
        body=json_body(
            "Acceptance", said, {"password": "a long enough one", "firstName": "Ada"}, required=["password"]
        ),
        answers={200: success("Accepted.", "OpenInvitationAnswer", ref("OpenInvitation"), done)},
        errors=(
            *(error for error in CHANGING if error in {errors.EntityNotFound, errors.InvalidRequest}),
            errors.PayloadTooLarge,
            errors.WrongCredentials,
            errors.Conflict,
            errors.TooManyRequests,
        ),
    )


def _page() -> list[Operation]:
    html = {"text/html": {"schema": string()}}
    form = {
        "required": True,
        "content": {
            "application/x-www-form-urlencoded": {
                "schema": {
                    "type": "object",
                    "properties": {name: string() for name in ("firstName", "lastName", "password")},
                }
            }
        },
    }
    pages = {
        200: response("The page.", html),
        404: response("There is no such invitation.", html),
        410: response("It is over.", html),
    }
    refused = {
        400: response("Something is missing or wrong; the page says what.", html),
        401: response("The password is not that of the account.", html),
        429: response("Too many wrong passwords.", html),
    }
    show = Operation(
        id="showInvitationPage",
        method="get",
        path="/invitation/{token}",
        tag=TAG,
        summary="The page behind the link",
        parameters=(_TOKEN,),
        answers=pages,
    )
    return [
        show,
        replace(
            show,
            id="acceptInvitationByForm",
            method="post",
            summary="Accept by the page's form",
            body=form,
            answers=pages | refused,
            errors=(errors.PayloadTooLarge,),
        ),
    ]
