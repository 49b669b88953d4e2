"""Publications, and what finds a build for them: its branch and git tag as columns, and the lanes that it is in.

What is new in old tables has a default or may be null, so a program of the version before goes on writing into them.
"""

import sqlalchemy as sa
from alembic import op

from seatrial.db.migrations.columns import string

EMPTY = sa.text("''")
INSTANT = sa.BigInteger()  # milliseconds since 1970, UTC
LIVE = "b.status = 'processed' AND NOT b.disabled"
LONGEST = 255

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _publications()
    _what_belongs_to_them()
    _columns_of_builds()
    _lanes()


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


def _lanes() -> None:
    op.create_table(
        "build_lanes",
        sa.Column("build_id", string(24), nullable=False),
        sa.Column("kind", string(16), nullable=False),
        sa.Column("value", string(LONGEST), nullable=False),
        sa.Column("app_id", string(24), nullable=False),
        sa.Column("os", string(32), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["build_id"], ["builds.id"], name=op.f("fk_build_lanes_build_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("build_id", "kind", "value", name=op.f("pk_build_lanes")),
    )
    into = "INSERT INTO build_lanes (build_id, kind, value, app_id, os, created_at)"
    columns = "b.app_id, b.os, b.created_at FROM builds b"
    for said in (  # all of it our own words
        f"SELECT b.id, 'last', '', {columns} WHERE {LIVE}",
        f"SELECT b.id, 'gitBranch', b.git_branch, {columns} WHERE b.git_branch <> '' AND {LIVE}",
        f"SELECT b.id, 'gitTag', b.git_tag, {columns} WHERE b.git_tag <> '' AND {LIVE}",
        f"SELECT b.id, 'tag', t.tag, {columns} JOIN build_tags t ON t.build_id = b.id WHERE {LIVE}",
    ):
        op.execute(f"{into} {said}")
    op.create_index(
        "ix_build_lanes_newest",
        "build_lanes",
        ["app_id", "kind", "value", "os", "created_at", "build_id"],
        unique=False,
    )
