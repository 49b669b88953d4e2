"""Download tokens, and the record of what was downloaded."""

from sqlalchemy import JSON, Column, ForeignKey, Index, Table

from seatrial.db.tables.base import DIGEST, ID, Instant, metadata, string

download_tokens = Table(
    "download_tokens",
    metadata,
    Column("digest", DIGEST, primary_key=True),
    Column("organization_id", ID, nullable=False),
    Column("app_id", ID, nullable=False),
    Column("build_id", ID, nullable=False, index=True),
    Column("file_id", ID),
    Column("type", string(8), nullable=False),
    Column("origin", string(32), nullable=False),
    Column("member_type", string(32), nullable=False),
    Column("member", JSON, nullable=False),
    Column("expires_at", Instant, nullable=False, index=True),
    Column("used_at", Instant),
    Column("created_at", Instant, nullable=False),
)

downloads = Table(
    "downloads",
    metadata,
    Column("id", ID, primary_key=True),
    Column("organization_id", ID, nullable=False),
    Column("app_id", ID, nullable=False),
    Column("build_id", ID, ForeignKey("builds.id", ondelete="CASCADE"), nullable=False),
    Column("file_id", ID, nullable=False),
    Column("origin", string(32), nullable=False),
    Column("member_type", string(32), nullable=False),
    Column("member", JSON, nullable=False),
    Column("member_email", string(256), nullable=False, default=""),
    Column("created_at", Instant, nullable=False),
)
Index("ix_downloads_created", downloads.c.build_id, downloads.c.created_at.desc(), downloads.c.id.desc())
