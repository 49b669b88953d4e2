"""Trusted publishing, and rotation of app tokens.

Columns that may be empty or have a constant default are added at once on both databases, whatever the table holds.
"""

import sqlalchemy as sa
from alembic import op

from seatrial.db.migrations.columns import string

INSTANT = sa.BigInteger()  # milliseconds since 1970, UTC

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for column in (
        sa.Column("previous_digest", string(64), nullable=True),
        sa.Column("previous_expires_at", INSTANT, nullable=True),
        sa.Column("publisher_id", string(24), nullable=True),
        sa.Column("vouched", sa.JSON(), server_default="{}", nullable=False),
    ):
        op.add_column("app_tokens", column)
    for name in ("previous_digest", "publisher_id"):
        op.create_index(op.f(f"ix_app_tokens_{name}"), "app_tokens", [name], unique=False)
    op.create_table(
        "trusted_publishers",
        sa.Column("id", string(24), nullable=False),
        sa.Column("organization_id", string(24), nullable=False),
        sa.Column("app_id", string(24), nullable=False),
        sa.Column("name", string(255), nullable=False),
        sa.Column("system", string(16), nullable=False),
        sa.Column("issuer", string(1024), nullable=False),
        sa.Column("audience", string(1024), nullable=False),
        sa.Column("conditions", sa.JSON(), nullable=False),
        sa.Column("last_used_at", INSTANT, nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["app_id"], ["apps.id"], name=op.f("fk_trusted_publishers_app_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organizations.id"],
            name=op.f("fk_trusted_publishers_organization_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trusted_publishers")),
    )
    op.create_index("ix_trusted_publishers_created", "trusted_publishers", ["app_id", "created_at", "id"], unique=False)
    for name in ("organization_id", "issuer"):
        op.create_index(op.f(f"ix_trusted_publishers_{name}"), "trusted_publishers", [name], unique=False)
    op.create_table(
        "spent_identity_tokens",
        sa.Column("digest", string(64), nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_spent_identity_tokens")),
    )
    op.create_index(op.f("ix_spent_identity_tokens_expires_at"), "spent_identity_tokens", ["expires_at"], unique=False)
