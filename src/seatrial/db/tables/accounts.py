"""Organizations, people with accounts, and the sessions that they work in."""

from sqlalchemy import Boolean, Column, ForeignKey, Integer, Table, false, true

from seatrial.db.tables.base import DIGEST, EMPTY, ID, Instant, metadata, string

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
    Column("require_two_factor", Boolean, nullable=False, server_default=false()),
    # What an identity provider with `only` switches off; kept here because every request of a session asks.
    Column("password_sign_in", Boolean, nullable=False, server_default=true()),
    Column("custom_login_enabled", Boolean, nullable=False, server_default=true()),
    # What counts for apps that choose nothing themselves.
    Column("build_retention_days", Integer),
    Column("builds_retained_per_publication", Integer),
    Column("trash_days", Integer, nullable=False, server_default="30"),
    # Days after which the log of downloads names nobody any more; none where the server's setting counts.
    Column("download_log_days", Integer),
)

users = Table(
    "users",
    metadata,
    Column("id", ID, primary_key=True),
    Column("email", string(256), nullable=False, unique=True),
    Column("first_name", string(255), nullable=False, default=""),
    Column("last_name", string(255), nullable=False, default=""),
    Column("picture", string(), nullable=False, default=""),
    # Empty for who signs in without one.
    Column("password_hash", string(), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Column("language", string(2), nullable=False, server_default=EMPTY),
)

memberships = Table(
    "memberships",
    metadata,
    Column("user_id", ID, ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
    Column("organization_id", ID, ForeignKey("organizations.id", ondelete="CASCADE"), primary_key=True),
    Column("role", string(32), nullable=False),
    Column("created_at", Instant, nullable=False),
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
    # How the person signed in: `password`, or `oidc`, which proves more than a password does.
    Column("method", string(16), nullable=False, server_default="password"),
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
