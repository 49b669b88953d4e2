"""Groups: tags on people, by which builds are announced and publications shown."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from seatrial.domain.build import UNSET, Unset
from seatrial.domain.ids import GroupId, OrganizationId

Conditions = tuple[tuple[str, ...], ...]
"""Names of groups: OR between the outer entries, AND inside one."""

MANUAL, FROM_PROVIDER = "manual", "oidc"
"""Who put somebody into a group: people here, or an identity provider; the one never undoes the other."""
LONGEST_GROUP = 128
MOST_GROUPS = 100
"""How many groups one person may be in by hand."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """A group and how many are in it."""

    id: GroupId
    organization_id: OrganizationId
    name: str
    description: str
    employees: int
    users: int
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupChanges:
    """Edits to a group; `UNSET` leaves a value as it is."""

    name: str | Unset = UNSET
    description: str | Unset = UNSET


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupPeople:
    """Whom to put into a group or to take out of it, by id or e-mail address."""

    employees: tuple[str, ...] = ()
    users: tuple[str, ...] = ()


def group_key(name: str) -> str:
    """Give a name as it is compared: people write it in any case."""
    return name.strip().casefold()


def meets(names: Iterable[str], conditions: Conditions) -> bool:
    """Whether somebody in these groups is meant by conditions; without any, everybody is."""
    mine = {group_key(name) for name in names}
    return not conditions or any(all(group_key(name) in mine for name in clause) for clause in conditions)
