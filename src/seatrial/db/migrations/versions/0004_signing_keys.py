"""The keys that apps' bundles are signed with."""

import sqlalchemy as sa
from alembic import op

from seatrial.db.migrations.columns import string

INSTANT = sa.BigInteger()  # milliseconds since 1970, UTC

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "signing_keys",
        sa.Column("app_id", string(24), nullable=False),
        sa.Column("origin", string(16), nullable=False),
        sa.Column("subject", string(), nullable=False),
        sa.Column("sha1", string(40), nullable=False),
        sa.Column("sha256", string(64), nullable=False),
        sa.Column("not_after", INSTANT, nullable=False),
        sa.Column("alias", string(255), nullable=False),
        sa.Column("keystore", string(), nullable=False),
        sa.Column("password", string(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["app_id"], ["apps.id"], name=op.f("fk_signing_keys_app_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("app_id", name=op.f("pk_signing_keys")),
    )


def downgrade() -> None:
    op.drop_table("signing_keys")
