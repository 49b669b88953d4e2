"""How people sign in beyond a password, and where they are signed in outside the dashboard."""

from sqlalchemy import JSON, BigInteger, Boolean, Column, ForeignKey, Index, Table, UniqueConstraint, false, true

from seatrial.db.tables.base import DIGEST, EMPTY, ID, Instant, metadata, string

# Sessions of users and employees in the store and in apps' SDKs; `member_id` is of the table that `member_kind` names.
member_sessions = Table(
    "member_sessions",
    metadata,
    Column("id", ID, primary_key=True),
    Column("organization_id", ID, ForeignKey("organizations.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("member_kind", string(16), nullable=False),
    Column("member_id", ID, nullable=False),
    Column("app_id", ID, ForeignKey("apps.id", ondelete="CASCADE"), index=True),
    Column("origin", string(16), nullable=False),
    Column("digest", DIGEST, nullable=False, unique=True),
    Column("user_agent", string(255), nullable=False),
    Column("expires_at", Instant, nullable=False, index=True),
    Column("last_used_at", Instant),
    Column("revoked_at", Instant),
    Column("created_at", Instant, nullable=False),
)
Index("ix_member_sessions_member", member_sessions.c.member_kind, member_sessions.c.member_id)

# Secrets of one-time codes, sealed. Not asked for before `confirmed_at`. Of each time step one code counts, once.
second_factors = Table(
    "second_factors",
    metadata,
    Column("user_id", ID, ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
    Column("secret", string(), nullable=False),
    Column("last_step", BigInteger),
    Column("confirmed_at", Instant),
    Column("created_at", Instant, nullable=False),
)

recovery_codes = Table(
    "recovery_codes",
    metadata,
    Column("user_id", ID, ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
    Column("digest", DIGEST, primary_key=True),
    Column("used_at", Instant),
)

# Rights to choose another password, by the digest of the link's secret; `organization_id` is an employee's.
password_resets = Table(
    "password_resets",
    metadata,
    Column("digest", DIGEST, primary_key=True),
    Column("member_kind", string(16), nullable=False),
    Column("member_id", ID, nullable=False),
    Column("organization_id", ID, ForeignKey("organizations.id", ondelete="CASCADE"), index=True),
    Column("expires_at", Instant, nullable=False, index=True),
    Column("used_at", Instant),
    Column("created_at", Instant, nullable=False),
)
Index("ix_password_resets_member", password_resets.c.member_kind, password_resets.c.member_id)

# OpenID providers of organizations; the client's secret is sealed.
identity_providers = Table(
    "identity_providers",
    metadata,
    Column("id", ID, primary_key=True),
    Column("organization_id", ID, ForeignKey("organizations.id", ondelete="CASCADE"), nullable=False),
    Column("name", string(255), nullable=False),
    Column("issuer", string(1024), nullable=False),
    Column("client_id", string(1024), nullable=False),
    Column("client_secret", string(), nullable=False, server_default=EMPTY),
    Column("scopes", JSON, nullable=False),
    Column("groups_claim", string(255), nullable=False, server_default=EMPTY),
    # Values of the claim to names of groups; null: every value is the name of a group.
    Column("group_mapping", JSON),
    Column("default_role", string(16), nullable=False),
    Column("kind", string(16), nullable=False),
    Column("allowed_domains", JSON, nullable=False, server_default="[]"),
    Column("allow_sign_up", Boolean, nullable=False, server_default=false()),
    Column("enabled", Boolean, nullable=False, server_default=true()),
    Column("only", Boolean, nullable=False, server_default=false()),
    # Whether an owner stands behind this issuer: no one else may say who an owner is.
    Column("vouched", Boolean, nullable=False, server_default=false()),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
)
Index(
    "ix_identity_providers_created", *(identity_providers.c[name] for name in ("organization_id", "created_at", "id"))
)

# Whom an issuer means by a subject. The address may change there; the subject does not.
external_identities = Table(
    "external_identities",
    metadata,
    Column("organization_id", ID, ForeignKey("organizations.id", ondelete="CASCADE"), primary_key=True),
    Column("issuer", string(1024), primary_key=True),
    Column("subject", string(255), primary_key=True),
    Column("member_kind", string(16), nullable=False),
    Column("member_id", ID, nullable=False),
    Column("created_at", Instant, nullable=False),
    UniqueConstraint("organization_id", "issuer", "member_kind", "member_id", name="uq_external_identities_member"),
)

# Sign-ins that came back: each one counts once.
finished_sign_ins = Table(
    "finished_sign_ins",
    metadata,
    Column("digest", DIGEST, primary_key=True),
    Column("at", Instant, nullable=False, index=True),
)
