"""Members with a role in one app."""

from dataclasses import dataclass
from datetime import datetime

from seatrial.domain.access import AppRole
from seatrial.domain.app import App
from seatrial.domain.member import Member


@dataclass(frozen=True, slots=True, kw_only=True)
class AppCollaborator:
    """A member, an app, and what the one is in the other."""

    id: str
    app: App
    member: Member
    role: AppRole
    created_by: str
    """The id of who made it; empty where that is nobody with an account."""
    created_at: datetime
    updated_at: datetime
