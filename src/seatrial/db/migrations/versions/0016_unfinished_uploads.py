"""Uploads whose bytes come bit by bit."""

import sqlalchemy as sa
from alembic import op

from seatrial.db.migrations.columns import string

INSTANT = sa.BigInteger()  # milliseconds since 1970, UTC

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "unfinished_uploads",
        sa.Column("id", string(24), nullable=False),
        sa.Column("organization_id", string(24), nullable=False),
        sa.Column("app_id", string(24), nullable=False),
        sa.Column("principal_kind", string(32), nullable=False),
        sa.Column("principal_id", string(64), nullable=False),
        sa.Column("length", sa.BigInteger(), nullable=False),
        sa.Column("received", sa.BigInteger(), nullable=False),
        sa.Column("description", string(), nullable=False),
        sa.Column("concatenation", string(16), server_default=sa.text("''"), nullable=False),
        sa.Column("parts", string(), server_default=sa.text("''"), nullable=False),
        sa.Column("claims", sa.JSON(), nullable=False),
        sa.Column("build_id", string(24), nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["app_id"], ["apps.id"], name=op.f("fk_unfinished_uploads_app_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organizations.id"],
            name=op.f("fk_unfinished_uploads_organization_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unfinished_uploads")),
    )
    op.create_index(op.f("ix_unfinished_uploads_app_id"), "unfinished_uploads", ["app_id"], unique=False)
    op.create_index(op.f("ix_unfinished_uploads_expires_at"), "unfinished_uploads", ["expires_at"], unique=False)
