"""App tokens by the digest of their secret."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, bindparam, delete, insert, or_, select, update

from seatrial.db import credentials
from seatrial.db.paging import page_of
from seatrial.db.tables import app_tokens, organizations, users
from seatrial.domain.access import AppScope, Person, TokenScope
from seatrial.domain.app import AppToken
from seatrial.domain.build import Page
from seatrial.domain.errors import EntityNotFound
from seatrial.domain.ids import is_entity_id
from seatrial.domain.listing import ListQuery

_PUBLIC = [column for column in app_tokens.c if column.name not in {"digest", "previous_digest", "previous_expires_at"}]


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
            publisher_id=token.publisher_id,
            vouched=dict(token.vouched),
        )
    )


@dataclass(frozen=True, slots=True)
class FoundToken:
    """A token with what a request needs to know around it."""

    token: AppToken
    integrations_enabled: bool
    maker: Person | None
    """The person who made the token, while they are there."""


# Asked by every request of a pipeline: one statement, drawn up once.
_BY_DIGEST = (
    select(
        *_PUBLIC,
        (app_tokens.c.digest == bindparam("digest")).label("is_current"),
        app_tokens.c.previous_expires_at,
        organizations.c.integrations_enabled,
        users.c.id.label("maker_id"),
        users.c.email,
        users.c.first_name,
        users.c.last_name,
        users.c.picture,
    )
    .join(organizations, organizations.c.id == app_tokens.c.organization_id)
    .outerjoin(users, users.c.id == app_tokens.c.created_by)
    .where(or_(app_tokens.c.digest == bindparam("digest"), app_tokens.c.previous_digest == bindparam("digest")))
)


def find_by_digest(tx: Connection, digest: str) -> FoundToken | None:
    """Find a token, revoked and expired ones too, by the digest of its secret.

    Found by the secret before a rotation, it expires with that secret.
    """
    row = tx.execute(_BY_DIGEST, {"digest": digest}).one_or_none()
    if row is None:
        return None
    maker = (
        Person(
            id=row.maker_id,
            email=row.email,
            first_name=row.first_name,
            last_name=row.last_name,
            picture=row.picture,
        )
        if row.maker_id
        else None
    )
    token = _token(row)
    if not row.is_current:
        ends = [end for end in (token.expires_at, row.previous_expires_at) if end is not None]
        token = replace(token, expires_at=min(ends, default=None))
    return FoundToken(token, row.integrations_enabled, maker)


def get(tx: Connection, scope: AppScope, token_id: str) -> AppToken:
    """Read a token of an app that is not revoked.

    Raises EntityNotFound.
    """
    if not is_entity_id(token_id):
        raise EntityNotFound
    row = tx.execute(select(*_PUBLIC).where(*_of(scope), app_tokens.c.id == token_id.lower())).one_or_none()
    if row is None:
        raise EntityNotFound
    return _token(row)


def search(tx: Connection, scope: AppScope, query: ListQuery, now: datetime) -> Page[AppToken]:
    """Read one page of an app's tokens that are not revoked, by the time they were made.

    Of those that identity tokens were traded in for only what is still good: there is one for each run of a pipeline.
    """
    lasting = or_(app_tokens.c.publisher_id.is_(None), app_tokens.c.expires_at > now)
    return page_of(
        tx, select(*_PUBLIC).where(*_of(scope), lasting), (app_tokens.c.created_at, app_tokens.c.id), query, _token
    )


def revoke(tx: Connection, scope: AppScope, token_id: str, now: datetime) -> bool:
    """End a token for good; tells whether there was one to end."""
    return credentials.revoke(tx, app_tokens, _of(scope), token_id, now)


def rotate(tx: Connection, token: AppToken, digest: str, old_until: datetime | None) -> None:
    """Give a token another secret; the old one is good until then, or no more."""
    credentials.rotate(tx, app_tokens, token.id, digest, old_until)


def revoke_of_publisher(tx: Connection, publisher_id: str, now: datetime) -> None:
    """End every token that an identity token was traded in for by a rule."""
    tx.execute(
        update(app_tokens)
        .where(app_tokens.c.publisher_id == publisher_id, app_tokens.c.revoked_at.is_(None))
        .values(revoked_at=now)
    )


def delete_published_before(tx: Connection, moment: datetime) -> None:
    """Forget tokens that identity tokens were traded in for and that ended before a moment."""
    tx.execute(delete(app_tokens).where(app_tokens.c.publisher_id.is_not(None), app_tokens.c.expires_at < moment))


def touch(tx: Connection, token_id: str, now: datetime) -> None:
    """Remember when a token was last used."""
    credentials.touch(tx, app_tokens, token_id, now)


def _of(scope: AppScope) -> tuple[ColumnElement[bool], ...]:
    return (
        app_tokens.c.app_id == scope.app_id,
        app_tokens.c.organization_id == scope.organization_id,
        app_tokens.c.revoked_at.is_(None),
    )


def _token(row: Row[*tuple[Any, ...]]) -> AppToken:
    return AppToken(
        id=row.id,
        organization_id=row.organization_id,
        app_id=row.app_id,
        description=row.description,
        scopes=tuple(TokenScope(scope) for scope in row.scopes),
        created_by=row.created_by,
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
        last_used_at=row.last_used_at,
        created_at=row.created_at,
        publisher_id=row.publisher_id,
        vouched=row.vouched,
    )
