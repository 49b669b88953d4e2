"""Counters by day, so that curves over time cost no scan."""

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, Table

from seatrial.db.tables.base import ID, metadata

# `day` counts days since 1970 in UTC.
daily_numbers = Table(
    "daily_numbers",
    metadata,
    Column("app_id", ID, ForeignKey("apps.id", ondelete="CASCADE"), primary_key=True),
    Column("day", Integer, primary_key=True),
    Column("organization_id", ID, ForeignKey("organizations.id", ondelete="CASCADE"), nullable=False),
    Column("builds", BigInteger, nullable=False, server_default="0"),
    Column("failures", BigInteger, nullable=False, server_default="0"),
    Column("downloads", BigInteger, nullable=False, server_default="0"),
)
Index(
    "ix_daily_numbers_day",
    daily_numbers.c.organization_id,
    daily_numbers.c.day,
)
