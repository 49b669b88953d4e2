"""Settings of the SDK, feedback, and where a download came from."""

import sqlalchemy as sa
from alembic import op

from seatrial.db.migrations.columns import string

EMPTY = sa.text("''")
INSTANT = sa.BigInteger()  # milliseconds since 1970, UTC
UPDATES = sa.text("NOT disabled AND update_identifier <> ''")
PERSONAL = sa.text("personal")

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _sdk()
    _feedback()
    _downloads()


def _sdk() -> None:
    op.create_table(
        "sdk_sightings",
        sa.Column("app_id", string(24), nullable=False),
        sa.Column("os", string(16), nullable=False),
        sa.Column("sdk_version", string(64), nullable=False),
        sa.Column("capabilities", sa.JSON(), nullable=False),
        sa.Column("package_known", sa.Boolean(), nullable=False),
        sa.Column("seen_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["app_id"], ["apps.id"], name=op.f("fk_sdk_sightings_app_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("app_id", "os", name=op.f("pk_sdk_sightings")),
    )
    op.add_column("apps", sa.Column("sdk", sa.JSON(), server_default="{}", nullable=False))
    op.add_column("apps", sa.Column("feedbacks", sa.BigInteger(), server_default="0", nullable=False))
    op.add_column("builds", sa.Column("update_identifier", string(255), server_default=EMPTY, nullable=False))
    _fill()
    op.create_index(
        "ix_builds_updates",
        "builds",
        ["app_id", "os", "created_at", "id"],
        unique=False,
        sqlite_where=UPDATES,
        postgresql_where=UPDATES,
    )
    op.create_index(
        "ix_builds_updates_of",
        "builds",
        ["app_id", "os", "update_identifier", "created_at", "id"],
        unique=False,
        sqlite_where=UPDATES,
        postgresql_where=UPDATES,
    )


def _feedback() -> None:
    op.create_table(
        "feedbacks",
        sa.Column("id", string(24), nullable=False),
        sa.Column("organization_id", string(24), nullable=False),
        sa.Column("app_id", string(24), nullable=False),
        sa.Column("type", string(16), nullable=False),
        sa.Column("status", string(16), nullable=False),
        sa.Column("message", string(), nullable=False),
        sa.Column("author_type", string(32), nullable=False),
        sa.Column("author", sa.JSON(), nullable=False),
        sa.Column("author_email", string(256), server_default=EMPTY, nullable=False),
        sa.Column("package", sa.JSON(), nullable=False),
        sa.Column("device", sa.JSON(), nullable=False),
        sa.Column("sender", sa.JSON(), nullable=False),
        sa.Column("build_id", string(24), server_default=EMPTY, nullable=False),
        sa.Column("has_video", sa.Boolean(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["app_id"], ["apps.id"], name=op.f("fk_feedbacks_app_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_feedbacks_organization_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feedbacks")),
    )
    op.create_index("ix_feedbacks_created", "feedbacks", ["app_id", "created_at", "id"], unique=False)
    op.create_index("ix_feedbacks_email", "feedbacks", ["organization_id", "author_email", "created_at"], unique=False)
    op.create_index("ix_feedbacks_status", "feedbacks", ["app_id", "status", "created_at", "id"], unique=False)
    op.create_index("ix_feedbacks_type", "feedbacks", ["app_id", "type", "created_at", "id"], unique=False)
    op.create_index("ix_feedbacks_updated", "feedbacks", ["app_id", "updated_at", "id"], unique=False)
    op.create_table(
        "feedback_files",
        sa.Column("id", string(24), nullable=False),
        sa.Column("feedback_id", string(24), nullable=False),
        sa.Column("organization_id", string(24), nullable=False),
        sa.Column("app_id", string(24), nullable=False),
        sa.Column("kind", string(16), nullable=False),
        sa.Column("original_name", string(255), nullable=False),
        sa.Column("mimetype", string(255), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("key", string(512), nullable=False),
        sa.Column("checksum", string(64), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["feedback_id"], ["feedbacks.id"], name=op.f("fk_feedback_files_feedback_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feedback_files")),
    )
    op.create_index(op.f("ix_feedback_files_feedback_id"), "feedback_files", ["feedback_id"], unique=False)
    op.create_index(op.f("ix_feedback_files_key"), "feedback_files", ["key"], unique=False)


def _downloads() -> None:
    op.add_column("download_tokens", sa.Column("device", sa.JSON(), server_default="{}", nullable=False))
    op.add_column("download_tokens", sa.Column("recorded_at", INSTANT, nullable=True))
    op.add_column("downloads", sa.Column("address", string(45), server_default=EMPTY, nullable=False))
    op.add_column("downloads", sa.Column("user_agent", string(255), server_default=EMPTY, nullable=False))
    op.add_column("downloads", sa.Column("device", sa.JSON(), server_default="{}", nullable=False))
    op.add_column("downloads", sa.Column("personal", sa.Boolean(), server_default=sa.true(), nullable=False))
    op.create_index("ix_downloads_app", "downloads", ["app_id", "created_at", "id"], unique=False)
    op.create_index("ix_downloads_email", "downloads", ["organization_id", "member_email", "created_at"], unique=False)
    op.create_index(
        "ix_downloads_personal",
        "downloads",
        ["organization_id", "created_at"],
        unique=False,
        sqlite_where=PERSONAL,
        postgresql_where=PERSONAL,
    )
    op.add_column("organizations", sa.Column("download_log_days", sa.Integer(), nullable=True))


def _fill() -> None:
    """Say of the builds that are there what processing says of new ones; the form of `info` is of this moment."""
    if op.get_bind().dialect.name == "postgresql":
        identifier, form = "info::json ->> 'identifier'", "info::json ->> 'format'"
    else:
        identifier, form = "json_extract(info, '$.identifier')", "json_extract(info, '$.format')"
    has_package = "EXISTS (SELECT 1 FROM build_files WHERE build_id = builds.id AND build_files.type = 'package')"
    op.execute(
        f"UPDATE builds SET update_identifier = {identifier} "  # noqa: S608  # words of this file
        "WHERE status = 'processed' AND info IS NOT NULL "
        f"AND length({identifier}) BETWEEN 1 AND 255 AND ((os = 'ios' AND {form} = 'ipa') OR (os = 'android' "
        f"AND ({form} = 'apk' OR ({form} = 'aab' AND {has_package}))))"
    )
