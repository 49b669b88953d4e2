"""App tokens as JSON (contract 2.2; decision 48)."""

from dataclasses import dataclass
from datetime import datetime

from seatrial.domain.access import TokenScope
from seatrial.domain.app import AppToken
from seatrial.domain.errors import InvalidRequest
from seatrial.domain.listing import ListQuery
from seatrial.wire import bodies, fields
from seatrial.wire.queries import Params, list_query
from seatrial.wire.timestamps import timestamp

DESCRIPTION_LIMIT = 1000


@dataclass(frozen=True, slots=True)
class WantedToken:
    """What a new token is to be."""

    description: str
    scopes: tuple[TokenScope, ...]
    expires_at: datetime | None


def app_tokens_query(params: Params) -> ListQuery:
    """Read which tokens to list.

    Raises InvalidRequest.
    """
    return list_query(params, ("createdAt",))


def wanted_token(body: bytes) -> WantedToken:
    """Read what a new token is to be.

    Raises InvalidRequest.
    """
    said = bodies.json_object(body)
    return WantedToken(
        description=bodies.text(DESCRIPTION_LIMIT)("description", said.get("description")),
        scopes=_scopes(said.get("scopes")),
        expires_at=bodies.moment_or_none("expiresAt", said.get("expiresAt")),
    )


def app_token_json(token: AppToken, secret: str | None = None) -> dict[str, object]:
    """Show a token; `bearer` is there only with the secret, that is once."""
    bearer = {"bearer": secret} if secret is not None else {}
    return {
        "id": token.id,
        "organization": token.organization_id,
        "application": token.app_id,
        "description": token.description,
        "scopes": [scope.value for scope in token.scopes],
        **bearer,
        "trustedPublisher": token.publisher_id,
        "expiresAt": timestamp(token.expires_at) if token.expires_at else None,
        "lastUsedAt": timestamp(token.last_used_at) if token.last_used_at else None,
        "createdAt": timestamp(token.created_at),
    }


def _scopes(value: object) -> tuple[TokenScope, ...]:
    if value is None:
        return (TokenScope.UPLOAD,)
    rule = f"must be an array of one or more of {', '.join(TokenScope)}"
    if not isinstance(value, list) or not value:
        raise InvalidRequest({"scopes": rule})
    words = [
        fields.word(f"scopes.{index}", bodies.string("scopes", item), TokenScope) for index, item in enumerate(value)
    ]
    return tuple(dict.fromkeys(TokenScope(word) for word in words))
