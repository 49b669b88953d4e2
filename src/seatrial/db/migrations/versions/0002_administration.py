"""Sessions, what an app keeps of its own, and the rotation of service accounts."""

import sqlalchemy as sa
from alembic import op

from seatrial.db.migrations.columns import string

EMPTY = sa.text("''")
INSTANT = sa.BigInteger()  # milliseconds since 1970, UTC

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _sessions()
    _apps()
    op.add_column("memberships", sa.Column("tags", sa.JSON(), nullable=False, server_default="[]"))
    op.add_column("memberships", sa.Column("updated_at", INSTANT, nullable=True))
    op.add_column("service_accounts", sa.Column("previous_digest", string(64), nullable=True))
    op.add_column("service_accounts", sa.Column("previous_expires_at", INSTANT, nullable=True))
    op.create_index(op.f("ix_service_accounts_previous_digest"), "service_accounts", ["previous_digest"], unique=False)


def _sessions() -> None:
    op.create_table(
        "sessions",
        sa.Column("id", string(24), nullable=False),
        sa.Column("user_id", string(24), nullable=False),
        sa.Column("access_digest", string(64), nullable=False),
        sa.Column("access_expires_at", INSTANT, nullable=False),
        sa.Column("refresh_digest", string(64), nullable=False),
        sa.Column("refresh_expires_at", INSTANT, nullable=False),
        sa.Column("user_agent", string(255), nullable=False),
        sa.Column("last_used_at", INSTANT, nullable=True),
        sa.Column("revoked_at", INSTANT, nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_sessions_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sessions")),
        sa.UniqueConstraint("access_digest", name=op.f("uq_sessions_access_digest")),
        sa.UniqueConstraint("refresh_digest", name=op.f("uq_sessions_refresh_digest")),
    )
    op.create_index(op.f("ix_sessions_user_id"), "sessions", ["user_id"], unique=False)
    op.create_index(op.f("ix_sessions_refresh_expires_at"), "sessions", ["refresh_expires_at"], unique=False)
    op.create_table(
        "spent_refresh_tokens",
        sa.Column("digest", string(64), nullable=False),
        sa.Column("session_id", string(24), nullable=False),
        sa.Column("spent_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["session_id"], ["sessions.id"], name=op.f("fk_spent_refresh_tokens_session_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_spent_refresh_tokens")),
    )
    op.create_index(op.f("ix_spent_refresh_tokens_session_id"), "spent_refresh_tokens", ["session_id"], unique=False)
    op.create_table(
        "login_attempts",
        sa.Column("key", string(64), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("began_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_login_attempts")),
    )
    op.create_index(op.f("ix_login_attempts_began_at"), "login_attempts", ["began_at"], unique=False)


def _apps() -> None:
    for column in (
        sa.Column("notify_otp_users", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("notify_feedback", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("new_build_message", string(), nullable=False, server_default=EMPTY),
        sa.Column("notification_language", string(2), nullable=False, server_default=EMPTY),
        sa.Column("build_retention_days", sa.Integer(), nullable=True),
        sa.Column("builds_retained_per_publication", sa.Integer(), nullable=True),
        sa.Column("metadata", sa.JSON(), nullable=False, server_default="{}"),
        sa.Column("default_scripts", sa.JSON(), nullable=False, server_default="{}"),
        sa.Column("picture_source", string(24), nullable=False, server_default=EMPTY),
        sa.Column("downloads", sa.BigInteger(), nullable=False, server_default="0"),
        sa.Column("last_build_processed_at", INSTANT, nullable=True),
    ):
        op.add_column("apps", column)
    # Counted once here; from now on each download counts itself.
    op.execute("UPDATE apps SET downloads = (SELECT count(*) FROM downloads WHERE downloads.app_id = apps.id)")
    op.execute(
        "UPDATE apps SET last_build_processed_at = (SELECT max(created_at + queued_ms + process_ms) FROM builds "
        "WHERE builds.app_id = apps.id AND builds.status = 'processed')"
    )
    op.create_table(
        "app_files",
        sa.Column("id", string(24), nullable=False),
        sa.Column("app_id", string(24), nullable=False),
        sa.Column("organization_id", string(24), nullable=False),
        sa.Column("original_name", string(255), nullable=False),
        sa.Column("mimetype", string(255), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("key", string(512), nullable=False),
        sa.Column("checksum", string(64), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["app_id"], ["apps.id"], name=op.f("fk_app_files_app_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_app_files")),
    )
    op.create_index(op.f("ix_app_files_app_id"), "app_files", ["app_id"], unique=False)
    op.create_index(op.f("ix_app_files_key"), "app_files", ["key"], unique=False)
