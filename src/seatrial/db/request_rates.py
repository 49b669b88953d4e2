"""How many requests were let in lately: one moment for each credential or network, moved on by each of them."""

from sqlalchemy import Connection, case, delete, or_, update
from sqlalchemy.dialects import postgresql, sqlite

from seatrial.db.tables import request_rates


def advance(tx: Connection, key: str, now: int, by: int, most: int) -> int:
    """Move a key's moment on; gives it. Everything in microseconds since 1970.

    From now where it lies behind, and where it lies so far ahead that a clock was wrong when it was written.
    """
    insert = postgresql.insert if tx.dialect.name == "postgresql" else sqlite.insert
    moment = request_rates.c.moment
    statement = insert(request_rates).values(key=key, moment=now + by)
    moved = statement.on_conflict_do_update(
        index_elements=["key"], set_={"moment": case((or_(moment < now, moment > most), now), else_=moment) + by}
    )
    return int(tx.execute(moved.returning(moment)).scalar_one())


def put_back(tx: Connection, key: str, by: int) -> None:
    """Take back what `advance` moved too far."""
    moment = request_rates.c.moment
    tx.execute(update(request_rates).where(request_rates.c.key == key).values(moment=moment - by))


def delete_before(tx: Connection, moment: int) -> int:
    """Forget keys whose moment has passed: for them all is as if they had never asked; gives how many."""
    return tx.execute(delete(request_rates).where(request_rates.c.moment < moment)).rowcount
