"""Webhooks of organizations and of apps; what only its owner may know is sealed, and read where it is needed."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Row, delete, func, insert, or_, select, update

from seatrial.db.tables import webhooks
from seatrial.domain.access import AppScope, OrganizationScope
from seatrial.domain.build import Page, Unset
from seatrial.domain.errors import EntityNotFound
from seatrial.domain.event import Event, EventKind
from seatrial.domain.ids import WebhookId, is_entity_id
from seatrial.domain.listing import ListQuery
from seatrial.domain.webhook import Webhook, WebhookChanges

_SEALED = {"secret", "previous_secret", "headers"}
_SHOWN = [column for column in webhooks.c if column.name not in _SEALED]
_SORTED_BY = {"createdAt": webhooks.c.created_at, "updatedAt": webhooks.c.updated_at}


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedWebhook:
    """A webhook with what its requests need, still sealed."""

    webhook: Webhook
    secret: str = field(repr=False)
    previous_secret: str | None = field(repr=False)
    headers: str = field(repr=False)
    """Empty for none."""


def insert_webhook(tx: Connection, webhook: Webhook, secret: str, headers: str) -> None:
    """Add a webhook with its sealed secret and headers."""
    tx.execute(
        insert(webhooks).values(
            id=webhook.id,
            organization_id=webhook.organization_id,
            app_id=webhook.app_id,
            url=webhook.url,
            description=webhook.description,
            events=[kind.value for kind in webhook.events],
            enabled=webhook.enabled,
            secret=secret,
            headers=headers,
            header_names=list(webhook.header_names),
            created_at=webhook.created_at,
            updated_at=webhook.updated_at,
        )
    )


def listening(tx: Connection, event: Event) -> Sequence[WebhookId]:
    """Name the webhooks that want to hear of an event: one look at an index where there are none."""
    rows = tx.execute(
        select(webhooks.c.id, webhooks.c.events).where(
            webhooks.c.organization_id == event.organization_id,
            or_(webhooks.c.app_id.is_(None), webhooks.c.app_id == event.app_id),
            webhooks.c.enabled,
        )
    )
    return [row.id for row in rows if event.kind.value in row.events]


def count(tx: Connection, scope: OrganizationScope) -> int:
    """Count the webhooks of an app, or those of an organization beside those of its apps."""
    return tx.execute(select(func.count()).select_from(webhooks).where(*_of(scope))).scalar_one()


def get(tx: Connection, scope: OrganizationScope, webhook_id: str, *, hold: bool = False) -> Webhook:
    """Read a webhook.

    Raises EntityNotFound.
    """
    if not is_entity_id(webhook_id):
        raise EntityNotFound
    statement = select(*_SHOWN).where(*_of(scope), webhooks.c.id == webhook_id.lower())
    row = tx.execute(statement.with_for_update() if hold else statement).one_or_none()
    if row is None:
        raise EntityNotFound
    return _webhook(row)


def find_sealed(tx: Connection, webhook_id: WebhookId) -> SealedWebhook | None:
    """Read a webhook to send with."""
    row = tx.execute(select(webhooks).where(webhooks.c.id == webhook_id)).one_or_none()
    if row is None:
        return None
    return SealedWebhook(
        webhook=_webhook(row), secret=row.secret, previous_secret=row.previous_secret, headers=row.headers
    )


def search(tx: Connection, scope: OrganizationScope, query: ListQuery) -> Page[Webhook]:
    """Read one page of the webhooks of an app, or of an organization beside those of its apps."""
    order = (_SORTED_BY[query.sort], webhooks.c.id)
    rows = tx.execute(
        select(*_SHOWN)
        .where(*_of(scope))
        .order_by(*(column.desc() for column in order) if query.descending else order)
        .limit(query.limit)
        .offset(query.offset)
    )
    return Page([_webhook(row) for row in rows], count(tx, scope), query.page, query.limit)


def update_webhook(
    tx: Connection, webhook: Webhook, changes: WebhookChanges, headers: str | Unset, now: datetime
) -> None:
    """Edit a webhook; one that is switched on again, or leads elsewhere, has no failures behind it."""
    said: dict[str, object] = {
        "url": changes.url,
        "description": changes.description,
        "events": changes.events if isinstance(changes.events, Unset) else [kind.value for kind in changes.events],
        "enabled": changes.enabled,
        "headers": headers,
        "header_names": changes.headers if isinstance(changes.headers, Unset) else list(changes.headers),
    }
    values = {column: value for column, value in said.items() if not isinstance(value, Unset)}
    if not isinstance(changes.enabled, Unset) or not isinstance(changes.url, Unset):
        values |= {"failing_since": None, "disabled_reason": ""}
    tx.execute(update(webhooks).where(webhooks.c.id == webhook.id).values(values | {"updated_at": now}))


def rotate(tx: Connection, webhook: Webhook, secret: str, old_until: datetime | None, now: datetime) -> None:
    """Give a webhook another secret; the old one signs too until then, or no more."""
    tx.execute(
        update(webhooks)
        .where(webhooks.c.id == webhook.id)
        .values(
            previous_secret=webhooks.c.secret if old_until else None,
            previous_until=old_until,
            secret=secret,
            updated_at=now,
        )
    )


def note_success(tx: Connection, webhook_id: WebhookId) -> None:
    """Forget the failures of a webhook."""
    tx.execute(
        update(webhooks)
        .where(webhooks.c.id == webhook_id, webhooks.c.failing_since.is_not(None))
        .values(failing_since=None)
    )


def note_failure(tx: Connection, webhook_id: WebhookId, now: datetime) -> None:
    """Remember since when a webhook fails."""
    tx.execute(
        update(webhooks)
        .where(webhooks.c.id == webhook_id, webhooks.c.failing_since.is_(None))
        .values(failing_since=now)
    )


def switch_off(tx: Connection, webhook_id: WebhookId, reason: str, now: datetime) -> bool:
    """Switch a webhook off for a reason; tells whether it was on."""
    statement = (
        update(webhooks)
        .where(webhooks.c.id == webhook_id, webhooks.c.enabled)
        .values(enabled=False, disabled_reason=reason, updated_at=now)
    )
    return tx.execute(statement).rowcount == 1


def delete_webhook(tx: Connection, scope: OrganizationScope, webhook_id: str) -> bool:
    """Remove a webhook with its log; tells whether there was one."""
    if not is_entity_id(webhook_id):
        return False
    return tx.execute(delete(webhooks).where(*_of(scope), webhooks.c.id == webhook_id.lower())).rowcount == 1


def _of(scope: OrganizationScope) -> tuple[ColumnElement[bool], ...]:
    app = webhooks.c.app_id == scope.app_id if isinstance(scope, AppScope) else webhooks.c.app_id.is_(None)
    return (webhooks.c.organization_id == scope.organization_id, app)


def _webhook(row: Row[tuple[object, ...]]) -> Webhook:
    return Webhook(
        id=row.id,
        organization_id=row.organization_id,
        app_id=row.app_id,
        url=row.url,
        description=row.description,
        events=tuple(EventKind(kind) for kind in row.events),
        enabled=row.enabled,
        header_names=tuple(row.header_names),
        failing_since=row.failing_since,
        disabled_reason=row.disabled_reason,
        previous_secret_until=row.previous_until,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )
