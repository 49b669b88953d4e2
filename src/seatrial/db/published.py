"""What publications say of builds, as far as retention asks: read along the indexes that publications have anyway.

Every publication counts that is not over, whoever can find it: one that is switched off may be switched on again.
"""

import heapq
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, func, or_, select, tuple_

from seatrial.db import resolution
from seatrial.db.build_lanes import LIVE, in_lane
from seatrial.db.retention import STEP, Mark, Offered, bound
from seatrial.db.tables import build_counts, build_lanes, builds, publication_builds, publications
from seatrial.domain.build import BuildStatus
from seatrial.domain.ids import AppId, BuildId
from seatrial.domain.publication import BY_ID, FilterType
from seatrial.domain.retention import Place

_NARROW = (
    *(publications.c.id, publications.c.slug, publications.c.systems),
    *(publications.c.filter_type, publications.c.filter_value),
)
_BY_ID = [kind.value for kind in BY_ID]


@dataclass(frozen=True, slots=True)
class _Choice:
    """Live builds of one system that publications with the same filter choose among."""

    app_id: AppId
    type: FilterType
    value: str
    system: str

    @property
    def order(self) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
        """By what they are sorted, the newest last."""
        return build_lanes.c.created_at, build_lanes.c.build_id

    def statement(self) -> Select[Any]:
        """Give when they were made, and which they are."""
        lane = in_lane(self.app_id, self.type.value, self.value, self.system)
        return lane.with_only_columns(build_lanes.c.created_at, build_lanes.c.build_id.label("id"))


class PublishedBuilds:
    """Looks builds up in publications."""

    def offered(self, tx: Connection, app_id: AppId, now: datetime, most: int | None) -> Iterator[Offered]:
        """Give the newest builds of each publication and system, or all, in one order: the newest build first."""
        systems = _systems(tx, app_id)
        sharing: dict[tuple[str, str], list[Any]] = defaultdict(list)
        for row in _publications(tx, app_id, now, publications.c.filter_type.not_in(_BY_ID)):
            sharing[row.filter_type, row.filter_value].append(row)
        walks = [_named(tx, app_id, now)]
        for (kind, value), rows in sharing.items():
            for system in systems:
                slugs = [row.slug for row in rows if not row.systems or system in row.systems]
                if slugs:
                    walks.append(_chosen(tx, _Choice(app_id, FilterType(kind), value, system), slugs, most))
        return heapq.merge(*walks, key=lambda one: one.mark, reverse=True)

    def places(self, tx: Connection, app_id: AppId, build_id: BuildId, now: datetime, most: int) -> tuple[Place, ...]:
        """Give one build's places; of those that are newer, no more are counted than matter."""
        ids = resolution.choosing(tx, app_id, build_id)
        if not ids:
            return ()
        columns = (builds.c.os, builds.c.created_at, LIVE.label("live"))
        build = tx.execute(select(*columns).where(builds.c.id == build_id)).one()
        places = []
        for row in _publications(tx, app_id, now, publications.c.id.in_(ids)):
            if row.filter_type in _BY_ID:
                places.append(Place(row.slug, None))
            elif build.live and (not row.systems or build.os in row.systems):
                choice = _Choice(app_id, FilterType(row.filter_type), row.filter_value, build.os)
                newer = tuple_(*choice.order) > bound(Mark(build.created_at, build_id))
                counted = choice.statement().where(newer).limit(most).subquery()
                rank = tx.execute(select(func.count()).select_from(counted)).scalar_one() + 1
                places.append(Place(row.slug, rank))
        return tuple(places)


def _publications(tx: Connection, app_id: AppId, now: datetime, *where: ColumnElement[bool]) -> list[Any]:
    order = (publications.c.created_at, publications.c.id)
    return list(tx.execute(select(*_NARROW).where(*_counting(app_id, now), *where).order_by(*order)))


def _counting(app_id: AppId, now: datetime) -> tuple[ColumnElement[bool], ...]:
    is_on = or_(publications.c.expires_at.is_(None), publications.c.expires_at > now)
    return publications.c.app_id == app_id, is_on


def _systems(tx: Connection, app_id: AppId) -> list[str]:
    own = (build_counts.c.app_id == app_id, build_counts.c.status == BuildStatus.PROCESSED.value)
    return list(tx.execute(select(build_counts.c.os).where(*own)).scalars())


def _named(tx: Connection, app_id: AppId, now: datetime) -> Iterator[Offered]:
    rows = tx.execute(
        select(publications.c.slug, builds.c.created_at, builds.c.id)
        .join(publication_builds, publication_builds.c.publication_id == publications.c.id)
        .join(builds, builds.c.id == publication_builds.c.build_id)
        .where(*_counting(app_id, now), builds.c.app_id == app_id, publications.c.filter_type.in_(_BY_ID))
        .distinct()
        .order_by(builds.c.created_at.desc(), builds.c.id.desc(), publications.c.slug)
    )
    for row in rows:
        yield Offered(Mark(row.created_at, row.id), Place(row.slug, None))


def _chosen(tx: Connection, choice: _Choice, slugs: Sequence[str], most: int | None) -> Iterator[Offered]:
    """Go down a choice, the newest first, a step at a time."""
    rank, beyond = 0, list[ColumnElement[bool]]()
    newest_first = [column.desc() for column in choice.order]
    while most is None or rank < most:
        step = STEP if most is None else min(STEP, most - rank)
        rows = tx.execute(choice.statement().where(*beyond).order_by(*newest_first).limit(step)).all()
        for row in rows:
            rank += 1
            for slug in slugs:
                yield Offered(Mark(row.created_at, row.id), Place(slug, rank))
        if len(rows) < step:
            return
        beyond = [tuple_(*choice.order) < bound(Mark(rows[-1].created_at, rows[-1].id))]
