"""Testers' devices, and the challenges that made them known."""

from sqlalchemy import Boolean, Column, ForeignKey, Index, Table, UniqueConstraint, false

from seatrial.db.tables.base import DIGEST, EMPTY, ID, Instant, metadata, string

# Whose it is: an employee, a user, or nobody who was signed in; it goes with either of them.
known_devices = Table(
    "known_devices",
    metadata,
    Column("id", ID, primary_key=True),
    Column("organization_id", ID, ForeignKey("organizations.id", ondelete="CASCADE"), nullable=False),
    Column("udid", string(64), nullable=False),
    Column("product", string(64), nullable=False, server_default=EMPTY),
    Column("os_build", string(64), nullable=False, server_default=EMPTY),
    Column("os_version", string(32), nullable=False, server_default=EMPTY),
    Column("serial", string(64), nullable=False, server_default=EMPTY),
    Column("name", string(255), nullable=False, server_default=EMPTY),
    Column("employee_id", ID, ForeignKey("employees.id", ondelete="CASCADE"), index=True),
    Column("user_id", ID, ForeignKey("users.id", ondelete="CASCADE"), index=True),
    Column("app_id", ID, ForeignKey("apps.id", ondelete="SET NULL"), index=True),
    Column("is_proven", Boolean, nullable=False, server_default=false()),
    Column("last_seen_at", Instant, nullable=False),
    Column("created_at", Instant, nullable=False),
    UniqueConstraint("organization_id", "udid"),
)
Index(
    "ix_known_devices_created",
    known_devices.c.organization_id,
    known_devices.c.created_at,
    known_devices.c.id,
)

# A challenge is good for one device: that one may say it again, as a phone does whose connection broke.
device_challenges = Table(
    "device_challenges",
    metadata,
    Column("digest", DIGEST, primary_key=True),
    Column("udid", string(64), nullable=False),
    Column("expires_at", Instant, nullable=False, index=True),
)
