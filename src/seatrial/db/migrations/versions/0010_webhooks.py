"""Webhooks, their deliveries, and reminders of what expires."""

import sqlalchemy as sa
from alembic import op

from seatrial.db.migrations.columns import string

EMPTY = sa.text("''")
INSTANT = sa.BigInteger()  # milliseconds since 1970, UTC

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "expiry_reminders",
        sa.Column("app_id", string(24), nullable=False),
        sa.Column("kind", string(16), nullable=False),
        sa.Column("identifier", string(255), nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.Column("threshold", sa.Integer(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["app_id"], ["apps.id"], name=op.f("fk_expiry_reminders_app_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint(
            "app_id", "kind", "identifier", "expires_at", "threshold", name=op.f("pk_expiry_reminders")
        ),
    )
    op.create_table(
        "webhooks",
        sa.Column("id", string(24), nullable=False),
        sa.Column("organization_id", string(24), nullable=False),
        sa.Column("app_id", string(24), nullable=True),
        sa.Column("url", string(2048), nullable=False),
        sa.Column("description", string(1000), server_default=EMPTY, nullable=False),
        sa.Column("events", sa.JSON(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("secret", string(), nullable=False),
        sa.Column("previous_secret", string(), nullable=True),
        sa.Column("previous_until", INSTANT, nullable=True),
        sa.Column("headers", string(), server_default=EMPTY, nullable=False),
        sa.Column("header_names", sa.JSON(), server_default="[]", nullable=False),
        sa.Column("failing_since", INSTANT, nullable=True),
        sa.Column("disabled_reason", string(255), server_default=EMPTY, nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["app_id"], ["apps.id"], name=op.f("fk_webhooks_app_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_webhooks_organization_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhooks")),
    )
    op.create_index(op.f("ix_webhooks_app_id"), "webhooks", ["app_id"], unique=False)
    op.create_index("ix_webhooks_listening", "webhooks", ["organization_id", "app_id", "enabled"], unique=False)
    op.create_table(
        "webhook_deliveries",
        sa.Column("id", string(24), nullable=False),
        sa.Column("webhook_id", string(24), nullable=False),
        sa.Column("kind", string(64), nullable=False),
        sa.Column("payload", string(), nullable=False),
        sa.Column("status", string(16), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("turn", sa.Integer(), server_default="0", nullable=False),
        sa.Column("failures", sa.Integer(), server_default="0", nullable=False),
        sa.Column("response_status", sa.Integer(), nullable=True),
        sa.Column("error", string(), server_default=EMPTY, nullable=False),
        sa.Column("next_attempt_at", INSTANT, nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("finished_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(
            ["webhook_id"], ["webhooks.id"], name=op.f("fk_webhook_deliveries_webhook_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_deliveries")),
    )
    op.create_index(
        "ix_webhook_deliveries_created", "webhook_deliveries", ["webhook_id", "created_at", "id"], unique=False
    )
    op.create_index("ix_webhook_deliveries_due", "webhook_deliveries", ["status", "next_attempt_at"], unique=False)
    op.create_index("ix_webhook_deliveries_old", "webhook_deliveries", ["created_at"], unique=False)
    op.create_index(
        "ix_webhook_deliveries_status", "webhook_deliveries", ["webhook_id", "status", "created_at", "id"], unique=False
    )
    op.create_table(
        "webhook_attempts",
        sa.Column("id", string(24), nullable=False),
        sa.Column("delivery_id", string(24), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("url", string(2048), nullable=False),
        sa.Column("request_headers", sa.JSON(), nullable=False),
        sa.Column("address", string(64), server_default=EMPTY, nullable=False),
        sa.Column("response_status", sa.Integer(), nullable=True),
        sa.Column("response_headers", sa.JSON(), server_default="[]", nullable=False),
        sa.Column("response_body", string(), server_default=EMPTY, nullable=False),
        sa.Column("is_cut", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("duration_ms", sa.Integer(), nullable=True),
        sa.Column("error", string(), server_default=EMPTY, nullable=False),
        sa.Column("started_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["delivery_id"], ["webhook_deliveries.id"], name=op.f("fk_webhook_attempts_delivery_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_attempts")),
        sa.UniqueConstraint("delivery_id", "number", name=op.f("uq_webhook_attempts_delivery_id_number")),
    )
