"""Storage providers of organizations."""

from sqlalchemy import Boolean, Column, ForeignKey, Table

from seatrial.db.tables.base import EMPTY, ID, Instant, metadata, string

# The secret is sealed: whoever reads the database alone cannot read the files.
storage_providers = Table(
    "storage_providers",
    metadata,
    Column("id", ID, primary_key=True),
    Column("organization_id", ID, ForeignKey("organizations.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("name", string(255), nullable=False),
    Column("kind", string(16), nullable=False),
    Column("bucket", string(255), nullable=False),
    Column("region", string(64), nullable=False),
    Column("endpoint", string(1024), nullable=False, server_default=EMPTY),
    Column("prefix", string(255), nullable=False, server_default=EMPTY),
    Column("access_key", string(255), nullable=False),
    Column("secret", string(), nullable=False),
    Column("virtual_hosted", Boolean, nullable=False),
    Column("proxy", Boolean, nullable=False),
    Column("is_default", Boolean, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
)
