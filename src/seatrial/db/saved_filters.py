"""Questions about an app's builds that people keep."""

from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from seatrial.db.tables import saved_filters
from seatrial.domain.access import AppScope
from seatrial.domain.ids import new_entity_id
from seatrial.domain.search import SavedFilter


def of_user(tx: Connection, scope: AppScope, user_id: str) -> list[SavedFilter]:
    """Read somebody's filters of an app, by name."""
    rows = tx.execute(
        select(saved_filters)
        .where(saved_filters.c.user_id == user_id, saved_filters.c.app_id == scope.app_id)
        .order_by(saved_filters.c.name)
    )
    return [SavedFilter(id=row.id, name=row.name, query=row.query, created_at=row.created_at) for row in rows]


def keep(tx: Connection, scope: AppScope, user_id: str, name: str, query: str, now: datetime) -> None:
    """Keep a filter; one of the same name is replaced."""
    mine = (saved_filters.c.user_id == user_id, saved_filters.c.app_id == scope.app_id)
    tx.execute(delete(saved_filters).where(*mine, saved_filters.c.name == name))
    tx.execute(
        insert(saved_filters).values(
            id=new_entity_id(), user_id=user_id, app_id=scope.app_id, name=name, query=query, created_at=now
        )
    )


def remove(tx: Connection, scope: AppScope, user_id: str, filter_id: str) -> None:
    """Forget one of somebody's filters; does nothing where it is gone."""
    tx.execute(
        delete(saved_filters).where(
            saved_filters.c.id == filter_id, saved_filters.c.user_id == user_id, saved_filters.c.app_id == scope.app_id
        )
    )
