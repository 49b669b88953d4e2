"""Second factors, password resets, identity providers, sessions of employees."""

import sqlalchemy as sa
from alembic import op

from seatrial.db.migrations.columns import string

INSTANT = sa.BigInteger()  # milliseconds since 1970, UTC

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
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
