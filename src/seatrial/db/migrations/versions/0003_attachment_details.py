"""What attachments turned out to be.

A column without a default is added at once on both databases, whatever the table holds. A program of the version
before goes on writing files without it.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("build_files", sa.Column("details", sa.JSON(), nullable=True))
