"""Groups of an organization and who is in them."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Row, Select, delete, func, insert, literal, select, update
from sqlalchemy import union_all as both

from seatrial.db.paging import page_of, rows_of
from seatrial.db.recipients import in_parts
from seatrial.db.tables import employee_groups, employees, groups, memberships, user_groups, users
from seatrial.domain.access import OrganizationScope
from seatrial.domain.build import Page
from seatrial.domain.errors import EntityNotFound
from seatrial.domain.group import Group, group_key
from seatrial.domain.ids import is_entity_id
from seatrial.domain.listing import ListQuery
from seatrial.domain.membership import MemberKind
from seatrial.domain.recipient import Recipient

_EMPLOYEES = (
    select(func.count(employee_groups.c.employee_id.distinct()))
    .where(employee_groups.c.group_id == groups.c.id)
    .scalar_subquery()
    .label("employees")
)
_USERS = (
    select(func.count(user_groups.c.user_id.distinct()))
    .where(user_groups.c.group_id == groups.c.id)
    .scalar_subquery()
    .label("users")
)
_SHOWN = [*groups.c, _EMPLOYEES, _USERS]
_SORTED_BY = {"createdAt": groups.c.created_at, "name": groups.c.name}


def insert_group(tx: Connection, group: Group) -> None:
    """Add a group."""
    tx.execute(
        insert(groups).values(
            id=group.id,
            organization_id=group.organization_id,
            name=group.name,
            key=group_key(group.name),
            description=group.description,
            created_at=group.created_at,
            updated_at=group.updated_at,
        )
    )


def get(tx: Connection, scope: OrganizationScope, group_id: str) -> Group:
    """Read a group of an organization.

    Raises EntityNotFound.
    """
    if not is_entity_id(group_id):
        raise EntityNotFound
    row = tx.execute(select(*_SHOWN).where(_of(scope), groups.c.id == group_id.lower())).one_or_none()
    if row is None:
        raise EntityNotFound
    return _group(row)


def search(tx: Connection, scope: OrganizationScope, query: ListQuery) -> Page[Group]:
    """Read one page of an organization's groups."""
    where = [_of(scope)]
    if query.name is not None:
        where.append(groups.c.name.icontains(query.name, autoescape=True))
    return page_of(tx, select(*_SHOWN).where(*where), (_SORTED_BY[query.sort], groups.c.id), query, _group)


def update_group(tx: Connection, group: Group, values: Mapping[str, object], now: datetime) -> None:
    """Change columns of a group; the key follows the name."""
    changed = dict(values) | {"updated_at": now}
    if "name" in values:
        changed["key"] = group_key(str(values["name"]))
    tx.execute(update(groups).where(groups.c.id == group.id).values(changed))


def delete_group(tx: Connection, group: Group) -> None:
    """Forget a group; its people stay."""
    tx.execute(delete(groups).where(groups.c.id == group.id))


def members(tx: Connection, group: Group, query: ListQuery) -> Page[Recipient]:
    """Read one page of who is in a group, by e-mail address: employees and users."""
    everybody = both(_employees_in(group), _users_in(group)).subquery()
    rows, total = rows_of(tx, select(everybody), (everybody.c.email, everybody.c.kind), query)
    found = [
        Recipient(
            kind=MemberKind(row.kind),
            id=row.id,
            email=row.email,
            first_name=row.first_name,
            last_name=row.last_name,
            language=row.language,
        )
        for row in rows
    ]
    return Page(found, total, query.page, query.limit)


def users_named(tx: Connection, scope: OrganizationScope, names: tuple[str, ...]) -> dict[str, str]:
    """Find members of an organization by ids or e-mail addresses: their ids by what names them, in lower case."""
    wanted = sorted({name.strip().lower() for name in names})
    found: dict[str, str] = {}
    for column in (users.c.id, users.c.email):
        for part in in_parts([name for name in wanted if ("@" in name) == (column is users.c.email)]):
            rows = tx.execute(
                select(column.label("name"), users.c.id)
                .join(memberships, memberships.c.user_id == users.c.id)
                .where(memberships.c.organization_id == scope.organization_id, column.in_(part))
            )
            found |= {row.name: row.id for row in rows}
    return found


def _of(scope: OrganizationScope) -> ColumnElement[bool]:
    return groups.c.organization_id == scope.organization_id


def _employees_in(group: Group) -> Select[tuple[object, ...]]:
    shown = [
        literal(MemberKind.EMPLOYEE.value).label("kind"),
        *(employees.c[name] for name in ("id", "email", "first_name", "last_name", "language")),
    ]
    ids = select(employee_groups.c.employee_id).where(employee_groups.c.group_id == group.id)
    return select(*shown).where(employees.c.id.in_(ids))


def _users_in(group: Group) -> Select[tuple[object, ...]]:
    shown = [
        literal(MemberKind.USER.value).label("kind"),
        *(users.c[name] for name in ("id", "email", "first_name", "last_name")),
        literal("").label("language"),
    ]
    ids = select(user_groups.c.user_id).where(user_groups.c.group_id == group.id)
    return select(*shown).where(users.c.id.in_(ids))


def _group(row: Row[tuple[object, ...]]) -> Group:
    return Group(
        id=row.id,
        organization_id=row.organization_id,
        name=row.name,
        description=row.description,
        employees=row.employees,
        users=row.users,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )
