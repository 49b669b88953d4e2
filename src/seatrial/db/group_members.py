"""Who is in which group: the same for employees and for users, in two tables."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, Table, delete, insert, select
from sqlalchemy.dialects import postgresql, sqlite

from seatrial.db.recipients import group_ids, in_parts
from seatrial.db.tables import employee_groups, groups, user_groups
from seatrial.domain.group import MANUAL, group_key
from seatrial.domain.ids import OrganizationId, new_entity_id


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two tables."""

    table: Table
    person: Column[Any]


EMPLOYEES = Side(employee_groups, employee_groups.c.employee_id)
USERS = Side(user_groups, user_groups.c.user_id)


def names_of(
    tx: Connection,
    side: Side,
    ids: Sequence[str],
    organization_id: OrganizationId | None = None,
    *,
    by_hand: bool = False,
) -> dict[str, tuple[str, ...]]:
    """Read the names of the groups that people are in, in the order of the names; a user's in one organization."""
    found: dict[str, dict[str, None]] = {}
    for part in in_parts(ids):
        where: list[ColumnElement[bool]] = [side.person.in_(part)]
        if by_hand:
            where.append(side.table.c.source == MANUAL)
        if organization_id is not None:
            where.append(groups.c.organization_id == organization_id)
        rows = tx.execute(
            select(side.person.label("person"), groups.c.name)
            .join(groups, groups.c.id == side.table.c.group_id)
            .where(*where)
            .order_by(groups.c.name)
        )
        for row in rows:
            found.setdefault(row.person, {})[row.name] = None
    return {person: tuple(names) for person, names in found.items()}


def ensure(tx: Connection, organization_id: OrganizationId, names: Iterable[str], now: datetime) -> dict[str, str]:
    """Find groups by name, and make those that are missing; gives their ids by the names' keys."""
    wanted: dict[str, str] = {}
    for name in names:
        wanted.setdefault(group_key(name), name.strip())
    known = group_ids(tx, organization_id, wanted)
    missing = [key for key in sorted(wanted) if key not in known]
    if not missing:
        return known
    make = postgresql.insert if tx.dialect.name == "postgresql" else sqlite.insert
    # Somebody else may make the same group at the same moment: then theirs is the one.
    tx.execute(
        make(groups).on_conflict_do_nothing(),
        [
            {
                "id": new_entity_id(),
                "organization_id": organization_id,
                "name": wanted[key],
                "key": key,
                "created_at": now,
                "updated_at": now,
            }
            for key in missing
        ],
    )
    return known | group_ids(tx, organization_id, missing)


def replace(
    tx: Connection,
    side: Side,
    organization_id: OrganizationId,
    tags: Mapping[str, Sequence[str]],
    now: datetime,
    source: str = MANUAL,
) -> None:
    """Put people into just these groups, as far as one source says; groups that are missing are made."""
    ids = ensure(tx, organization_id, (name for names in tags.values() for name in names), now)
    own = select(groups.c.id).where(groups.c.organization_id == organization_id)
    for part in in_parts(list(tags)):
        tx.execute(
            delete(side.table).where(
                side.person.in_(part), side.table.c.source == source, side.table.c.group_id.in_(own)
            )
        )
    pairs = {(person, ids[group_key(name)]): None for person, names in tags.items() for name in names}
    _insert(tx, side, pairs, source)


def add(tx: Connection, side: Side, group_id: str, people: Sequence[str]) -> None:
    """Put people into a group by hand; who is in it already stays."""
    there = set[str]()
    for part in in_parts(people):
        there |= set(
            tx.execute(
                select(side.person).where(
                    side.person.in_(part), side.table.c.group_id == group_id, side.table.c.source == MANUAL
                )
            ).scalars()
        )
    _insert(tx, side, {(person, group_id): None for person in people if person not in there}, MANUAL)


def remove(tx: Connection, side: Side, group_id: str, people: Sequence[str]) -> None:
    """Take people out of a group; an identity provider that still names it puts them back."""
    for part in in_parts(people):
        tx.execute(delete(side.table).where(side.person.in_(part), side.table.c.group_id == group_id))


def leave_all(tx: Connection, side: Side, organization_id: OrganizationId, person: str) -> None:
    """Take a person out of every group of an organization."""
    own = select(groups.c.id).where(groups.c.organization_id == organization_id)
    tx.execute(delete(side.table).where(side.person == person, side.table.c.group_id.in_(own)))


def _insert(tx: Connection, side: Side, pairs: Iterable[tuple[str, str]], source: str) -> None:
    rows = [{side.person.name: person, "group_id": group_id, "source": source} for person, group_id in pairs]
    if rows:
        tx.execute(insert(side.table), rows)
