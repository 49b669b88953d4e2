"""What is announced and not complete, for quotas to add up."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    announced = sa.text("build_id IS NULL")
    op.create_index(
        "ix_unfinished_uploads_announced",
        "unfinished_uploads",
        ["organization_id", "app_id", "concatenation", "length"],
        unique=False,
        sqlite_where=announced,
        postgresql_where=announced,
    )
