"""Rules of retention, pins, the trash, and who has taken which turn of what happens once in a while."""

import time

import sqlalchemy as sa
from alembic import op

from seatrial.db.migrations.columns import string

INSTANT = sa.BigInteger()  # milliseconds since 1970, UTC
EMPTY = sa.text("''")

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "schedules",
        sa.Column("name", string(64), nullable=False),
        sa.Column("period_start", INSTANT, nullable=False),
        sa.Column("executor_id", string(64), nullable=False),
        sa.Column("claimed_at", INSTANT, nullable=False),
        sa.Column("finished_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_schedules")),
    )
    op.create_table(
        "retention_runs",
        sa.Column("app_id", string(24), nullable=False),
        sa.Column("night", INSTANT, nullable=True),
        sa.Column("started_at", INSTANT, nullable=False),
        sa.Column("finished_at", INSTANT, nullable=False),
        sa.Column("builds", sa.Integer(), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["app_id"], ["apps.id"], name=op.f("fk_retention_runs_app_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("app_id", name=op.f("pk_retention_runs")),
    )
    op.create_table(
        "trash",
        sa.Column("build_id", string(24), nullable=False),
        sa.Column("organization_id", string(24), nullable=False),
        sa.Column("app_id", string(24), nullable=False),
        sa.Column("version_name", string(255), nullable=False),
        sa.Column("version_code", string(255), nullable=False),
        sa.Column("os", string(32), nullable=False),
        sa.Column("status", string(16), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("reason", string(16), nullable=False),
        sa.Column("sentence", string(), server_default=EMPTY, nullable=False),
        sa.Column("trashed_by", sa.JSON(), nullable=False),
        sa.Column("trashed_at", INSTANT, nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["app_id"], ["apps.id"], name=op.f("fk_trash_app_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_trash_organization_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("build_id", name=op.f("pk_trash")),
    )
    op.create_index(op.f("ix_trash_expires_at"), "trash", ["expires_at"], unique=False)
    op.create_index("ix_trash_trashed", "trash", ["app_id", "trashed_at", "build_id"], unique=False)
    op.create_table(
        "build_pins",
        sa.Column("build_id", string(24), nullable=False),
        sa.Column("reason", string(1000), nullable=False),
        sa.Column("pinned_by", sa.JSON(), nullable=False),
        sa.Column("pinned_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["build_id"], ["builds.id"], name=op.f("fk_build_pins_build_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("build_id", name=op.f("pk_build_pins")),
    )
    op.create_table(
        "trash_keys",
        sa.Column("build_id", string(24), nullable=False),
        sa.Column("key", string(512), nullable=False),
        sa.ForeignKeyConstraint(
            ["build_id"], ["trash.build_id"], name=op.f("fk_trash_keys_build_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("build_id", "key", name=op.f("pk_trash_keys")),
    )
    op.create_index(op.f("ix_trash_keys_key"), "trash_keys", ["key"], unique=False)
    op.create_table(
        "trash_rows",
        sa.Column("build_id", string(24), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("table_name", string(64), nullable=False),
        sa.Column("content", string(), nullable=False),
        sa.ForeignKeyConstraint(
            ["build_id"], ["trash.build_id"], name=op.f("fk_trash_rows_build_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("build_id", "position", name=op.f("pk_trash_rows")),
    )
    op.add_column("organizations", sa.Column("build_retention_days", sa.Integer(), nullable=True))
    op.add_column("organizations", sa.Column("builds_retained_per_publication", sa.Integer(), nullable=True))
    op.add_column("organizations", sa.Column("trash_days", sa.Integer(), server_default="30", nullable=False))

    # Rules that were saved before anything followed them are followed from the next night on, and not at once.
    now = round(time.time() * 1000)
    schedules = sa.table(
        "schedules", *map(sa.column, ("name", "period_start", "executor_id", "claimed_at", "finished_at"))
    )
    op.execute(
        sa.insert(schedules).values(name="retention", period_start=now, executor_id="", claimed_at=now, finished_at=now)
    )


def downgrade() -> None:
    for name in ("schedules", "retention_runs", "trash_keys", "trash_rows", "trash", "build_pins"):
        op.drop_table(name)
    for name in ("build_retention_days", "builds_retained_per_publication", "trash_days"):
        op.drop_column("organizations", name)
