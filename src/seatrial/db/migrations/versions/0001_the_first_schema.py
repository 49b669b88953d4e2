"""The first schema."""

import sqlalchemy as sa
from alembic import op

from seatrial.db.migrations.columns import string

INSTANT = sa.BigInteger()  # milliseconds since 1970, UTC

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "audit_log",
        sa.Column("id", string(24), nullable=False),
        sa.Column("organization_id", string(24), nullable=False),
        sa.Column("app_id", string(24), nullable=True),
        sa.Column("principal_kind", string(32), nullable=False),
        sa.Column("principal_id", string(64), nullable=False),
        sa.Column("action", string(64), nullable=False),
        sa.Column("target_id", string(64), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_log")),
    )
    op.create_index(
        "ix_audit_log_created",
        "audit_log",
        ["organization_id", sa.literal_column("created_at DESC"), sa.literal_column("id DESC")],
        unique=False,
    )
    op.create_table(
        "download_tokens",
        sa.Column("digest", string(64), nullable=False),
        sa.Column("organization_id", string(24), nullable=False),
        sa.Column("app_id", string(24), nullable=False),
        sa.Column("build_id", string(24), nullable=False),
        sa.Column("file_id", string(24), nullable=True),
        sa.Column("type", string(8), nullable=False),
        sa.Column("origin", string(32), nullable=False),
        sa.Column("member_type", string(32), nullable=False),
        sa.Column("member", sa.JSON(), nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.Column("used_at", INSTANT, nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_download_tokens")),
    )
    op.create_index(op.f("ix_download_tokens_build_id"), "download_tokens", ["build_id"], unique=False)
    op.create_index(op.f("ix_download_tokens_expires_at"), "download_tokens", ["expires_at"], unique=False)
    op.create_table(
        "executors",
        sa.Column("id", string(64), nullable=False),
        sa.Column("host", string(255), nullable=False),
        sa.Column("role", string(16), nullable=False),
        sa.Column("started_at", INSTANT, nullable=False),
        sa.Column("beat_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_executors")),
    )
    op.create_table(
        "loose_blobs",
        sa.Column("id", string(24), nullable=False),
        sa.Column("executor_id", string(64), nullable=False),
        sa.Column("keys", sa.JSON(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_loose_blobs")),
    )
    op.create_index(op.f("ix_loose_blobs_executor_id"), "loose_blobs", ["executor_id"], unique=False)
    op.create_table(
        "organizations",
        sa.Column("id", string(24), nullable=False),
        sa.Column("name", string(255), nullable=False),
        sa.Column("slug", string(128), nullable=False),
        sa.Column("integrations_enabled", sa.Boolean(), nullable=False),
        sa.Column("workspace_enabled", sa.Boolean(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organizations")),
        sa.UniqueConstraint("slug", name=op.f("uq_organizations_slug")),
    )
    op.create_table(
        "users",
        sa.Column("id", string(24), nullable=False),
        sa.Column("email", string(256), nullable=False),
        sa.Column("first_name", string(255), nullable=False),
        sa.Column("last_name", string(255), nullable=False),
        sa.Column("picture", string(), nullable=False),
        sa.Column("password_hash", string(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
        sa.UniqueConstraint("email", name=op.f("uq_users_email")),
    )
    op.create_table(
        "apps",
        sa.Column("id", string(24), nullable=False),
        sa.Column("organization_id", string(24), nullable=False),
        sa.Column("name", string(255), nullable=False),
        sa.Column("slug", string(128), nullable=False),
        sa.Column("description", string(), nullable=False),
        sa.Column("picture", string(), nullable=False),
        sa.Column("notify_collaborators", sa.Boolean(), nullable=False),
        sa.Column("notify_employees", sa.Boolean(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_apps_organization_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_apps")),
        sa.UniqueConstraint("organization_id", "slug", name=op.f("uq_apps_organization_id_slug")),
    )
    op.create_table(
        "memberships",
        sa.Column("user_id", string(24), nullable=False),
        sa.Column("organization_id", string(24), nullable=False),
        sa.Column("role", string(32), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_memberships_organization_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_memberships_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("user_id", "organization_id", name=op.f("pk_memberships")),
    )
    op.create_table(
        "service_accounts",
        sa.Column("id", string(24), nullable=False),
        sa.Column("organization_id", string(24), nullable=False),
        sa.Column("name", string(255), nullable=False),
        sa.Column("role", string(32), nullable=False),
        sa.Column("digest", string(64), nullable=False),
        sa.Column("expires_at", INSTANT, nullable=True),
        sa.Column("revoked_at", INSTANT, nullable=True),
        sa.Column("last_used_at", INSTANT, nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organizations.id"],
            name=op.f("fk_service_accounts_organization_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_accounts")),
        sa.UniqueConstraint("digest", name=op.f("uq_service_accounts_digest")),
    )
    op.create_index(op.f("ix_service_accounts_organization_id"), "service_accounts", ["organization_id"], unique=False)
    op.create_table(
        "app_tokens",
        sa.Column("id", string(24), nullable=False),
        sa.Column("organization_id", string(24), nullable=False),
        sa.Column("app_id", string(24), nullable=False),
        sa.Column("digest", string(64), nullable=False),
        sa.Column("description", string(1000), nullable=False),
        sa.Column("scopes", sa.JSON(), nullable=False),
        sa.Column("created_by", string(24), nullable=True),
        sa.Column("expires_at", INSTANT, nullable=True),
        sa.Column("revoked_at", INSTANT, nullable=True),
        sa.Column("last_used_at", INSTANT, nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["app_id"], ["apps.id"], name=op.f("fk_app_tokens_app_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["created_by"], ["users.id"], name=op.f("fk_app_tokens_created_by"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_app_tokens_organization_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_app_tokens")),
        sa.UniqueConstraint("digest", name=op.f("uq_app_tokens_digest")),
    )
    op.create_index(op.f("ix_app_tokens_app_id"), "app_tokens", ["app_id"], unique=False)
    op.create_table(
        "build_counts",
        sa.Column("app_id", string(24), nullable=False),
        sa.Column("status", string(16), nullable=False),
        sa.Column("os", string(32), nullable=False),
        sa.Column("builds", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["app_id"], ["apps.id"], name=op.f("fk_build_counts_app_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("app_id", "status", "os", name=op.f("pk_build_counts")),
    )
    op.create_table(
        "build_version_counts",
        sa.Column("app_id", string(24), nullable=False),
        sa.Column("version_name", string(255), nullable=False),
        sa.Column("status", string(16), nullable=False),
        sa.Column("os", string(32), nullable=False),
        sa.Column("builds", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["app_id"], ["apps.id"], name=op.f("fk_build_version_counts_app_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("app_id", "version_name", "status", "os", name=op.f("pk_build_version_counts")),
    )
    op.create_table(
        "builds",
        sa.Column("id", string(24), nullable=False),
        sa.Column("organization_id", string(24), nullable=False),
        sa.Column("app_id", string(24), nullable=False),
        sa.Column("status", string(16), nullable=False),
        sa.Column("version_name", string(255), nullable=False),
        sa.Column("version_code", string(255), nullable=False),
        sa.Column("changelog", string(), nullable=False),
        sa.Column("info", string(), nullable=True),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("os", string(32), nullable=False),
        sa.Column("build_platform", string(32), nullable=False),
        sa.Column("package_name", string(255), nullable=False),
        sa.Column("package_version", string(255), nullable=False),
        sa.Column("queued_ms", sa.BigInteger(), nullable=False),
        sa.Column("process_ms", sa.BigInteger(), nullable=False),
        sa.Column("error", string(), nullable=False),
        sa.Column("error_code", string(64), nullable=False),
        sa.Column("warnings", sa.JSON(), nullable=False),
        sa.Column("deployer", sa.JSON(), nullable=False),
        sa.Column("notification", sa.JSON(), nullable=False),
        sa.Column("uploaded_by", sa.JSON(), nullable=False),
        sa.Column("original_extension", string(16), nullable=False),
        sa.Column("storage_provider", sa.JSON(), nullable=False),
        sa.Column("metadata", sa.JSON(), nullable=False),
        sa.Column("default_scripts", sa.JSON(), nullable=False),
        sa.Column("disabled", sa.Boolean(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("claims", sa.Integer(), nullable=False),
        sa.Column("parser_deaths", sa.Integer(), nullable=False),
        sa.Column("claimed_at", INSTANT, nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["app_id"], ["apps.id"], name=op.f("fk_builds_app_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_builds_organization_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_builds")),
    )
    op.create_index("ix_builds_code", "builds", ["app_id", "version_code", "created_at", "id"], unique=False)
    op.create_index("ix_builds_created", "builds", ["app_id", "created_at", "id"], unique=False)
    op.create_index("ix_builds_os", "builds", ["app_id", "os", "created_at", "id"], unique=False)
    op.create_index("ix_builds_os_status", "builds", ["app_id", "os", "status", "created_at", "id"], unique=False)
    op.create_index("ix_builds_size", "builds", ["app_id", "size", "created_at", "id"], unique=False)
    op.create_index("ix_builds_status", "builds", ["app_id", "status", "created_at", "id"], unique=False)
    op.create_index("ix_builds_updated", "builds", ["app_id", "updated_at", "id"], unique=False)
    op.create_index(
        "ix_builds_version", "builds", ["app_id", "version_name", "created_at", "id", "os", "status"], unique=False
    )
    op.create_table(
        "build_files",
        sa.Column("id", string(24), nullable=False),
        sa.Column("build_id", string(24), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("type", string(16), nullable=False),
        sa.Column("description", string(1000), nullable=False),
        sa.Column("original_name", string(255), nullable=False),
        sa.Column("mimetype", string(255), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("bucket", string(255), nullable=False),
        sa.Column("key", string(512), nullable=False),
        sa.Column("region", string(64), nullable=False),
        sa.Column("storage_provider_id", string(24), nullable=False),
        sa.Column("checksum", string(64), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["build_id"], ["builds.id"], name=op.f("fk_build_files_build_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_build_files")),
    )
    op.create_index(op.f("ix_build_files_build_id"), "build_files", ["build_id"], unique=False)
    op.create_index(op.f("ix_build_files_key"), "build_files", ["key"], unique=False)
    op.create_table(
        "build_tags",
        sa.Column("build_id", string(24), nullable=False),
        sa.Column("tag", string(128), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("app_id", string(24), nullable=False),
        sa.ForeignKeyConstraint(["build_id"], ["builds.id"], name=op.f("fk_build_tags_build_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("build_id", "tag", name=op.f("pk_build_tags")),
    )
    op.create_index("ix_build_tags_tag", "build_tags", ["app_id", "tag", "build_id"], unique=False)
    op.create_table(
        "downloads",
        sa.Column("id", string(24), nullable=False),
        sa.Column("organization_id", string(24), nullable=False),
        sa.Column("app_id", string(24), nullable=False),
        sa.Column("build_id", string(24), nullable=False),
        sa.Column("file_id", string(24), nullable=False),
        sa.Column("origin", string(32), nullable=False),
        sa.Column("member_type", string(32), nullable=False),
        sa.Column("member", sa.JSON(), nullable=False),
        sa.Column("member_email", string(256), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["build_id"], ["builds.id"], name=op.f("fk_downloads_build_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_downloads")),
    )
    op.create_index(
        "ix_downloads_created",
        "downloads",
        ["build_id", sa.literal_column("created_at DESC"), sa.literal_column("id DESC")],
        unique=False,
    )


def downgrade() -> None:
    op.drop_index("ix_downloads_created", table_name="downloads")
    op.drop_table("downloads")
    op.drop_index("ix_build_tags_tag", table_name="build_tags")
    op.drop_table("build_tags")
    op.drop_index(op.f("ix_build_files_key"), table_name="build_files")
    op.drop_index(op.f("ix_build_files_build_id"), table_name="build_files")
    op.drop_table("build_files")
    op.drop_index("ix_builds_version", table_name="builds")
    op.drop_index("ix_builds_updated", table_name="builds")
    op.drop_index("ix_builds_status", table_name="builds")
    op.drop_index("ix_builds_size", table_name="builds")
    op.drop_index("ix_builds_os_status", table_name="builds")
    op.drop_index("ix_builds_os", table_name="builds")
    op.drop_index("ix_builds_created", table_name="builds")
    op.drop_index("ix_builds_code", table_name="builds")
    op.drop_table("builds")
    op.drop_table("build_version_counts")
    op.drop_table("build_counts")
    op.drop_index(op.f("ix_app_tokens_app_id"), table_name="app_tokens")
    op.drop_table("app_tokens")
    op.drop_index(op.f("ix_service_accounts_organization_id"), table_name="service_accounts")
    op.drop_table("service_accounts")
    op.drop_table("memberships")
    op.drop_table("apps")
    op.drop_table("users")
    op.drop_table("organizations")
    op.drop_index(op.f("ix_loose_blobs_executor_id"), table_name="loose_blobs")
    op.drop_table("loose_blobs")
    op.drop_table("executors")
    op.drop_index(op.f("ix_download_tokens_expires_at"), table_name="download_tokens")
    op.drop_index(op.f("ix_download_tokens_build_id"), table_name="download_tokens")
    op.drop_table("download_tokens")
    op.drop_index("ix_audit_log_created", table_name="audit_log")
    op.drop_table("audit_log")
