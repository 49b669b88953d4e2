"""Who did what to which thing."""

from dataclasses import replace
from datetime import datetime, timedelta

import msgspec
from sqlalchemy import Connection, func, insert, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from seatrial.db.engine import before_commit
from seatrial.db.tables import EPOCH, app_tokens, audit_heads, audit_log, service_accounts, trusted_publishers, users
from seatrial.domain.access import AppScope, OrganizationScope
from seatrial.domain.audit import FIRST_HASH, AuditEntry, AuditQuery, Head, Link
from seatrial.domain.build import Page
from seatrial.domain.ids import OrganizationId, new_entity_id


def record(
    tx: Connection,
    scope: OrganizationScope,
    action: str,
    target_id: str,
    now: datetime,
    detail: dict[str, object] | None = None,
) -> None:
    """Write down an action in the transaction that carries it out, as its last act: chained to what was before."""
    entry = Link(
        sequence=0,
        id=new_entity_id(),
        organization_id=scope.organization_id,
        app_id=scope.app_id if isinstance(scope, AppScope) else None,
        principal_kind=scope.principal.kind.value,
        principal_id=scope.principal.id,
        action=action,
        target_id=target_id,
        detail=msgspec.json.decode(msgspec.json.encode(detail or {})),  # as it will be read
        created_at=EPOCH + (now - EPOCH) // timedelta(milliseconds=1) * timedelta(milliseconds=1),
    )
    before_commit(tx, _chain, entry)


def _chain(tx: Connection, entries: list[Link]) -> None:
    """Add entries to their organizations' chains, one chain after the other in the same order everywhere."""
    for organization_id in sorted({entry.organization_id for entry in entries}):
        last = _held_head(tx, organization_id)
        rows = []
        for entry in entries:
            if entry.organization_id == organization_id:
                placed = replace(entry, sequence=last.sequence + 1)
                last = Head(placed.sequence, placed.hash_after(last.hash))
                rows.append(_row(replace(placed, hash=last.hash)))
        tx.execute(insert(audit_log), rows)
        tx.execute(
            update(audit_heads)
            .where(audit_heads.c.organization_id == organization_id)
            .values(sequence=last.sequence, hash=last.hash)
        )


def _held_head(tx: Connection, organization_id: OrganizationId) -> Head:
    """Read the end of a chain, and let nobody else add to it until the transaction is over."""
    found = select(audit_heads.c.sequence, audit_heads.c.hash).where(audit_heads.c.organization_id == organization_id)
    row = tx.execute(found.with_for_update()).one_or_none()
    if row is None:
        make = postgresql.insert if tx.dialect.name == "postgresql" else sqlite.insert
        first = make(audit_heads).values(organization_id=organization_id, sequence=0, hash=FIRST_HASH)
        tx.execute(first.on_conflict_do_nothing())
        row = tx.execute(found.with_for_update()).one()
    return Head(row.sequence, row.hash)


def head(tx: Connection, organization_id: OrganizationId) -> tuple[Head, Head | None, datetime | None]:
    """Read the end of a chain, and up to where and when it was last found good."""
    row = tx.execute(select(audit_heads).where(audit_heads.c.organization_id == organization_id)).one_or_none()
    if row is None:
        return Head(), None, None
    verified = None if row.verified_sequence is None else Head(row.verified_sequence, "")
    return Head(row.sequence, row.hash), verified, row.verified_at


def links(tx: Connection, organization_id: OrganizationId, after: int, until: int, limit: int) -> list[Link]:
    """Read entries of a chain behind one number and up to another, in their order."""
    rows = tx.execute(
        select(audit_log)
        .where(
            audit_log.c.organization_id == organization_id,
            audit_log.c.sequence > after,
            audit_log.c.sequence <= until,
        )
        .order_by(audit_log.c.sequence)
        .limit(limit)
    )
    return [
        Link(
            sequence=row.sequence,
            id=row.id,
            organization_id=row.organization_id,
            app_id=row.app_id,
            principal_kind=row.principal_kind,
            principal_id=row.principal_id,
            action=row.action,
            target_id=row.target_id,
            detail=row.detail,
            created_at=row.created_at,
            hash=row.hash or "",
        )
        for row in rows
    ]


def outside(tx: Connection, organization_id: OrganizationId, limit: int) -> list[str]:
    """Give the ids of entries that are in no chain: without a number, or with one beyond the chain's end."""
    end = select(audit_heads.c.sequence).where(audit_heads.c.organization_id == organization_id).scalar_subquery()
    rows = tx.execute(
        select(audit_log.c.id)
        .where(
            audit_log.c.organization_id == organization_id,
            or_(audit_log.c.sequence.is_(None), audit_log.c.sequence > func.coalesce(end, 0), audit_log.c.sequence < 1),
        )
        .order_by(audit_log.c.id)
        .limit(limit)
    )
    return [row.id for row in rows]


def note_verified(tx: Connection, organization_id: OrganizationId, sequence: int, now: datetime) -> None:
    """Remember up to where a chain was found good."""
    tx.execute(
        update(audit_heads)
        .where(audit_heads.c.organization_id == organization_id)
        .values(verified_sequence=sequence, verified_at=now)
    )


def _row(entry: Link) -> dict[str, object]:
    return {
        "id": entry.id,
        "organization_id": entry.organization_id,
        "app_id": entry.app_id,
        "principal_kind": entry.principal_kind,
        "principal_id": entry.principal_id,
        "action": entry.action,
        "target_id": entry.target_id,
        "detail": entry.detail,
        "created_at": entry.created_at,
        "sequence": entry.sequence,
        "hash": entry.hash,
    }


def search(tx: Connection, scope: OrganizationScope, query: AuditQuery) -> Page[AuditEntry]:
    """Read one page of an organization's record, the newest first."""
    where = [audit_log.c.organization_id == scope.organization_id]
    if query.action is not None:
        where.append(audit_log.c.action.startswith(query.action, autoescape=True))
    if query.principal is not None:
        where.append(audit_log.c.principal_id == query.principal)
    if query.target is not None:
        where.append(audit_log.c.target_id == query.target)
    if query.since is not None:
        where.append(audit_log.c.created_at >= query.since)
    if query.until is not None:
        where.append(audit_log.c.created_at <= query.until)
    rows = tx.execute(
        select(
            audit_log,
            users.c.email,
            func.coalesce(service_accounts.c.name, trusted_publishers.c.name).label("name"),
            app_tokens.c.description,
        )
        .outerjoin(users, users.c.id == audit_log.c.principal_id)
        .outerjoin(service_accounts, service_accounts.c.id == audit_log.c.principal_id)
        .outerjoin(app_tokens, app_tokens.c.id == audit_log.c.principal_id)
        .outerjoin(trusted_publishers, trusted_publishers.c.id == audit_log.c.principal_id)
        .where(*where)
        .order_by(audit_log.c.created_at.desc(), audit_log.c.id.desc())
        .limit(query.limit)
        .offset((query.page - 1) * query.limit)
    )
    items = [
        AuditEntry(
            id=row.id,
            app_id=row.app_id,
            principal_kind=row.principal_kind,
            principal_id=row.principal_id,
            principal_name=row.email or row.name or row.description or "",
            action=row.action,
            target_id=row.target_id,
            detail=row.detail,
            created_at=row.created_at,
            sequence=row.sequence,
            hash=row.hash,
        )
        for row in rows
    ]
    total = tx.execute(select(func.count()).select_from(audit_log).where(*where)).scalar_one()
    return Page(items, total, query.page, query.limit)
