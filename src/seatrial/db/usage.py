"""Counters of what apps and organizations take up."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy import Connection, Select, func, select, union_all
from sqlalchemy.dialects import postgresql, sqlite

from seatrial.db.tables import app_files, apps, build_files, builds, feedback_files, trash, usage_counts
from seatrial.domain.ids import AppId, OrganizationId
from seatrial.domain.quota import Item


def shift(tx: Connection, organization_id: OrganizationId, app_id: AppId, by: Mapping[str, int]) -> None:
    """Count for an app and for its organization, in one order everywhere, so that no two wait for each other."""
    rows = [
        {"owner": owner, "item": item, "organization_id": organization_id, "amount": amount}
        for owner in (app_id, organization_id)
        for item, amount in sorted(by.items())
        if amount
    ]
    if not rows:
        return
    statement = _insert(tx).values(rows)
    tx.execute(
        statement.on_conflict_do_update(
            index_elements=["owner", "item"], set_={"amount": usage_counts.c.amount + statement.excluded.amount}
        )
    )


def read(tx: Connection, owners: Iterable[str], items: Iterable[str]) -> dict[tuple[str, str], int]:
    """Read counters by owner and item."""
    rows = tx.execute(
        select(usage_counts.c.owner, usage_counts.c.item, usage_counts.c.amount).where(
            usage_counts.c.owner.in_(list(owners)), usage_counts.c.item.in_(list(items))
        )
    )
    return {(row.owner, row.item): row.amount for row in rows}


def unchecked(tx: Connection, before: datetime, limit: int) -> list[tuple[AppId, OrganizationId]]:
    """Name apps whose storage was not compared with its files since a moment, those first that never were."""
    mine = (usage_counts.c.owner == apps.c.id) & (usage_counts.c.item == Item.STORAGE.value)
    checked_at = usage_counts.c.checked_at
    rows = tx.execute(
        select(apps.c.id, apps.c.organization_id)
        .outerjoin(usage_counts, mine)
        .where((checked_at.is_(None)) | (checked_at < before))
        .order_by(checked_at.is_(None).desc(), checked_at)
        .limit(limit)
    )
    return [(AppId(row.id), OrganizationId(row.organization_id)) for row in rows]


def note_checked(tx: Connection, organization_id: OrganizationId, app_id: AppId, now: datetime) -> None:
    """Note that an app's storage was compared with its files."""
    row = {"owner": app_id, "item": Item.STORAGE.value, "organization_id": organization_id, "amount": 0}
    statement = _insert(tx).values(row | {"checked_at": now})
    tx.execute(statement.on_conflict_do_update(index_elements=["owner", "item"], set_={"checked_at": now}))


def hold(tx: Connection, app_id: AppId) -> int:
    """Give an app's counted storage, and let nobody change it before the transaction ends."""
    mine = (usage_counts.c.owner == app_id, usage_counts.c.item == Item.STORAGE.value)
    found = tx.execute(select(usage_counts.c.amount).where(*mine).with_for_update()).scalar_one_or_none()
    return int(found or 0)


def hold_announced(tx: Connection, organization_id: OrganizationId, app_id: AppId) -> None:
    """Let nobody count storage, or look at what is announced after this, before the transaction ends."""
    rows = [
        {"owner": owner, "item": Item.STORAGE.value, "organization_id": organization_id, "amount": 0}
        for owner in (app_id, organization_id)
    ]
    statement = _insert(tx).values(rows)
    tx.execute(
        statement.on_conflict_do_update(index_elements=["owner", "item"], set_={"amount": usage_counts.c.amount})
    )


def added_up(tx: Connection, app_id: AppId) -> int:
    """Add up what an app's files take, by reading all of them; a package that is its original is one file."""
    once = (
        select(build_files.c.key, func.max(build_files.c.size).label("size"))
        .join(builds, builds.c.id == build_files.c.build_id)
        .where(builds.c.app_id == app_id)
        .group_by(build_files.c.key)
        .subquery()
    )
    parts: list[Select[tuple[int]]] = [
        select(func.sum(once.c.size).label("bytes")),
        select(func.sum(trash.c.bytes)).where(trash.c.app_id == app_id),
        select(func.sum(feedback_files.c.size)).where(feedback_files.c.app_id == app_id),
        select(func.sum(app_files.c.size)).where(app_files.c.app_id == app_id),
    ]
    together = union_all(*parts).subquery()
    return int(tx.execute(select(func.coalesce(func.sum(together.c.bytes), 0))).scalar_one())


def _insert(tx: Connection) -> postgresql.Insert | sqlite.Insert:
    return (postgresql.insert if tx.dialect.name == "postgresql" else sqlite.insert)(usage_counts)
