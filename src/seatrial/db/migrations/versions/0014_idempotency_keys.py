"""Keys by which clients know their uploads again."""

import sqlalchemy as sa
from alembic import op

from seatrial.db.migrations.columns import string

INSTANT = sa.BigInteger()  # milliseconds since 1970, UTC

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "idempotency_keys",
        sa.Column("app_id", string(24), nullable=False),
        sa.Column("digest", string(64), nullable=False),
        sa.Column("meaning", string(64), nullable=False),
        sa.Column("subject", string(24), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["app_id"], ["apps.id"], name=op.f("fk_idempotency_keys_app_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("app_id", "digest", name=op.f("pk_idempotency_keys")),
    )
    op.create_index(op.f("ix_idempotency_keys_created_at"), "idempotency_keys", ["created_at"], unique=False)
    op.create_index(op.f("ix_idempotency_keys_subject"), "idempotency_keys", ["subject"], unique=False)
