"""What the house itself keeps: bytes that nobody owns yet, processes that live, who did what."""

from sqlalchemy import JSON, BigInteger, Column, Index, Table

from seatrial.db.tables.base import DIGEST, ID, Instant, metadata, string

loose_blobs = Table(
    "loose_blobs",
    metadata,
    Column("id", ID, primary_key=True),
    Column("executor_id", string(64), nullable=False, index=True),
    Column("keys", JSON, nullable=False),
    Column("created_at", Instant, nullable=False),
)

executors = Table(
    "executors",
    metadata,
    Column("id", string(64), primary_key=True),
    Column("host", string(255), nullable=False),
    Column("role", string(16), nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("beat_at", Instant, nullable=False),
)

audit_log = Table(
    "audit_log",
    metadata,
    Column("id", ID, primary_key=True),
    Column("organization_id", ID, nullable=False),
    Column("app_id", ID),
    Column("principal_kind", string(32), nullable=False),
    Column("principal_id", string(64), nullable=False),
    Column("action", string(64), nullable=False),
    Column("target_id", string(64), nullable=False),
    Column("detail", JSON, nullable=False),
    Column("created_at", Instant, nullable=False),
    # The entry's place in its organization's chain, and its hash; null for what an older program wrote.
    Column("sequence", BigInteger),
    Column("hash", DIGEST),
)
Index("ix_audit_log_sequence", audit_log.c.organization_id, audit_log.c.sequence, unique=True)
Index("ix_audit_log_created", audit_log.c.organization_id, audit_log.c.created_at.desc(), audit_log.c.id.desc())

# The end of each organization's chain; whoever adds to it locks this row.
audit_heads = Table(
    "audit_heads",
    metadata,
    Column("organization_id", ID, primary_key=True),
    Column("sequence", BigInteger, nullable=False),
    Column("hash", DIGEST, nullable=False),
    # Up to where the chain was looked through last, and found good.
    Column("verified_sequence", BigInteger),
    Column("verified_at", Instant),
)
