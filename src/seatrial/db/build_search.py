"""Finding builds: by words and exact values, a page at a time, and what there is to choose from.

Filters by exact values are words, too, so that any mixture of them is one question to one index (`build_words`).
"""

from collections.abc import Sequence
from functools import cache
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, TextClause, func, insert, literal, select, text, tuple_, update

from seatrial.db import build_lines, build_words
from seatrial.db.tables import build_counts, build_search, build_tags, builds
from seatrial.domain.access import AppScope, OrganizationScope
from seatrial.domain.build import SortField
from seatrial.domain.ids import AppId, BuildId
from seatrial.domain.search import (
    HIGHEST,
    SORTABLE,
    BuildFilter,
    BuildLine,
    Choices,
    Cursor,
    Lines,
    app_word,
    asked,
    facet,
    organization_word,
    words_of,
)

CHOICES = 200
SORTED_BY = {
    SortField.CREATED_AT: builds.c.created_at,
    SortField.UPDATED_AT: builds.c.updated_at,
    SortField.VERSION_NAME: builds.c.version_name,
    SortField.VERSION_CODE: builds.c.version_code,
    SortField.SIZE: builds.c.size,
    SortField.STATUS: builds.c.status,
}
"""The columns of builds that lists are sorted by."""


class _Named(msgspec.Struct):
    """As much of what is known about a build as it is found by."""

    identifier: str | None = None


_identifier = msgspec.json.Decoder(_Named)


def refresh(tx: Connection, build_id: str) -> None:
    """Write a build's words down anew, after anything of it has changed that it is found by."""
    columns = ("organization_id", "app_id", "status", "os", "version_name", "version_code", "changelog", "info")
    row = tx.execute(
        select(*(builds.c[name] for name in (*columns, "package_name", "deployer", "uploaded_by"))).where(
            builds.c.id == build_id
        )
    ).one_or_none()
    if row is None:
        return
    tags = list(tx.execute(select(build_tags.c.tag).where(build_tags.c.build_id == build_id)).scalars())
    branch = row.deployer["info"].get("branch", "")
    values = {"branch": branch[:255], "document": " ".join(_document(row, tags, branch))}
    changed = tx.execute(update(build_search).where(build_search.c.build_id == build_id).values(values))
    if not changed.rowcount:
        tx.execute(insert(build_search).values(build_id=build_id, app_id=row.app_id, **values))


def _document(row: Row[Any], tags: Sequence[str], branch: str) -> list[str]:
    told, person = row.deployer["info"], row.uploaded_by
    texts = [row.version_name, row.version_code, *tags, branch, told.get("commit", ""), told.get("tag", "")]
    texts += [(_identifier.decode(row.info).identifier or "") if row.info else "", row.package_name]
    texts += [row.deployer["name"], person["email"], person["first_name"], person["last_name"]]
    texts += [told.get("commitMessage", ""), row.changelog]
    facets = [facet(row.app_id, "s", row.status), facet(row.app_id, "o", row.os), facet(row.app_id, "b", branch)]
    facets += [facet(row.app_id, "t", tag) for tag in tags]
    return [organization_word(row.organization_id), app_word(row.app_id), *facets, *words_of(texts)]


def find(tx: Connection, scope: AppScope, wanted: BuildFilter) -> Lines:
    """Find one page of an app's builds."""
    if not wanted.is_narrow:
        keys = _walked(tx, scope, wanted)
        total, is_more = _total(tx, scope.app_id), False
    else:
        match = build_words.question(tx, [app_word(scope.app_id), *_facets(scope, wanted)], asked(wanted.words))
        by_time = wanted.sort is SortField.CREATED_AT
        keys = (_newest if by_time else _sorted)(tx, scope, match, wanted)
        total, is_more = build_words.count(tx, match, scope.app_id, lambda: _total(tx, scope.app_id))
    forward = wanted.cursor is None or wanted.cursor.forward
    more, keys = len(keys) > wanted.limit, keys[: wanted.limit]
    if not forward:
        keys.reverse()
    items = build_lines.load(tx, [BuildId(build_id) for build_id, _ in keys])
    before = bool(keys) and (more if not forward else wanted.cursor is not None)
    after = bool(keys) and (more if forward else True)
    return Lines(
        items=items,
        earlier=Cursor(keys[0][1], forward=False) if before else None,
        later=Cursor(keys[-1][1]) if after else None,
        total=total,
        is_more=is_more,
    )


def find_everywhere(
    tx: Connection, scope: OrganizationScope, words: str, apps: Sequence[AppId] | None, limit: int
) -> list[BuildLine]:
    """Find the newest builds of an organization with these words, in all apps or in those that are named."""
    match = build_words.question(tx, [organization_word(scope.organization_id)], asked(words))
    if apps is not None:
        match = build_words.within(tx, match, [app_word(app_id) for app_id in apps])
    found = build_words.newest(tx, match, None, HIGHEST, limit)
    return build_lines.load(tx, [BuildId(build_id) for build_id, _ in found])


def choices(tx: Connection, app_id: AppId) -> Choices:
    """Name what an app's builds can be narrowed to: the first of each kind, found by hopping through an index."""
    systems = tx.execute(
        select(build_counts.c.os).where(build_counts.c.app_id == app_id, build_counts.c.builds > 0).distinct()
    ).scalars()
    values = {"app": app_id, "limit": CHOICES}
    return Choices(
        systems=sorted(name for name in systems if name),
        tags=list(tx.execute(_hopping("build_tags", "tag"), values).scalars()),
        branches=[name for name in tx.execute(_hopping("build_search", "branch"), values).scalars() if name],
    )


def _facets(scope: AppScope, wanted: BuildFilter) -> list[str]:
    given = {"s": wanted.status, "o": wanted.os, "t": wanted.tag, "b": wanted.branch}
    return [facet(scope.app_id, kind, value) for kind, value in given.items() if value]


def _total(tx: Connection, app_id: AppId) -> int:
    total = select(func.coalesce(func.sum(build_counts.c.builds), 0)).where(build_counts.c.app_id == app_id)
    return int(tx.execute(total).scalar_one())


Keys = list[tuple[str, tuple[str | int, ...]]]
"""Ids of builds, each with the values of its place in the list."""


def _walked(tx: Connection, scope: AppScope, wanted: BuildFilter) -> Keys:
    """Walk an index of all builds of the app, from the cursor on."""
    columns = [SORTED_BY[wanted.sort], builds.c.created_at, builds.c.id]
    if wanted.sort in {SortField.CREATED_AT, SortField.UPDATED_AT}:
        del columns[1]
    if wanted.sort is SortField.CREATED_AT:
        columns = [builds.c.created_at, builds.c.id]
    return _ordered(tx, select(builds.c.id).where(builds.c.app_id == scope.app_id), columns, wanted)


def _sorted(tx: Connection, scope: AppScope, match: str, wanted: BuildFilter) -> Keys:
    """Sort the newest matches by something else than time: never all of them, which may be a million."""
    found = build_words.newest(tx, match, scope.app_id, HIGHEST, SORTABLE)
    columns = [SORTED_BY[wanted.sort], builds.c.created_at, builds.c.id]
    if wanted.sort is SortField.UPDATED_AT:
        del columns[1]
    # One parameter for all of them, and no word of the app: SQLite would walk that one's index, past all of its builds.
    chosen = build_words.named(tx, [build_id for build_id, _ in found])
    statement = select(builds.c.id).join_from(chosen, builds, builds.c.id == chosen.c.value)
    return _ordered(tx, statement, columns, wanted)


def _newest(tx: Connection, scope: AppScope, match: str, wanted: BuildFilter) -> Keys:
    start = wanted.cursor.values[0] if wanted.cursor else (HIGHEST if wanted.descending else 0)
    rows = build_words.newest(tx, match, scope.app_id, int(start), wanted.limit + 1, towards_old=_descends(wanted))
    return [(build_id, (seq,)) for build_id, seq in rows]


def _ordered(tx: Connection, statement: Any, columns: Sequence[Any], wanted: BuildFilter) -> Keys:
    descending = _descends(wanted)
    if wanted.cursor is not None:
        raw = zip(wanted.cursor.values, columns, strict=True)
        place = tuple_(*(_literal(value, column) for value, column in raw))
        here = tuple_(*columns)
        statement = statement.where(here < place if descending else here > place)
    order = [column.desc() if descending else column.asc() for column in columns]
    rows = tx.execute(statement.add_columns(*columns).order_by(*order).limit(wanted.limit + 1))
    return [(row[0], tuple(build_lines.plain(value) for value in row[1:])) for row in rows]


def _literal(value: str | int, column: Any) -> Any:
    moments = {builds.c.created_at, builds.c.updated_at}
    return literal(build_lines.moment(int(value)) if column in moments else value, column.type)


def _descends(wanted: BuildFilter) -> bool:
    """Tell the direction to walk in: the list's own, or against it towards the pages before."""
    forward = wanted.cursor is None or wanted.cursor.forward
    return wanted.descending if forward else not wanted.descending


@cache
def _hopping(table: str, column: str) -> TextClause:
    """Draw up a walk from each value to the next one of an index: as many steps as values, not as many as rows."""
    return text(
        f"WITH RECURSIVE hop(value, at) AS (SELECT min({column}), 1 FROM {table} WHERE app_id = :app"  # noqa: S608
        f" UNION ALL SELECT (SELECT min({column}) FROM {table} WHERE app_id = :app AND {column} > hop.value), at + 1"
        " FROM hop WHERE hop.value IS NOT NULL AND at < :limit) SELECT value FROM hop WHERE value IS NOT NULL"
    )
