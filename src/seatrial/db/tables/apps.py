"""Apps, their files, and the credentials made for them."""

from sqlalchemy import JSON, BigInteger, Boolean, Column, ForeignKey, Integer, Table, UniqueConstraint, false

from seatrial.db.tables.base import DIGEST, EMPTY, ID, LOCAL, Instant, metadata, string

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
    # What the SDK is told, by system.
    Column("sdk", JSON, nullable=False, server_default="{}"),
    Column("feedbacks", BigInteger, nullable=False, server_default="0"),
    # Where its new files go; empty: where the organization's go.
    Column("storage_provider_id", ID, nullable=False, server_default=EMPTY),
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
    Column("storage_provider_id", ID, nullable=False, server_default=LOCAL),
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
    # The secret before the last rotation, for as long as both are good.
    Column("previous_digest", DIGEST, index=True),
    Column("previous_expires_at", Instant),
    # Of a token that an identity token was traded in for: by which rule, and what that proved.
    Column("publisher_id", ID, index=True),
    Column("vouched", JSON, nullable=False, server_default="{}"),
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

signing_keys = Table(
    "signing_keys",
    metadata,
    Column("app_id", ID, ForeignKey("apps.id", ondelete="CASCADE"), primary_key=True),
    *(Column(name, string(n), nullable=False) for name, n in (("origin", 16), ("sha1", 40), ("sha256", 64))),
    *(Column(name, string(), nullable=False) for name in ("subject", "keystore", "password")),
    Column("alias", string(255), nullable=False),
    *(Column(name, Instant, nullable=False) for name in ("not_after", "created_at")),
)
