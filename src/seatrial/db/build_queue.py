"""Where builds stand that wait to be processed: the apps take turns, whoever of them sent how many.

A build's place is a time that no clock shows: one further than the app's own last one, and no less than the first place
that anybody waits at. So the second build of an app comes after everybody's first, and an app that comes late begins
where the others are now, not where they began (start-time fair queuing).
"""

from sqlalchemy import Connection, func, select, update

from seatrial.db.tables import builds
from seatrial.db.tables.builds import PENDING
from seatrial.domain.ids import BuildId


def join(tx: Connection, build_id: BuildId) -> int:
    """Put a pending build where it belongs, and tell where; 0, the front, for one that is gone."""
    app_id = tx.execute(select(builds.c.app_id).where(builds.c.id == build_id)).scalar_one_or_none()
    if app_id is None:
        return 0
    waiting = (PENDING, builds.c.place > 0)
    first = tx.execute(select(func.min(builds.c.place)).where(*waiting)).scalar_one()
    last = tx.execute(select(func.max(builds.c.place)).where(builds.c.app_id == app_id, *waiting)).scalar_one()
    place = max(first or 1, (last or 0) + 1)
    tx.execute(update(builds).where(builds.c.id == build_id).values(place=place))
    return place
