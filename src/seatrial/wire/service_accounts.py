"""Service accounts as JSON (contract 2.3)."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from seatrial.domain.access import Role
from seatrial.domain.app import ServiceAccount, ServiceAccountChanges
from seatrial.domain.build import UNSET, Unset
from seatrial.domain.errors import InvalidRequest
from seatrial.domain.listing import ListQuery
from seatrial.wire import bodies
from seatrial.wire.queries import Params, list_query
from seatrial.wire.timestamps import timestamp

SORTS = ("createdAt", "name")
OVERLAP_SECONDS = 7 * 24 * 3600
"""The longest time for which a rotated secret stays good."""


@dataclass(frozen=True, slots=True)
class WantedServiceAccount:
    """What a new service account is to be."""

    name: str
    role: Role
    expires_at: datetime | None


def service_accounts_query(params: Params) -> ListQuery:
    """Read which service accounts to list.

    Raises InvalidRequest.
    """
    return list_query(params, SORTS, ("name",))


def wanted_service_account(body: bytes) -> WantedServiceAccount:
    """Read what a new service account is to be; its role in any case, as the vendor writes it with a capital.

    Raises InvalidRequest.
    """
    said = bodies.json_object(body)
    return WantedServiceAccount(
        name=bodies.line(bodies.NAME_LIMIT)("name", said.get("name")),
        role=_role("role", said.get("role")),
        expires_at=bodies.moment_or_none("expiresAt", said.get("expiresAt")),
    )


def service_account_changes(body: bytes) -> ServiceAccountChanges:
    """Read edits to a service account.

    Raises InvalidRequest.
    """
    said = bodies.json_object(body)
    expires_at: datetime | Unset | None = UNSET
    if "expiresAt" in said:
        expires_at = bodies.moment_or_none("expiresAt", said["expiresAt"])
    return ServiceAccountChanges(
        name=bodies.optional(said, "name", bodies.line(bodies.NAME_LIMIT)),
        role=bodies.optional(said, "role", _role),
        expires_at=expires_at,
    )


def overlap(body: bytes) -> timedelta:
    """Read for how long a rotated secret stays good; nothing said, and no body at all, is not at all.

    Raises InvalidRequest.
    """
    said = bodies.json_object(body).get("overlapSeconds") if body.strip() else None
    seconds = bodies.whole_or_none(0, OVERLAP_SECONDS)("overlapSeconds", said)
    return timedelta(seconds=seconds or 0)


def service_account_json(account: ServiceAccount, identity: str, secret: str | None = None) -> dict[str, object]:
    """Show a service account; `bearer` is there only with the secret, that is once."""
    bearer = {"bearer": secret} if secret is not None else {}
    return {
        "id": account.id,
        "organization": account.organization_id,
        "name": account.name,
        "role": account.role.value,
        "identity": identity,
        **bearer,
        "expiresAt": timestamp(account.expires_at) if account.expires_at else None,
        "lastUsedAt": timestamp(account.last_used_at) if account.last_used_at else None,
        "createdAt": timestamp(account.created_at),
    }


def _role(name: str, value: object) -> Role:
    if value is None:
        raise InvalidRequest({name: f"is required: one of {', '.join(Role)}"})
    return Role(bodies.word(*Role)(name, value))
