"""The counters behind `totalDocs` against counting, whatever happens to builds in whatever order."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, select

from seatrial.db import builds, processing, tables
from seatrial.db.processing import Verdict
from seatrial.domain.access import AppScope
from seatrial.domain.build import BuildChanges, BuildQuery, BuildStatus, Submission
from seatrial.domain.ids import BuildId
from tests.db.conftest import Rehearsal
from tests.db.sample_rows import add_app, at, new_build

VERSIONS = ("", "1.0", "2.0")
SYSTEMS = ("", "android", "ios")


@dataclass(frozen=True)
class Step:
    """Something that happens to the n-th build."""

    action: str
    build: int
    version: str
    os: str


STEPS = st.lists(
    st.builds(
        Step,
        st.sampled_from(["insert", "insert", "claim", "process", "fail", "rename", "delete", "describe"]),
        st.integers(0, 7),
        st.sampled_from(VERSIONS),
        st.sampled_from(SYSTEMS),
    ),
    max_size=40,
)


def insert(tx: Connection, scope: AppScope, made: list[str], step: Step) -> None:
    new = new_build(Submission(version_name=step.version), os=step.os)
    builds.insert_build(tx, scope, new)
    made.append(new.id)


def claim(tx: Connection, _scope: AppScope, made: list[str], step: Step) -> None:
    processing.claim(tx, BuildId(made[step.build]), 1, at(1))


def process(tx: Connection, _scope: AppScope, made: list[str], step: Step) -> None:
    verdict = Verdict(status=BuildStatus.PROCESSED, os=step.os or None, version_name=step.version or None)
    processing.finish(tx, BuildId(made[step.build]), 1, verdict, at(2))


def fail(tx: Connection, _scope: AppScope, made: list[str], step: Step) -> None:
    processing.finish(tx, BuildId(made[step.build]), 1, Verdict(status=BuildStatus.ERROR), at(2))


def rename(tx: Connection, scope: AppScope, made: list[str], step: Step) -> None:
    builds.update_build(tx, scope, made[step.build], BuildChanges(version_name=step.version), at(3))


def describe(tx: Connection, scope: AppScope, made: list[str], step: Step) -> None:
    builds.update_build(tx, scope, made[step.build], BuildChanges(changelog="x", tags=("a",)), at(3))


def delete(tx: Connection, scope: AppScope, made: list[str], step: Step) -> None:
    builds.delete_build(tx, scope, made.pop(step.build))


ACTIONS: dict[str, Callable[[Connection, AppScope, list[str], Step], None]] = {
    "insert": insert,
    "claim": claim,
    "process": process,
    "fail": fail,
    "rename": rename,
    "describe": describe,
    "delete": delete,
}


def queries() -> list[BuildQuery]:
    return [
        BuildQuery(version_name=version, status=status, os=os)
        for version, status, os in product((None, *VERSIONS), (None, *BuildStatus), (None, *SYSTEMS))
    ]


def matches(row: tuple[str, str, str], query: BuildQuery) -> bool:
    wanted = (query.version_name, query.status and query.status.value, query.os)
    return all(want is None or want == value for want, value in zip(wanted, row, strict=True))


@settings(max_examples=60, deadline=None)
@given(steps=STEPS)
def test_counters_tell_what_counting_tells(rehearsal: Rehearsal, steps: list[Step]) -> None:
    with rehearsal() as tx:
        scope, neighbour = add_app(tx), add_app(tx)
        builds.insert_build(tx, neighbour, new_build(Submission(version_name="1.0")))
        made: list[str] = []
        for step in steps:
            if step.action == "insert" or step.build < len(made):
                ACTIONS[step.action](tx, scope, made, step)
        columns = (tables.builds.c.version_name, tables.builds.c.status, tables.builds.c.os)
        rows = [tuple(row) for row in tx.execute(select(*columns).where(tables.builds.c.app_id == scope.app_id))]
        assert len(rows) == len(made)
        for query in queries():
            counted = sum(matches(row, query) for row in rows)
            assert builds.search(tx, scope, query)[1].total == counted, query
        for table in (tables.build_counts, tables.build_version_counts):
            kept = tx.execute(select(table.c.builds).where(table.c.app_id == scope.app_id)).scalars().all()
            assert all(number > 0 for number in kept)
            assert sum(kept) == len(rows)
        assert builds.search(tx, neighbour, BuildQuery())[1].total == 1
