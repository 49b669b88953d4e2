"""How people sign in beyond a password, and where they are signed in outside the dashboard."""

from sqlalchemy import Column, ForeignKey, Index, Table

from seatrial.db.tables.base import DIGEST, ID, Instant, metadata, string

# Sessions of users and employees in the store and in apps' SDKs; `member_id` is of the table that `member_kind` names.
member_sessions = Table(
    "member_sessions",
    metadata,
    Column("id", ID, primary_key=True),
    Column("organization_id", ID, ForeignKey("organizations.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("member_kind", string(16), nullable=False),
    Column("member_id", ID, nullable=False),
    Column("app_id", ID, ForeignKey("apps.id", ondelete="CASCADE"), index=True),
    Column("origin", string(16), nullable=False),
    Column("digest", DIGEST, nullable=False, unique=True),
    Column("user_agent", string(255), nullable=False),
    Column("expires_at", Instant, nullable=False, index=True),
    Column("last_used_at", Instant),
    Column("revoked_at", Instant),
    Column("created_at", Instant, nullable=False),
)
Index("ix_member_sessions_member", member_sessions.c.member_kind, member_sessions.c.member_id)
