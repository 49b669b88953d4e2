"""Download tokens, and the record of what was downloaded."""

from sqlalchemy import JSON, Boolean, Column, ForeignKey, Index, Table, text, true

from seatrial.db.tables.base import DIGEST, EMPTY, ID, Instant, metadata, string

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
    Column("device", JSON, nullable=False, server_default="{}"),
    # When an Apple device read the manifest of a token that nobody had redeemed: its SDK goes there directly.
    Column("recorded_at", Instant),
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
    Column("address", string(45), nullable=False, server_default=EMPTY),
    Column("user_agent", string(255), nullable=False, server_default=EMPTY),
    Column("device", JSON, nullable=False, server_default="{}"),
    # False once nothing in it leads to a person any more.
    Column("personal", Boolean, nullable=False, server_default=true()),
)
Index("ix_downloads_created", downloads.c.build_id, downloads.c.created_at.desc(), downloads.c.id.desc())
Index("ix_downloads_app", downloads.c.app_id, downloads.c.created_at, downloads.c.id)
Index("ix_downloads_email", downloads.c.organization_id, downloads.c.member_email, downloads.c.created_at)

PERSONAL = "personal"
"""In the one spelling in which both databases find the index on what is still to be blanked."""
Index(
    "ix_downloads_personal",
    downloads.c.organization_id,
    downloads.c.created_at,
    sqlite_where=text(PERSONAL),
    postgresql_where=text(PERSONAL),
)
