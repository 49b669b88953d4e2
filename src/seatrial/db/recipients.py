"""Who is meant: people by conditions over groups, by audience, and by app. The one place that resolves them.

Each clause begins at its smallest group, in the index by group, and asks the index by person about the others: what it
costs grows with the people in the smallest group, however large the others are.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager

from sqlalchemy import ColumnElement, Connection, Row, Select, exists, func, or_, select, text, union

from seatrial.db.members import CUSTOM
from seatrial.db.tables import (
    app_collaborators,
    audience_employees,
    audiences,
    employee_groups,
    employees,
    groups,
    memberships,
    users,
)
from seatrial.domain.access import MemberRole
from seatrial.domain.group import Conditions, group_key
from seatrial.domain.ids import AppId, AudienceId, OrganizationId
from seatrial.domain.membership import MemberKind
from seatrial.domain.recipient import Recipient

_AT_ONCE = 500
"""How many values go into one statement: SQLite takes 32,766, and plans are kept for lists of one length."""

_USER = [users.c.id, users.c.email, users.c.first_name, users.c.last_name]
_EMPLOYEE = [employees.c.id, employees.c.email, employees.c.first_name, employees.c.last_name, employees.c.language]

_JOINED = 3
"""How many further groups of a clause a planner may join as it likes: its search for an order grows exponentially."""

EmployeeIds = Select[tuple[str]]


def employees_matching(tx: Connection, organization_id: OrganizationId, conditions: Conditions) -> list[Recipient]:
    """Find the employees that conditions mean, by id; without any, all.

    A group that does not exist has nobody in it. Left out are those who are switched off, and those whom an app named
    without proof: whoever can call the SDK could otherwise have builds announced to any address.
    """
    ids = matching(tx, organization_id, conditions)
    chosen = [] if ids is None else [employees.c.id.in_(ids)]
    return _employees(tx, organization_id, *chosen)


def employees_of_audience(tx: Connection, organization_id: OrganizationId, audience_id: AudienceId) -> list[Recipient]:
    """Find the employees who are in an audience now, by id; nobody where there is no such audience."""
    return _employees(tx, organization_id, in_audience(tx, organization_id, audience_id))


def collaborators_of_app(tx: Connection, organization_id: OrganizationId, app_id: AppId) -> list[Recipient]:
    """Find who may open an app in the dashboard, by id.

    Those are the organization's members with any role but `unassigned`, and those with a role in this app.
    """
    in_app = exists().where(app_collaborators.c.app_id == app_id, app_collaborators.c.user_id == users.c.id)
    rows = tx.execute(
        select(*_USER)
        .join(memberships, memberships.c.user_id == users.c.id)
        .where(
            memberships.c.organization_id == organization_id,
            or_(memberships.c.role != MemberRole.UNASSIGNED.value, in_app),
        )
        .order_by(users.c.id)
    )
    return [_recipient(MemberKind.USER, row, "") for row in rows]


def editors_of_app(tx: Connection, organization_id: OrganizationId, app_id: AppId) -> list[Recipient]:
    """Find who may change an app, by their role in the organization or in the app itself, by id."""
    may = [role.value for role in (MemberRole.OWNER, MemberRole.ADMIN, MemberRole.EDITOR)]
    in_app = exists().where(
        app_collaborators.c.app_id == app_id,
        app_collaborators.c.user_id == users.c.id,
        app_collaborators.c.role.in_(may),
    )
    rows = tx.execute(
        select(*_USER)
        .join(memberships, memberships.c.user_id == users.c.id)
        .where(memberships.c.organization_id == organization_id, or_(memberships.c.role.in_(may), in_app))
        .order_by(users.c.id)
    )
    return [_recipient(MemberKind.USER, row, "") for row in rows]


def administrators(tx: Connection, organization_id: OrganizationId) -> list[Recipient]:
    """Find an organization's owners and administrators, by id."""
    may = [MemberRole.OWNER.value, MemberRole.ADMIN.value]
    rows = tx.execute(
        select(*_USER)
        .join(memberships, memberships.c.user_id == users.c.id)
        .where(memberships.c.organization_id == organization_id, memberships.c.role.in_(may))
        .order_by(users.c.id)
    )
    return [_recipient(MemberKind.USER, row, "") for row in rows]


def in_audience(tx: Connection, organization_id: OrganizationId, audience_id: AudienceId) -> ColumnElement[bool]:
    """Give the condition on `employees` that somebody is in an audience: by its conditions, or one by one.

    An audience without conditions has only its single people.
    """
    conditions = tx.execute(
        select(audiences.c.conditions).where(
            audiences.c.id == audience_id, audiences.c.organization_id == organization_id
        )
    ).scalar_one_or_none()
    single = select(audience_employees.c.employee_id).where(audience_employees.c.audience_id == audience_id)
    ids = matching(tx, organization_id, _conditions(conditions)) if conditions else None
    return employees.c.id.in_(single if ids is None else select(union(single, ids).subquery().c.employee_id))


def meant(
    tx: Connection, organization_id: OrganizationId, conditions: Conditions, people: Collection[str]
) -> ColumnElement[bool]:
    """Give the condition on `employees` that conditions mean somebody, or that they are one of these by id."""
    ids = matching(tx, organization_id, conditions) if conditions else None
    single = employees.c.id.in_(list(people))
    return single if ids is None else or_(single, employees.c.id.in_(ids))


def is_reachable() -> ColumnElement[bool]:
    """Give the condition on `employees` that somebody is neither switched off nor named without proof."""
    return employees.c.disabled.is_(False) & (employees.c.type != CUSTOM)


def matching(tx: Connection, organization_id: OrganizationId, conditions: Conditions) -> EmployeeIds | None:
    """Give the statement for the ids of the employees that conditions mean, reachable or not; `None` means all."""
    if not conditions:
        return None
    known = group_ids(tx, organization_id, (name for clause in conditions for name in clause))
    clauses = {
        frozenset(known[group_key(name)] for name in clause)
        for clause in conditions
        if clause and all(group_key(name) in known for name in clause)
    }
    # Whoever meets `a` and `b` is among those who meet `a` anyway.
    least = [clause for clause in clauses if not any(other < clause for other in clauses)]
    sizes = _sizes(tx, {group for clause in least for group in clause})
    statements = [
        _in_all(sorted(clause, key=lambda group: (sizes.get(group, 0), group))) for clause in sorted(least, key=sorted)
    ]
    if not statements:
        return _members("")
    return statements[0] if len(statements) == 1 else select(union(*statements).subquery().c.employee_id)


def group_ids(tx: Connection, organization_id: OrganizationId, names: Iterable[str]) -> dict[str, str]:
    """Find groups by name: their ids by the names' keys."""
    found: dict[str, str] = {}
    for keys in in_parts(sorted({group_key(name) for name in names})):
        rows = tx.execute(
            select(groups.c.key, groups.c.id).where(groups.c.organization_id == organization_id, groups.c.key.in_(keys))
        )
        found |= {row.key: row.id for row in rows}
    return found


@contextmanager
def joined_by_hash(tx: Connection) -> Iterator[None]:
    """Have PostgreSQL join sets of people by hash.

    Until it has looked at people who have just come, it takes ten thousand for four, and compares each with each.
    """
    if tx.dialect.name == "sqlite":
        yield
        return
    tx.execute(text("SET LOCAL enable_nestloop = off"))
    yield
    tx.execute(text("SET LOCAL enable_nestloop = on"))


def in_parts(values: Sequence[str]) -> Iterator[Sequence[str]]:
    """Cut a list into pieces that fit into a statement."""
    for start in range(0, len(values), _AT_ONCE):
        yield values[start : start + _AT_ONCE]


def _members(group_id: str) -> EmployeeIds:
    return select(employee_groups.c.employee_id).where(employee_groups.c.group_id == group_id)


def _in_all(ids: Sequence[str]) -> EmployeeIds:
    smallest, *others = ids
    chosen = _members(smallest)
    for group in others[:_JOINED]:
        one = employee_groups.alias()
        is_in = (one.c.employee_id == employee_groups.c.employee_id, one.c.group_id == group)
        chosen = chosen.where(exists().where(*is_in))
    rest = others[_JOINED:]
    if not rest:
        return chosen
    # OFFSET 0 keeps both databases from counting for those whom the joins leave out.
    few = chosen.offset(0).subquery()
    counted = select(func.count(employee_groups.c.group_id.distinct())).where(
        employee_groups.c.employee_id == few.c.employee_id, employee_groups.c.group_id.in_(rest)
    )
    return select(few.c.employee_id).where(counted.correlate(few).scalar_subquery() == len(rest))


def _sizes(tx: Connection, ids: Collection[str]) -> dict[str, int]:
    sizes: dict[str, int] = {}
    for part in in_parts(sorted(ids)):
        rows = tx.execute(
            select(employee_groups.c.group_id, func.count().label("people"))
            .where(employee_groups.c.group_id.in_(part))
            .group_by(employee_groups.c.group_id)
        )
        sizes |= {row.group_id: row.people for row in rows}
    return sizes


def _employees(tx: Connection, organization_id: OrganizationId, *chosen: ColumnElement[bool]) -> list[Recipient]:
    with joined_by_hash(tx):
        rows = tx.execute(
            select(*_EMPLOYEE)
            .where(employees.c.organization_id == organization_id, is_reachable(), *chosen)
            .order_by(employees.c.id)
        )
    return [_recipient(MemberKind.EMPLOYEE, row, row.language) for row in rows]


def _recipient(kind: MemberKind, row: Row[tuple[object, ...]], language: str) -> Recipient:
    return Recipient(
        kind=kind,
        id=row.id,
        email=row.email,
        first_name=row.first_name,
        last_name=row.last_name,
        language=language,
    )


def _conditions(stored: list[list[str]]) -> Conditions:
    return tuple(tuple(clause) for clause in stored)
