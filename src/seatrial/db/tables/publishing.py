"""Trusted publishing: rules about identity tokens, and those that were traded in."""

from sqlalchemy import JSON, Column, ForeignKey, Index, Table

from seatrial.db.tables.base import DIGEST, ID, Instant, metadata, string

trusted_publishers = Table(
    "trusted_publishers",
    metadata,
    Column("id", ID, primary_key=True),
    Column("organization_id", ID, ForeignKey("organizations.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("app_id", ID, ForeignKey("apps.id", ondelete="CASCADE"), nullable=False),
    Column("name", string(255), nullable=False),
    Column("system", string(16), nullable=False),
    Column("issuer", string(1024), nullable=False, index=True),
    Column("audience", string(1024), nullable=False),
    # Claims to lists of patterns.
    Column("conditions", JSON, nullable=False),
    Column("last_used_at", Instant),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
)
Index("ix_trusted_publishers_created", *(trusted_publishers.c[name] for name in ("app_id", "created_at", "id")))

# Identity tokens that were traded in: each one counts once for an app, for as long as it is good.
spent_identity_tokens = Table(
    "spent_identity_tokens",
    metadata,
    Column("digest", DIGEST, primary_key=True),
    Column("expires_at", Instant, nullable=False, index=True),
)
