"""Trusted publishing: rules, and identity tokens that are traded in."""

from seatrial.domain import errors
from seatrial.domain.access import Permission, TokenScope
from seatrial.domain.trusted_publisher import LONGEST_PATTERN, MOST_CONDITIONS, MOST_PATTERNS, CiSystem
from seatrial.web.openapi import examples
from seatrial.web.openapi.faces import WORKSPACE
from seatrial.web.openapi.notation import (
    Json,
    Operation,
    array,
    entity_id,
    json_body,
    moment,
    nullable,
    number,
    record,
    ref,
    string,
    success,
)
from seatrial.web.openapi.resource import Resource
from seatrial.wire.bodies import NAME_LIMIT
from seatrial.wire.identity_providers import URL_LIMIT
from seatrial.wire.trusted_publishers import IDENTITY_TOKEN_LIMIT

TAG = "Trusted publishing"

_EXAMPLE = {
    "id": "65f1c2d3e4b5a69788776644",
    "organization": examples.ORGANIZATION_ID,
    "application": examples.APP_ID,
    "name": "Releases",
    "provider": "github",
    "issuer": "https://token.actions.githubusercontent.com",
    "audience": "https://builds.example.com",
    "conditions": {"repository": ["harbour/tide-tables"], "ref": ["refs/heads/main", "refs/tags/v*"]},
    "lastUsedAt": None,
    "createdAt": examples.MOMENT,
    "updatedAt": examples.MOMENT,
}
_PUBLISHER = Resource(
    name="TrustedPublisher",
    noun="a rule",
    tag=TAG,
    path=f"{WORKSPACE.prefix}/trustedPublishers",
    item="trustedPublisherId",
    example=_EXAMPLE,
    listing=Permission.APP_TOKEN_LIST,
    creating=Permission.APP_TOKEN_CREATE,
    updating=Permission.APP_TOKEN_CREATE,
    deleting=Permission.APP_TOKEN_DELETE,
    parents=WORKSPACE.parameters,
    unique=False,
)
_PROVIDER = string("Whose identity tokens; `other`: of any OpenID issuer.", enum=[one.value for one in CiSystem])
_PATTERNS = array(string(minLength=1, maxLength=LONGEST_PATTERN), minItems=1, maxItems=MOST_PATTERNS)
_CONDITIONS: Json = {
    "type": "object",
    "description": "Claims, each with patterns of which one has to fit: `*` is anything but a slash, `**` anything. "
    "The claim that names the project is required: `repository`, `project_path`, `app_slug`, "
    "`oidc.circleci.com/project-id`.",
    "additionalProperties": _PATTERNS,
    "minProperties": 1,
    "maxProperties": MOST_CONDITIONS,
}


def schemas() -> dict[str, Json]:
    """Give the schemas of trusted publishing."""
    shown = {
        "id": entity_id(),
        "organization": entity_id(),
        "application": entity_id(),
        "name": string(),
        "provider": _PROVIDER,
        "issuer": string(),
        "audience": string("For whom the identity token has to be."),
        "conditions": _CONDITIONS,
        "lastUsedAt": nullable(moment()),
        "createdAt": moment(),
        "updatedAt": moment(),
    }
    given = {
        "bearer": string("The upload token: only in this answer, never again."),
        "tokenType": string(const="Bearer"),
        "expiresIn": number("Seconds."),
        "expiresAt": moment(),
        "scopes": array(string(enum=[scope.value for scope in TokenScope])),
        "organization": entity_id(),
        "application": entity_id(),
        "trustedPublisher": entity_id("The rule that the identity token fits."),
    }
    return {
        "TrustedPublisher": record(shown, "A rule about identity tokens of a CI system."),
        "UploadToken": record(given, "What an identity token is traded in for."),
    } | _PUBLISHER.page_schema()


def operations() -> list[Operation]:
    """Describe the routes of trusted publishing."""
    wanted = {name: _EXAMPLE[name] for name in ("name", "provider", "conditions")}
    ends = "Upload tokens that it has given out end."
    return [
        _trade_in(),
        _PUBLISHER.search("List an app's rules", ("createdAt",)),
        _PUBLISHER.create(
            "Let runs of a CI system upload without a secret",
            _settings(),
            wanted,
            ["conditions"],
            "The issuer is known for `github`, `gitlab` and `bitrise`; the audience is this server's address unless "
            "another one is named.",
        ),
        _PUBLISHER.show(),
        _PUBLISHER.update(ends, _settings(), {"name": "Nightly"}),
        _PUBLISHER.remove(ends),
    ]


def _trade_in() -> Operation:
    said = {
        "token": string("The identity token of the run.", maxLength=IDENTITY_TOKEN_LIMIT, pattern=r"^[!-~]+$"),
        "application": nullable(
            string("The app's id or slug; needed only where the token is good for several.", maxLength=NAME_LIMIT)
        ),
    }
    given = {
        "bearer": "sta_8iRQ4mVXsQ0ePpDOH0cW5l9lFf2sKk7d",
        "tokenType": "Bearer",
        "expiresIn": 900,
        "expiresAt": examples.MOMENT,
        "scopes": ["publish"],
        "organization": examples.ORGANIZATION_ID,
        "application": examples.APP_ID,
        "trustedPublisher": _EXAMPLE["id"],
    }
    return Operation(
        id="tradeInIdentityToken",
        method="post",
        path="/v1/oidc/token",
        tag=TAG,
        summary="Trade an identity token in for an upload token",
        description="Each identity token is good once for an app. A form as in RFC 8693 is taken as well, with the "
        "identity token in `subject_token` and the app in `resource`.",
        body=json_body(
            "IdentityToken", said, {"token": "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOi4uLn0.c2ln"}, required=["token"]
        ),
        answers={200: success("The upload token.", "UploadTokenAnswer", ref("UploadToken"), given)},
        errors=(
            errors.InvalidRequest,
            errors.IdentityRefused,
            errors.PayloadTooLarge,
            errors.TooManyRequests,
            errors.ServiceUnavailable,
        ),
    )


def _settings() -> dict[str, Json]:
    either: Json = {"anyOf": [string(minLength=1, maxLength=LONGEST_PATTERN), _PATTERNS]}
    return {
        "name": nullable(string("What people call it; null as if it was not said.", maxLength=NAME_LIMIT)),
        "provider": _PROVIDER,
        "issuer": string("As it calls itself.", maxLength=URL_LIMIT, pattern=r"^https://[!-~]+$"),
        "audience": string("For whom the identity token has to be.", minLength=1, maxLength=URL_LIMIT, pattern=r"\S"),
        "conditions": _CONDITIONS | {"additionalProperties": either},
    }
