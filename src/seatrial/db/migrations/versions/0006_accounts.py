"""Second factors, password resets, identity providers, sessions of employees."""

import sqlalchemy as sa
from alembic import op

from seatrial.db.migrations.columns import string

EMPTY = sa.text("''")
INSTANT = sa.BigInteger()  # milliseconds since 1970, UTC

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _member_sessions()
    _identity_providers()
    _second_factors_and_resets()
    op.add_column(
        "organizations", sa.Column("require_two_factor", sa.Boolean(), server_default=sa.false(), nullable=False)
    )
    op.add_column(
        "organizations", sa.Column("password_sign_in", sa.Boolean(), server_default=sa.true(), nullable=False)
    )
    op.add_column(
        "organizations", sa.Column("custom_login_enabled", sa.Boolean(), server_default=sa.true(), nullable=False)
    )
    op.add_column("sessions", sa.Column("method", string(16), server_default="password", nullable=False))
    op.add_column("users", sa.Column("language", string(2), server_default=EMPTY, nullable=False))


def _member_sessions() -> None:
    op.create_table(
        "member_sessions",
        sa.Column("id", string(24), nullable=False),
        sa.Column("organization_id", string(24), nullable=False),
        sa.Column("member_kind", string(16), nullable=False),
        sa.Column("member_id", string(24), nullable=False),
        sa.Column("app_id", string(24), nullable=True),
        sa.Column("origin", string(16), nullable=False),
        sa.Column("digest", string(64), nullable=False),
        sa.Column("user_agent", string(255), nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.Column("last_used_at", INSTANT, nullable=True),
        sa.Column("revoked_at", INSTANT, nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["app_id"], ["apps.id"], name=op.f("fk_member_sessions_app_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organizations.id"],
            name=op.f("fk_member_sessions_organization_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_member_sessions")),
        sa.UniqueConstraint("digest", name=op.f("uq_member_sessions_digest")),
    )
    op.create_index(op.f("ix_member_sessions_app_id"), "member_sessions", ["app_id"], unique=False)
    op.create_index(op.f("ix_member_sessions_expires_at"), "member_sessions", ["expires_at"], unique=False)
    op.create_index("ix_member_sessions_member", "member_sessions", ["member_kind", "member_id"], unique=False)
    op.create_index(op.f("ix_member_sessions_organization_id"), "member_sessions", ["organization_id"], unique=False)


def _identity_providers() -> None:
    op.create_table(
        "finished_sign_ins",
        sa.Column("digest", string(64), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_finished_sign_ins")),
    )
    op.create_index(op.f("ix_finished_sign_ins_at"), "finished_sign_ins", ["at"], unique=False)
    op.create_table(
        "external_identities",
        sa.Column("organization_id", string(24), nullable=False),
        sa.Column("issuer", string(1024), nullable=False),
        sa.Column("subject", string(255), nullable=False),
        sa.Column("member_kind", string(16), nullable=False),
        sa.Column("member_id", string(24), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organizations.id"],
            name=op.f("fk_external_identities_organization_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("organization_id", "issuer", "subject", name=op.f("pk_external_identities")),
        sa.UniqueConstraint(
            "organization_id", "issuer", "member_kind", "member_id", name="uq_external_identities_member"
        ),
    )
    op.create_table(
        "identity_providers",
        sa.Column("id", string(24), nullable=False),
        sa.Column("organization_id", string(24), nullable=False),
        sa.Column("name", string(255), nullable=False),
        sa.Column("issuer", string(1024), nullable=False),
        sa.Column("client_id", string(1024), nullable=False),
        sa.Column("client_secret", string(), server_default=EMPTY, nullable=False),
        sa.Column("scopes", sa.JSON(), nullable=False),
        sa.Column("groups_claim", string(255), server_default=EMPTY, nullable=False),
        sa.Column("group_mapping", sa.JSON(), nullable=True),
        sa.Column("default_role", string(16), nullable=False),
        sa.Column("kind", string(16), nullable=False),
        sa.Column("allowed_domains", sa.JSON(), server_default="[]", nullable=False),
        sa.Column("allow_sign_up", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("enabled", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("only", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("vouched", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organizations.id"],
            name=op.f("fk_identity_providers_organization_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identity_providers")),
    )
    op.create_index(
        "ix_identity_providers_created", "identity_providers", ["organization_id", "created_at", "id"], unique=False
    )


def _second_factors_and_resets() -> None:
    op.create_table(
        "password_resets",
        sa.Column("digest", string(64), nullable=False),
        sa.Column("member_kind", string(16), nullable=False),
        sa.Column("member_id", string(24), nullable=False),
        sa.Column("organization_id", string(24), nullable=True),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.Column("used_at", INSTANT, nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organizations.id"],
            name=op.f("fk_password_resets_organization_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_password_resets")),
    )
    op.create_index(op.f("ix_password_resets_expires_at"), "password_resets", ["expires_at"], unique=False)
    op.create_index("ix_password_resets_member", "password_resets", ["member_kind", "member_id"], unique=False)
    op.create_index(op.f("ix_password_resets_organization_id"), "password_resets", ["organization_id"], unique=False)
    op.create_table(
        "recovery_codes",
        sa.Column("user_id", string(24), nullable=False),
        sa.Column("digest", string(64), nullable=False),
        sa.Column("used_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_recovery_codes_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("user_id", "digest", name=op.f("pk_recovery_codes")),
    )
    op.create_table(
        "second_factors",
        sa.Column("user_id", string(24), nullable=False),
        sa.Column("secret", string(), nullable=False),
        sa.Column("last_step", sa.BigInteger(), nullable=True),
        sa.Column("confirmed_at", INSTANT, nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_second_factors_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_second_factors")),
    )
