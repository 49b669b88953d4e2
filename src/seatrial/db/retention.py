"""What rules of retention need to know of builds: read in steps along indexes, however many there are."""

import heapq
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any, NamedTuple, Protocol

from sqlalchemy import ColumnElement, Connection, Row, and_, func, literal, or_, select, tuple_
from sqlalchemy.dialects import postgresql, sqlite

from seatrial.db import pins
from seatrial.db.tables import ID, Instant, apps, build_counts, build_files, builds, organizations, retention_runs
from seatrial.domain.access import AppScope
from seatrial.domain.app import App
from seatrial.domain.build import BuildStatus
from seatrial.domain.ids import AppId, BuildId, OrganizationId
from seatrial.domain.retention import EffectiveRule, Facts, Place, Rule, Run, Verdict, decide, effective

STEP = 500
"""Builds that are looked at together."""


class Mark(NamedTuple):
    """A place in the order of an app's builds, the newest first."""

    created_at: datetime
    id: BuildId


def bound(mark: Mark) -> ColumnElement[Any]:
    """Make a mark comparable with two columns; a database is told of what kind a moment is."""
    return tuple_(literal(mark.created_at, Instant()), literal(mark.id, ID))


class Offered(NamedTuple):
    """A build that a publication chooses, or could choose, and where it stands there."""

    mark: Mark
    place: Place


class Published(Protocol):
    """What publications say of builds."""

    def offered(self, tx: Connection, app_id: AppId, now: datetime, most: int | None) -> Iterator[Offered]:
        """Give the newest builds of each publication and system, or all, in one order: the newest build first."""

    def places(self, tx: Connection, app_id: AppId, build_id: BuildId, now: datetime, most: int) -> tuple[Place, ...]:
        """Give one build's places; one beyond the newest of a publication may have any rank beyond them."""


class _Narrow(NamedTuple):
    mark: Mark
    os: str
    status: str


@dataclass(frozen=True, slots=True)
class Subject:
    """An app whose rule is to be applied."""

    organization_id: OrganizationId
    app_id: AppId
    rule: EffectiveRule


def verdicts(
    tx: Connection,
    published: Published,
    subject: Subject,
    now: datetime,
    *,
    until: datetime | None = None,
    after: Mark | None = None,
) -> Iterator[Verdict]:
    """Judge an app's builds, the newest first: all, or those made until a moment, or those after a mark.

    Reads some hundred at a time, and holds no more.
    """
    rule = subject.rule.rule
    # Without an age, what is beyond the kept ones goes only where a publication chooses among builds like it.
    most = rule.kept_by_publication if rule.days is not None or not rule.is_set else None
    newest = set(_newest(tx, subject.app_id).values())
    beside = _Beside(published.offered(tx, subject.app_id, now, most))
    walk = _walk(tx, subject.app_id, until, after)
    while step := list(islice(walk, STEP)):
        pinned = pins.of_builds(tx, [one.mark.id for one in step])
        for one in step:
            facts = Facts(
                id=one.mark.id,
                os=one.os,
                status=BuildStatus(one.status),
                created_at=one.mark.created_at,
                is_newest=one.mark.id in newest,
                pin=pinned.get(one.mark.id),
                places=beside.at(one.mark),
            )
            yield decide(facts, rule, now)


def verdict_of(
    tx: Connection, published: Published, subject: Subject, build_id: BuildId, now: datetime
) -> Verdict | None:
    """Judge one build by what is true now, and let nobody change it meanwhile; `None` where it is gone."""
    columns = (builds.c.id, builds.c.os, builds.c.status, builds.c.created_at)
    row = tx.execute(
        select(*columns).where(builds.c.id == build_id, builds.c.app_id == subject.app_id).with_for_update()
    ).one_or_none()
    if row is None:
        return None
    rule = subject.rule.rule
    facts = Facts(
        id=build_id,
        os=row.os,
        status=BuildStatus(row.status),
        created_at=row.created_at,
        is_newest=_newest(tx, subject.app_id, row.os).get(row.os) == build_id,
        pin=pins.find(tx, build_id),
        places=_in_order(published.places(tx, subject.app_id, build_id, now, rule.kept_by_publication)),
    )
    return decide(facts, rule, now)


def sizes(tx: Connection, build_ids: Sequence[BuildId]) -> dict[BuildId, int]:
    """Add up the files of several builds; of files that are the same object, one counts."""
    if not build_ids:
        return {}
    objects = (
        select(build_files.c.build_id, build_files.c.key, build_files.c.size)
        .where(build_files.c.build_id.in_(build_ids))
        .distinct()
        .subquery()
    )
    rows = tx.execute(select(objects.c.build_id, func.sum(objects.c.size).label("size")).group_by(objects.c.build_id))
    return {row.build_id: int(row.size) for row in rows}


def versions(tx: Connection, build_ids: Sequence[BuildId]) -> dict[BuildId, tuple[str, str]]:
    """Read the version names and codes of several builds."""
    if not build_ids:
        return {}
    columns = (builds.c.id, builds.c.version_name, builds.c.version_code)
    rows = tx.execute(select(*columns).where(builds.c.id.in_(build_ids)))
    return {row.id: (row.version_name, row.version_code) for row in rows}


def count(tx: Connection, app_id: AppId) -> int:
    """Count an app's builds, by its counters."""
    total = select(func.coalesce(func.sum(build_counts.c.builds), 0)).where(build_counts.c.app_id == app_id)
    return int(tx.execute(total).scalar_one())


def default_rule(tx: Connection, organization_id: OrganizationId) -> Rule:
    """Read what counts for an organization's apps that choose nothing themselves."""
    columns = (organizations.c.build_retention_days, organizations.c.builds_retained_per_publication)
    row = tx.execute(select(*columns).where(organizations.c.id == organization_id)).one()
    return Rule(row.build_retention_days, row.builds_retained_per_publication)


def own_rule(app: App) -> Rule:
    """Take an app's own rule from it."""
    return Rule(app.build_retention_days, app.builds_retained_per_publication)


def due(tx: Connection, night: datetime, after: str, limit: int) -> list[Subject]:
    """Read apps with a rule that no run of this night, or of a later one, has come to; by id, those after one."""
    values = (
        apps.c.build_retention_days,
        apps.c.builds_retained_per_publication,
        organizations.c.build_retention_days,
        organizations.c.builds_retained_per_publication,
    )
    rows = tx.execute(
        select(
            apps.c.id,
            apps.c.organization_id,
            values[0].label("days"),
            values[1].label("per_publication"),
            values[2].label("default_days"),
            values[3].label("default_per_publication"),
        )
        .join(organizations, organizations.c.id == apps.c.organization_id)
        .outerjoin(retention_runs, retention_runs.c.app_id == apps.c.id)
        .where(
            apps.c.id > after,
            or_(*(value.is_not(None) for value in values)),
            or_(retention_runs.c.night.is_(None), retention_runs.c.night < night),
        )
        .order_by(apps.c.id)
        .limit(limit)
    )
    return [
        Subject(
            row.organization_id,
            row.id,
            effective(Rule(row.days, row.per_publication), Rule(row.default_days, row.default_per_publication)),
        )
        for row in rows
    ]


def record(tx: Connection, scope: AppScope, run: Run, night: datetime | None) -> None:
    """Keep how an app's last run ended; one by hand leaves the night's to the night."""
    insert = postgresql.insert if tx.dialect.name == "postgresql" else sqlite.insert
    values = {
        "started_at": run.started_at,
        "finished_at": run.finished_at,
        "builds": run.builds,
        "bytes": run.bytes,
        **({} if night is None else {"night": night}),
    }
    statement = insert(retention_runs).values(app_id=scope.app_id, **values)
    tx.execute(statement.on_conflict_do_update(index_elements=[retention_runs.c.app_id], set_=values))


def last_runs(tx: Connection, app_ids: Sequence[AppId]) -> dict[AppId, Run]:
    """Read how the last runs of several apps ended."""
    if not app_ids:
        return {}
    rows = tx.execute(select(retention_runs).where(retention_runs.c.app_id.in_(app_ids)))
    return {row.app_id: _run(row) for row in rows}


def _run(row: Row[tuple[object, ...]]) -> Run:
    return Run(started_at=row.started_at, finished_at=row.finished_at, builds=row.builds, bytes=row.bytes)


class _Beside:
    """Follows a walk down all builds on the way down the published ones."""

    def __init__(self, offered: Iterator[Offered]) -> None:
        self._offered = offered
        self._next = next(offered, None)

    def at(self, mark: Mark) -> tuple[Place, ...]:
        """Give the places of the build that the walk has come to."""
        places = []
        while self._next is not None and self._next.mark >= mark:
            if self._next.mark == mark:
                places.append(self._next.place)
            self._next = next(self._offered, None)
        return _in_order(places)


def _in_order(places: Iterable[Place]) -> tuple[Place, ...]:
    """Let a build be told of in the same words whichever way its places were found."""
    return tuple(sorted(places, key=lambda place: place.publication))


def _walk(tx: Connection, app_id: AppId, until: datetime | None, after: Mark | None) -> Iterator[_Narrow]:
    """Go down an app's builds, the newest first; the index on systems and states holds all that is read."""
    kinds = tx.execute(select(build_counts.c.os, build_counts.c.status).where(build_counts.c.app_id == app_id)).all()
    walks = [_walk_down(tx, app_id, (row.os, row.status), until, after) for row in kinds]
    return heapq.merge(*walks, key=lambda one: one.mark, reverse=True)


def _walk_down(
    tx: Connection, app_id: AppId, kind: tuple[str, str], until: datetime | None, after: Mark | None
) -> Iterator[_Narrow]:
    os, status = kind
    own = [builds.c.app_id == app_id, builds.c.os == os, builds.c.status == status]
    if until is not None:
        own.append(builds.c.created_at <= until)
    order = (builds.c.created_at, builds.c.id)
    statement = select(*order).order_by(*(column.desc() for column in order)).limit(STEP)
    while True:
        beyond = [] if after is None else [tuple_(*order) < bound(after)]
        rows = tx.execute(statement.where(*own, *beyond)).all()
        for row in rows:
            after = Mark(row.created_at, row.id)
            yield _Narrow(after, os, status)
        if len(rows) < STEP:
            return


def _newest(tx: Connection, app_id: AppId, system: str | None = None) -> dict[str, BuildId]:
    """Find the newest processed build of each system, or of one."""
    processed = BuildStatus.PROCESSED.value
    of_app = [build_counts.c.app_id == app_id, build_counts.c.status == processed]
    if system is not None:
        of_app.append(build_counts.c.os == system)
    newest = (
        select(builds.c.id)
        .where(and_(builds.c.app_id == app_id, builds.c.os == build_counts.c.os, builds.c.status == processed))
        .order_by(builds.c.created_at.desc(), builds.c.id.desc())
        .limit(1)
        .correlate(build_counts)
        .scalar_subquery()
    )
    rows = tx.execute(select(build_counts.c.os, newest.label("id")).where(*of_app))
    return {row.os: row.id for row in rows if row.id is not None}
