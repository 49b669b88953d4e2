"""Signing in by an identity provider: where it leads, and whom it brings."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from seatrial.domain.ids import IdentityProviderId
from seatrial.domain.member import OpenedSession
from seatrial.domain.membership import OpenedMemberSession


class SignInTarget(StrEnum):
    """What somebody signs in for."""

    API = "api"
    """The answer is JSON with a session."""
    DASHBOARD = "dashboard"
    STORE = "store"
    SDK = "sdk"
    """The answer goes to an app by its own URL scheme."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Voyage:
    """A sign-in under way, as the browser keeps it, sealed: only who set out comes back."""

    provider_id: IdentityProviderId
    state: str
    nonce: str
    verifier: str = field(repr=False)
    redirect_uri: str
    target: SignInTarget
    scheme: str = ""
    """The app's URL scheme, for the SDK."""
    path: str = ""
    """Where to go on to in the dashboard or the store."""
    ends_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """Whom a sign-in brought: with a session of the dashboard, or one of a member."""

    voyage: Voyage
    session: OpenedSession | None = None
    member_session: OpenedMemberSession | None = None
