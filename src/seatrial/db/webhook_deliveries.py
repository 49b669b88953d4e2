"""The log of what was sent to webhooks: one row for each message, one for each attempt at it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Row, delete, func, insert, select, update

from seatrial.db.tables import webhook_attempts, webhook_deliveries
from seatrial.domain.build import Page
from seatrial.domain.errors import EntityNotFound
from seatrial.domain.ids import DeliveryId, WebhookId, is_entity_id
from seatrial.domain.webhook import Attempt, Delivery, DeliveryQuery, DeliveryStatus

_BATCH = 500


@dataclass(frozen=True, slots=True)
class Progress:
    """A delivery with what its sending counts."""

    delivery: Delivery
    turn: int
    failures: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """Where a delivery stands after something was done for it."""

    status: DeliveryStatus
    turn: int
    failures: int
    attempts: int
    response_status: int | None = None
    error: str = ""
    next_attempt_at: datetime | None = None
    finished_at: datetime | None = None


def insert_delivery(tx: Connection, delivery: Delivery) -> None:
    """Add a message that is to be sent."""
    tx.execute(
        insert(webhook_deliveries).values(
            id=delivery.id,
            webhook_id=delivery.webhook_id,
            kind=delivery.kind,
            payload=delivery.payload,
            status=delivery.status.value,
            next_attempt_at=delivery.next_attempt_at,
            created_at=delivery.created_at,
        )
    )


def get(tx: Connection, webhook_id: WebhookId, delivery_id: str, *, hold: bool = False) -> Progress:
    """Read a delivery of a webhook.

    Raises EntityNotFound.
    """
    if not is_entity_id(delivery_id):
        raise EntityNotFound
    found = _find(tx, webhook_deliveries.c.id == delivery_id.lower(), hold=hold)
    if found is None or found.delivery.webhook_id != webhook_id:
        raise EntityNotFound
    return found


def find(tx: Connection, delivery_id: str) -> Progress | None:
    """Take a delivery to work on; nobody else does before the transaction ends."""
    return _find(tx, webhook_deliveries.c.id == delivery_id, hold=True)


def search(tx: Connection, webhook_id: WebhookId, query: DeliveryQuery) -> Page[Delivery]:
    """Read one page of a webhook's deliveries."""
    where = [webhook_deliveries.c.webhook_id == webhook_id]
    if query.status is not None:
        where.append(webhook_deliveries.c.status == query.status.value)
    if query.kind is not None:
        where.append(webhook_deliveries.c.kind == query.kind)
    order = (webhook_deliveries.c.created_at, webhook_deliveries.c.id)
    rows = tx.execute(
        select(webhook_deliveries)
        .where(*where)
        .order_by(*(column.desc() for column in order) if query.paging.descending else order)
        .limit(query.paging.limit)
        .offset(query.paging.offset)
    )
    total = tx.execute(select(func.count()).select_from(webhook_deliveries).where(*where)).scalar_one()
    return Page([_delivery(row) for row in rows], total, query.paging.page, query.paging.limit)


def move(tx: Connection, delivery_id: DeliveryId, step: Step) -> None:
    """Note where a delivery stands."""
    tx.execute(
        update(webhook_deliveries)
        .where(webhook_deliveries.c.id == delivery_id)
        .values(
            status=step.status.value,
            turn=step.turn,
            failures=step.failures,
            attempts=step.attempts,
            response_status=step.response_status,
            error=step.error,
            next_attempt_at=step.next_attempt_at,
            finished_at=step.finished_at,
        )
    )


def overdue(tx: Connection, before: datetime) -> Sequence[str]:
    """Name some deliveries whose attempt should have begun long ago."""
    statement = (
        select(webhook_deliveries.c.id)
        .where(
            webhook_deliveries.c.status == DeliveryStatus.PENDING.value, webhook_deliveries.c.next_attempt_at < before
        )
        .order_by(webhook_deliveries.c.next_attempt_at)
        .limit(_BATCH)
    )
    return list(tx.execute(statement).scalars())


def begin_attempt(tx: Connection, delivery_id: DeliveryId, attempt: Attempt) -> None:
    """Note an attempt before it is made, so that one whose server dies has left its trace."""
    tx.execute(
        insert(webhook_attempts).values(
            id=attempt.id,
            delivery_id=delivery_id,
            number=attempt.number,
            url=attempt.url,
            request_headers=[list(header) for header in attempt.request_headers],
            started_at=attempt.started_at,
        )
    )


def end_attempt(tx: Connection, attempt: Attempt) -> None:
    """Note what came of an attempt."""
    tx.execute(
        update(webhook_attempts)
        .where(webhook_attempts.c.id == attempt.id)
        .values(
            address=attempt.address,
            response_status=attempt.response_status,
            response_headers=[list(header) for header in attempt.response_headers],
            response_body=attempt.response_body,
            is_cut=attempt.is_cut,
            duration_ms=attempt.duration_ms,
            error=attempt.error,
        )
    )


def open_attempt(tx: Connection, delivery_id: DeliveryId) -> datetime | None:
    """Tell when the attempt began that is not known to have ended."""
    statement = select(func.max(webhook_attempts.c.started_at)).where(*_unfinished(delivery_id))
    return tx.execute(statement).scalar_one_or_none()


def last_attempt(tx: Connection, delivery_id: DeliveryId) -> datetime | None:
    """Tell when the last attempt began."""
    statement = select(func.max(webhook_attempts.c.started_at)).where(webhook_attempts.c.delivery_id == delivery_id)
    return tx.execute(statement).scalar_one_or_none()


def take_turn(tx: Connection, progress: Progress, due: datetime | None = None) -> int:
    """Give a delivery its next turn, and another time for its attempt."""
    turn = progress.turn + 1
    values: dict[str, object] = {"turn": turn} | ({"next_attempt_at": due} if due else {})
    tx.execute(update(webhook_deliveries).where(webhook_deliveries.c.id == progress.delivery.id).values(values))
    return turn


def abandon_attempts(tx: Connection, delivery_id: DeliveryId, error: str) -> None:
    """Close the attempts whose server ended in the middle of them."""
    tx.execute(update(webhook_attempts).where(*_unfinished(delivery_id)).values(error=error))


def attempts(tx: Connection, delivery_id: DeliveryId) -> list[Attempt]:
    """Read the attempts at a delivery, the first one first."""
    rows = tx.execute(
        select(webhook_attempts)
        .where(webhook_attempts.c.delivery_id == delivery_id)
        .order_by(webhook_attempts.c.number)
    )
    return [_attempt(row) for row in rows]


def forget(tx: Connection, before: datetime) -> int:
    """Remove some deliveries that are over and older than that; tells how many."""
    old = (
        select(webhook_deliveries.c.id)
        .where(webhook_deliveries.c.created_at < before, webhook_deliveries.c.status != DeliveryStatus.PENDING.value)
        .limit(_BATCH)
    )
    return tx.execute(delete(webhook_deliveries).where(webhook_deliveries.c.id.in_(old))).rowcount


def _unfinished(delivery_id: DeliveryId) -> tuple[ColumnElement[bool], ...]:
    return (
        webhook_attempts.c.delivery_id == delivery_id,
        webhook_attempts.c.duration_ms.is_(None),
        webhook_attempts.c.error == "",
    )


def _find(tx: Connection, where: ColumnElement[bool], *, hold: bool) -> Progress | None:
    statement = select(webhook_deliveries).where(where)
    row = tx.execute(statement.with_for_update() if hold else statement).one_or_none()
    return Progress(_delivery(row), row.turn, row.failures) if row is not None else None


def _delivery(row: Row[tuple[object, ...]]) -> Delivery:
    return Delivery(
        id=row.id,
        webhook_id=row.webhook_id,
        kind=row.kind,
        payload=row.payload,
        status=DeliveryStatus(row.status),
        attempts=row.attempts,
        response_status=row.response_status,
        error=row.error,
        next_attempt_at=row.next_attempt_at,
        created_at=row.created_at,
        finished_at=row.finished_at,
    )


def _attempt(row: Row[tuple[object, ...]]) -> Attempt:
    return Attempt(
        id=row.id,
        number=row.number,
        url=row.url,
        request_headers=tuple((name, value) for name, value in row.request_headers),
        address=row.address,
        response_status=row.response_status,
        response_headers=tuple((name, value) for name, value in row.response_headers),
        response_body=row.response_body,
        is_cut=row.is_cut,
        duration_ms=row.duration_ms,
        error=row.error,
        started_at=row.started_at,
    )
