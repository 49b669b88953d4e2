"""What apps and organizations take up, and how much they may."""

from sqlalchemy import BigInteger, Column, ForeignKey, Table

from seatrial.db.tables.base import DIGEST, ID, Instant, metadata, string

# Kept in step by the transactions that change what is counted, one row for an app and one for its organization; so a
# limit is held exactly, by the lock on its row, and never by adding up.
usage_counts = Table(
    "usage_counts",
    metadata,
    # An app or an organization.
    Column("owner", ID, primary_key=True),
    # storage, builds, downloadsByMonth.202611
    Column("item", string(32), primary_key=True),
    Column("organization_id", ID, ForeignKey("organizations.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("amount", BigInteger, nullable=False),
    # When the storage of an app was last compared with its files.
    Column("checked_at", Instant),
)

quotas = Table(
    "quotas",
    metadata,
    Column("owner", ID, primary_key=True),
    Column("item", string(32), primary_key=True),
    Column("organization_id", ID, ForeignKey("organizations.id", ondelete="CASCADE"), nullable=False, index=True),
    # By the operator, and by people of the organization; null where nothing was said.
    Column("granted", BigInteger),
    Column("chosen", BigInteger),
)

# Until when the requests of a credential or a network are paid for, in microseconds since 1970.
request_rates = Table(
    "request_rates",
    metadata,
    Column("key", DIGEST, primary_key=True),
    Column("moment", BigInteger, nullable=False, index=True),
)
