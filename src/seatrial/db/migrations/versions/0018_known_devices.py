"""Testers' devices."""

import sqlalchemy as sa
from alembic import op

from seatrial.db.migrations.columns import string

INSTANT = sa.BigInteger()  # milliseconds since 1970, UTC

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "known_devices",
        sa.Column("id", string(24), nullable=False),
        sa.Column("organization_id", string(24), nullable=False),
        sa.Column("udid", string(64), nullable=False),
        sa.Column("product", string(64), server_default=sa.text("''"), nullable=False),
        sa.Column("os_build", string(64), server_default=sa.text("''"), nullable=False),
        sa.Column("os_version", string(32), server_default=sa.text("''"), nullable=False),
        sa.Column("serial", string(64), server_default=sa.text("''"), nullable=False),
        sa.Column("name", string(255), server_default=sa.text("''"), nullable=False),
        sa.Column("employee_id", string(24)),
        sa.Column("user_id", string(24)),
        sa.Column("app_id", string(24)),
        sa.Column("is_proven", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("last_seen_at", INSTANT, nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organizations.id"],
            name=op.f("fk_known_devices_organization_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["employee_id"], ["employees.id"], name=op.f("fk_known_devices_employee_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_known_devices_user_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["app_id"], ["apps.id"], name=op.f("fk_known_devices_app_id"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_known_devices")),
        sa.UniqueConstraint("organization_id", "udid", name=op.f("uq_known_devices_organization_id_udid")),
    )
    for column in ("employee_id", "user_id", "app_id"):
        op.create_index(op.f(f"ix_known_devices_{column}"), "known_devices", [column], unique=False)
    op.create_index("ix_known_devices_created", "known_devices", ["organization_id", "created_at", "id"], unique=False)
    op.create_table(
        "device_challenges",
        sa.Column("digest", string(64), nullable=False),
        sa.Column("udid", string(64), nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_device_challenges")),
    )
    op.create_index(op.f("ix_device_challenges_expires_at"), "device_challenges", ["expires_at"], unique=False)
