"""Daily summaries: who waits for one, and which news is in it."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, delete, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from seatrial.db.tables import digests, mails
from seatrial.domain.ids import OrganizationId
from seatrial.domain.mail import MailState

_WAITING = (mails.c.state == MailState.DIGEST.value) & mails.c.digest_id.is_(None)


def waiting(tx: Connection, day: str, limit: int) -> list[tuple[OrganizationId, str]]:
    """Name people for whom news waits and who have had no summary on this day."""
    had = (
        select(digests.c.email)
        .where(
            digests.c.organization_id == mails.c.organization_id, digests.c.email == mails.c.email, digests.c.day == day
        )
        .exists()
    )
    rows = tx.execute(
        select(mails.c.organization_id, mails.c.email)
        .where(_WAITING, ~had)
        .group_by(mails.c.organization_id, mails.c.email)
        .order_by(mails.c.organization_id, mails.c.email)
        .limit(limit)
    )
    return [(OrganizationId(row.organization_id), row.email) for row in rows]


def claim(tx: Connection, organization_id: OrganizationId, email: str, day: str, now: datetime) -> bool:
    """Take on the summary of a person's day; of several who try one is told so."""
    make = sqlite_insert if tx.dialect.name == "sqlite" else postgresql_insert
    statement = make(digests).values(organization_id=organization_id, email=email, day=day, created_at=now)
    added = tx.execute(statement.on_conflict_do_nothing().returning(digests.c.email))
    return added.one_or_none() is not None


def gather(tx: Connection, organization_id: OrganizationId, email: str, digest_id: str) -> int:
    """Put the news that waits for a person into a summary; tells how much it is."""
    statement = (
        update(mails)
        .where(_WAITING, mails.c.organization_id == organization_id, mails.c.email == email)
        .values(digest_id=digest_id)
    )
    return tx.execute(statement).rowcount


def notifications_of(tx: Connection, digest_id: str) -> Sequence[str]:
    """Name the notifications that a summary tells of, oldest first."""
    rows = tx.execute(
        select(mails.c.notification_id).where(mails.c.digest_id == digest_id).order_by(mails.c.created_at, mails.c.id)
    )
    return [row.notification_id for row in rows if row.notification_id is not None]


def settle(tx: Connection, digest_id: str, state: MailState, now: datetime) -> None:
    """Say of all news in a summary what became of the summary."""
    tx.execute(update(mails).where(mails.c.digest_id == digest_id).values(state=state.value, updated_at=now))


def forget_before(tx: Connection, day: str) -> None:
    """Forget which summaries were written before a day."""
    tx.execute(delete(digests).where(digests.c.day < day))


def addressed(tx: Connection, digest_id: str) -> tuple[str, str]:
    """Give the name and the language of whom a summary goes to, as its newest news has them."""
    row = tx.execute(
        select(mails.c.name, mails.c.language)
        .where(mails.c.digest_id == digest_id)
        .order_by(mails.c.created_at.desc(), mails.c.id.desc())
        .limit(1)
    ).one()
    return row.name, row.language
