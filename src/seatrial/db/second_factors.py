"""Authenticators of people, and the codes for when one is lost."""

from datetime import datetime

from sqlalchemy import Connection, delete, func, insert, or_, select, update

from seatrial.db.tables import recovery_codes, second_factors
from seatrial.domain.ids import UserId
from seatrial.domain.second_factor import SecondFactor

_AHEAD_STEPS = 20
"""A step that lies further ahead was spent by a clock that was wrong; it is not to keep anybody out until then."""


def find(tx: Connection, user_id: UserId) -> SecondFactor | None:
    """Read a person's authenticator, confirmed or not."""
    row = tx.execute(select(second_factors).where(second_factors.c.user_id == user_id)).one_or_none()
    if row is None:
        return None
    return SecondFactor(sealed_secret=row.secret, last_step=row.last_step, confirmed_at=row.confirmed_at)


def is_confirmed(tx: Connection, user_id: UserId) -> bool:
    """Whether a person has a second factor."""
    found = tx.execute(
        select(second_factors.c.user_id).where(
            second_factors.c.user_id == user_id, second_factors.c.confirmed_at.is_not(None)
        )
    )
    return found.one_or_none() is not None


def replace(tx: Connection, user_id: UserId, sealed_secret: str, now: datetime) -> None:
    """Keep a new authenticator that is yet to be confirmed, in the place of one that never was."""
    tx.execute(
        delete(second_factors).where(second_factors.c.user_id == user_id, second_factors.c.confirmed_at.is_(None))
    )
    tx.execute(insert(second_factors).values(user_id=user_id, secret=sealed_secret, created_at=now))


def confirm(tx: Connection, user_id: UserId, now: datetime) -> None:
    """Ask for the authenticator's codes from now on."""
    tx.execute(update(second_factors).where(second_factors.c.user_id == user_id).values(confirmed_at=now))


def spend_step(tx: Connection, user_id: UserId, step: int) -> bool:
    """Take the code of a time step; of any number of callers with the same one exactly one gets True."""
    taken = tx.execute(
        update(second_factors)
        .where(
            second_factors.c.user_id == user_id,
            or_(
                second_factors.c.last_step.is_(None),
                second_factors.c.last_step < step,
                second_factors.c.last_step > step + _AHEAD_STEPS,
            ),
        )
        .values(last_step=step)
    )
    return taken.rowcount == 1


def remove(tx: Connection, user_id: UserId) -> bool:
    """Forget an authenticator and all recovery codes; whether there was one."""
    tx.execute(delete(recovery_codes).where(recovery_codes.c.user_id == user_id))
    return tx.execute(delete(second_factors).where(second_factors.c.user_id == user_id)).rowcount == 1


def replace_recovery_codes(tx: Connection, user_id: UserId, digests: list[str]) -> None:
    """Keep new recovery codes; the old ones end."""
    tx.execute(delete(recovery_codes).where(recovery_codes.c.user_id == user_id))
    tx.execute(insert(recovery_codes), [{"user_id": user_id, "digest": digest} for digest in digests])


def spend_recovery_code(tx: Connection, user_id: UserId, digest: str, now: datetime) -> bool:
    """Take a recovery code; of any number of callers with the same one exactly one gets True."""
    taken = tx.execute(
        update(recovery_codes)
        .where(
            recovery_codes.c.user_id == user_id, recovery_codes.c.digest == digest, recovery_codes.c.used_at.is_(None)
        )
        .values(used_at=now)
    )
    return taken.rowcount == 1


def count_recovery_codes(tx: Connection, user_id: UserId) -> int:
    """Count the recovery codes that are left."""
    return tx.execute(
        select(func.count())
        .select_from(recovery_codes)
        .where(recovery_codes.c.user_id == user_id, recovery_codes.c.used_at.is_(None))
    ).scalar_one()
