"""Webhooks, what was sent to them, and reminders that were given."""

from sqlalchemy import JSON, Boolean, Column, ForeignKey, Index, Integer, Table, UniqueConstraint, false

from seatrial.db.tables.base import EMPTY, ID, Instant, metadata, string

# Secrets and headers are sealed: whoever reads the database alone can neither sign nor log in anywhere.
webhooks = Table(
    "webhooks",
    metadata,
    Column("id", ID, primary_key=True),
    Column("organization_id", ID, ForeignKey("organizations.id", ondelete="CASCADE"), nullable=False),
    # None: of all apps of the organization.
    Column("app_id", ID, ForeignKey("apps.id", ondelete="CASCADE"), index=True),
    Column("url", string(2048), nullable=False),
    Column("description", string(1000), nullable=False, server_default=EMPTY),
    Column("events", JSON, nullable=False),
    Column("enabled", Boolean, nullable=False),
    Column("secret", string(), nullable=False),
    Column("previous_secret", string()),
    Column("previous_until", Instant),
    Column("headers", string(), nullable=False, server_default=EMPTY),
    Column("header_names", JSON, nullable=False, server_default="[]"),
    Column("failing_since", Instant),
    Column("disabled_reason", string(255), nullable=False, server_default=EMPTY),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
)
# Every event asks this index once: who listens, for this app or for all.
Index("ix_webhooks_listening", webhooks.c.organization_id, webhooks.c.app_id, webhooks.c.enabled)

webhook_deliveries = Table(
    "webhook_deliveries",
    metadata,
    Column("id", ID, primary_key=True),
    Column("webhook_id", ID, ForeignKey("webhooks.id", ondelete="CASCADE"), nullable=False),
    Column("kind", string(64), nullable=False),
    Column("payload", string(), nullable=False),
    Column("status", string(16), nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),
    # How often its sending was asked for: each turn is a job of its own.
    Column("turn", Integer, nullable=False, server_default="0"),
    # How many attempts have failed since it was made or replayed: which wait comes next.
    Column("failures", Integer, nullable=False, server_default="0"),
    Column("response_status", Integer),
    Column("error", string(), nullable=False, server_default=EMPTY),
    Column("next_attempt_at", Instant),
    Column("created_at", Instant, nullable=False),
    Column("finished_at", Instant),
)
Index(
    "ix_webhook_deliveries_created",
    webhook_deliveries.c.webhook_id,
    webhook_deliveries.c.created_at,
    webhook_deliveries.c.id,
)
Index(
    "ix_webhook_deliveries_status",
    webhook_deliveries.c.webhook_id,
    webhook_deliveries.c.status,
    webhook_deliveries.c.created_at,
    webhook_deliveries.c.id,
)
Index("ix_webhook_deliveries_old", webhook_deliveries.c.created_at)
Index("ix_webhook_deliveries_due", webhook_deliveries.c.status, webhook_deliveries.c.next_attempt_at)

webhook_attempts = Table(
    "webhook_attempts",
    metadata,
    Column("id", ID, primary_key=True),
    Column("delivery_id", ID, ForeignKey("webhook_deliveries.id", ondelete="CASCADE"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("url", string(2048), nullable=False),
    Column("request_headers", JSON, nullable=False),
    Column("address", string(64), nullable=False, server_default=EMPTY),
    Column("response_status", Integer),
    Column("response_headers", JSON, nullable=False, server_default="[]"),
    Column("response_body", string(), nullable=False, server_default=EMPTY),
    Column("is_cut", Boolean, nullable=False, server_default=false()),
    Column("duration_ms", Integer),
    Column("error", string(), nullable=False, server_default=EMPTY),
    Column("started_at", Instant, nullable=False),
    UniqueConstraint("delivery_id", "number"),
)

# One row for each reminder that was given: the same thing in many builds of an app is reminded of once.
expiry_reminders = Table(
    "expiry_reminders",
    metadata,
    Column("app_id", ID, ForeignKey("apps.id", ondelete="CASCADE"), primary_key=True),
    Column("kind", string(16), primary_key=True),
    Column("identifier", string(255), primary_key=True),
    Column("expires_at", Instant, primary_key=True),
    Column("threshold", Integer, primary_key=True),
    Column("created_at", Instant, nullable=False),
)
