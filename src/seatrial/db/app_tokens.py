"""App tokens by the digest of their secret."""

from datetime import datetime

from sqlalchemy import Connection, Row, insert, select, update

from seatrial.db.tables import app_tokens
from seatrial.domain.access import AppScope, TokenScope
from seatrial.domain.app import AppToken

_PUBLIC = [column for column in app_tokens.c if column.name != "digest"]


def insert_token(tx: Connection, token: AppToken, digest: str) -> None:
    """Add a token; only the digest of its secret is kept."""
    tx.execute(
        insert(app_tokens).values(
            id=token.id,
            organization_id=token.organization_id,
            app_id=token.app_id,
            digest=digest,
            description=token.description,
            scopes=[scope.value for scope in token.scopes],
            created_by=token.created_by,
            expires_at=token.expires_at,
            created_at=token.created_at,
        )
    )


def find_by_digest(tx: Connection, digest: str) -> AppToken | None:
    """Find a token, revoked and expired ones too, by the digest of its secret."""
    row = tx.execute(select(*_PUBLIC).where(app_tokens.c.digest == digest)).one_or_none()
    return _token(row) if row else None


def list_all(tx: Connection, scope: AppScope) -> list[AppToken]:
    """Read an app's tokens, oldest first."""
    rows = tx.execute(
        select(*_PUBLIC)
        .where(app_tokens.c.app_id == scope.app_id, app_tokens.c.organization_id == scope.organization_id)
        .order_by(app_tokens.c.created_at, app_tokens.c.id)
    )
    return [_token(row) for row in rows]


def revoke(tx: Connection, scope: AppScope, token_id: str, now: datetime) -> bool:
    """End a token for good; tells whether there was one to end."""
    ended = tx.execute(
        update(app_tokens)
        .where(
            app_tokens.c.id == token_id.lower(),
            app_tokens.c.app_id == scope.app_id,
            app_tokens.c.organization_id == scope.organization_id,
            app_tokens.c.revoked_at.is_(None),
        )
        .values(revoked_at=now)
    )
    return ended.rowcount == 1


def touch(tx: Connection, token_id: str, now: datetime) -> None:
    """Remember when a token was last used."""
    tx.execute(update(app_tokens).where(app_tokens.c.id == token_id).values(last_used_at=now))


def _token(row: Row[tuple[object, ...]]) -> AppToken:
    values = dict(row._mapping)  # noqa: SLF001  # SQLAlchemy's public name for a row as a mapping
    values["scopes"] = tuple(TokenScope(scope) for scope in values["scopes"])
    return AppToken(**values)
