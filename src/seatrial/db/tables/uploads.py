"""Uploads that come bit by bit, and the keys by which clients know theirs again."""

from sqlalchemy import JSON, BigInteger, Column, ForeignKey, Index, Table

from seatrial.db.tables.base import DIGEST, EMPTY, ID, Instant, metadata, string

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

kept_answers = Table(
    "kept_answers",
    metadata,
    Column("organization_id", ID, ForeignKey("organizations.id", ondelete="CASCADE"), primary_key=True),
    Column("digest", DIGEST, primary_key=True),
    Column("meaning", DIGEST, nullable=False),
    # What was answered, where nothing that was made could tell it again.
    Column("answer", JSON, nullable=False),
    Column("created_at", Instant, nullable=False, index=True),
)
"""Keys of requests that belong to no app, likewise."""

unfinished_uploads = Table(
    "unfinished_uploads",
    metadata,
    Column("id", ID, primary_key=True),
    Column("organization_id", ID, ForeignKey("organizations.id", ondelete="CASCADE"), nullable=False),
    Column("app_id", ID, ForeignKey("apps.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("principal_kind", string(32), nullable=False),
    Column("principal_id", string(64), nullable=False),
    Column("length", BigInteger, nullable=False),
    # Bytes that are on the disk for good; whatever the file has beyond is not acknowledged, and written again.
    Column("received", BigInteger, nullable=False, default=0),
    Column("description", string(), nullable=False),
    Column("concatenation", string(16), nullable=False, server_default=EMPTY),
    Column("parts", string(), nullable=False, server_default=EMPTY),
    Column("claims", JSON, nullable=False),
    # Of what became of it; such a row stays for a while, for clients that did not get the last answer.
    Column("build_id", ID),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False, index=True),
)

# What is announced and not complete takes up room in quotas; its sum is read from here alone.
_ANNOUNCED = unfinished_uploads.c.build_id.is_(None)
Index(
    "ix_unfinished_uploads_announced",
    unfinished_uploads.c.organization_id,
    unfinished_uploads.c.app_id,
    unfinished_uploads.c.concatenation,
    unfinished_uploads.c.length,
    sqlite_where=_ANNOUNCED,
    postgresql_where=_ANNOUNCED,
)
