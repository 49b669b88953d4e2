"""The tags of builds."""

from collections.abc import Sequence

from sqlalchemy import Connection, delete, insert, select

from seatrial.db.tables import build_tags
from seatrial.domain.ids import BuildId


def replace_tags(tx: Connection, app_id: str, build_id: BuildId, tags: Sequence[str]) -> None:
    """Give a build these tags and no others; its lanes are to be drawn anew after it."""
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
