"""Users and employees of an organization under one face, with their groups: what signing in needs of them."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Row, insert, select, update

from seatrial.db.tables import employee_groups, employees, groups, memberships, user_groups, users
from seatrial.domain.ids import OrganizationId, new_entity_id
from seatrial.domain.membership import MemberIdentity, MemberKind, MemberRef

TRADITIONAL, OIDC = "traditional", "oidc"
CUSTOM = "custom"
"""The `type` of an employee whom an app named without any proof."""


@dataclass(frozen=True, slots=True)
class Employee:
    """An employee as far as signing in is concerned."""

    member: MemberRef
    type: str
    disabled: bool
    password_hash: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewEmployee:
    """Somebody who comes in by signing in."""

    organization_id: OrganizationId
    email: str
    first_name: str
    last_name: str
    origin: str
    type: str


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


def find_login(tx: Connection, organization_id: OrganizationId, email: str) -> MemberLogin | None:
    """Find who signs in with this e-mail address, in any case, in an organization.

    One person may be a user and an employee: the user counts. Left out is who is switched off, and whom an app only
    named.
    """
    user = tx.execute(
        select(users.c.id, users.c.password_hash)
        .join(memberships, memberships.c.user_id == users.c.id)
        .where(users.c.email == email.lower(), memberships.c.organization_id == organization_id)
    ).one_or_none()
    if user is not None:
        member = MemberRef(organization_id=organization_id, kind=MemberKind.USER, id=user.id)
        return MemberLogin(member, user.password_hash)
    employee = find_employee(tx, organization_id, email)
    if employee is None or employee.disabled or employee.type == CUSTOM:
        return None
    return MemberLogin(employee.member, employee.password_hash)


def find_employee(tx: Connection, organization_id: OrganizationId, email: str) -> Employee | None:
    """Find an employee by e-mail address, in any case; those who are switched off, too."""
    row = tx.execute(
        select(employees.c.id, employees.c.type, employees.c.disabled, employees.c.password_hash).where(
            employees.c.organization_id == organization_id, employees.c.email == email.lower()
        )
    ).one_or_none()
    if row is None:
        return None
    member = MemberRef(organization_id=organization_id, kind=MemberKind.EMPLOYEE, id=row.id)
    return Employee(member, row.type, row.disabled, row.password_hash)


def is_employee(tx: Connection, member: MemberRef) -> bool:
    """Whether an employee exists, switched off or not."""
    found = tx.execute(
        select(employees.c.id).where(employees.c.id == member.id, employees.c.organization_id == member.organization_id)
    )
    return found.one_or_none() is not None


def traditional_employees(tx: Connection, email: str) -> list[MemberIdentity]:
    """Find who installs with this e-mail address and a password, in every organization."""
    rows = tx.execute(
        select(employees).where(
            employees.c.email == email.lower(), employees.c.type == TRADITIONAL, employees.c.disabled.is_(False)
        )
    )
    return [
        _identity(
            MemberRef(organization_id=row.organization_id, kind=MemberKind.EMPLOYEE, id=row.id),
            row,
            frozenset(),
            language=row.language,
            is_verified=True,
        )
        for row in rows
    ]


def insert_employee(tx: Connection, new: NewEmployee, now: datetime) -> MemberRef:
    """Add an employee."""
    employee_id = new_entity_id()
    tx.execute(
        insert(employees).values(
            id=employee_id,
            organization_id=new.organization_id,
            email=new.email.lower(),
            first_name=new.first_name,
            last_name=new.last_name,
            origin=new.origin,
            type=new.type,
            created_at=now,
            updated_at=now,
        )
    )
    return MemberRef(organization_id=new.organization_id, kind=MemberKind.EMPLOYEE, id=employee_id)


def update_employee(tx: Connection, member: MemberRef, now: datetime, **values: str | None) -> None:
    """Set columns of an employee."""
    tx.execute(
        update(employees)
        .where(employees.c.id == member.id, employees.c.organization_id == member.organization_id)
        .values(**values, updated_at=now)
    )


def set_password(tx: Connection, member: MemberRef, password_hash: str, now: datetime) -> None:
    """Give a member another password."""
    table = users if member.kind is MemberKind.USER else employees
    tx.execute(update(table).where(table.c.id == member.id).values(password_hash=password_hash, updated_at=now))


def rehash_password(tx: Connection, login: MemberLogin, after: str) -> None:
    """Keep the same password in another way, unless it was changed meanwhile."""
    table = users if login.member.kind is MemberKind.USER else employees
    tx.execute(
        update(table)
        .where(table.c.id == login.member.id, table.c.password_hash == login.password_hash)
        .values(password_hash=after)
    )


def note_seen(tx: Connection, member: MemberRef, now: datetime) -> None:
    """Remember when an employee was last here."""
    if member.kind is MemberKind.EMPLOYEE:
        tx.execute(update(employees).where(employees.c.id == member.id).values(last_seen_at=now))


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
