"""Rules of trusted publishing, and identity tokens that were traded in."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from seatrial.db.paging import page_of
from seatrial.db.tables import apps, spent_identity_tokens, trusted_publishers
from seatrial.domain.access import AppScope
from seatrial.domain.build import Page
from seatrial.domain.errors import EntityNotFound
from seatrial.domain.ids import is_entity_id
from seatrial.domain.listing import ListQuery
from seatrial.domain.trusted_publisher import CiSystem, TrustedPublisher


@dataclass(frozen=True, slots=True)
class Candidate:
    """A rule that an identity token may fit, and what its app is called."""

    publisher: TrustedPublisher
    app_slug: str


def save(tx: Connection, publisher: TrustedPublisher) -> None:
    """Add a rule, or write over what it was."""
    values = {
        "organization_id": publisher.organization_id,
        "app_id": publisher.app_id,
        "name": publisher.name,
        "system": publisher.system.value,
        "issuer": publisher.issuer,
        "audience": publisher.audience,
        "conditions": {name: list(patterns) for name, patterns in publisher.conditions.items()},
        "created_at": publisher.created_at,
        "updated_at": publisher.updated_at,
    }
    changed = tx.execute(
        update(trusted_publishers).where(trusted_publishers.c.id == publisher.id).values(values)
    ).rowcount
    if not changed:
        tx.execute(insert(trusted_publishers).values(id=publisher.id, **values))


def get(tx: Connection, scope: AppScope, publisher_id: str) -> TrustedPublisher:
    """Read a rule of an app.

    Raises EntityNotFound.
    """
    if not is_entity_id(publisher_id):
        raise EntityNotFound
    row = tx.execute(
        select(trusted_publishers).where(
            trusted_publishers.c.id == publisher_id.lower(),
            trusted_publishers.c.app_id == scope.app_id,
            trusted_publishers.c.organization_id == scope.organization_id,
        )
    ).one_or_none()
    if row is None:
        raise EntityNotFound
    return _publisher(row)


def search(tx: Connection, scope: AppScope, query: ListQuery) -> Page[TrustedPublisher]:
    """Read one page of an app's rules, by the time they were made."""
    where = (trusted_publishers.c.app_id == scope.app_id, trusted_publishers.c.organization_id == scope.organization_id)
    return page_of(
        tx,
        select(trusted_publishers).where(*where),
        (trusted_publishers.c.created_at, trusted_publishers.c.id),
        query,
        _publisher,
    )


def remove(tx: Connection, publisher: TrustedPublisher) -> None:
    """Forget a rule."""
    tx.execute(delete(trusted_publishers).where(trusted_publishers.c.id == publisher.id))


def of_issuer(tx: Connection, issuer: str) -> list[Candidate]:
    """Read every rule about an issuer, whosever it is, oldest first."""
    rows = tx.execute(
        select(trusted_publishers, apps.c.slug)
        .join(apps, apps.c.id == trusted_publishers.c.app_id)
        .where(trusted_publishers.c.issuer == issuer)
        .order_by(trusted_publishers.c.created_at, trusted_publishers.c.id)
    )
    return [Candidate(_publisher(row), row.slug) for row in rows]


def spend(tx: Connection, digest: str, expires_at: datetime) -> bool:
    """Let an identity token be traded in once; of any number of callers with the same one exactly one gets True."""
    make = postgresql.insert if tx.dialect.name == "postgresql" else sqlite.insert
    added = make(spent_identity_tokens).values(digest=digest, expires_at=expires_at).on_conflict_do_nothing()
    return tx.execute(added.returning(spent_identity_tokens.c.digest)).one_or_none() is not None


def delete_spent_before(tx: Connection, moment: datetime) -> None:
    """Forget identity tokens that are no good any more anyway."""
    tx.execute(delete(spent_identity_tokens).where(spent_identity_tokens.c.expires_at < moment))


def touch(tx: Connection, publisher: TrustedPublisher, now: datetime) -> None:
    """Remember when a rule last let a run in."""
    tx.execute(update(trusted_publishers).where(trusted_publishers.c.id == publisher.id).values(last_used_at=now))


def _publisher(row: Row[*tuple[Any, ...]]) -> TrustedPublisher:
    return TrustedPublisher(
        id=row.id,
        organization_id=row.organization_id,
        app_id=row.app_id,
        name=row.name,
        system=CiSystem(row.system),
        issuer=row.issuer,
        audience=row.audience,
        conditions={name: tuple(patterns) for name, patterns in row.conditions.items()},
        last_used_at=row.last_used_at,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )
