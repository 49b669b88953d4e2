"""Notifications, mails and what people wish to hear of."""

import sqlalchemy as sa
from alembic import op

from seatrial.db.migrations.columns import string

EMPTY = sa.text("''")
INSTANT = sa.BigInteger()  # milliseconds since 1970, UTC

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "addresses",
        sa.Column("name", string(16), nullable=False),
        sa.Column("url", string(512), nullable=False),
        sa.Column("noted_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_addresses")),
    )
    op.create_table(
        "mail_batches",
        sa.Column("id", string(24), nullable=False),
        sa.Column("turn", sa.Integer(), server_default="0", nullable=False),
        sa.Column("failures", sa.Integer(), server_default="0", nullable=False),
        sa.Column("parked", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail_batches")),
    )
    op.create_index(op.f("ix_mail_batches_parked"), "mail_batches", ["parked"], unique=False)
    op.create_table(
        "digests",
        sa.Column("organization_id", string(24), nullable=False),
        sa.Column("email", string(256), nullable=False),
        sa.Column("day", string(10), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_digests_organization_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("organization_id", "email", "day", name=op.f("pk_digests")),
    )
    op.create_index("ix_digests_day", "digests", ["day"], unique=False)
    op.create_table(
        "mail_preferences",
        sa.Column("organization_id", string(24), nullable=False),
        sa.Column("email", string(256), nullable=False),
        sa.Column("app_id", string(24), nullable=False),
        sa.Column("delivery", string(8), nullable=False),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organizations.id"],
            name=op.f("fk_mail_preferences_organization_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("organization_id", "email", "app_id", name=op.f("pk_mail_preferences")),
    )
    op.create_index("ix_mail_preferences_email", "mail_preferences", ["email"], unique=False)
    op.create_table(
        "build_notifications",
        sa.Column("id", string(24), nullable=False),
        sa.Column("organization_id", string(24), nullable=False),
        sa.Column("app_id", string(24), nullable=False),
        sa.Column("build_id", string(24), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("requested_by", sa.JSON(), nullable=False),
        sa.Column("collaborators", sa.Boolean(), nullable=False),
        sa.Column("employees", sa.Boolean(), nullable=False),
        sa.Column("message", string(), nullable=False),
        sa.Column("language", string(2), nullable=False),
        sa.Column("groups", sa.JSON(), nullable=False),
        sa.Column("state", string(16), nullable=False),
        sa.Column("reason", string(32), server_default=EMPTY, nullable=False),
        sa.Column("position", string(256), server_default=EMPTY, nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["app_id"], ["apps.id"], name=op.f("fk_build_notifications_app_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organizations.id"],
            name=op.f("fk_build_notifications_organization_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_build_notifications")),
        sa.UniqueConstraint("build_id", "turn", name=op.f("uq_build_notifications_build_id_turn")),
    )
    op.create_index(
        "ix_build_notifications_created", "build_notifications", ["app_id", "created_at", "id"], unique=False
    )
    op.create_index(
        op.f("ix_build_notifications_organization_id"), "build_notifications", ["organization_id"], unique=False
    )
    op.create_table(
        "mails",
        sa.Column("id", string(24), nullable=False),
        sa.Column("organization_id", string(24), nullable=True),
        sa.Column("app_id", string(24), nullable=True),
        sa.Column("build_id", string(24), nullable=True),
        sa.Column("notification_id", string(24), nullable=True),
        sa.Column("batch_id", string(24), nullable=True),
        sa.Column("digest_id", string(24), nullable=True),
        sa.Column("kind", string(32), nullable=False),
        sa.Column("email", string(256), nullable=False),
        sa.Column("name", string(512), server_default=EMPTY, nullable=False),
        sa.Column("language", string(2), server_default=EMPTY, nullable=False),
        sa.Column("reason", string(16), server_default=EMPTY, nullable=False),
        sa.Column("detail", string(1000), server_default=EMPTY, nullable=False),
        sa.Column("facts", string(), server_default=EMPTY, nullable=False),
        sa.Column("state", string(16), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("lost", sa.Integer(), server_default="0", nullable=False),
        sa.Column("first_tried_at", INSTANT, nullable=True),
        sa.Column("answer", string(1000), server_default=EMPTY, nullable=False),
        sa.Column("history", sa.JSON(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["notification_id"], ["build_notifications.id"], name=op.f("fk_mails_notification_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_mails_organization_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mails")),
        sa.UniqueConstraint("notification_id", "email", name=op.f("uq_mails_notification_id_email")),
    )
    op.create_index("ix_mails_age", "mails", ["created_at"], unique=False)
    op.create_index("ix_mails_batch", "mails", ["batch_id", "state"], unique=False)
    op.create_index("ix_mails_created", "mails", ["organization_id", "created_at", "id"], unique=False)
    op.create_index(
        "ix_mails_digest",
        "mails",
        ["digest_id"],
        unique=False,
        sqlite_where=sa.text("digest_id IS NOT NULL"),
        postgresql_where=sa.text("digest_id IS NOT NULL"),
    )
    op.create_index("ix_mails_email", "mails", ["organization_id", "email", "created_at", "id"], unique=False)
    op.create_index("ix_mails_notification", "mails", ["notification_id", "state"], unique=False)
    op.create_index("ix_mails_state", "mails", ["organization_id", "state", "created_at", "id"], unique=False)
    op.create_index(
        "ix_mails_waiting",
        "mails",
        ["organization_id", "email"],
        unique=False,
        sqlite_where=sa.text("state = 'digest' AND digest_id IS NULL"),
        postgresql_where=sa.text("state = 'digest' AND digest_id IS NULL"),
    )
    op.create_index(
        "uq_mails_build",
        "mails",
        ["build_id", "email"],
        unique=True,
        sqlite_where=sa.text("state != 'skipped'"),
        postgresql_where=sa.text("state != 'skipped'"),
    )
