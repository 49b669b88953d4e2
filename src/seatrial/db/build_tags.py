"""The tags of builds, and what they know of their build so that the newest one with a tag is found by index."""

from collections.abc import Sequence

from sqlalchemy import Connection, and_, case, delete, insert, not_, select, update

from seatrial.db.tables import build_tags, builds
from seatrial.domain.build import BuildStatus
from seatrial.domain.ids import BuildId

LIVE = and_(builds.c.status == BuildStatus.PROCESSED.value, not_(builds.c.disabled))
"""Whether a build can be given to people."""


def replace_tags(tx: Connection, app_id: str, build_id: BuildId, tags: Sequence[str]) -> None:
    """Give a build these tags and no others; `follow` is to come after it."""
    tx.execute(delete(build_tags).where(build_tags.c.build_id == build_id))
    add_tags(tx, app_id, build_id, tags)


def add_tags(tx: Connection, app_id: str, build_id: BuildId, tags: Sequence[str]) -> None:
    """Give tags to a build that has none and cannot be given to people yet."""
    if tags:
        tx.execute(
            insert(build_tags),
            [
                {"build_id": build_id, "app_id": app_id, "tag": tag, "position": position}
                for position, tag in enumerate(tags)
            ],
        )


def follow(tx: Connection, build_id: BuildId) -> None:
    """Let the tags of a build know what became of it; to be called after each change of its state or its tags."""
    own = builds.c.id == build_tags.c.build_id
    tx.execute(
        update(build_tags)
        .where(build_tags.c.build_id == build_id)
        .values(
            live_os=select(case((LIVE, builds.c.os))).where(own).scalar_subquery(),
            created_at=select(builds.c.created_at).where(own).scalar_subquery(),
        )
    )


def of_builds(tx: Connection, build_ids: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Read the tags of several builds at once, in the order in which they were given."""
    found: dict[str, list[str]] = {build_id: [] for build_id in build_ids}
    if build_ids:
        rows = tx.execute(
            select(build_tags.c.build_id, build_tags.c.tag)
            .where(build_tags.c.build_id.in_(build_ids))
            .order_by(build_tags.c.build_id, build_tags.c.position)
        )
        for row in rows:
            found[row.build_id].append(row.tag)
    return {build_id: tuple(tags) for build_id, tags in found.items()}
