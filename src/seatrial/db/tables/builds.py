"""Builds, their tags and files, and the counters that spare lists a scan."""

from sqlalchemy import JSON, BigInteger, Boolean, Column, ForeignKey, Index, Integer, Table, literal_column

from seatrial.db.tables.base import DIGEST, EMPTY, ID, Instant, metadata, string

builds = Table(
    "builds",
    metadata,
    Column("id", ID, primary_key=True),
    Column("organization_id", ID, ForeignKey("organizations.id", ondelete="CASCADE"), nullable=False),
    Column("app_id", ID, ForeignKey("apps.id", ondelete="CASCADE"), nullable=False),
    Column("status", string(16), nullable=False),
    Column("version_name", string(255), nullable=False, default=""),
    Column("version_code", string(255), nullable=False, default=""),
    Column("changelog", string(), nullable=False, default=""),
    Column("info", string()),
    Column("size", BigInteger, nullable=False),
    Column("os", string(32), nullable=False, default=""),
    Column("build_platform", string(32), nullable=False, default=""),
    Column("package_name", string(255), nullable=False, default=""),
    Column("package_version", string(255), nullable=False, default=""),
    Column("queued_ms", BigInteger, nullable=False, default=0),
    Column("process_ms", BigInteger, nullable=False, default=0),
    Column("error", string(), nullable=False, default=""),
    Column("error_code", string(64), nullable=False, default=""),
    Column("warnings", JSON, nullable=False),
    Column("deployer", JSON, nullable=False),
    Column("notification", JSON, nullable=False),
    Column("uploaded_by", JSON, nullable=False),
    Column("original_extension", string(16), nullable=False, default=""),
    Column("storage_provider", JSON, nullable=False),
    Column("metadata", JSON, nullable=False),
    Column("default_scripts", JSON, nullable=False),
    Column("disabled", Boolean, nullable=False, default=False),
    # A processing run is one attempt; the counts below tell a poison build from a server that was restarted.
    Column("attempt", Integer, nullable=False, default=1),
    Column("claims", Integer, nullable=False, default=0),
    Column("parser_deaths", Integer, nullable=False, default=0),
    # When the attempt was first begun, and since when it waits; without that it waits since the upload.
    Column("claimed_at", Instant),
    Column("queued_at", Instant),
    # Where it stands among those that wait: see db/build_queue.py.
    Column("place", Integer, nullable=False, server_default="0"),
    # What is being done to it, as a word; empty where nothing is.
    Column("stage", string(16), nullable=False, server_default=EMPTY),
    # Rises with every change of the build, its tags or its files: whoever shows builds may keep what they rendered.
    Column("revision", Integer, nullable=False, default=1),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    # Of the deployer, where they are short enough to be looked for.
    Column("git_branch", string(255), nullable=False, server_default=EMPTY),
    Column("git_tag", string(255), nullable=False, server_default=EMPTY),
    # Of the app on a device that can update to this build; empty where no device installs the file.
    Column("update_identifier", string(255), nullable=False, server_default=EMPTY),
)
# One way round only: both databases read an index backwards as well as forwards, and so serve either order.
Index("ix_builds_code", builds.c.app_id, builds.c.version_code, builds.c.created_at, builds.c.id)
Index("ix_builds_created", builds.c.app_id, builds.c.created_at, builds.c.id)
Index("ix_builds_os", builds.c.app_id, builds.c.os, builds.c.created_at, builds.c.id)
Index("ix_builds_os_status", builds.c.app_id, builds.c.os, builds.c.status, builds.c.created_at, builds.c.id)
Index("ix_builds_size", builds.c.app_id, builds.c.size, builds.c.created_at, builds.c.id)
Index("ix_builds_status", builds.c.app_id, builds.c.status, builds.c.created_at, builds.c.id)
Index("ix_builds_updated", builds.c.app_id, builds.c.updated_at, builds.c.id)
Index(
    "ix_builds_version",
    builds.c.app_id,
    builds.c.version_name,
    builds.c.created_at,
    builds.c.id,
    builds.c.os,
    builds.c.status,
)
# The few that wait, by whose they are and where they stand.
PENDING = builds.c.status == literal_column("'pending'")
Index("ix_builds_place", builds.c.place, sqlite_where=PENDING, postgresql_where=PENDING)
Index("ix_builds_waiting", builds.c.app_id, builds.c.place, sqlite_where=PENDING, postgresql_where=PENDING)

build_tags = Table(
    "build_tags",
    metadata,
    Column("build_id", ID, ForeignKey("builds.id", ondelete="CASCADE"), primary_key=True),
    Column("tag", string(128), primary_key=True),
    Column("position", Integer, nullable=False),
    Column("app_id", ID, nullable=False),
)
Index("ix_build_tags_tag", build_tags.c.app_id, build_tags.c.tag, build_tags.c.build_id)
# By what publications find a build while it can be given to people: one row for each way, with all that decides which
# one is the newest. No other index has these columns in this order, so no planner can take another way; whatever its
# statistics say, the newest build of a branch is one step to the end of one range.
build_lanes = Table(
    "build_lanes",
    metadata,
    Column("build_id", ID, ForeignKey("builds.id", ondelete="CASCADE"), primary_key=True),
    # One of last, gitBranch, gitTag, tag, with the branch or tag as its value.
    Column("kind", string(16), primary_key=True),
    Column("value", string(255), primary_key=True),
    Column("app_id", ID, nullable=False),
    Column("os", string(32), nullable=False),
    Column("created_at", Instant, nullable=False),
)
Index(
    "ix_build_lanes_newest",
    build_lanes.c.app_id,
    build_lanes.c.kind,
    build_lanes.c.value,
    build_lanes.c.os,
    build_lanes.c.created_at,
    build_lanes.c.build_id,
)

build_files = Table(
    "build_files",
    metadata,
    Column("id", ID, primary_key=True),
    Column("build_id", ID, ForeignKey("builds.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("position", Integer, nullable=False),
    Column("type", string(16), nullable=False),
    Column("description", string(1000), nullable=False, default=""),
    Column("original_name", string(255), nullable=False),
    Column("mimetype", string(255), nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("bucket", string(255), nullable=False),
    Column("key", string(512), nullable=False, index=True),
    Column("region", string(64), nullable=False),
    Column("storage_provider_id", ID, nullable=False),
    Column("checksum", DIGEST, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    # What an attachment turned out to be; none until somebody has looked, and for files that are no attachments.
    Column("details", JSON),
)

# Whether a provider has files, and which come next when they are copied elsewhere.
Index("ix_build_files_provider", build_files.c.storage_provider_id, build_files.c.id)

build_counts = Table(
    "build_counts",
    metadata,
    Column("app_id", ID, ForeignKey("apps.id", ondelete="CASCADE"), primary_key=True),
    Column("status", string(16), primary_key=True),
    Column("os", string(32), primary_key=True),
    Column("builds", BigInteger, nullable=False),
)

build_version_counts = Table(
    "build_version_counts",
    metadata,
    Column("app_id", ID, ForeignKey("apps.id", ondelete="CASCADE"), primary_key=True),
    Column("version_name", string(255), primary_key=True),
    Column("status", string(16), primary_key=True),
    Column("os", string(32), primary_key=True),
    Column("builds", BigInteger, nullable=False),
)
