"""How many requests were let in lately, for all nodes together."""

import sqlalchemy as sa
from alembic import op

from seatrial.db.migrations.columns import string

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "request_rates",
        sa.Column("key", string(64), nullable=False),
        sa.Column("moment", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_request_rates")),
    )
    op.create_index(op.f("ix_request_rates_moment"), "request_rates", ["moment"], unique=False)
