"""The words of builds, saved filters, and what is being done to a build."""

from collections.abc import Iterator
from typing import Any

import msgspec
import sqlalchemy as sa
from alembic import op

from seatrial.db.migrations.columns import string
from seatrial.db.tables.search import WORDS_POSTGRESQL, WORDS_SQLITE
from seatrial.domain.search import app_word, facet, organization_word, words_of

EMPTY = sa.text("''")
BATCH = 1000

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

builds = sa.table(
    "builds",
    *(sa.column(name) for name in ("id", "organization_id", "app_id", "status", "version_name", "version_code")),
    *(sa.column(name) for name in ("changelog", "info", "os", "package_name", "created_at")),
    sa.column("deployer", sa.JSON()),
    sa.column("uploaded_by", sa.JSON()),
)
build_tags = sa.table("build_tags", sa.column("build_id"), sa.column("tag"))
build_search = sa.table(
    "build_search", *(sa.column(name) for name in ("seq", "build_id", "app_id", "branch", "document"))
)


def upgrade() -> None:
    op.create_table(
        "build_search",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("build_id", string(24), nullable=False),
        sa.Column("app_id", string(24), nullable=False),
        sa.Column("branch", string(255), nullable=False),
        sa.Column("document", string(), nullable=False),
        sa.ForeignKeyConstraint(["build_id"], ["builds.id"], name=op.f("fk_build_search_build_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_build_search")),
        sa.UniqueConstraint("build_id", name=op.f("uq_build_search_build_id")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_build_search_app", "build_search", ["app_id", "seq"], unique=False)
    op.create_index("ix_build_search_branch", "build_search", ["app_id", "branch"], unique=False)
    op.create_table(
        "saved_filters",
        sa.Column("id", string(24), nullable=False),
        sa.Column("user_id", string(24), nullable=False),
        sa.Column("app_id", string(24), nullable=False),
        sa.Column("name", string(64), nullable=False),
        sa.Column("query", string(2000), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["app_id"], ["apps.id"], name=op.f("fk_saved_filters_app_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_saved_filters_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_filters")),
        sa.UniqueConstraint("user_id", "app_id", "name", name=op.f("uq_saved_filters_user_id_app_id_name")),
    )
    op.add_column("builds", sa.Column("stage", string(16), server_default=EMPTY, nullable=False))
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    for statement in WORDS_SQLITE if is_sqlite else WORDS_POSTGRESQL:
        op.execute(sa.text(statement.replace(":", r"\:")))
    _fill(op.get_bind())


def _fill(tx: sa.Connection) -> None:
    """Write down the words of the builds that are there, oldest first; a batch at a time is in memory."""
    for rows in _batches(tx):
        tags: dict[str, list[str]] = {}
        found = sa.select(build_tags).where(build_tags.c.build_id.in_([row.id for row in rows]))
        for one in tx.execute(found):
            tags.setdefault(one.build_id, []).append(one.tag)
        tx.execute(sa.insert(build_search), [_searchable(row, tags.get(row.id, [])) for row in rows])


def _batches(tx: sa.Connection) -> Iterator[list[sa.Row[Any]]]:
    last: tuple[int, str] = (-1, "")
    while rows := list(
        tx.execute(
            sa.select(builds)
            .where(sa.tuple_(builds.c.created_at, builds.c.id) > sa.tuple_(*map(sa.literal, last)))
            .order_by(builds.c.created_at, builds.c.id)
            .limit(BATCH)
        )
    ):
        last = (rows[-1].created_at, rows[-1].id)
        yield rows


def _identifier(info: str | None) -> str:
    """Read the bundle id out of what is known about a build; what is no such thing stops no upgrade."""
    try:
        found = msgspec.json.decode(info or "{}")
    except msgspec.DecodeError:
        return ""
    identifier = found.get("identifier") if isinstance(found, dict) else None
    return identifier if isinstance(identifier, str) else ""


def _searchable(row: sa.Row[Any], tags: list[str]) -> dict[str, str]:
    told, person = row.deployer.get("info", {}), row.uploaded_by
    branch = told.get("branch", "")
    texts = [row.version_name, row.version_code, *tags, branch, told.get("commit", ""), told.get("tag", "")]
    texts += [_identifier(row.info), row.package_name]
    texts += [row.deployer.get("name", ""), *(person.get(name, "") for name in ("email", "first_name", "last_name"))]
    texts += [told.get("commitMessage", ""), row.changelog]
    facets = [facet(row.app_id, "s", row.status), facet(row.app_id, "o", row.os), facet(row.app_id, "b", branch)]
    facets += [facet(row.app_id, "t", tag) for tag in tags]
    everything = [organization_word(row.organization_id), app_word(row.app_id), *facets, *words_of(texts)]
    return {
        "build_id": row.id,
        "app_id": row.app_id,
        "branch": branch[:255],
        "document": " ".join(everything),
    }
