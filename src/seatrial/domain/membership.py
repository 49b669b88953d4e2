"""Members of an organization as the store and the SDK see them: users and employees alike, and their sessions."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from seatrial.domain.ids import AppId, MemberSessionId, OrganizationId


class MemberKind(StrEnum):
    """Who signs in where builds are installed."""

    USER = "user"
    """Has an account, and sees the dashboard."""
    EMPLOYEE = "employee"
    """Installs, and sees the store only."""


class MemberOrigin(StrEnum):
    """Where a session was opened, and is good."""

    SDK = "sdk"
    STORE = "store"


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberRef:
    """One member of one organization."""

    organization_id: OrganizationId
    kind: MemberKind
    id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberIdentity:
    """A member with what access is decided by."""

    organization_id: OrganizationId
    kind: MemberKind
    id: str
    email: str
    first_name: str
    last_name: str
    picture: str
    language: str
    """One of es en fr de it zh pt ru, or empty."""
    is_verified: bool
    """False for whom an app only said that they are this person: such a claim opens no closed door."""
    groups: frozenset[str]
    """Names of the groups that the member may count on; none for whom is not verified."""
    created_at: datetime

    @property
    def full_name(self) -> str:
        """The names, as far as they are known."""
        return f"{self.first_name} {self.last_name}".strip()


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberSession:
    """A member at one device."""

    id: MemberSessionId
    organization_id: OrganizationId
    kind: MemberKind
    member_id: str
    app_id: AppId | None
    """The app whose SDK opened it; `None` for the store."""
    origin: MemberOrigin
    user_agent: str
    expires_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedMemberSession:
    """The secret of a session, shown once, and whose it is."""

    secret: str
    expires_at: datetime
    member: MemberIdentity
