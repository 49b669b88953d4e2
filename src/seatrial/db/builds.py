"""Builds: what people see of them. What processing does to them is in `processing.py`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, Row, Select, bindparam, delete, insert, select, true, update

from seatrial.db import apps, build_counts, build_files, build_lanes, build_search, build_tags, persons, usage
from seatrial.db.build_counts import Counted
from seatrial.db.tables import apps as apps_table
from seatrial.db.tables import builds
from seatrial.domain.access import AppScope, Person
from seatrial.domain.build import (
    ApplicationInfo,
    Build,
    BuildChanges,
    BuildFile,
    BuildQuery,
    BuildRef,
    BuildStatus,
    Deployer,
    Page,
    SortField,
    StorageProvider,
    Submission,
    Unset,
)
from seatrial.domain.buildinfo import BuildInfo
from seatrial.domain.errors import EntityNotFound
from seatrial.domain.ids import AppId, BuildId, OrganizationId, is_entity_id
from seatrial.domain.place import Place
from seatrial.domain.quota import Item

_COLUMNS = [
    column
    for column in builds.c
    if column.name
    not in {
        *("package_name", "package_version", "notification", "git_branch", "git_tag"),
        *("attempt", "claims", "parser_deaths", "revision"),
    }
]
_info_decoder = msgspec.json.Decoder(BuildInfo)

LONGEST_FINDABLE = 255
"""Characters of a branch or git tag that builds can be found by."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewBuild:
    """A build as it was accepted, before anybody looked into it."""

    id: BuildId
    submission: Submission
    size: int
    os: str
    original_extension: str
    uploaded_by: Person
    storage_provider: StorageProvider
    files: Sequence[BuildFile]
    now: datetime


def insert_build(tx: Connection, scope: AppScope, new: NewBuild) -> None:
    """Add a pending build with its files and tags, and count it in."""
    said = new.submission
    tx.execute(
        insert(builds).values(
            id=new.id,
            organization_id=scope.organization_id,
            app_id=scope.app_id,
            status=BuildStatus.PENDING.value,
            version_name=said.version_name,
            changelog=said.changelog,
            size=new.size,
            os=new.os,
            build_platform=said.build_platform,
            package_name=said.package_name,
            package_version=said.package_version,
            warnings=[],
            deployer={"name": said.deployer.name, "info": said.deployer.info},
            notification=msgspec.to_builtins(said.notification),
            uploaded_by=persons.to_json(new.uploaded_by),
            original_extension=new.original_extension,
            storage_provider=msgspec.to_builtins(new.storage_provider),
            metadata={},
            default_scripts={},
            created_at=new.now,
            updated_at=new.now,
            git_branch=_findable(said.deployer.info.get("branch", "")),
            git_tag=_findable(said.deployer.info.get("tag", "")),
        )
    )
    build_tags.add_tags(tx, scope.app_id, new.id, said.tags)
    build_counts.add(tx, Counted(scope.app_id, said.version_name, BuildStatus.PENDING.value, new.os))
    build_files.insert_files(tx, new.files, new_builds=1)
    build_search.refresh(tx, new.id)


def get(tx: Connection, scope: AppScope, build_id: str, *, hold: bool = False) -> Build:
    """Read one build of an app; `hold` lets nobody else change it before the transaction ends.

    Raises EntityNotFound, also for an id that is none.
    """
    app = apps.application_info(tx, scope)
    if app is None or not is_entity_id(build_id):
        raise EntityNotFound
    statement = select(*_COLUMNS).where(*_one(scope, build_id))
    row = tx.execute(statement.with_for_update() if hold else statement).one_or_none()
    if row is None:
        raise EntityNotFound
    return _builds(tx, app, [row])[0]


def following(
    tx: Connection, scope: AppScope, statuses: Sequence[str], after: str, created_before: datetime, count: int
) -> list[BuildId]:
    """Name an app's builds in some states that are no newer than a moment, by id, behind one id."""
    found = tx.execute(
        select(builds.c.id)
        .where(
            builds.c.app_id == scope.app_id,
            builds.c.organization_id == scope.organization_id,
            builds.c.status.in_(statuses),
            builds.c.id > after,
            builds.c.created_at < created_before,
        )
        .order_by(builds.c.id)
        .limit(count)
    ).scalars()
    return list(found)


def owner(tx: Connection, build_id: str) -> tuple[OrganizationId, AppId] | None:
    """Tell whose a build is, for those who have its id alone."""
    row = tx.execute(
        select(builds.c.organization_id, builds.c.app_id).where(builds.c.id == build_id.lower())
    ).one_or_none()
    return None if row is None else (row.organization_id, row.app_id)


def search(tx: Connection, scope: AppScope, query: BuildQuery) -> tuple[ApplicationInfo, Page[BuildRef]]:
    """Find one page of an app's builds, which they are and in which revision, and the app itself.

    Narrow rows only: what was rendered before need not be read again. One statement, so one state of the database.

    Raises EntityNotFound where the app is gone.
    """
    given = {"version_name": query.version_name, "status": query.status, "os": query.os}
    filters = tuple(name for name, value in given.items() if value is not None)
    rows = tx.execute(
        _page(filters, query.sort, query.descending),
        {
            **{name: given[name] for name in filters},
            "app_id": scope.app_id,
            "organization_id": scope.organization_id,
            "limit": query.limit,
            "offset": query.offset,
        },
    ).all()
    if not rows:
        raise EntityNotFound
    first = rows[0]
    app = ApplicationInfo(id=first.app_id, name=first.app_name, slug=first.app_slug, picture=first.app_picture)
    items = [BuildRef(row.id, row.revision) for row in rows] if first.id is not None else []
    return app, Page(items, int(first.total), query.page, query.limit)


@cache
def _page(filters: tuple[str, ...], sort: SortField, descending: bool) -> Select[Any]:
    """Draw up the statement of a page once for each kind of query: writing it takes longer than running it.

    The app is joined to its page, so that it is told of where the page is empty, too.
    """
    where = [builds.c.app_id == bindparam("app_id"), *(builds.c[name] == bindparam(name) for name in filters)]
    order = [build_search.SORTED_BY[sort], builds.c.id]
    if sort not in {SortField.CREATED_AT, SortField.UPDATED_AT}:
        order.insert(1, builds.c.created_at)
    order_by = [column.desc() if descending else column.asc() for column in order]
    # What is before the page is skipped in the index alone; only the page's own rows are touched.
    on_page = (
        select(builds.c.id)
        .where(*where)
        .order_by(*order_by)
        .limit(bindparam("limit"))
        .offset(bindparam("offset"))
        .subquery()
    )
    rows = select(*order, builds.c.revision).join(on_page, on_page.c.id == builds.c.id).subquery()
    total = build_counts.total(filters).scalar_subquery().label("total")
    app = [apps_table.c[name].label(f"app_{name}") for name in ("id", "name", "slug", "picture")]
    return (
        select(rows.c.id, rows.c.revision, total, *app)
        .select_from(apps_table.outerjoin(rows, true()))
        .where(apps_table.c.id == bindparam("app_id"), apps_table.c.organization_id == bindparam("organization_id"))
        .order_by(*(rows.c[column.name].desc() if descending else rows.c[column.name].asc() for column in order))
    )


def load(tx: Connection, scope: AppScope, app: ApplicationInfo, build_ids: Sequence[BuildId]) -> dict[BuildId, Build]:
    """Read several builds of an app at once."""
    if not build_ids:
        return {}
    rows = tx.execute(
        select(*_COLUMNS).where(
            builds.c.id.in_(build_ids),
            builds.c.app_id == scope.app_id,
            builds.c.organization_id == scope.organization_id,
        )
    ).all()
    return {build.id: build for build in _builds(tx, app, rows)}


def update_build(tx: Connection, scope: AppScope, build_id: str, changes: BuildChanges, now: datetime) -> Build:
    """Edit a build.

    Raises EntityNotFound.
    """
    before = get(tx, scope, build_id, hold=True)
    edits: dict[str, object] = {
        "version_name": changes.version_name,
        "changelog": changes.changelog,
        "metadata": changes.metadata,
        "disabled": changes.disabled,
    }
    values = {column: value for column, value in edits.items() if not isinstance(value, Unset)}
    values |= {"revision": builds.c.revision + 1, "updated_at": now}
    if not isinstance(changes.default_scripts, Unset):
        merged = before.default_scripts | changes.default_scripts
        values["default_scripts"] = {key: script for key, script in merged.items() if script}
    tx.execute(update(builds).where(builds.c.id == before.id).values(values))
    if not isinstance(changes.tags, Unset):
        build_tags.replace_tags(tx, scope.app_id, before.id, changes.tags)
    build_lanes.draw(tx, before.id)
    build_search.refresh(tx, before.id)
    after = get(tx, scope, build_id)
    build_counts.move(tx, counted(scope, before), counted(scope, after))
    return after


def touch(tx: Connection, scope: AppScope, build_id: BuildId, now: datetime) -> None:
    """Note that something about a build changed."""
    tx.execute(update(builds).where(*_one(scope, build_id)).values(revision=builds.c.revision + 1, updated_at=now))


def delete_build(tx: Connection, scope: AppScope, build_id: str) -> tuple[Build, list[Place]]:
    """Remove a build with everything about it; gives what it was and the places that nobody owns any more.

    Raises EntityNotFound.
    """
    build = get(tx, scope, build_id, hold=True)
    sizes = {file.place: file.size for file in build.files}
    tx.execute(delete(builds).where(builds.c.id == build.id))
    build_counts.remove(tx, counted(scope, build))
    gone = {Item.STORAGE.value: -sum(sizes.values()), Item.BUILDS.value: -1}
    usage.shift(tx, scope.organization_id, scope.app_id, gone)
    return build, sorted(sizes, key=str)


def counted(scope: AppScope, build: Build) -> Counted:
    """Give the values that a build is counted by."""
    return Counted(scope.app_id, build.version_name, build.status.value, build.os)


def _one(scope: AppScope, build_id: str) -> tuple[ColumnElement[bool], ...]:
    return (
        builds.c.id == build_id.lower(),
        builds.c.app_id == scope.app_id,
        builds.c.organization_id == scope.organization_id,
    )


def _findable(text: str) -> str:
    """Give what publications can look for: a branch or git tag that an index takes, or nothing."""
    return text if len(text) <= LONGEST_FINDABLE else ""


def _builds(tx: Connection, app: ApplicationInfo, rows: Sequence[Row[tuple[object, ...]]]) -> list[Build]:
    ids = [row.id for row in rows]
    files, tags = build_files.of_builds(tx, ids), build_tags.of_builds(tx, ids)
    return [_build(row, app, files[row.id], tags[row.id]) for row in rows]


def _build(
    row: Row[tuple[object, ...]], app: ApplicationInfo, files: tuple[BuildFile, ...], tags: tuple[str, ...]
) -> Build:
    return Build(
        id=row.id,
        organization_id=row.organization_id,
        application=app,
        status=BuildStatus(row.status),
        version_name=row.version_name,
        version_code=row.version_code,
        tags=tags,
        changelog=row.changelog,
        info=_info_decoder.decode(row.info) if row.info else None,
        size=row.size,
        os=row.os,
        build_platform=row.build_platform,
        queued_ms=row.queued_ms,
        process_ms=row.process_ms,
        error=row.error,
        error_code=row.error_code,
        warnings=tuple(row.warnings),
        deployer=Deployer(row.deployer["name"], row.deployer["info"]),
        uploaded_by=persons.from_json(row.uploaded_by),
        original_extension=row.original_extension,
        storage_provider=StorageProvider(**row.storage_provider),
        files=files,
        metadata=row.metadata,
        default_scripts=row.default_scripts,
        disabled=row.disabled,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )
