"""Signing keys of apps, sealed: whoever reads the database alone cannot sign."""

from dataclasses import dataclass, field

from sqlalchemy import Connection, delete, insert, select
from sqlalchemy.dialects import postgresql, sqlite

from seatrial.db.tables import signing_keys
from seatrial.domain.ids import AppId
from seatrial.domain.signing_key import KeyOrigin, SigningKey

_SHOWN = ("app_id", "subject", "sha1", "sha256", "not_after", "created_at")


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedKey:
    """A key as it is kept."""

    key: SigningKey
    alias: str
    keystore: str = field(repr=False)
    password: str = field(repr=False)


def find(tx: Connection, app_id: AppId, *, hold: bool = False) -> SealedKey | None:
    """Read an app's key."""
    statement = select(signing_keys).where(signing_keys.c.app_id == app_id)
    row = tx.execute(statement.with_for_update() if hold else statement).one_or_none()
    if row is None:
        return None
    shown = {name: getattr(row, name) for name in _SHOWN}
    key = SigningKey(origin=KeyOrigin(row.origin), **shown)
    return SealedKey(key=key, alias=row.alias, keystore=row.keystore, password=row.password)


def add(tx: Connection, sealed: SealedKey) -> bool:
    """Add an app's key unless it has one; tells whether it was added."""
    insertion = postgresql.insert if tx.dialect.name == "postgresql" else sqlite.insert
    added = tx.execute(insertion(signing_keys).values(**_values(sealed)).on_conflict_do_nothing())
    return added.rowcount == 1


def put(tx: Connection, sealed: SealedKey) -> None:
    """Give an app this key instead of any other."""
    tx.execute(delete(signing_keys).where(signing_keys.c.app_id == sealed.key.app_id))
    tx.execute(insert(signing_keys).values(**_values(sealed)))


def _values(sealed: SealedKey) -> dict[str, object]:
    shown = {name: getattr(sealed.key, name) for name in _SHOWN}
    return {
        **shown,
        "origin": sealed.key.origin.value,
        "alias": sealed.alias,
        "keystore": sealed.keystore,
        "password": sealed.password,
    }
