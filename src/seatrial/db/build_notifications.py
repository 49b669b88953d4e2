"""Tellings of builds: who asked for which, and how far it got."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, Row, func, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from seatrial.db.paging import page_of
from seatrial.db.tables import apps, build_notifications, builds
from seatrial.domain.access import AppScope
from seatrial.domain.build import Page
from seatrial.domain.errors import EntityNotFound
from seatrial.domain.ids import is_entity_id
from seatrial.domain.listing import ListQuery
from seatrial.domain.mail import NotificationState, Telling, Wanted


def wanted_of(tx: Connection, build_id: str) -> tuple[Wanted, dict[str, str]] | None:
    """Read whom the uploader of a build wants told, the app's own defaults filled in, and who that uploader was."""
    row = tx.execute(
        select(
            builds.c.notification,
            builds.c.uploaded_by,
            apps.c.notify_collaborators,
            apps.c.notify_employees,
            apps.c.new_build_message,
            apps.c.notification_language,
        )
        .join(apps, apps.c.id == builds.c.app_id)
        .where(builds.c.id == build_id)
    ).one_or_none()
    if row is None:
        return None
    said = row.notification
    defaults = Wanted(
        collaborators=row.notify_collaborators,
        employees=row.notify_employees,
        message=row.new_build_message,
        language=row.notification_language,
    )
    groups = tuple(tuple(clause) for clause in said.get("groups", ()))
    collaborators, employees = said.get("collaborators"), said.get("employees")
    wanted = Wanted(
        collaborators=defaults.collaborators if collaborators is None else collaborators,
        employees=defaults.employees if employees is None else employees,
        message=said.get("message") or defaults.message,
        language=said.get("language", ""),
        groups=groups,
    )
    return wanted, {key: row.uploaded_by.get(key, "") for key in ("id", "email")}


def insert_telling(tx: Connection, telling: Telling) -> bool:
    """Add a telling; false where this build has one with this turn."""
    make = sqlite_insert if tx.dialect.name == "sqlite" else postgresql_insert
    statement = make(build_notifications).values(
        id=telling.id,
        organization_id=telling.organization_id,
        app_id=telling.app_id,
        build_id=telling.build_id,
        turn=telling.turn,
        requested_by=dict(telling.requested_by),
        collaborators=telling.wanted.collaborators,
        employees=telling.wanted.employees,
        message=telling.wanted.message,
        language=telling.wanted.language,
        groups=[list(clause) for clause in telling.wanted.groups],
        state=telling.state.value,
        created_at=telling.created_at,
        updated_at=telling.updated_at,
    )
    # What was added, not how many: PostgreSQL's driver does not count here.
    added = tx.execute(statement.on_conflict_do_nothing().returning(build_notifications.c.id))
    return added.one_or_none() is not None


def next_turn(tx: Connection, build_id: str) -> int:
    """Give the number that the next telling of a build has; 0 is the upload's own."""
    last = tx.execute(
        select(func.max(build_notifications.c.turn)).where(build_notifications.c.build_id == build_id)
    ).scalar_one()
    return 1 if last is None else int(last) + 1


def find(tx: Connection, notification_id: str, *, hold: bool = False) -> Telling | None:
    """Find a telling by id; `hold` lets nobody else change it before the transaction ends."""
    statement = select(build_notifications).where(build_notifications.c.id == notification_id)
    row = tx.execute(statement.with_for_update() if hold else statement).one_or_none()
    return _telling(row) if row else None


def get(tx: Connection, scope: AppScope, notification_id: str) -> Telling:
    """Read a telling of an app's build.

    Raises EntityNotFound.
    """
    found = find(tx, notification_id.lower()) if is_entity_id(notification_id) else None
    if found is None or (found.app_id, found.organization_id) != (scope.app_id, scope.organization_id):
        raise EntityNotFound
    return found


def search(tx: Connection, scope: AppScope, query: ListQuery, build_id: str | None = None) -> Page[Telling]:
    """Read one page of the tellings of an app's builds, or of one build."""
    where = [
        build_notifications.c.app_id == scope.app_id,
        build_notifications.c.organization_id == scope.organization_id,
    ]
    if build_id is not None:
        where.append(build_notifications.c.build_id == build_id.lower())
    return page_of(
        tx,
        select(build_notifications).where(*where),
        (build_notifications.c.created_at, build_notifications.c.id),
        query,
        _telling,
    )


def advance(tx: Connection, telling: Telling, position: str, now: datetime) -> bool:
    """Note the address up to which mails are written; false where somebody else has got further."""
    statement = (
        update(build_notifications)
        .where(build_notifications.c.id == telling.id, build_notifications.c.position == telling.position)
        .values(position=position, updated_at=now)
    )
    return tx.execute(statement).rowcount == 1


def finish(tx: Connection, notification_id: str, state: NotificationState, reason: str, now: datetime) -> None:
    """End a telling."""
    tx.execute(
        update(build_notifications)
        .where(
            build_notifications.c.id == notification_id,
            build_notifications.c.state == NotificationState.PENDING.value,
        )
        .values(state=state.value, reason=reason, updated_at=now)
    )


def tellings(tx: Connection, ids: Sequence[str]) -> dict[str, Telling]:
    """Read several tellings by id."""
    rows = tx.execute(select(build_notifications).where(build_notifications.c.id.in_(ids)))
    return {row.id: _telling(row) for row in rows}


def _telling(row: Row[tuple[object, ...]]) -> Telling:
    return Telling(
        id=row.id,
        organization_id=row.organization_id,
        app_id=row.app_id,
        build_id=row.build_id,
        turn=row.turn,
        requested_by=row.requested_by,
        wanted=Wanted(
            collaborators=row.collaborators,
            employees=row.employees,
            message=row.message,
            language=row.language,
            groups=tuple(tuple(clause) for clause in row.groups),
        ),
        state=NotificationState(row.state),
        reason=row.reason,
        position=row.position,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )
