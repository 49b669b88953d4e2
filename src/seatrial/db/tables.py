"""Every table once, in types that SQLite and PostgreSQL share, and that sort and compare alike on both."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    false,
    text,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeEngine

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


class Instant(TypeDecorator[datetime]):
    """A moment in UTC as whole milliseconds since 1970: exact, sortable and the same on every database."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:  # noqa: ARG002  # SQLAlchemy's
        """Turn a moment into milliseconds."""
        return None if value is None else (value - EPOCH) // _MILLISECOND

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002  # SQLAlchemy's
        """Turn milliseconds into a moment."""
        return None if value is None else EPOCH + int(value) * _MILLISECOND


def string(length: int | None = None) -> TypeEngine[str]:
    """Text that sorts by code points everywhere: as SQLite does, whatever the locale of a PostgreSQL database is.

    Beyond the same pages on both, it keeps indexes valid over an upgrade of the machine's C library.
    """
    kind = Text if length is None else String
    return kind(length).with_variant(kind(length, collation="C"), "postgresql")


ID = string(24)
DIGEST = string(64)
# JSON, not JSONB: people's metadata comes back as they sent it, with its order of keys and its spelling of numbers.
EMPTY = text("''")

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    }
)

organizations = Table(
    "organizations",
    metadata,
    Column("id", ID, primary_key=True),
    Column("name", string(255), nullable=False),
    Column("slug", string(128), nullable=False, unique=True),
    Column("integrations_enabled", Boolean, nullable=False, default=True),
    Column("workspace_enabled", Boolean, nullable=False, default=True),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
)

users = Table(
    "users",
    metadata,
    Column("id", ID, primary_key=True),
    Column("email", string(256), nullable=False, unique=True),
    Column("first_name", string(255), nullable=False, default=""),
    Column("last_name", string(255), nullable=False, default=""),
    Column("picture", string(), nullable=False, default=""),
    Column("password_hash", string(), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
)

memberships = Table(
    "memberships",
    metadata,
    Column("user_id", ID, ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
    Column("organization_id", ID, ForeignKey("organizations.id", ondelete="CASCADE"), primary_key=True),
    Column("role", string(32), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("tags", JSON, nullable=False, server_default="[]"),
    Column("updated_at", Instant),
)

sessions = Table(
    "sessions",
    metadata,
    Column("id", ID, primary_key=True),
    Column("user_id", ID, ForeignKey("users.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("access_digest", DIGEST, nullable=False, unique=True),
    Column("access_expires_at", Instant, nullable=False),
    Column("refresh_digest", DIGEST, nullable=False, unique=True),
    Column("refresh_expires_at", Instant, nullable=False, index=True),
    Column("user_agent", string(255), nullable=False),
    Column("last_used_at", Instant),
    Column("revoked_at", Instant),
    Column("created_at", Instant, nullable=False),
)

# Refresh tokens that were traded in: one that comes back was stolen from somebody, so its session ends.
spent_refresh_tokens = Table(
    "spent_refresh_tokens",
    metadata,
    Column("digest", DIGEST, primary_key=True),
    Column("session_id", ID, ForeignKey("sessions.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("spent_at", Instant, nullable=False),
)

# Logins under way or failed in a window of time, by account and by network address.
login_attempts = Table(
    "login_attempts",
    metadata,
    Column("key", DIGEST, primary_key=True),
    Column("attempts", Integer, nullable=False),
    Column("began_at", Instant, nullable=False, index=True),
)

apps = Table(
    "apps",
    metadata,
    Column("id", ID, primary_key=True),
    Column("organization_id", ID, ForeignKey("organizations.id", ondelete="CASCADE"), nullable=False),
    Column("name", string(255), nullable=False),
    Column("slug", string(128), nullable=False),
    Column("description", string(), nullable=False, default=""),
    Column("picture", string(), nullable=False, default=""),
    Column("notify_collaborators", Boolean, nullable=False, default=False),
    Column("notify_employees", Boolean, nullable=False, default=False),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Column("notify_otp_users", Boolean, nullable=False, server_default=false()),
    Column("notify_feedback", Boolean, nullable=False, server_default=false()),
    Column("new_build_message", string(), nullable=False, server_default=EMPTY),
    Column("notification_language", string(2), nullable=False, server_default=EMPTY),
    Column("build_retention_days", Integer),
    Column("builds_retained_per_publication", Integer),
    Column("metadata", JSON, nullable=False, server_default="{}"),
    Column("default_scripts", JSON, nullable=False, server_default="{}"),
    Column("picture_source", ID, nullable=False, server_default=EMPTY),
    # Ever, those of deleted builds too: a counter, so that showing it costs no scan.
    Column("downloads", BigInteger, nullable=False, server_default="0"),
    Column("last_build_processed_at", Instant),
    UniqueConstraint("organization_id", "slug"),
)

app_files = Table(
    "app_files",
    metadata,
    Column("id", ID, primary_key=True),
    Column("app_id", ID, ForeignKey("apps.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("organization_id", ID, nullable=False),
    Column("original_name", string(255), nullable=False),
    Column("mimetype", string(255), nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("key", string(512), nullable=False, index=True),
    Column("checksum", DIGEST, nullable=False),
    Column("created_at", Instant, nullable=False),
)

app_tokens = Table(
    "app_tokens",
    metadata,
    Column("id", ID, primary_key=True),
    Column("organization_id", ID, ForeignKey("organizations.id", ondelete="CASCADE"), nullable=False),
    Column("app_id", ID, ForeignKey("apps.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("digest", DIGEST, nullable=False, unique=True),
    Column("description", string(1000), nullable=False, default=""),
    Column("scopes", JSON, nullable=False),
    Column("created_by", ID, ForeignKey("users.id", ondelete="SET NULL")),
    Column("expires_at", Instant),
    Column("revoked_at", Instant),
    Column("last_used_at", Instant),
    Column("created_at", Instant, nullable=False),
)

service_accounts = Table(
    "service_accounts",
    metadata,
    Column("id", ID, primary_key=True),
    Column("organization_id", ID, ForeignKey("organizations.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("name", string(255), nullable=False),
    Column("role", string(32), nullable=False),
    Column("digest", DIGEST, nullable=False, unique=True),
    Column("expires_at", Instant),
    Column("revoked_at", Instant),
    Column("last_used_at", Instant),
    Column("created_at", Instant, nullable=False),
    # The secret before the last rotation, for as long as both are good.
    Column("previous_digest", DIGEST, index=True),
    Column("previous_expires_at", Instant),
)

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
    Column("claimed_at", Instant),
    # Rises with every change of the build, its tags or its files: whoever shows builds may keep what they rendered.
    Column("revision", Integer, nullable=False, default=1),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
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

build_tags = Table(
    "build_tags",
    metadata,
    Column("build_id", ID, ForeignKey("builds.id", ondelete="CASCADE"), primary_key=True),
    Column("tag", string(128), primary_key=True),
    Column("position", Integer, nullable=False),
    Column("app_id", ID, nullable=False),
)
Index("ix_build_tags_tag", build_tags.c.app_id, build_tags.c.tag, build_tags.c.build_id)

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

loose_blobs = Table(
    "loose_blobs",
    metadata,
    Column("id", ID, primary_key=True),
    Column("executor_id", string(64), nullable=False, index=True),
    Column("keys", JSON, nullable=False),
    Column("created_at", Instant, nullable=False),
)

signing_keys = Table(
    "signing_keys",
    metadata,
    Column("app_id", ID, ForeignKey("apps.id", ondelete="CASCADE"), primary_key=True),
    *(Column(name, string(n), nullable=False) for name, n in (("origin", 16), ("sha1", 40), ("sha256", 64))),
    *(Column(name, string(), nullable=False) for name in ("subject", "keystore", "password")),
    Column("alias", string(255), nullable=False),
    *(Column(name, Instant, nullable=False) for name in ("not_after", "created_at")),
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
)
Index("ix_audit_log_created", audit_log.c.organization_id, audit_log.c.created_at.desc(), audit_log.c.id.desc())
