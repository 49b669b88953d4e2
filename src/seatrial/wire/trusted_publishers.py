"""Trusted publishing as JSON: rules, and identity tokens that are traded in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import parse_qsl

from seatrial.domain.app import AppToken
from seatrial.domain.build import UNSET, Unset
from seatrial.domain.errors import InvalidRequest
from seatrial.domain.listing import ListQuery
from seatrial.domain.trusted_publisher import (
    LONGEST_PATTERN,
    MOST_CONDITIONS,
    MOST_PATTERNS,
    PRESETS,
    CiSystem,
    Conditions,
    TrustedPublisher,
    TrustedPublisherSettings,
)
from seatrial.wire import bodies, fields
from seatrial.wire.identity_providers import CLAIM_LIMIT, URL_LIMIT, issuer_url
from seatrial.wire.queries import Params, list_query
from seatrial.wire.timestamps import timestamp

IDENTITY_TOKEN_LIMIT = 16 * 1024
GRANT_TYPE = "urn:ietf:params:oauth:grant-type:token-exchange"
_CONDITIONS_RULE = (
    f"must be an object of at most {MOST_CONDITIONS} claims, each with a text or an array of at most {MOST_PATTERNS}"
)
_TOKEN_RULE = "must be the identity token of a CI system's run, a JSON Web Token"  # noqa: S105  # a sentence


@dataclass(frozen=True, slots=True)
class Exchange:
    """An identity token, and the app that it is to be traded in for."""

    token: str
    application: str


def trusted_publishers_query(params: Params) -> ListQuery:
    """Read which rules to list.

    Raises InvalidRequest.
    """
    return list_query(params, ("createdAt",))


def trusted_publisher_settings(body: bytes) -> TrustedPublisherSettings:
    """Read what a rule is to be, or edits to one.

    Raises InvalidRequest.
    """
    said = bodies.json_object(body)
    return TrustedPublisherSettings(
        name=bodies.optional(said, "name", bodies.line(bodies.NAME_LIMIT)),
        system=_system(said),
        issuer=bodies.optional(said, "issuer", issuer_url),
        audience=bodies.optional(said, "audience", bodies.line(URL_LIMIT)),
        conditions=conditions(said["conditions"]) if "conditions" in said else UNSET,
    )


def conditions(value: object) -> Conditions:
    """Read claims and the patterns that they have to fit.

    Raises InvalidRequest.
    """
    if not isinstance(value, dict) or not 0 < len(value) <= MOST_CONDITIONS:
        raise InvalidRequest({"conditions": _CONDITIONS_RULE})
    found = {}
    for name, said in value.items():
        patterns = said if isinstance(said, list) else [said]
        if not 0 < len(patterns) <= MOST_PATTERNS or not all(isinstance(one, str) for one in patterns):
            raise InvalidRequest({"conditions": _CONDITIONS_RULE})
        claim = fields.one_line("conditions", name, CLAIM_LIMIT)
        found[claim] = tuple(
            dict.fromkeys(
                fields.one_line(f"conditions.{claim}"[:CLAIM_LIMIT], one, LONGEST_PATTERN) for one in patterns
            )
        )
    return found


def named_conditions(system: CiSystem, named: Mapping[str, Sequence[str]], more: Sequence[str]) -> Conditions:
    """Make conditions of what people call things (`project`, `ref` ...), and of texts like `claim=pattern`.

    Raises InvalidRequest.
    """
    preset, asked = PRESETS[system], dict[str, list[str]]()
    claims = {"project": preset.project, "ref": preset.ref, "environment": preset.environment}
    for role, patterns in named.items():
        claim = (claims | {"workflow": preset.workflow})[role]
        if patterns and not claim:
            raise InvalidRequest({role: f"is nothing that {preset.label} says by this name; name its claim"})
        if patterns:
            asked[claim] = list(patterns)
    for text in more:
        claim, equals, pattern = (part.strip() for part in text.partition("="))
        if not equals or not claim or not pattern:
            raise InvalidRequest({"conditions": f"must be like claim=pattern, not {text!r}"})
        asked.setdefault(claim, []).append(pattern)
    return conditions(dict(asked))


def trusted_publisher_json(publisher: TrustedPublisher) -> dict[str, object]:
    """Show a rule."""
    return {
        "id": publisher.id,
        "organization": publisher.organization_id,
        "application": publisher.app_id,
        "name": publisher.name,
        "provider": publisher.system.value,
        "issuer": publisher.issuer,
        "audience": publisher.audience,
        "conditions": {name: list(patterns) for name, patterns in publisher.conditions.items()},
        "lastUsedAt": timestamp(publisher.last_used_at) if publisher.last_used_at else None,
        "createdAt": timestamp(publisher.created_at),
        "updatedAt": timestamp(publisher.updated_at),
    }


def exchange(body: bytes) -> Exchange:
    """Read an identity token: JSON, or the form of OAuth 2.0 Token Exchange (RFC 8693, section 2.1).

    Raises InvalidRequest.
    """
    if body.lstrip()[:1] == b"{":
        said = bodies.json_object(body)
        token, application = said.get("token"), said.get("application")
    else:
        form = dict(parse_qsl(body.decode("utf-8", "replace"), max_num_fields=20) if len(body) < 1 << 16 else ())
        if form.get("grant_type", GRANT_TYPE) != GRANT_TYPE:
            raise InvalidRequest({"grant_type": f"must be {GRANT_TYPE}"})
        token, application = form.get("subject_token"), form.get("resource")
    if not isinstance(token, str) or not token.isascii() or not 0 < len(token.strip()) <= IDENTITY_TOKEN_LIMIT:
        raise InvalidRequest({"token": _TOKEN_RULE})
    return Exchange(token.strip(), bodies.line(bodies.NAME_LIMIT)("application", application))


def exchanged_json(token: AppToken, secret: str, publisher: TrustedPublisher, now: datetime) -> dict[str, object]:
    """Show an upload token, with its secret, to whoever traded an identity token in."""
    assert token.expires_at is not None, "such a token ends"
    return {
        "bearer": secret,
        "tokenType": "Bearer",
        "expiresIn": max(0, round((token.expires_at - now).total_seconds())),
        "expiresAt": timestamp(token.expires_at),
        "scopes": [scope.value for scope in token.scopes],
        "organization": token.organization_id,
        "application": token.app_id,
        "trustedPublisher": publisher.id,
    }


def _system(said: bodies.Said) -> CiSystem | Unset:
    word = bodies.optional(said, "provider", bodies.word(*PRESETS))
    return word if isinstance(word, Unset) else CiSystem(word)
