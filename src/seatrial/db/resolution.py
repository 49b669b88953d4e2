"""From publications to the builds that they give: always the newest of each system, always by one step in an index.

An app's systems are read from its counters, and for each of them the database looks at one end of one range of an
index (`build_lanes`): a branch without a build costs as little as one with a million.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import BindParameter, Connection, Integer, Select, and_, bindparam, func, or_, select, tuple_

from seatrial.db.build_lanes import LIVE, NEWEST_FIRST, in_lane
from seatrial.db.tables import build_counts, build_lanes, build_tags, builds, publication_builds, publications
from seatrial.domain.build import BuildStatus
from seatrial.domain.ids import AppId, BuildId, PublicationId
from seatrial.domain.publication import BY_ID, CurrentBuild, FilterType, Publication

Resolved = dict[PublicationId, list[CurrentBuild]]

_CURRENT = (
    *(builds.c.id, builds.c.os, builds.c.version_name, builds.c.version_code),
    *(builds.c.size, builds.c.created_at),
)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A publication as far as finding its builds goes."""

    id: PublicationId
    type: FilterType
    systems: tuple[str, ...]


def candidate(publication: Publication) -> Candidate:
    """Take from a publication what decides its builds."""
    chosen = publication.settings.filter
    return Candidate(publication.id, chosen.type, chosen.systems)


def resolve(tx: Connection, wanted: Sequence[Candidate]) -> Resolved:
    """Find the builds that publications give now, one for each system, by the name of the system."""
    newest: dict[PublicationId, list[BuildId]] = {one.id: [] for one in wanted}
    systems = {one.id: one.systems for one in wanted}
    for statement, ids in (
        (_named(), [one.id for one in wanted if one.type in BY_ID]),
        (_newest(), [one.id for one in wanted if one.type not in BY_ID]),
    ):
        for row in tx.execute(statement, {"publications": ids}) if ids else ():
            if row.build_id is not None and (not systems[row.id] or row.os in systems[row.id]):
                newest[row.id].append(row.build_id)
    found = _builds(tx, {build_id for several in newest.values() for build_id in several})
    return {
        publication_id: sorted((found[one] for one in several if one in found), key=lambda build: build.os)
        for publication_id, several in newest.items()
    }


def history(tx: Connection, publication: Publication, system: str, limit: int) -> list[CurrentBuild]:
    """Read the newest builds that a publication has, or had, for a system; the first of them is the one of now."""
    chosen = publication.settings.filter
    if chosen.systems and system not in chosen.systems:
        return []
    values: dict[str, object] = {"app_id": publication.app_id, "os": system, "limit": limit}
    if chosen.type in BY_ID:
        statement = _named_history()
        values["ids"] = [one.id for one in chosen.builds]
    else:
        statement = _history()
        values |= {"kind": chosen.type.value, "value": chosen.value}
    return [_current(row) for row in tx.execute(statement, values)]


def has_given(tx: Connection, publication: Publication, build_id: BuildId) -> bool:
    """Whether a build that can be given to people is one of those that a publication chooses among."""
    chosen = publication.settings.filter
    by_id = chosen.type in BY_ID
    if by_id and build_id not in {one.id for one in chosen.builds}:
        return False
    kind, value = (FilterType.LAST.value, "") if by_id else (chosen.type.value, chosen.value)
    found = tx.execute(
        select(build_lanes.c.os).where(
            build_lanes.c.build_id == build_id,
            build_lanes.c.kind == kind,
            build_lanes.c.value == value,
            build_lanes.c.app_id == publication.app_id,
        )
    ).scalar_one_or_none()
    return found is not None and (not chosen.systems or found in chosen.systems)


def choosing(tx: Connection, app_id: AppId, build_id: BuildId) -> list[PublicationId]:
    """Find an app's publications that choose among builds like this one, whether it is their newest or not."""
    row = tx.execute(
        select(builds.c.git_branch, builds.c.git_tag).where(builds.c.id == build_id, builds.c.app_id == app_id)
    ).one_or_none()
    if row is None:
        return []
    tags = tx.execute(select(build_tags.c.tag).where(build_tags.c.build_id == build_id)).scalars()
    named = [(FilterType.LAST.value, ""), *((FilterType.TAG.value, tag) for tag in tags)]
    named += [(FilterType.GIT_BRANCH.value, row.git_branch)] if row.git_branch else []
    named += [(FilterType.GIT_TAG.value, row.git_tag)] if row.git_tag else []
    by_id = select(publication_builds.c.publication_id).where(publication_builds.c.build_id == build_id)
    found = tx.execute(
        select(publications.c.id)
        .where(
            publications.c.app_id == app_id,
            or_(
                tuple_(publications.c.filter_type, publications.c.filter_value).in_(named),
                and_(publications.c.filter_type.in_([kind.value for kind in BY_ID]), publications.c.id.in_(by_id)),
            ),
        )
        .order_by(publications.c.created_at, publications.c.id)
    )
    return [PublicationId(one) for one in found.scalars()]


@cache
def _newest() -> Select[Any]:
    """Draw up the statement that gives, for publications by lane, each system with its newest build."""
    lane = in_lane(publications.c.app_id, publications.c.filter_type, publications.c.filter_value, build_counts.c.os)
    newest = lane.order_by(*NEWEST_FIRST).limit(1).correlate(publications, build_counts).scalar_subquery()
    return select(publications.c.id, build_counts.c.os, newest.label("build_id")).where(
        publications.c.id.in_(bindparam("publications", expanding=True)),
        build_counts.c.app_id == publications.c.app_id,
        build_counts.c.status == BuildStatus.PROCESSED.value,
    )


@cache
def _named() -> Select[Any]:
    """Draw up the same for publications that name their builds: few, and looked at one by one."""
    place = func.row_number().over(
        partition_by=(publications.c.id, builds.c.os), order_by=(builds.c.created_at.desc(), builds.c.id.desc())
    )
    named = (
        select(publications.c.id, builds.c.os, builds.c.id.label("build_id"), place.label("place"))
        .join(publication_builds, publication_builds.c.publication_id == publications.c.id)
        .join(builds, and_(builds.c.id == publication_builds.c.build_id, builds.c.app_id == publications.c.app_id))
        .where(publications.c.id.in_(bindparam("publications", expanding=True)), LIVE)
        .subquery()
    )
    return select(named.c.id, named.c.os, named.c.build_id).where(named.c.place == 1)


@cache
def _history() -> Select[Any]:
    names = ("app_id", "kind", "value", "os")
    app_id, kind, value, system = (_bound(name) for name in names)
    lane = (
        in_lane(app_id, kind, value, system).order_by(*NEWEST_FIRST).limit(bindparam("limit", type_=Integer)).subquery()
    )
    statement = select(*_CURRENT).join(lane, lane.c.build_id == builds.c.id)
    return statement.order_by(builds.c.created_at.desc(), builds.c.id.desc())


@cache
def _named_history() -> Select[Any]:
    ids = builds.c.id.in_(bindparam("ids", expanding=True))
    own = (builds.c.app_id == _bound("app_id"), builds.c.os == _bound("os"))
    statement = select(*_CURRENT).where(ids, *own, LIVE)
    return statement.order_by(builds.c.created_at.desc(), builds.c.id.desc()).limit(bindparam("limit"))


def _bound(name: str) -> BindParameter[Any]:
    return bindparam(name)


def _builds(tx: Connection, ids: set[BuildId]) -> dict[BuildId, CurrentBuild]:
    if not ids:
        return {}
    rows = tx.execute(select(*_CURRENT).where(builds.c.id.in_(sorted(ids))))
    return {row.id: _current(row) for row in rows}


def _current(row: Any) -> CurrentBuild:
    return CurrentBuild(
        id=row.id,
        os=row.os,
        version_name=row.version_name,
        version_code=row.version_code,
        size=row.size,
        created_at=row.created_at,
    )
