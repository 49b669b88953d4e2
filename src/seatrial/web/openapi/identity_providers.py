"""Identity providers, and the way to them and back."""

from seatrial.domain import errors
from seatrial.domain.access import Permission
from seatrial.domain.group import LONGEST_GROUP
from seatrial.domain.identity_provider import SIGN_UP_ROLES
from seatrial.domain.membership import MemberKind
from seatrial.domain.sign_in import SignInTarget
from seatrial.web.openapi import examples
from seatrial.web.openapi.faces import ORGANIZATION
from seatrial.web.openapi.notation import (
    Json,
    Operation,
    array,
    boolean,
    entity_id,
    header,
    moment,
    nullable,
    parameter,
    record,
    ref,
    response,
    shared,
    string,
    success,
)
from seatrial.web.openapi.organizations import PART_OF_NAME
from seatrial.web.openapi.resource import Resource
from seatrial.web.openapi.sessions import EXAMPLE as SESSION_EXAMPLE
from seatrial.wire.bodies import NAME_LIMIT
from seatrial.wire.identity_providers import CLAIM_LIMIT, MOST_ENTRIES, SECRET_LIMIT, SORTS, URL_LIMIT

TAG = "Identity providers"

_EXAMPLE = {
    "id": examples.BUILD_ID,
    "organization": examples.ORGANIZATION_ID,
    "name": "Harbour ID",
    "issuer": "https://id.example.com/realms/harbour",
    "clientId": "seatrial",
    "hasClientSecret": True,
    "scopes": ["openid", "profile", "email"],
    "groupsClaim": "groups",
    "groupMapping": {"mobile-qa": "QA"},
    "defaultRole": "unassigned",
    "kind": "employee",
    "allowedDomains": ["example.com"],
    "allowSignUp": True,
    "enabled": True,
    "only": False,
    "signsOwnersIn": True,
    "createdAt": examples.MOMENT,
    "updatedAt": examples.MOMENT,
}
_PROVIDER = Resource(
    name="IdentityProvider",
    noun="an identity provider",
    tag=TAG,
    path=f"{ORGANIZATION}/identityProviders",
    item="identityProviderId",
    example=_EXAMPLE,
    listing=Permission.IDENTITY_PROVIDER_LIST,
    creating=Permission.IDENTITY_PROVIDER_CREATE,
    updating=Permission.IDENTITY_PROVIDER_UPDATE,
    deleting=Permission.IDENTITY_PROVIDER_DELETE,
    unique=False,
)
_LINES = array(string(maxLength=CLAIM_LIMIT, pattern=r"^\S+$"), maxItems=MOST_ENTRIES)
_ROLE = string("Of a user who is new.", enum=[role.value for role in SIGN_UP_ROLES])
_KIND = string("What somebody new becomes.", enum=[kind.value for kind in MemberKind])
_MAPPING: Json = {
    "type": ["object", "null"],
    "description": "Values of the claim to names of groups; null: each value is the name of a group.",
    "additionalProperties": {"type": "string", "minLength": 1, "maxLength": LONGEST_GROUP, "pattern": r"\S"},
    "maxProperties": MOST_ENTRIES,
}


def schemas() -> dict[str, Json]:
    """Give the schemas of identity providers."""
    shown = {
        "id": entity_id(),
        "organization": entity_id(),
        "name": string(),
        "issuer": string(),
        "clientId": string(),
        "hasClientSecret": boolean("The secret itself is never shown."),
        "scopes": array(string()),
        "groupsClaim": string("A claim, or a path with dots; empty: groups are no business of the provider."),
        "groupMapping": {"type": ["object", "null"], "additionalProperties": {"type": "string"}},
        "defaultRole": _ROLE,
        "kind": _KIND,
        "allowedDomains": array(string()),
        "allowSignUp": boolean("Whether it brings people who are not known yet."),
        "enabled": boolean(),
        "only": boolean("Whether nobody but owners may sign in with a password."),
        "signsOwnersIn": boolean("Whether an owner saved it, so that it may say who an owner is."),
        "createdAt": moment(),
        "updatedAt": moment(),
    }
    return {"IdentityProvider": record(shown, "An OpenID provider that people sign in with.")} | _PROVIDER.page_schema()


def operations() -> list[Operation]:
    """Describe the routes of identity providers."""
    wanted = {name: _EXAMPLE[name] for name in ("name", "issuer", "clientId", "allowSignUp")}
    return [
        _PROVIDER.search("List an organization's identity providers", SORTS, PART_OF_NAME),
        _PROVIDER.create(
            "Make an identity provider",
            _settings(),
            wanted,
            ["name", "issuer", "clientId"],
            "Its callback at the issuer is `/v1/auth/oidc/{id}/callback`.",
        ),
        _PROVIDER.show(),
        _PROVIDER.update("", _settings(), {"enabled": False}),
        _PROVIDER.remove("Who signed in with it needs another way in."),
        _start(),
        _callback(),
    ]


def _settings() -> dict[str, Json]:
    return {
        "name": string(minLength=1, maxLength=NAME_LIMIT, pattern=r"\S"),
        "issuer": string("As it calls itself.", maxLength=URL_LIMIT, pattern=r"^https://[!-~]+$"),
        "clientId": string(minLength=1, maxLength=URL_LIMIT, pattern=r"\S"),
        "clientSecret": nullable(string("Empty for a public client.", maxLength=SECRET_LIMIT)),
        "scopes": _LINES,
        "groupsClaim": nullable(string(maxLength=CLAIM_LIMIT)),
        "groupMapping": _MAPPING,
        "defaultRole": _ROLE,
        "kind": _KIND,
        "allowedDomains": _LINES,
        "allowSignUp": boolean(),
        "enabled": boolean(),
        "only": boolean(),
    }


def _start() -> Operation:
    targets = string(enum=[target.value for target in SignInTarget], default="api")
    return Operation(
        id="startOidc",
        method="get",
        path="/v1/auth/oidc/{identityProviderId}/start",
        tag=TAG,
        summary="Go to an identity provider",
        description="For a browser, which keeps a cookie until it comes back.",
        parameters=(
            shared("identityProviderId"),
            parameter("target", "query", targets, "What somebody signs in for."),
            parameter("scheme", "query", string(maxLength=256), "An app's own URL scheme; with the target `sdk`."),
            parameter("next", "query", string(maxLength=2000), "A path of this server to go on to."),
        ),
        answers={302: response("To the identity provider.", headers={"Location": header("Where.", string())})},
        errors=(errors.InvalidRequest, errors.EntityNotFound),
    )


def _callback() -> Operation:
    location = {"Location": header("A page, or the app's own URL scheme with `bearer`.", string())}
    return Operation(
        id="finishOidc",
        method="get",
        path="/v1/auth/oidc/{identityProviderId}/callback",
        tag=TAG,
        summary="Come back from an identity provider",
        description="Each way back works once, in the browser that set out; a page tells it what went wrong.",
        parameters=(
            shared("identityProviderId"),
            parameter("state", "query", string(maxLength=512), "Of the way there."),
            parameter("code", "query", string(maxLength=4096), "The identity provider's."),
            parameter("error", "query", string(maxLength=512), "Why it let nobody in."),
        ),
        answers={
            200: success("For the target `api`: the session.", "SessionAnswer", ref("Session"), SESSION_EXAMPLE),
            303: response("For the others.", headers=location),
        },
        errors=(errors.SignInRefused, errors.EntityNotFound),
    )
