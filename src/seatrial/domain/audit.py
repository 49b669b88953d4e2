"""The record of who did what."""

from dataclasses import dataclass
from datetime import datetime

from seatrial.domain.build import DEFAULT_LIMIT
from seatrial.domain.ids import AppId


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """One action, and who carried it out."""

    id: str
    app_id: AppId | None
    principal_kind: str
    principal_id: str
    principal_name: str
    """What the principal is called now: an address, a name; empty for one that is gone."""
    action: str
    target_id: str
    detail: dict[str, object]
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditQuery:
    """Which entries, the newest first; `None` filters nothing."""

    action: str | None = None
    """How the action begins: `build.` for all that was done to builds."""
    principal: str | None = None
    target: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    page: int = 1
    limit: int = DEFAULT_LIMIT
