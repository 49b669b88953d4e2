"""OpenID providers that an organization's people sign in with."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from seatrial.domain.access import MemberRole
from seatrial.domain.build import UNSET, Unset
from seatrial.domain.ids import IdentityProviderId, OrganizationId
from seatrial.domain.membership import MemberKind

Claims = Mapping[str, Any]
"""What an identity token says."""

DEFAULT_SCOPES = ("openid", "profile", "email")
SIGN_UP_ROLES = (MemberRole.UNASSIGNED, MemberRole.VIEWER, MemberRole.EDITOR, MemberRole.ADMIN)
"""Roles that somebody may get by signing in; nobody becomes an owner that way."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityProvider:
    """An issuer of identities, and what an organization makes of them."""

    id: IdentityProviderId
    organization_id: OrganizationId
    name: str
    issuer: str
    client_id: str
    sealed_secret: str = field(repr=False)
    """Empty for a public client."""
    scopes: tuple[str, ...]
    groups_claim: str
    """A claim, or a path of claims with dots; empty where groups are no business of the provider."""
    group_mapping: Mapping[str, str] | None
    """Values of the claim to names of groups; `None`: each value is the name of a group."""
    default_role: MemberRole
    kind: MemberKind
    """What somebody new becomes."""
    allowed_domains: tuple[str, ...]
    """Of e-mail addresses, in lower case; empty for any."""
    allow_sign_up: bool
    enabled: bool
    only: bool
    """Whether nobody but owners may sign in with a password any more."""
    vouched: bool
    """Whether an owner chose this issuer: only then it may say who an owner is."""
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityProviderSettings:
    """What people choose about an identity provider; `UNSET` leaves a value as it is, or as it is by default."""

    name: str | Unset = UNSET
    issuer: str | Unset = UNSET
    client_id: str | Unset = UNSET
    client_secret: str | Unset = field(default=UNSET, repr=False)
    scopes: tuple[str, ...] | Unset = UNSET
    groups_claim: str | Unset = UNSET
    group_mapping: Mapping[str, str] | Unset | None = UNSET
    default_role: MemberRole | Unset = UNSET
    kind: MemberKind | Unset = UNSET
    allowed_domains: tuple[str, ...] | Unset = UNSET
    allow_sign_up: bool | Unset = UNSET
    enabled: bool | Unset = UNSET
    only: bool | Unset = UNSET


def claim(claims: Claims, path: str) -> object:
    """Read a claim by its name, or by a path of names with dots, as `realm_access.roles`."""
    if path in claims:
        return claims[path]
    value: object = claims
    for name in path.split("."):
        if not isinstance(value, dict):
            return None
        value = value.get(name)
    return value
