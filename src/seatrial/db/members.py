"""Users and employees of an organization under one face, with their groups: what signing in needs of them."""

from dataclasses import dataclass

from sqlalchemy import Connection, Row, select

from seatrial.db.tables import employee_groups, employees, groups, memberships, user_groups, users
from seatrial.domain.ids import OrganizationId
from seatrial.domain.membership import MemberIdentity, MemberKind, MemberRef

CUSTOM = "custom"
"""The `type` of an employee whom an app named without any proof."""


@dataclass(frozen=True, slots=True)
class MemberLogin:
    """A member and the hash of their password, if they have one."""

    member: MemberRef
    password_hash: str | None


def get(tx: Connection, member: MemberRef) -> MemberIdentity | None:
    """Read a member with their groups; none where they left the organization or are switched off."""
    if member.kind is MemberKind.USER:
        return _user(tx, member)
    return _employee(tx, member)


def find_logins(tx: Connection, organization_id: OrganizationId, email: str) -> list[MemberLogin]:
    """Find who has this e-mail address, in any case, in an organization: a user, an employee, or both, in this order.

    Leaves out who is switched off, and whom an app only named.
    """
    user = tx.execute(
        select(users.c.id, users.c.password_hash)
        .join(memberships, memberships.c.user_id == users.c.id)
        .where(users.c.email == email.lower(), memberships.c.organization_id == organization_id)
    ).one_or_none()
    employee = tx.execute(
        select(employees.c.id, employees.c.password_hash).where(
            employees.c.organization_id == organization_id,
            employees.c.email == email.lower(),
            employees.c.disabled.is_(False),
            employees.c.type != CUSTOM,
        )
    ).one_or_none()
    found = ((MemberKind.USER, user), (MemberKind.EMPLOYEE, employee))
    return [
        MemberLogin(MemberRef(organization_id=organization_id, kind=kind, id=row.id), row.password_hash)
        for kind, row in found
        if row is not None
    ]


def _user(tx: Connection, member: MemberRef) -> MemberIdentity | None:
    row = tx.execute(
        select(users)
        .join(memberships, memberships.c.user_id == users.c.id)
        .where(users.c.id == member.id, memberships.c.organization_id == member.organization_id)
    ).one_or_none()
    if row is None:
        return None
    names = tx.execute(
        select(groups.c.name)
        .join(user_groups, user_groups.c.group_id == groups.c.id)
        .where(user_groups.c.user_id == member.id, groups.c.organization_id == member.organization_id)
    ).scalars()
    return _identity(member, row, frozenset(names), language="", is_verified=True)


def _employee(tx: Connection, member: MemberRef) -> MemberIdentity | None:
    row = tx.execute(
        select(employees).where(
            employees.c.id == member.id,
            employees.c.organization_id == member.organization_id,
            employees.c.disabled.is_(False),
        )
    ).one_or_none()
    if row is None:
        return None
    is_verified = row.type != CUSTOM
    names = tx.execute(
        select(groups.c.name)
        .join(employee_groups, employee_groups.c.group_id == groups.c.id)
        .where(employee_groups.c.employee_id == member.id)
    ).scalars()
    known = frozenset(names) if is_verified else frozenset[str]()
    return _identity(member, row, known, language=row.language, is_verified=is_verified)


def _identity(
    member: MemberRef, row: Row[tuple[object, ...]], names: frozenset[str], *, language: str, is_verified: bool
) -> MemberIdentity:
    return MemberIdentity(
        organization_id=member.organization_id,
        kind=member.kind,
        id=member.id,
        email=row.email,
        first_name=row.first_name,
        last_name=row.last_name,
        picture=row.picture,
        language=language,
        is_verified=is_verified,
        groups=names,
        created_at=row.created_at,
    )
