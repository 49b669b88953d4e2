"""Invitations: links that let somebody in, once and for a while."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from seatrial.domain.access import AppRole, MemberRole
from seatrial.domain.ids import AppId, InvitationId, OrganizationId
from seatrial.domain.membership import MemberKind


class InvitationStatus(StrEnum):
    """What became of an invitation."""

    PENDING = "pending"
    ACCEPTED = "accepted"
    REVOKED = "revoked"
    """Taken back, or replaced by a newer one."""
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewInvitation:
    """Whom to invite, and what they are to be."""

    kind: MemberKind
    email: str
    first_name: str = ""
    last_name: str = ""
    role: MemberRole = MemberRole.VIEWER
    """Of a user, in the organization."""
    app: str = ""
    """The id or slug of an app that a user is to have a role in."""
    app_role: AppRole | None = None
    tags: tuple[str, ...] = ()
    language: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Invitation:
    """An invitation without the secret of its link."""

    id: InvitationId
    organization_id: OrganizationId
    kind: MemberKind
    email: str
    first_name: str
    last_name: str
    role: MemberRole | None
    """Of a user."""
    app_id: AppId | None
    app_role: AppRole | None
    tags: tuple[str, ...]
    language: str
    invited_by: str | None
    expires_at: datetime
    accepted_at: datetime | None
    revoked_at: datetime | None
    created_at: datetime

    def status(self, now: datetime) -> InvitationStatus:
        """Tell what became of it."""
        if self.accepted_at is not None:
            return InvitationStatus.ACCEPTED
        if self.revoked_at is not None:
            return InvitationStatus.REVOKED
        return InvitationStatus.EXPIRED if self.expires_at <= now else InvitationStatus.PENDING


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenInvitation:
    """An invitation as its holder sees it."""

    invitation: Invitation
    organization: str
    status: InvitationStatus
    has_account: bool
    """Whether the address has an account on this server, whose password accepts the invitation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Acceptance:
    """What somebody says who accepts: their names, and a password: a new one, or that of their account."""

    password: str
    first_name: str = ""
    last_name: str = ""
