"""What app tokens and service accounts have in common: a secret that is rotated, an end, and a last use."""

from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Table, update

from seatrial.domain.ids import is_entity_id


def rotate(tx: Connection, table: Table, credential_id: str, digest: str, old_until: datetime | None) -> None:
    """Give one another secret; the old one is good until then, or no more."""
    before = table.c.digest if old_until else None
    values = {"previous_digest": before, "previous_expires_at": old_until, "digest": digest}
    tx.execute(update(table).where(table.c.id == credential_id).values(values))


def revoke(tx: Connection, table: Table, where: tuple[ColumnElement[bool], ...], said_id: str, now: datetime) -> bool:
    """End one of some for good; tells whether there was one to end."""
    if not is_entity_id(said_id):
        return False
    return tx.execute(update(table).where(*where, table.c.id == said_id.lower()).values(revoked_at=now)).rowcount == 1


def touch(tx: Connection, table: Table, credential_id: str, now: datetime) -> None:
    """Remember when one was last used."""
    tx.execute(update(table).where(table.c.id == credential_id).values(last_used_at=now))
