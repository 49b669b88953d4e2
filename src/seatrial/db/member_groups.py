"""The groups that a member is in by one source: what one says never undoes what another one says."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Column, Connection, Table, delete, insert, select
from sqlalchemy.dialects import postgresql, sqlite

from seatrial.db.tables import employee_groups, groups, user_groups
from seatrial.domain.group import group_key
from seatrial.domain.ids import GroupId, OrganizationId, new_entity_id
from seatrial.domain.membership import MemberKind, MemberRef

OIDC, SDK = "oidc", "sdk"


def replace(tx: Connection, member: MemberRef, source: str, group_ids: Iterable[GroupId]) -> None:
    """Put a member into exactly these groups, as far as one source is concerned."""
    table, column = _joins(member)
    mine = (column == member.id, table.c.source == source)
    of_organization = select(groups.c.id).where(groups.c.organization_id == member.organization_id)
    tx.execute(delete(table).where(*mine, table.c.group_id.in_(of_organization)))
    rows = [{column.name: member.id, "group_id": group_id, "source": source} for group_id in sorted(set(group_ids))]
    if rows:
        tx.execute(insert(table), rows)


def named(tx: Connection, organization_id: OrganizationId, names: Iterable[str]) -> list[GroupId]:
    """Find the groups with these names, in any case; names that no group has are left out."""
    keys = sorted({group_key(name) for name in names})
    rows = tx.execute(
        select(groups.c.id).where(groups.c.organization_id == organization_id, groups.c.key.in_(keys))
    ).scalars()
    return list(rows)


def ensure(tx: Connection, organization_id: OrganizationId, names: Iterable[str], now: datetime) -> list[GroupId]:
    """Find the groups with these names, in any case, and make those that are missing."""
    wanted = {group_key(name): name for name in names}
    make = postgresql.insert if tx.dialect.name == "postgresql" else sqlite.insert
    for key, name in sorted(wanted.items()):  # in one order, so that two sign-ins never wait for each other
        tx.execute(
            make(groups)
            .values(
                id=new_entity_id(), organization_id=organization_id, name=name, key=key, created_at=now, updated_at=now
            )
            .on_conflict_do_nothing(index_elements=[groups.c.organization_id, groups.c.key])
        )
    return named(tx, organization_id, wanted)


def _joins(member: MemberRef) -> tuple[Table, Column[str]]:
    if member.kind is MemberKind.USER:
        return user_groups, user_groups.c.user_id
    return employee_groups, employee_groups.c.employee_id
