"""Builds that wait take turns between the apps, and may wait a second time."""

import sqlalchemy as sa
from alembic import op

INSTANT = sa.BigInteger()  # milliseconds since 1970, UTC

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Those that wait now stay before all others: 0 is the front.
    op.add_column("builds", sa.Column("queued_at", INSTANT, nullable=True))
    op.add_column("builds", sa.Column("place", sa.Integer(), server_default="0", nullable=False))
    waiting = sa.text("status = 'pending'")
    for name, columns in (("ix_builds_place", ["place"]), ("ix_builds_waiting", ["app_id", "place"])):
        op.create_index(name, "builds", columns, unique=False, sqlite_where=waiting, postgresql_where=waiting)
