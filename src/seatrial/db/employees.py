"""Employees of an organization's store."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Row, bindparam, delete, insert, select, update

from seatrial.db import group_members
from seatrial.db.paging import rows_of
from seatrial.db.recipients import in_parts
from seatrial.db.tables import employee_groups, employees, groups
from seatrial.domain.access import OrganizationScope
from seatrial.domain.build import Page
from seatrial.domain.employee import Employee, EmployeeOrigin, EmployeeType
from seatrial.domain.errors import EntityNotFound
from seatrial.domain.group import group_key
from seatrial.domain.ids import EmployeeId, is_entity_id
from seatrial.domain.listing import ListQuery

_PUBLIC = [column for column in employees.c if column.name != "password_hash"]
_SORTED_BY = {
    "createdAt": employees.c.created_at,
    "updatedAt": employees.c.updated_at,
    "email": employees.c.email,
    "firstName": employees.c.first_name,
    "lastName": employees.c.last_name,
}


def insert_employees(tx: Connection, found: Iterable[tuple[Employee, str | None]]) -> None:
    """Add employees with the hashes of their passwords, without their groups."""
    rows = [
        {
            "id": one.id,
            "organization_id": one.organization_id,
            "email": one.email,
            "first_name": one.first_name,
            "last_name": one.last_name,
            "picture": one.picture,
            "origin": one.origin.value,
            "type": one.type.value,
            "password_hash": password_hash,
            "language": one.language,
            "disabled": one.disabled,
            "created_at": one.created_at,
            "updated_at": one.updated_at,
        }
        for one, password_hash in found
    ]
    if rows:
        tx.execute(insert(employees), rows)


def get(tx: Connection, scope: OrganizationScope, employee_id: str) -> Employee:
    """Read an employee of an organization.

    Raises EntityNotFound.
    """
    if not is_entity_id(employee_id):
        raise EntityNotFound
    row = tx.execute(select(*_PUBLIC).where(_of(scope), employees.c.id == employee_id.lower())).one_or_none()
    if row is None:
        raise EntityNotFound
    return _employees(tx, [row])[0]


def find_by_email(tx: Connection, scope: OrganizationScope, email: str) -> Employee | None:
    """Find an employee by e-mail address, in any case."""
    row = tx.execute(select(*_PUBLIC).where(_of(scope), employees.c.email == email.lower())).one_or_none()
    return _employees(tx, [row])[0] if row else None


def has_password(tx: Connection, scope: OrganizationScope, email: str) -> bool:
    """Whether there is an employee with this address, in lower case, who has chosen a password."""
    where = (_of(scope), employees.c.email == email, employees.c.password_hash.is_not(None))
    return tx.execute(select(employees.c.id).where(*where)).one_or_none() is not None


def by_email(tx: Connection, scope: OrganizationScope, emails: Sequence[str]) -> dict[str, Employee]:
    """Find employees by their e-mail addresses in lower case."""
    found: list[Employee] = []
    for part in in_parts(emails):
        found += _employees(tx, tx.execute(select(*_PUBLIC).where(_of(scope), employees.c.email.in_(part))).all())
    return {one.email: one for one in found}


def search(tx: Connection, scope: OrganizationScope, query: ListQuery, *chosen: ColumnElement[bool]) -> Page[Employee]:
    """Read one page of an organization's employees, those alone for whom further conditions hold."""
    where = [_of(scope), *chosen]
    if query.email is not None:
        where.append(employees.c.email == query.email.lower())
    if query.name is not None:
        full_name = employees.c.first_name + " " + employees.c.last_name
        where.append(full_name.icontains(query.name, autoescape=True))
    if query.text is not None:
        shown = employees.c.first_name + " " + employees.c.last_name + " " + employees.c.email
        where.append(shown.icontains(query.text, autoescape=True))
    if query.group is not None:
        where.append(employees.c.id.in_(_in_group(scope, query.group)))
    rows, total = rows_of(tx, select(*_PUBLIC).where(*where), (_SORTED_BY[query.sort], employees.c.id), query)
    return Page(_employees(tx, rows), total, query.page, query.limit)


def update_employee(tx: Connection, employee_id: EmployeeId, values: Mapping[str, object], now: datetime) -> None:
    """Change columns of an employee."""
    tx.execute(update(employees).where(employees.c.id == employee_id).values(dict(values) | {"updated_at": now}))


def update_names(tx: Connection, changed: Iterable[tuple[Employee, Mapping[str, object]]], now: datetime) -> None:
    """Change names and languages of many employees."""
    rows = [
        {
            "its_id": one.id,
            "first_name": values.get("first_name", one.first_name),
            "last_name": values.get("last_name", one.last_name),
            "language": values.get("language", one.language),
            "updated_at": now,
        }
        for one, values in changed
    ]
    if rows:
        columns: dict[str, object] = {
            name: bindparam(name) for name in ("first_name", "last_name", "language", "updated_at")
        }
        tx.execute(update(employees).where(employees.c.id == bindparam("its_id")).values(columns), rows)


def delete_employee(tx: Connection, scope: OrganizationScope, employee_id: str) -> bool:
    """Forget an employee; tells whether there was one."""
    if not is_entity_id(employee_id):
        return False
    return tx.execute(delete(employees).where(_of(scope), employees.c.id == employee_id.lower())).rowcount == 1


def named(tx: Connection, scope: OrganizationScope, names: Collection[str]) -> dict[str, str]:
    """Find employees by ids or e-mail addresses, in any case: their ids by what names them, in lower case."""
    wanted = sorted({name.strip().lower() for name in names})
    found: dict[str, str] = {}
    for column in (employees.c.id, employees.c.email):
        for part in in_parts([name for name in wanted if ("@" in name) == (column is employees.c.email)]):
            rows = tx.execute(select(column.label("name"), employees.c.id).where(_of(scope), column.in_(part)))
            found |= {row.name: row.id for row in rows}
    return found


def touch(tx: Connection, employee_id: str, now: datetime) -> None:
    """Remember when an employee was last seen."""
    tx.execute(update(employees).where(employees.c.id == employee_id).values(last_seen_at=now))


def _of(scope: OrganizationScope) -> ColumnElement[bool]:
    return employees.c.organization_id == scope.organization_id


def _in_group(scope: OrganizationScope, name: str) -> ColumnElement[str]:
    return (
        select(employee_groups.c.employee_id)
        .join(groups, groups.c.id == employee_groups.c.group_id)
        .where(groups.c.organization_id == scope.organization_id, groups.c.key == group_key(name))
        .scalar_subquery()
    )


def _employees(tx: Connection, rows: Sequence[Row[tuple[object, ...]]]) -> list[Employee]:
    tags = group_members.names_of(tx, group_members.EMPLOYEES, [row.id for row in rows])
    return [
        Employee(
            id=row.id,
            organization_id=row.organization_id,
            email=row.email,
            first_name=row.first_name,
            last_name=row.last_name,
            picture=row.picture,
            origin=EmployeeOrigin(row.origin),
            type=EmployeeType(row.type),
            language=row.language,
            disabled=row.disabled,
            tags=tags.get(row.id, ()),
            last_seen_at=row.last_seen_at,
            created_at=row.created_at,
            updated_at=row.updated_at,
        )
        for row in rows
    ]
