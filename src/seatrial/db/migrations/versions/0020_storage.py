"""Storage providers, and for every file the one that it is in."""

import sqlalchemy as sa
from alembic import op

from seatrial.db.migrations.columns import string

INSTANT = sa.BigInteger()  # milliseconds since 1970, UTC
LOCAL = sa.text("'6c6f63616c00000000000000'")

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "storage_providers",
        sa.Column("id", string(24), nullable=False),
        sa.Column("organization_id", string(24), nullable=False),
        sa.Column("name", string(255), nullable=False),
        sa.Column("kind", string(16), nullable=False),
        sa.Column("bucket", string(255), nullable=False),
        sa.Column("region", string(64), nullable=False),
        sa.Column("endpoint", string(1024), server_default="", nullable=False),
        sa.Column("prefix", string(255), server_default="", nullable=False),
        sa.Column("access_key", string(255), nullable=False),
        sa.Column("secret", string(), nullable=False),
        sa.Column("virtual_hosted", sa.Boolean(), nullable=False),
        sa.Column("proxy", sa.Boolean(), nullable=False),
        sa.Column("is_default", sa.Boolean(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organizations.id"],
            name=op.f("fk_storage_providers_organization_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_storage_providers")),
    )
    op.create_index(
        op.f("ix_storage_providers_organization_id"), "storage_providers", ["organization_id"], unique=False
    )
    op.add_column("apps", sa.Column("storage_provider_id", string(24), server_default="", nullable=False))
    # A constant default: every file of before is on the server's disk, and no row is written for it.
    for table in ("app_files", "feedback_files", "trash_keys"):
        op.add_column(table, sa.Column("storage_provider_id", string(24), server_default=LOCAL, nullable=False))
    op.create_index("ix_build_files_provider", "build_files", ["storage_provider_id", "id"], unique=False)
