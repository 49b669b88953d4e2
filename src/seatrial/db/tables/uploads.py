"""Uploads before and after they are builds: the keys by which clients know them again."""

from sqlalchemy import Column, ForeignKey, Table

from seatrial.db.tables.base import DIGEST, ID, Instant, metadata

idempotency_keys = Table(
    "idempotency_keys",
    metadata,
    Column("app_id", ID, ForeignKey("apps.id", ondelete="CASCADE"), primary_key=True),
    # Of the principal and the key that it chose: nobody meets another one's keys.
    Column("digest", DIGEST, primary_key=True),
    # Of the request: the same key with another meaning is a mistake of the client.
    Column("meaning", DIGEST, nullable=False),
    # What the request made; it may be gone by now.
    Column("subject", ID, nullable=False, index=True),
    Column("created_at", Instant, nullable=False, index=True),
)
"""Written in the transaction of what the request made: there is one if and only if there is the other."""
