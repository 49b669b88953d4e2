"""The lanes that a build is in while it can be given to people: all builds, its branch, its git tag, each of its tags.

They repeat what the build and its tags say, so that the newest build of a lane is one step in one index. Whoever
changes a build's state or its tags draws its lanes anew.
"""

from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, delete, insert, not_, select

from seatrial.db.tables import build_lanes, build_tags, builds
from seatrial.domain.build import BuildStatus
from seatrial.domain.ids import BuildId
from seatrial.domain.publication import FilterType

LIVE = and_(builds.c.status == BuildStatus.PROCESSED.value, not_(builds.c.disabled))
"""Whether a build can be given to people."""
NEWEST_FIRST = (build_lanes.c.created_at.desc(), build_lanes.c.build_id.desc())


def draw(tx: Connection, build_id: BuildId) -> None:
    """Put a build into the lanes that it belongs to now, and into no others."""
    tx.execute(delete(build_lanes).where(build_lanes.c.build_id == build_id))
    columns = (builds.c.app_id, builds.c.os, builds.c.created_at, builds.c.git_branch, builds.c.git_tag)
    row = tx.execute(select(*columns).where(builds.c.id == build_id, LIVE)).one_or_none()
    if row is None:
        return
    tags = tx.execute(select(build_tags.c.tag).where(build_tags.c.build_id == build_id)).scalars()
    lanes = [(FilterType.LAST, ""), *((FilterType.TAG, tag) for tag in tags)]
    lanes += [(FilterType.GIT_BRANCH, row.git_branch)] if row.git_branch else []
    lanes += [(FilterType.GIT_TAG, row.git_tag)] if row.git_tag else []
    common = {"build_id": build_id, "app_id": row.app_id, "os": row.os, "created_at": row.created_at}
    tx.execute(insert(build_lanes), [common | {"kind": kind.value, "value": value} for kind, value in lanes])


def in_lane(
    app_id: ColumnElement[Any] | str, kind: ColumnElement[Any] | str, value: ColumnElement[Any] | str,
    os: ColumnElement[Any] | str,
) -> Select[Any]:  # fmt: skip
    """Give the statement for the builds of one lane and system; with `NEWEST_FIRST` and a limit it reads no others."""
    return select(build_lanes.c.build_id).where(
        build_lanes.c.app_id == app_id,
        build_lanes.c.kind == kind,
        build_lanes.c.value == value,
        build_lanes.c.os == os,
    )
