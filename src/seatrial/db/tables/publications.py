"""Publications, the builds that they name, and the audiences that they are for."""

from sqlalchemy import JSON, Boolean, Column, ForeignKey, Index, Integer, Table, false

from seatrial.db.tables.base import EMPTY, ID, Instant, metadata, string

publications = Table(
    "publications",
    metadata,
    Column("id", ID, primary_key=True),
    Column("organization_id", ID, ForeignKey("organizations.id", ondelete="CASCADE"), nullable=False),
    Column("app_id", ID, ForeignKey("apps.id", ondelete="CASCADE"), nullable=False),
    # Unique on the whole server: a publication's page is at `/{slug}`.
    Column("slug", string(128), nullable=False, unique=True),
    Column("security", string(16), nullable=False),
    Column("password_hash", string()),
    Column("visibility", string(16), nullable=False),
    Column("filter_type", string(16), nullable=False),
    Column("filter_value", string(255), nullable=False, server_default=EMPTY),
    # Only these systems; all for the empty list.
    Column("systems", JSON, nullable=False, server_default="[]"),
    Column("tags", JSON, nullable=False, server_default="[]"),
    Column("groups", JSON, nullable=False, server_default="[]"),
    Column("activate_audiences", Boolean, nullable=False, server_default=false()),
    Column("show_history", Boolean, nullable=False, server_default=false()),
    Column("show_dev_info", Boolean, nullable=False, server_default=false()),
    Column("hide_attachments", Boolean, nullable=False, server_default=false()),
    Column("terms_active", Boolean, nullable=False, server_default=false()),
    Column("terms_text", string(), nullable=False, server_default=EMPTY),
    Column("allowed_countries", JSON, nullable=False, server_default="[]"),
    Column("blocked_countries", JSON, nullable=False, server_default="[]"),
    Column("expires_at", Instant),
    Column("looks", JSON, nullable=False, server_default="{}"),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
)
Index("ix_publications_created", publications.c.organization_id, publications.c.created_at, publications.c.id)
Index(
    "ix_publications_filter",
    publications.c.app_id,
    publications.c.filter_type,
    publications.c.filter_value,
    publications.c.created_at,
)

# No foreign key to builds: a publication outlives what it names.
publication_builds = Table(
    "publication_builds",
    metadata,
    Column("publication_id", ID, ForeignKey("publications.id", ondelete="CASCADE"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("build_id", ID, nullable=False, index=True),
    Column("platform", string(32), nullable=False),
    Column("is_listed", Boolean, nullable=False),
)

publication_audiences = Table(
    "publication_audiences",
    metadata,
    Column("publication_id", ID, ForeignKey("publications.id", ondelete="CASCADE"), primary_key=True),
    Column("audience_id", ID, ForeignKey("audiences.id", ondelete="CASCADE"), primary_key=True, index=True),
    Column("position", Integer, nullable=False),
    Column("notify", Boolean, nullable=False),
)
