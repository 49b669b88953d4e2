"""Entries of the audit log are chained by their hashes, those that were there already too.

A program of the version before goes on writing entries without a number; `seatrial admin audit verify` names them.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from alembic import op

from seatrial.db.migrations.columns import string
from seatrial.domain.audit import Head, Link
from seatrial.domain.ids import AppId, OrganizationId

INSTANT = sa.BigInteger()  # milliseconds since 1970, UTC
AT_ONCE = 1000

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

_log = sa.table(
    "audit_log",
    *(sa.column(name, sa.String()) for name in ("id", "organization_id", "app_id", "principal_kind", "principal_id")),
    *(sa.column(name, sa.String()) for name in ("action", "target_id", "hash")),
    sa.column("detail", sa.JSON()),
    sa.column("created_at", INSTANT),
    sa.column("sequence", sa.BigInteger()),
)
_heads = sa.table(
    "audit_heads",
    sa.column("organization_id", sa.String()),
    sa.column("sequence", sa.BigInteger()),
    sa.column("hash", sa.String()),
)


def upgrade() -> None:
    op.add_column("audit_log", sa.Column("sequence", sa.BigInteger(), nullable=True))
    op.add_column("audit_log", sa.Column("hash", string(64), nullable=True))
    op.create_table(
        "audit_heads",
        sa.Column("organization_id", string(24), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("hash", string(64), nullable=False),
        sa.Column("verified_sequence", sa.BigInteger(), nullable=True),
        sa.Column("verified_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("organization_id", name=op.f("pk_audit_heads")),
    )
    connection = op.get_bind()
    for (organization_id,) in connection.execute(sa.select(_log.c.organization_id).distinct()).all():
        head = _chained(connection, organization_id)
        connection.execute(
            sa.insert(_heads).values(organization_id=organization_id, sequence=head.sequence, hash=head.hash)
        )
    op.create_index("ix_audit_log_sequence", "audit_log", ["organization_id", "sequence"], unique=True)


def _chained(connection: sa.Connection, organization_id: str) -> Head:
    """Number an organization's entries in the order of their times, batch by batch."""
    head, place = Head(), (-1, "")
    key = sa.tuple_(_log.c.created_at, _log.c.id)
    while True:
        rows = connection.execute(
            sa.select(_log)
            .where(_log.c.organization_id == organization_id, key > sa.tuple_(*map(sa.literal, place)))
            .order_by(_log.c.created_at, _log.c.id)
            .limit(AT_ONCE)
        ).all()
        if not rows:
            return head
        values = []
        for row in rows:
            head = _linked(row, head)
            values.append({"row_id": row.id, "row_sequence": head.sequence, "row_hash": head.hash})
        connection.execute(
            sa.update(_log)
            .where(_log.c.id == sa.bindparam("row_id"))
            .values(sequence=sa.bindparam("row_sequence"), hash=sa.bindparam("row_hash")),
            values,
        )
        place = (rows[-1].created_at, rows[-1].id)


def _linked(row: sa.Row[Any], head: Head) -> Head:
    link = Link(
        sequence=head.sequence + 1,
        id=row.id,
        organization_id=OrganizationId(row.organization_id),
        app_id=AppId(row.app_id) if row.app_id else None,
        principal_kind=row.principal_kind,
        principal_id=row.principal_id,
        action=row.action,
        target_id=row.target_id,
        detail=row.detail,
        created_at=datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=row.created_at),
    )
    return Head(link.sequence, link.hash_after(head.hash))
