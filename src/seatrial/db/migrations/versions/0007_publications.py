"""Publications, and what finds a build for them: its branch and git tag as columns, and tags that know its state.

What is new in old tables has a default or may be null, so a program of the version before goes on writing into them.
"""

import sqlalchemy as sa
from alembic import op

from seatrial.db.migrations.columns import string

EMPTY = sa.text("''")
INSTANT = sa.BigInteger()  # milliseconds since 1970, UTC
LIVE = "status = 'processed' AND NOT disabled"
LONGEST = 255

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _publications()
    _what_belongs_to_them()
    _columns_of_builds()
    _tags_that_follow()


def _publications() -> None:
    flags = (
        "activate_audiences",
        "show_history",
        "show_dev_info",
        "hide_attachments",
        "terms_active",
    )
    op.create_table(
        "publications",
        sa.Column("id", string(24), nullable=False),
        sa.Column("organization_id", string(24), nullable=False),
        sa.Column("app_id", string(24), nullable=False),
        sa.Column("slug", string(128), nullable=False),
        sa.Column("security", string(16), nullable=False),
        sa.Column("password_hash", string(), nullable=True),
        sa.Column("visibility", string(16), nullable=False),
        sa.Column("filter_type", string(16), nullable=False),
        sa.Column("filter_value", string(255), server_default=EMPTY, nullable=False),
        *(sa.Column(name, sa.JSON(), server_default="[]", nullable=False) for name in ("systems", "tags", "groups")),
        *(sa.Column(name, sa.Boolean(), server_default=sa.false(), nullable=False) for name in flags),
        sa.Column("terms_text", string(), server_default=EMPTY, nullable=False),
        sa.Column("allowed_countries", sa.JSON(), server_default="[]", nullable=False),
        sa.Column("blocked_countries", sa.JSON(), server_default="[]", nullable=False),
        sa.Column("expires_at", INSTANT, nullable=True),
        sa.Column("looks", sa.JSON(), server_default="{}", nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["app_id"], ["apps.id"], name=op.f("fk_publications_app_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_publications_organization_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_publications")),
        sa.UniqueConstraint("slug", name=op.f("uq_publications_slug")),
    )
    op.create_index("ix_publications_created", "publications", ["organization_id", "created_at", "id"], unique=False)
    op.create_index(
        "ix_publications_filter", "publications", ["app_id", "filter_type", "filter_value", "created_at"], unique=False
    )


def _what_belongs_to_them() -> None:
    op.create_table(
        "publication_audiences",
        sa.Column("publication_id", string(24), nullable=False),
        sa.Column("audience_id", string(24), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("notify", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["audience_id"], ["audiences.id"], name=op.f("fk_publication_audiences_audience_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["publication_id"],
            ["publications.id"],
            name=op.f("fk_publication_audiences_publication_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("publication_id", "audience_id", name=op.f("pk_publication_audiences")),
    )
    op.create_index(
        op.f("ix_publication_audiences_audience_id"), "publication_audiences", ["audience_id"], unique=False
    )
    op.create_table(
        "publication_builds",
        sa.Column("publication_id", string(24), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("build_id", string(24), nullable=False),
        sa.Column("platform", string(32), nullable=False),
        sa.Column("is_listed", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["publication_id"],
            ["publications.id"],
            name=op.f("fk_publication_builds_publication_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("publication_id", "position", name=op.f("pk_publication_builds")),
    )
    op.create_index(op.f("ix_publication_builds_build_id"), "publication_builds", ["build_id"], unique=False)


def _columns_of_builds() -> None:
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    for column, key in (("git_branch", "branch"), ("git_tag", "tag")):
        op.add_column("builds", sa.Column(column, string(LONGEST), server_default=EMPTY, nullable=False))
        said = f"json_extract(deployer, '$.info.{key}')" if is_sqlite else f"(deployer #>> '{{info,{key}}}')"
        op.execute(f"UPDATE builds SET {column} = {said} WHERE {said} <> '' AND length({said}) <= {LONGEST}")  # noqa: S608  # our words
    for name, by in (("live", []), ("live_branch", ["git_branch"]), ("live_git_tag", ["git_tag"])):
        columns = ["app_id", *by, "os", "status", "disabled", "created_at", "id"]
        op.create_index(f"ix_builds_{name}", "builds", columns, unique=False)


def _tags_that_follow() -> None:
    op.add_column("build_tags", sa.Column("live_os", string(32), nullable=True))
    op.add_column("build_tags", sa.Column("created_at", INSTANT, server_default="0", nullable=False))
    build = "FROM builds WHERE builds.id = build_tags.build_id"
    op.execute(  # all of it our own words
        f"UPDATE build_tags SET live_os = (SELECT CASE WHEN {LIVE} THEN os END {build}),"  # noqa: S608
        f" created_at = COALESCE((SELECT builds.created_at {build}), 0)"
    )
    op.create_index(
        "ix_build_tags_live", "build_tags", ["app_id", "tag", "live_os", "created_at", "build_id"], unique=False
    )
