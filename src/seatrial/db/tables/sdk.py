"""What came in from the SDKs of apps: that they are there, and what people say in them."""

from sqlalchemy import JSON, BigInteger, Boolean, Column, ForeignKey, Index, Table, text

from seatrial.db.tables.base import DIGEST, EMPTY, ID, LOCAL, Instant, metadata, string
from seatrial.db.tables.builds import builds

UPDATES = "NOT disabled AND update_identifier <> ''"
"""What a build must be to be offered to a device, in the one spelling that the indexes below are found by.

Only processed builds have that identifier. The status is left out: with it, SQLite takes the index by status, and
walks over every build that is disabled."""

for _name, _columns in (
    ("ix_builds_updates", ("app_id", "os", "created_at", "id")),
    ("ix_builds_updates_of", ("app_id", "os", "update_identifier", "created_at", "id")),
):
    Index(
        _name,
        *(builds.c[_column] for _column in _columns),
        sqlite_where=text(UPDATES),
        postgresql_where=text(UPDATES),
    )

# One row for each system of an app: who called in last, written at most once a minute.
sdk_sightings = Table(
    "sdk_sightings",
    metadata,
    Column("app_id", ID, ForeignKey("apps.id", ondelete="CASCADE"), primary_key=True),
    Column("os", string(16), primary_key=True),
    Column("sdk_version", string(64), nullable=False),
    Column("capabilities", JSON, nullable=False),
    Column("package_known", Boolean, nullable=False),
    Column("seen_at", Instant, nullable=False),
)

feedbacks = Table(
    "feedbacks",
    metadata,
    Column("id", ID, primary_key=True),
    Column("organization_id", ID, ForeignKey("organizations.id", ondelete="CASCADE"), nullable=False),
    Column("app_id", ID, ForeignKey("apps.id", ondelete="CASCADE"), nullable=False),
    Column("type", string(16), nullable=False),
    Column("status", string(16), nullable=False),
    Column("message", string(), nullable=False),
    Column("author_type", string(32), nullable=False),
    Column("author", JSON, nullable=False),
    # In lower case, for the filter; empty for nobody.
    Column("author_email", string(256), nullable=False, server_default=EMPTY),
    Column("package", JSON, nullable=False),
    Column("device", JSON, nullable=False),
    Column("sender", JSON, nullable=False),
    # Of a build that may be gone by now.
    Column("build_id", ID, nullable=False, server_default=EMPTY),
    Column("has_video", Boolean, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
)
Index("ix_feedbacks_created", feedbacks.c.app_id, feedbacks.c.created_at, feedbacks.c.id)
Index("ix_feedbacks_updated", feedbacks.c.app_id, feedbacks.c.updated_at, feedbacks.c.id)
Index("ix_feedbacks_status", feedbacks.c.app_id, feedbacks.c.status, feedbacks.c.created_at, feedbacks.c.id)
Index("ix_feedbacks_type", feedbacks.c.app_id, feedbacks.c.type, feedbacks.c.created_at, feedbacks.c.id)
Index("ix_feedbacks_email", feedbacks.c.organization_id, feedbacks.c.author_email, feedbacks.c.created_at)

feedback_files = Table(
    "feedback_files",
    metadata,
    Column("id", ID, primary_key=True),
    Column("feedback_id", ID, ForeignKey("feedbacks.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("organization_id", ID, nullable=False),
    Column("app_id", ID, nullable=False),
    Column("kind", string(16), nullable=False),
    Column("original_name", string(255), nullable=False),
    Column("mimetype", string(255), nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("key", string(512), nullable=False, index=True),
    Column("storage_provider_id", ID, nullable=False, server_default=LOCAL),
    Column("checksum", DIGEST, nullable=False),
    Column("created_at", Instant, nullable=False),
)
