"""Where this server is reached, as the one that listens last said; workers hand out links with it."""

from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from seatrial.db.tables import addresses

_API = "api"


def note(tx: Connection, url: str, now: datetime) -> None:
    """Note the base of this server's URLs."""
    tx.execute(delete(addresses).where(addresses.c.name == _API))
    tx.execute(insert(addresses).values(name=_API, url=url, noted_at=now))


def find(tx: Connection) -> str | None:
    """Look up the base of this server's URLs."""
    return tx.execute(select(addresses.c.url).where(addresses.c.name == _API)).scalar_one_or_none()
