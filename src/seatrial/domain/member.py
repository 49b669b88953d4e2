"""People in organizations, and the sessions that they work in."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from seatrial.domain.access import MemberRole
from seatrial.domain.app import User
from seatrial.domain.build import UNSET, Unset
from seatrial.domain.ids import OrganizationId, SessionId, UserId

SHORTEST_PASSWORD, LONGEST_PASSWORD = 12, 128


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A person and what they are to an organization."""

    user: User
    organization_id: OrganizationId
    role: MemberRole
    tags: tuple[str, ...]
    created_at: datetime
    updated_at: datetime
    last_seen_at: datetime | None = None
    """When a session of theirs was used last, as far back as sessions are remembered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewMember:
    """A person to be taken in."""

    email: str
    role: MemberRole = MemberRole.VIEWER
    password: str | None = None
    """Needed for a person who has no account yet; of one who has, it stays theirs."""
    first_name: str = ""
    last_name: str = ""
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberChanges:
    """Edits to a member; `UNSET` leaves a value as it is."""

    role: MemberRole | Unset = UNSET
    tags: tuple[str, ...] | Unset = UNSET
    first_name: str | Unset = UNSET
    last_name: str | Unset = UNSET
    password: str | Unset = UNSET


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonChanges:
    """Edits that people make to themselves; `UNSET` leaves a value as it is."""

    first_name: str | Unset = UNSET
    last_name: str | Unset = UNSET
    language: str | Unset = UNSET


class SignInMethod(StrEnum):
    """How a session was opened."""

    PASSWORD = "password"  # noqa: S105  # the name of a method
    OIDC = "oidc"


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A person at one device, from login to logout."""

    id: SessionId
    user_id: UserId
    expires_at: datetime
    """When the access token ends; the session itself may go on with the next one."""
    refresh_expires_at: datetime
    user_agent: str
    last_used_at: datetime | None
    revoked_at: datetime | None
    created_at: datetime
    method: SignInMethod = SignInMethod.PASSWORD


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedSession:
    """A pair of tokens, shown once, and whose they are."""

    access_token: str
    access_expires_at: datetime
    refresh_token: str
    refresh_expires_at: datetime
    user: User
    role: MemberRole | None
    """In the organization that the person joined first; `None` without any."""
