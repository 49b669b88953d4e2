"""Counters by day, and what files take."""

import sqlalchemy as sa
from alembic import op

from seatrial.db.migrations.columns import string

INSTANT = sa.BigInteger()  # milliseconds since 1970, UTC

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "daily_numbers",
        sa.Column("app_id", string(24), nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("organization_id", string(24), nullable=False),
        sa.Column("builds", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("failures", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("downloads", sa.BigInteger(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["app_id"], ["apps.id"], name=op.f("fk_daily_numbers_app_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_daily_numbers_organization_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("app_id", "day", name=op.f("pk_daily_numbers")),
    )
    op.create_index("ix_daily_numbers_day", "daily_numbers", ["organization_id", "day"], unique=False)
    op.create_table(
        "storage_numbers",
        sa.Column("app_id", string(24), nullable=False),
        sa.Column("organization_id", string(24), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("counted_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["app_id"], ["apps.id"], name=op.f("fk_storage_numbers_app_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organizations.id"],
            name=op.f("fk_storage_numbers_organization_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("app_id", name=op.f("pk_storage_numbers")),
    )
    op.create_index(op.f("ix_storage_numbers_organization_id"), "storage_numbers", ["organization_id"], unique=False)
    # Counted once here; from now on what happens counts itself.
    op.execute(
        "INSERT INTO daily_numbers (app_id, day, organization_id, builds, failures, downloads) "
        "SELECT app_id, day, max(organization_id), sum(builds), sum(failures), sum(downloads) FROM ("
        "SELECT app_id, created_at / 86400000 AS day, organization_id, 1 AS builds, "
        "CASE WHEN status = 'error' THEN 1 ELSE 0 END AS failures, 0 AS downloads FROM builds UNION ALL "
        "SELECT app_id, created_at / 86400000, organization_id, 0, 0, 1 FROM downloads "
        "WHERE app_id IN (SELECT id FROM apps)) AS happened GROUP BY app_id, day"
    )
