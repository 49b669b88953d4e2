"""Employees of the store: who installs builds and does not see the dashboard."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from seatrial.domain.build import UNSET, Unset
from seatrial.domain.ids import EmployeeId, OrganizationId


class EmployeeOrigin(StrEnum):
    """How somebody came in."""

    DASHBOARD = "dashboard"
    IMPORT = "import"
    INVITATION = "invitation"
    SDK = "sdk"
    OIDC = "oidc"


class EmployeeType(StrEnum):
    """How somebody signs in."""

    TRADITIONAL = "traditional"
    """With a password, if they have one yet."""
    CUSTOM = "custom"
    """Named by an app, without proof."""
    OIDC = "oidc"


@dataclass(frozen=True, slots=True, kw_only=True)
class Employee:
    """A person in the store of one organization."""

    id: EmployeeId
    organization_id: OrganizationId
    email: str
    first_name: str
    last_name: str
    picture: str
    origin: EmployeeOrigin
    type: EmployeeType
    language: str
    disabled: bool
    tags: tuple[str, ...]
    """The names of the groups that they are in, by hand or by an identity provider."""
    last_seen_at: datetime | None
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class NewEmployee:
    """A person to be taken into the store."""

    email: str
    first_name: str = ""
    last_name: str = ""
    picture: str = ""
    language: str = ""
    tags: tuple[str, ...] = ()
    disabled: bool = False
    password: str | None = None
    """Without one they cannot sign in with a password until they choose one."""
    origin: EmployeeOrigin = EmployeeOrigin.DASHBOARD


@dataclass(frozen=True, slots=True, kw_only=True)
class EmployeeChanges:
    """Edits to an employee; `UNSET` leaves a value as it is."""

    email: str | Unset = UNSET
    first_name: str | Unset = UNSET
    last_name: str | Unset = UNSET
    picture: str | Unset = UNSET
    language: str | Unset = UNSET
    tags: tuple[str, ...] | Unset = UNSET
    """Replaces the groups set by hand; those of an identity provider stay."""
    disabled: bool | Unset = UNSET
    password: str | Unset | None = UNSET
    """`None` takes the password away."""
