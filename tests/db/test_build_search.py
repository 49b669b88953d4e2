"""Lists of builds against a model that sorts and filters in plain Python."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, update

from seatrial.db import build_files, builds, processing, tables
from seatrial.db.processing import Verdict
from seatrial.domain.access import AppScope
from seatrial.domain.build import BuildChanges, BuildQuery, BuildStatus, FileType, Page, SortField, Submission
from seatrial.domain.errors import EntityNotFound
from seatrial.domain.ids import AppId, BuildId
from tests.db.conftest import Rehearsal
from tests.db.sample_rows import add_app, at, file_row, new_build

VERSIONS = ("", "1.0", "1.10", "1.9", "é", "Z", "a", "\U0001f680")


@dataclass(frozen=True)
class Row:
    """A build as the model knows it; few values, so that most of them are shared."""

    id: str
    version_name: str
    version_code: str
    status: BuildStatus
    os: str
    size: int
    created_at: int
    updated_at: int


ROWS = st.lists(
    st.builds(
        Row,
        st.from_regex(r"[0-9a-f]{24}", fullmatch=True),
        st.sampled_from(VERSIONS),
        st.sampled_from(["", "1", "10", "9"]),
        st.sampled_from(list(BuildStatus)),
        st.sampled_from(["", "android", "ios"]),
        st.integers(0, 3).map(lambda number: number << 33),
        st.integers(0, 2),
        st.integers(0, 2),
    ),
    unique_by=lambda row: row.id,
    max_size=25,
)
QUERIES = st.builds(
    BuildQuery,
    version_name=st.none() | st.sampled_from(VERSIONS),
    status=st.none() | st.sampled_from(list(BuildStatus)),
    os=st.none() | st.sampled_from(["", "android", "ios"]),
    sort=st.sampled_from(list(SortField)),
    descending=st.booleans(),
    page=st.integers(1, 4) | st.just(2**31 - 1),
    limit=st.integers(1, 10) | st.just(1000),
)


def insert(tx: Connection, scope: AppScope, row: Row) -> None:
    said = Submission(version_name=row.version_name, tags=("b", "a"))
    builds.insert_build(tx, scope, new_build(said, os=row.os, size=row.size, now=at(row.created_at), build_id=row.id))
    columns = tables.builds.c
    tx.execute(
        update(tables.builds)
        .where(columns.id == row.id)
        .values(status=row.status.value, version_code=row.version_code, updated_at=at(row.updated_at))
    )


def expected(rows: list[Row], query: BuildQuery) -> list[str]:
    values: dict[SortField, Callable[[Row], Any]] = {
        SortField.CREATED_AT: lambda row: row.created_at,
        SortField.UPDATED_AT: lambda row: row.updated_at,
        SortField.VERSION_NAME: lambda row: row.version_name,
        SortField.VERSION_CODE: lambda row: row.version_code,
        SortField.SIZE: lambda row: row.size,
        SortField.STATUS: lambda row: row.status.value,
    }
    value_of = values[query.sort]
    found = [
        row
        for row in rows
        if query.version_name in (None, row.version_name)
        and query.status in (None, row.status)
        and query.os in (None, row.os)
    ]
    # Among equals the age decides, save where the list is by age already; among those the id.
    by_age = query.sort in {SortField.CREATED_AT, SortField.UPDATED_AT}
    found.sort(key=lambda row: (value_of(row), 0 if by_age else row.created_at, row.id), reverse=query.descending)
    first = (query.page - 1) * query.limit
    return [row.id for row in found[first : first + query.limit]]


@settings(max_examples=150, deadline=None)
@given(rows=ROWS, query=QUERIES)
def test_a_page_is_what_plain_python_makes_of_all_builds(
    rehearsal: Rehearsal, rows: list[Row], query: BuildQuery
) -> None:
    with rehearsal() as tx:
        scope, neighbour = add_app(tx), add_app(tx)
        builds.insert_build(tx, neighbour, new_build())
        for row in rows:
            insert(tx, scope, row)
        _, page = builds.search(tx, scope, query)
        assert [build.id for build in page.items] == expected(rows, query)
        assert (page.page, page.limit) == (query.page, query.limit)
        by_id = {row.id: row for row in rows}
        for build in [builds.get(tx, scope, ref.id) for ref in page.items]:
            assert (build.version_name, build.size, build.os) == (
                by_id[build.id].version_name,
                by_id[build.id].size,
                by_id[build.id].os,
            )
            assert build.tags == ("b", "a")
            assert [file.build_id for file in build.files] == [build.id]


def test_pages_of_any_size_show_every_build_once(rehearsal: Rehearsal) -> None:
    with rehearsal() as tx:
        scope = add_app(tx)
        made = {insert_plain(tx, scope, number % 3) for number in range(23)}
        for limit in (1, 5, 23, 100):
            seen: list[str] = []
            for page in range(1, 25):
                seen += [
                    build.id
                    for build in builds.search(tx, scope, BuildQuery(sort=SortField.SIZE, page=page, limit=limit))[
                        1
                    ].items
                ]
            assert len(seen) == 23
            assert set(seen) == made


def insert_plain(tx: Connection, scope: AppScope, second: int) -> BuildId:
    new = new_build(now=at(second))
    builds.insert_build(tx, scope, new)
    return new.id


def test_an_app_is_seen_by_its_own_organization_only(rehearsal: Rehearsal) -> None:
    with rehearsal() as tx:
        scope, stranger = add_app(tx), add_app(tx)
        build_id = insert_plain(tx, scope, 0)
        crossed = AppScope(organization_id=stranger.organization_id, app_id=scope.app_id, principal=stranger.principal)
        sibling = add_app(tx, scope.organization_id)
        for foreign in (stranger, crossed, sibling):
            with pytest.raises(EntityNotFound):
                builds.get(tx, foreign, build_id)
        for foreign in (stranger, sibling):
            assert builds.search(tx, foreign, BuildQuery())[1] == Page([], 0, 1, 100)
        gone = AppScope(organization_id=scope.organization_id, app_id=AppId("0" * 24), principal=scope.principal)
        for nobody in (crossed, gone):
            with pytest.raises(EntityNotFound):
                builds.search(tx, nobody, BuildQuery())


@pytest.mark.parametrize("build_id", ["", "7", "x" * 24, "0" * 24, "' OR 1=1 --", "0" * 4000])
def test_an_id_that_is_none_finds_nothing(rehearsal: Rehearsal, build_id: str) -> None:
    with rehearsal() as tx:
        scope = add_app(tx)
        insert_plain(tx, scope, 0)
        with pytest.raises(EntityNotFound):
            builds.get(tx, scope, build_id)


def test_an_id_is_found_in_either_case(rehearsal: Rehearsal) -> None:
    with rehearsal() as tx:
        scope = add_app(tx)
        build_id = insert_plain(tx, scope, 0)
        assert builds.get(tx, scope, build_id.upper()).id == build_id


def test_every_change_that_people_can_see_makes_a_new_revision(rehearsal: Rehearsal) -> None:
    with rehearsal() as tx:
        scope = add_app(tx)
        build_id = insert_plain(tx, scope, 0)

        def attach() -> None:
            build_files.insert_files(tx, [file_row(build_id, FileType.ATTACHMENT)])
            builds.touch(tx, scope, build_id, at(3))

        changes: list[Callable[[], object]] = [
            lambda: processing.claim(tx, build_id, 1, at(1)),
            lambda: processing.finish(tx, build_id, 1, Verdict(status=BuildStatus.PROCESSED), at(2)),
            attach,
            lambda: builds.update_build(tx, scope, build_id, BuildChanges(changelog="new"), at(4)),
            lambda: builds.update_build(tx, scope, build_id, BuildChanges(tags=("new",)), at(4)),
        ]
        revisions = [revision_of(tx, scope)]
        for change in changes:
            change()
            revisions.append(revision_of(tx, scope))
        assert revisions == sorted(set(revisions))


def revision_of(tx: Connection, scope: AppScope) -> int:
    (ref,) = builds.search(tx, scope, BuildQuery())[1].items
    return ref.revision
