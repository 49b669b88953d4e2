"""Mails on their way, and the batches that they are handed over in."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, Row, bindparam, delete, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from seatrial.db.paging import page_of
from seatrial.db.tables import EPOCH, mail_batches, mails
from seatrial.domain.access import OrganizationScope
from seatrial.domain.build import Page
from seatrial.domain.errors import EntityNotFound
from seatrial.domain.ids import is_entity_id
from seatrial.domain.mail import Mail, MailQuery, MailState, MailStep

OPEN = (MailState.QUEUED.value, MailState.DEFERRED.value, MailState.SENDING.value)
"""States in which a mail of a batch is still to be handed over."""
_STEPS_KEPT = 40
_MILLISECOND = timedelta(milliseconds=1)
_MOVED = (
    *("state", "detail", "facts", "batch_id", "attempts", "lost"),
    *("first_tried_at", "answer", "history", "updated_at"),
)
# Drawn up once: it runs for every mail, and drawing it up takes longer than running it.
_MOVE = (
    update(mails)
    .where(
        mails.c.id == bindparam("id_now"),
        mails.c.state == bindparam("state_now"),
        mails.c.lost == bindparam("lost_now"),
    )
    .values({name: bindparam(f"new_{name}") for name in _MOVED})
)


def insert_mails(tx: Connection, new: Sequence[Mail]) -> None:
    """Add mails; one to a person who has one of the same notification, or about the same build, is left out."""
    if not new:
        return
    make = sqlite_insert if tx.dialect.name == "sqlite" else postgresql_insert
    tx.execute(make(mails).on_conflict_do_nothing(), [_values(mail) for mail in new])


def get(tx: Connection, scope: OrganizationScope, mail_id: str, *, hold: bool = False) -> Mail:
    """Read a mail of an organization.

    Raises EntityNotFound.
    """
    if not is_entity_id(mail_id):
        raise EntityNotFound
    statement = select(mails).where(mails.c.organization_id == scope.organization_id, mails.c.id == mail_id.lower())
    row = tx.execute(statement.with_for_update() if hold else statement).one_or_none()
    if row is None:
        raise EntityNotFound
    return mail_from(row)


def search(tx: Connection, scope: OrganizationScope, query: MailQuery) -> Page[Mail]:
    """Read one page of an organization's mails."""
    where: list[ColumnElement[bool]] = [mails.c.organization_id == scope.organization_id]
    said = {
        mails.c.state: query.state.value if query.state else None,
        mails.c.email: query.email.lower() if query.email else None,
        mails.c.app_id: query.app_id,
        mails.c.build_id: query.build_id,
        mails.c.notification_id: query.notification_id,
    }
    where += [column == value for column, value in said.items() if value is not None]
    return page_of(tx, select(mails).where(*where), (mails.c.created_at, mails.c.id), query, mail_from)


def count_states(tx: Connection, scope: OrganizationScope) -> dict[str, int]:
    """Count an organization's mails by where they are."""
    rows = tx.execute(
        select(mails.c.state, func.count().label("mails"))
        .where(mails.c.organization_id == scope.organization_id)
        .group_by(mails.c.state)
    )
    return {row.state: row.mails for row in rows}


def of_batch(tx: Connection, batch_id: str) -> list[Mail]:
    """Read the mails of a batch that are still to be handed over, in the order of their making."""
    rows = tx.execute(select(mails).where(mails.c.batch_id == batch_id, mails.c.state.in_(OPEN)).order_by(mails.c.id))
    return [mail_from(row) for row in rows]


def move(tx: Connection, before: Mail, after: Mail) -> bool:
    """Write down what became of a mail; false where somebody else has moved it from the state that it was in."""
    values = {
        "id_now": before.id,
        "state_now": before.state.value,
        "lost_now": before.lost,
        "new_state": after.state.value,
        "new_detail": after.detail,
        "new_facts": after.facts,
        "new_batch_id": after.batch_id,
        "new_attempts": after.attempts,
        "new_lost": after.lost,
        "new_first_tried_at": after.first_tried_at,
        "new_answer": after.answer,
        "new_history": _steps(after.history),
        "new_updated_at": after.updated_at,
    }
    return tx.execute(_MOVE, values).rowcount == 1


def add_batch(tx: Connection, batch_id: str, now: datetime) -> None:
    """Add a batch, to be asked for with turn 0."""
    tx.execute(insert(mail_batches).values(id=batch_id, created_at=now))


def batch_failures(tx: Connection, batch_id: str) -> int | None:
    """Tell how many turns in a row brought nothing; `None` where the batch is done with."""
    return tx.execute(select(mail_batches.c.failures).where(mail_batches.c.id == batch_id)).scalar_one_or_none()


def next_turn(tx: Connection, batch_id: str, failures: int) -> int:
    """Give the number of a batch's next turn, and note how many turns in a row brought nothing."""
    statement = (
        update(mail_batches)
        .where(mail_batches.c.id == batch_id)
        .values(turn=mail_batches.c.turn + 1, failures=failures, parked=False)
        .returning(mail_batches.c.turn)
    )
    turn: int = tx.execute(statement).scalar_one()
    return turn


def park(tx: Connection, batch_id: str) -> None:
    """Let a batch wait for a server with mail settings."""
    tx.execute(update(mail_batches).where(mail_batches.c.id == batch_id).values(parked=True))


def parked(tx: Connection, limit: int) -> list[str]:
    """Name batches that wait for a server with mail settings."""
    statement = select(mail_batches.c.id).where(mail_batches.c.parked.is_(True)).limit(limit)
    return list(tx.execute(statement).scalars())


def unpark(tx: Connection, batch_id: str) -> bool:
    """Let a batch wait no more; of several who try one is told so."""
    statement = (
        update(mail_batches).where(mail_batches.c.id == batch_id, mail_batches.c.parked.is_(True)).values(parked=False)
    )
    return tx.execute(statement).rowcount == 1


def end_batch(tx: Connection, batch_id: str) -> None:
    """Forget a batch that is done with."""
    tx.execute(delete(mail_batches).where(mail_batches.c.id == batch_id))


def counts(tx: Connection, column: str, ids: Iterable[str]) -> dict[str, dict[MailState, int]]:
    """Count the mails of notifications by their states; `column` says what the ids are of."""
    key = mails.c[column]
    found: dict[str, dict[MailState, int]] = {}
    for row in tx.execute(
        select(key.label("of"), mails.c.state, func.count().label("n"))
        .where(key.in_(list(ids)))
        .group_by(key, mails.c.state)
    ):
        found.setdefault(row.of, {})[MailState(row.state)] = row.n
    return found


def forget_before(tx: Connection, moment: datetime, limit: int) -> int:
    """Forget mails that were written before a moment and are not on their way; tells how many."""
    old = (
        select(mails.c.id)
        .where(mails.c.created_at < moment, mails.c.state.not_in([*OPEN, MailState.DIGEST.value]))
        .limit(limit)
    )
    return tx.execute(delete(mails).where(mails.c.id.in_(old))).rowcount


def _values(mail: Mail) -> dict[str, object]:
    return {
        "id": mail.id,
        "organization_id": mail.organization_id,
        "app_id": mail.app_id,
        "build_id": mail.build_id,
        "notification_id": mail.notification_id,
        "batch_id": mail.batch_id,
        "kind": mail.kind,
        "email": mail.email,
        "name": mail.name,
        "language": mail.language,
        "reason": mail.reason,
        "detail": mail.detail,
        "facts": mail.facts,
        "state": mail.state.value,
        "history": _steps(mail.history),
        "created_at": mail.created_at,
        "updated_at": mail.updated_at,
    }


def _steps(history: Sequence[MailStep]) -> list[list[object]]:
    """Keep the first step and the last ones."""
    kept = history if len(history) <= _STEPS_KEPT else (history[0], *history[1 - _STEPS_KEPT :])
    return [[(step.at - EPOCH) // _MILLISECOND, step.state.value, step.note] for step in kept]


def mail_from(row: Row[tuple[object, ...]]) -> Mail:
    """Read a whole row."""
    return Mail(
        id=row.id,
        organization_id=row.organization_id,
        app_id=row.app_id,
        build_id=row.build_id,
        notification_id=row.notification_id,
        batch_id=row.batch_id,
        kind=row.kind,
        email=row.email,
        name=row.name,
        language=row.language,
        reason=row.reason,
        detail=row.detail,
        facts=row.facts,
        state=MailState(row.state),
        attempts=row.attempts,
        lost=row.lost,
        first_tried_at=row.first_tried_at,
        answer=row.answer,
        history=tuple(_history(row.history)),
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


def _history(steps: Iterable[Sequence[object]]) -> Iterator[MailStep]:
    for at, state, note in steps:
        yield MailStep(at=EPOCH + timedelta(milliseconds=int(str(at))), state=MailState(str(state)), note=str(note))
