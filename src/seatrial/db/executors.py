"""The processes that serve or work, as they report themselves: who is there, and when each was last heard of."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection, delete, insert, select, update

from seatrial.db.tables import executors


class ExecutorRole(StrEnum):
    """What a process was started for."""

    API = "api"
    WORKER = "worker"
    UNKNOWN = "unknown"
    """Not registered, but named by work it once took: a row from a restored backup, or one that was removed by hand."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Executor:
    """One process that serves or works."""

    id: str
    host: str
    role: ExecutorRole
    started_at: datetime
    beat_at: datetime
    """By the clock of its own machine; compare it with itself, never with another clock."""


def register(tx: Connection, executor: Executor) -> None:
    """Add a process; one that is there already keeps its row and is heard of again."""
    if not beat(tx, executor.id, executor.beat_at):
        tx.execute(
            insert(executors).values(
                id=executor.id,
                host=executor.host,
                role=executor.role.value,
                started_at=executor.started_at,
                beat_at=executor.beat_at,
            )
        )


def beat(tx: Connection, executor_id: str, now: datetime) -> bool:
    """Note that a process lives; false where it is not registered (any more)."""
    return tx.execute(update(executors).where(executors.c.id == executor_id).values(beat_at=now)).rowcount == 1


def everybody(tx: Connection) -> list[Executor]:
    """List all registered processes, dead ones that nobody has buried yet too."""
    return [
        Executor(
            id=row.id,
            host=row.host,
            role=ExecutorRole(row.role),
            started_at=row.started_at,
            beat_at=row.beat_at,
        )
        for row in tx.execute(select(executors).order_by(executors.c.started_at, executors.c.id))
    ]


def claim_estate(tx: Connection, dead: Executor, now: datetime) -> bool:
    """Win the right to take over a dead process's work: of all who saw the same last beat, one.

    From then on silence decides again, also for one that nobody knew: whoever looks now sees a fresh beat, and steps in
    only where the winner dies on it.
    """
    role = ExecutorRole.WORKER if dead.role is ExecutorRole.UNKNOWN else dead.role
    statement = (
        update(executors)
        .where(executors.c.id == dead.id, executors.c.beat_at == dead.beat_at)
        .values(beat_at=now, role=role.value)
    )
    return tx.execute(statement).rowcount == 1


def remove(tx: Connection, executor_id: str) -> None:
    """Forget a process."""
    tx.execute(delete(executors).where(executors.c.id == executor_id))
