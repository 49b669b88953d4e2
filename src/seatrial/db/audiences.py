"""Audiences of an organization."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Row, delete, insert, select, update

from seatrial.db.paging import rows_of
from seatrial.db.tables import audience_employees, audiences, employees
from seatrial.domain.access import OrganizationScope
from seatrial.domain.audience import Audience
from seatrial.domain.build import Page
from seatrial.domain.errors import EntityNotFound
from seatrial.domain.group import group_key
from seatrial.domain.ids import AudienceId, is_entity_id
from seatrial.domain.listing import ListQuery

_SORTED_BY = {"createdAt": audiences.c.created_at, "name": audiences.c.name}


def insert_audience(tx: Connection, audience: Audience) -> None:
    """Add an audience without its single people."""
    tx.execute(
        insert(audiences).values(
            id=audience.id,
            organization_id=audience.organization_id,
            name=audience.name,
            key=group_key(audience.name),
            description=audience.description,
            conditions=[list(clause) for clause in audience.conditions],
            created_at=audience.created_at,
            updated_at=audience.updated_at,
        )
    )


def get(tx: Connection, scope: OrganizationScope, audience_id: str) -> Audience:
    """Read an audience of an organization.

    Raises EntityNotFound.
    """
    if not is_entity_id(audience_id):
        raise EntityNotFound
    row = tx.execute(select(audiences).where(_of(scope), audiences.c.id == audience_id.lower())).one_or_none()
    if row is None:
        raise EntityNotFound
    return _audiences(tx, [row])[0]


def search(tx: Connection, scope: OrganizationScope, query: ListQuery) -> Page[Audience]:
    """Read one page of an organization's audiences."""
    where = [_of(scope)]
    if query.name is not None:
        where.append(audiences.c.name.icontains(query.name, autoescape=True))
    rows, total = rows_of(tx, select(audiences).where(*where), (_SORTED_BY[query.sort], audiences.c.id), query)
    return Page(_audiences(tx, rows), total, query.page, query.limit)


def naming(tx: Connection, scope: OrganizationScope, group: str) -> list[Audience]:
    """Find the audiences whose conditions name a group."""
    rows = tx.execute(select(audiences).where(_of(scope)).order_by(audiences.c.name)).all()
    key = group_key(group)
    return _audiences(
        tx, [row for row in rows if any(group_key(name) == key for clause in row.conditions for name in clause)]
    )


def update_audience(tx: Connection, audience_id: AudienceId, values: Mapping[str, object], now: datetime) -> None:
    """Change columns of an audience; the key follows the name."""
    changed = dict(values) | {"updated_at": now}
    if "name" in values:
        changed["key"] = group_key(str(values["name"]))
    tx.execute(update(audiences).where(audiences.c.id == audience_id).values(changed))


def set_employees(tx: Connection, audience_id: AudienceId, ids: Iterable[str]) -> None:
    """Name an audience's single people."""
    tx.execute(delete(audience_employees).where(audience_employees.c.audience_id == audience_id))
    rows = [{"audience_id": audience_id, "employee_id": one} for one in dict.fromkeys(ids)]
    if rows:
        tx.execute(insert(audience_employees), rows)


def delete_audience(tx: Connection, audience_id: AudienceId) -> None:
    """Forget an audience; its people stay."""
    tx.execute(delete(audiences).where(audiences.c.id == audience_id))


def _of(scope: OrganizationScope) -> ColumnElement[bool]:
    return audiences.c.organization_id == scope.organization_id


def _audiences(tx: Connection, rows: Iterable[Row[tuple[object, ...]]]) -> list[Audience]:
    found = list(rows)
    single: dict[str, list[tuple[str, str]]] = {row.id: [] for row in found}
    people = tx.execute(
        select(audience_employees.c.audience_id, employees.c.id, employees.c.email)
        .join(employees, employees.c.id == audience_employees.c.employee_id)
        .where(audience_employees.c.audience_id.in_(list(single)))
        .order_by(employees.c.email)
    )
    for row in people:
        single[row.audience_id].append((row.id, row.email))
    return [
        Audience(
            id=row.id,
            organization_id=row.organization_id,
            name=row.name,
            description=row.description,
            conditions=tuple(tuple(clause) for clause in row.conditions),
            employees=tuple(single[row.id]),
            created_at=row.created_at,
            updated_at=row.updated_at,
        )
        for row in found
    ]
