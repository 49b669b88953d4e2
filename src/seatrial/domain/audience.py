"""Audiences: named sets of employees, looked up at the moment they are needed."""

from dataclasses import dataclass
from datetime import datetime

from seatrial.domain.build import UNSET, Unset
from seatrial.domain.group import Conditions
from seatrial.domain.ids import AudienceId, OrganizationId

MOST_SINGLE_PEOPLE = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Audience:
    """Whoever meets the conditions, and single people beside them."""

    id: AudienceId
    organization_id: OrganizationId
    name: str
    description: str
    conditions: Conditions
    employees: tuple[tuple[str, str], ...]
    """The single people: id and e-mail address."""
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AudienceSettings:
    """What an audience is to be, or to become; `UNSET` leaves a value as it is."""

    name: str | Unset = UNSET
    description: str | Unset = UNSET
    conditions: Conditions | Unset = UNSET
    employees: tuple[str, ...] | Unset = UNSET
    """Ids or e-mail addresses."""
