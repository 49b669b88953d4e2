"""Organizations, their apps, and the credentials made for them."""

from dataclasses import dataclass
from datetime import datetime

from seatrial.domain.access import Role, TokenScope
from seatrial.domain.ids import AppId, AppTokenId, OrganizationId, ServiceAccountId, UserId


@dataclass(frozen=True, slots=True, kw_only=True)
class Organization:
    """A workspace: people, apps and credentials that belong together."""

    id: OrganizationId
    name: str
    slug: str
    integrations_enabled: bool
    workspace_enabled: bool
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class App:
    """An app whose builds are distributed."""

    id: AppId
    organization_id: OrganizationId
    name: str
    slug: str
    description: str
    picture: str
    notify_collaborators: bool
    notify_employees: bool
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """A person with an account."""

    id: UserId
    email: str
    first_name: str
    last_name: str
    picture: str
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AppToken:
    """A credential of one app; its secret is shown once and kept as a digest only."""

    id: AppTokenId
    organization_id: OrganizationId
    app_id: AppId
    description: str
    scopes: tuple[TokenScope, ...]
    created_by: UserId | None
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceAccount:
    """A credential of a whole organization for programs."""

    id: ServiceAccountId
    organization_id: OrganizationId
    name: str
    role: Role
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None
    created_at: datetime
