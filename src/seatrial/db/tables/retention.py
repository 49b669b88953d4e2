"""Pins, the trash, when rules were last applied, and who has taken which turn of what happens once in a while."""

from sqlalchemy import JSON, BigInteger, Column, ForeignKey, Index, Integer, Table

from seatrial.db.tables.base import EMPTY, ID, LOCAL, Instant, metadata, string

build_pins = Table(
    "build_pins",
    metadata,
    Column("build_id", ID, ForeignKey("builds.id", ondelete="CASCADE"), primary_key=True),
    Column("reason", string(1000), nullable=False),
    Column("pinned_by", JSON, nullable=False),
    Column("pinned_at", Instant, nullable=False),
)

# What is shown of a removed build. The build itself is in no table that anybody else reads.
trash = Table(
    "trash",
    metadata,
    Column("build_id", ID, primary_key=True),
    Column("organization_id", ID, ForeignKey("organizations.id", ondelete="CASCADE"), nullable=False),
    Column("app_id", ID, ForeignKey("apps.id", ondelete="CASCADE"), nullable=False),
    Column("version_name", string(255), nullable=False),
    Column("version_code", string(255), nullable=False),
    Column("os", string(32), nullable=False),
    Column("status", string(16), nullable=False),
    Column("bytes", BigInteger, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("reason", string(16), nullable=False),
    Column("sentence", string(), nullable=False, server_default=EMPTY),
    Column("trashed_by", JSON, nullable=False),
    Column("trashed_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False, index=True),
)
Index("ix_trash_trashed", trash.c.app_id, trash.c.trashed_at, trash.c.build_id)

# The rows of a removed build as they were, of every table that hangs on builds, some hundred to a row.
trash_rows = Table(
    "trash_rows",
    metadata,
    Column("build_id", ID, ForeignKey("trash.build_id", ondelete="CASCADE"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("table_name", string(64), nullable=False),
    Column("content", string(), nullable=False),
)

# The object keys that still belong to it.
trash_keys = Table(
    "trash_keys",
    metadata,
    Column("build_id", ID, ForeignKey("trash.build_id", ondelete="CASCADE"), primary_key=True),
    Column("key", string(512), primary_key=True, index=True),
    Column("storage_provider_id", ID, nullable=False, server_default=LOCAL),
)

retention_runs = Table(
    "retention_runs",
    metadata,
    Column("app_id", ID, ForeignKey("apps.id", ondelete="CASCADE"), primary_key=True),
    # The night whose run is done; null where only people have run it.
    Column("night", Instant),
    Column("started_at", Instant, nullable=False),
    Column("finished_at", Instant, nullable=False),
    Column("builds", Integer, nullable=False),
    Column("bytes", BigInteger, nullable=False),
)

schedules = Table(
    "schedules",
    metadata,
    Column("name", string(64), primary_key=True),
    Column("period_start", Instant, nullable=False),
    Column("executor_id", string(64), nullable=False),
    Column("claimed_at", Instant, nullable=False),
    Column("finished_at", Instant),
)
