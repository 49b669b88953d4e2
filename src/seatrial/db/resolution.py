"""From publications to the builds that they give: always the newest of each system, always by one step in an index.

An app's systems are read from its counters, and for each of them the database looks at one end of one range of an
index: a branch without a build costs as little as one with a million.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    ScalarSelect,
    Select,
    and_,
    bindparam,
    func,
    literal,
    or_,
    select,
    tuple_,
)

from seatrial.db.build_tags import LIVE
from seatrial.db.tables import build_counts, build_tags, builds, publication_builds, publications
from seatrial.domain.build import BuildStatus
from seatrial.domain.ids import AppId, BuildId, PublicationId
from seatrial.domain.publication import BY_ID, CurrentBuild, FilterType, Publication

Resolved = dict[PublicationId, list[CurrentBuild]]

_CURRENT = (
    *(builds.c.id, builds.c.os, builds.c.version_name, builds.c.version_code),
    *(builds.c.size, builds.c.created_at),
)
_COLUMNS = {FilterType.GIT_BRANCH: builds.c.git_branch, FilterType.GIT_TAG: builds.c.git_tag}


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
    for kind in {one.type for one in wanted}:
        ids = [one.id for one in wanted if one.type is kind]
        for row in tx.execute(_statement(kind), {"publications": ids}):
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
    values = {"app_id": publication.app_id, "os": system, "value": chosen.value, "limit": limit}
    if chosen.type in BY_ID:
        values["ids"] = [one.id for one in chosen.builds]
    return [_current(row) for row in tx.execute(_history(chosen.type), values)]


def has_given(tx: Connection, publication: Publication, build_id: BuildId) -> bool:
    """Whether a build that can be given to people is one of those that a publication chooses among."""
    chosen = publication.settings.filter
    where = [builds.c.id == build_id, builds.c.app_id == publication.app_id, LIVE]
    if chosen.systems:
        where.append(builds.c.os.in_(chosen.systems))
    if chosen.type in BY_ID:
        return build_id in {one.id for one in chosen.builds} and _exists(tx, where)
    if chosen.type is FilterType.TAG:
        where.append(
            select(literal(1))
            .where(build_tags.c.build_id == build_id, build_tags.c.tag == chosen.value)
            .correlate(None)
            .exists()
        )
    elif chosen.type is not FilterType.LAST:
        where.append(_COLUMNS[chosen.type] == chosen.value)
    return _exists(tx, where)


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


def _exists(tx: Connection, where: Sequence[ColumnElement[bool]]) -> bool:
    return tx.execute(select(builds.c.id).where(*where)).one_or_none() is not None


@cache
def _statement(kind: FilterType) -> Select[Any]:
    """Draw up the statement that gives, for publications of one kind, each system with its newest build."""
    these = publications.c.id.in_(bindparam("publications", expanding=True))
    if kind in BY_ID:
        # Few, and named one by one: the newest of each system is found among them.
        place = func.row_number().over(
            partition_by=(publications.c.id, builds.c.os), order_by=(builds.c.created_at.desc(), builds.c.id.desc())
        )
        named = (
            select(publications.c.id, builds.c.os, builds.c.id.label("build_id"), place.label("place"))
            .join(publication_builds, publication_builds.c.publication_id == publications.c.id)
            .join(builds, and_(builds.c.id == publication_builds.c.build_id, builds.c.app_id == publications.c.app_id))
            .where(these, publications.c.filter_type == kind.value, LIVE)
            .subquery()
        )
        return select(named.c.id, named.c.os, named.c.build_id).where(named.c.place == 1)
    return select(publications.c.id, build_counts.c.os, _newest(kind).label("build_id")).where(
        these,
        publications.c.filter_type == kind.value,
        build_counts.c.app_id == publications.c.app_id,
        build_counts.c.status == BuildStatus.PROCESSED.value,
    )


def _newest(kind: FilterType) -> ScalarSelect[Any]:
    if kind is FilterType.TAG:
        return (
            select(build_tags.c.build_id)
            .where(
                build_tags.c.app_id == publications.c.app_id,
                build_tags.c.tag == publications.c.filter_value,
                build_tags.c.live_os == build_counts.c.os,
            )
            .order_by(build_tags.c.created_at.desc(), build_tags.c.build_id.desc())
            .limit(1)
            .correlate(publications, build_counts)
            .scalar_subquery()
        )
    return (
        _among(kind, publications.c.app_id, build_counts.c.os, publications.c.filter_value)
        .with_only_columns(builds.c.id)
        .limit(1)
        .correlate(publications, build_counts)
        .scalar_subquery()
    )


@cache
def _history(kind: FilterType) -> Select[Any]:
    app_id: BindParameter[Any] = bindparam("app_id")
    system: BindParameter[Any] = bindparam("os")
    value: BindParameter[Any] = bindparam("value")
    if kind in BY_ID:
        newest_first = (builds.c.created_at.desc(), builds.c.id.desc())
        ids = builds.c.id.in_(bindparam("ids", expanding=True))
        statement = select(*_CURRENT).where(ids, builds.c.app_id == app_id, builds.c.os == system, LIVE)
        return statement.order_by(*newest_first).limit(bindparam("limit"))
    if kind is FilterType.TAG:
        order = (build_tags.c.created_at.desc(), build_tags.c.build_id.desc())
        tagged = (
            select(build_tags.c.build_id)
            .where(build_tags.c.app_id == app_id, build_tags.c.tag == value, build_tags.c.live_os == system)
            .order_by(*order)
            .limit(bindparam("limit"))
            .subquery()
        )
        return (
            select(*_CURRENT)
            .join(tagged, tagged.c.build_id == builds.c.id)
            .order_by(builds.c.created_at.desc(), builds.c.id.desc())
        )
    return _among(kind, app_id, system, value).limit(bindparam("limit"))


def _among(
    kind: FilterType, app_id: ColumnElement[Any], system: ColumnElement[Any], value: ColumnElement[Any]
) -> Select[Any]:
    where: list[ColumnElement[bool]] = [builds.c.app_id == app_id, builds.c.os == system, LIVE]
    if kind is not FilterType.LAST:
        where.append(_COLUMNS[kind] == value)
    return select(*_CURRENT).where(*where).order_by(builds.c.created_at.desc(), builds.c.id.desc())


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
