"""Webhooks: who is told of what happens in an organization, or in one of its apps."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from seatrial.db import apps, audit_log, webhooks
from seatrial.db.engine import Database
from seatrial.domain.access import AppScope, OrganizationScope, Permission
from seatrial.domain.build import UNSET, Page, Unset
from seatrial.domain.errors import Conflict, EntityNotFound, InvalidRequest
from seatrial.domain.ids import WebhookId, new_entity_id
from seatrial.domain.listing import ListQuery
from seatrial.domain.webhook import MOST_WEBHOOKS, NewWebhook, Webhook, WebhookChanges
from seatrial.services.webhook_secrets import new_secret, seal_headers
from seatrial.services.webhook_targets import Targets, check_headers
from seatrial.storage.sealing import Sealer

LONGEST_OVERLAP = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Rights:
    """What each verb needs, of an organization's webhooks or of an app's."""

    list: Permission
    create: Permission
    update: Permission
    delete: Permission


_ORGANIZATION = Rights(
    Permission.WEBHOOK_LIST, Permission.WEBHOOK_CREATE, Permission.WEBHOOK_UPDATE, Permission.WEBHOOK_DELETE
)
_APP = Rights(
    Permission.APP_WEBHOOK_LIST,
    Permission.APP_WEBHOOK_CREATE,
    Permission.APP_WEBHOOK_UPDATE,
    Permission.APP_WEBHOOK_DELETE,
)


def rights(scope: OrganizationScope) -> Rights:
    """Tell what the verbs need in a scope."""
    return _APP if isinstance(scope, AppScope) else _ORGANIZATION


@dataclass(frozen=True, slots=True)
class Webhooks:
    """What callers may do with webhooks; an app's scope sees that app's alone, an organization's those of no app."""

    db: Database
    sealer: Sealer
    now: Callable[[], datetime]
    targets: Targets = field(default_factory=Targets)

    def create(self, scope: OrganizationScope, new: NewWebhook) -> tuple[Webhook, str]:
        """Make a webhook; gives it and its secret, which is shown once.

        Raises Forbidden, InvalidRequest, Conflict where there are too many.
        """
        scope.require(rights(scope).create)
        self._check(new)
        now, secret = self.now(), new_secret()
        webhook = Webhook(
            id=WebhookId(new_entity_id()),
            organization_id=scope.organization_id,
            app_id=scope.app_id if isinstance(scope, AppScope) else None,
            url=new.url,
            description=new.description,
            events=new.events,
            enabled=new.enabled,
            header_names=tuple(new.headers),
            failing_since=None,
            disabled_reason="",
            previous_secret_until=None,
            created_at=now,
            updated_at=now,
        )
        with self.db.transaction() as tx:
            if isinstance(scope, AppScope) and apps.application_info(tx, scope) is None:
                raise EntityNotFound
            if webhooks.count(tx, scope) >= MOST_WEBHOOKS:
                raise Conflict(f"There are {MOST_WEBHOOKS} webhooks already, which is the most.")
            webhooks.insert_webhook(
                tx, webhook, self.sealer.seal(secret.encode()), seal_headers(self.sealer, new.headers)
            )
            audit_log.record(tx, scope, "webhook.create", webhook.id, now, {"events": list(new.events)})
        return webhook, secret

    def search(self, scope: OrganizationScope, query: ListQuery) -> Page[Webhook]:
        """Give one page of webhooks, without their secrets.

        Raises Forbidden.
        """
        scope.require(rights(scope).list)
        with self.db.read() as tx:
            return webhooks.search(tx, scope, query)

    def get(self, scope: OrganizationScope, webhook_id: str) -> Webhook:
        """Give one webhook, without its secret.

        Raises Forbidden, EntityNotFound.
        """
        scope.require(rights(scope).list)
        with self.db.read() as tx:
            return webhooks.get(tx, scope, webhook_id)

    def update(self, scope: OrganizationScope, webhook_id: str, changes: WebhookChanges) -> Webhook:
        """Change what a webhook is told and where; its secret stays.

        Raises Forbidden, EntityNotFound, InvalidRequest.
        """
        scope.require(rights(scope).update)
        if not isinstance(changes.url, Unset):
            self.targets.check(changes.url)
        if not isinstance(changes.events, Unset):
            _check_events(changes.events)
        headers: str | Unset = UNSET
        if not isinstance(changes.headers, Unset):
            check_headers(changes.headers)
            headers = seal_headers(self.sealer, changes.headers)
        now = self.now()
        with self.db.transaction() as tx:
            before = webhooks.get(tx, scope, webhook_id, hold=True)
            webhooks.update_webhook(tx, before, changes, headers, now)
            after = webhooks.get(tx, scope, webhook_id)
            audit_log.record(tx, scope, "webhook.update", after.id, now, {"enabled": after.enabled})
        return after

    def rotate(self, scope: OrganizationScope, webhook_id: str, overlap: timedelta) -> tuple[Webhook, str]:
        """Give a webhook another secret, shown once; until the overlap ends, messages carry both signatures.

        A secret from the rotation before signs no more: there are never more than two signatures.

        Raises Forbidden, EntityNotFound, InvalidRequest.
        """
        scope.require(rights(scope).update)
        if not timedelta() <= overlap <= LONGEST_OVERLAP:
            raise InvalidRequest(
                {"overlapSeconds": f"must be an integer from 0 to {LONGEST_OVERLAP // timedelta(seconds=1)}"}
            )
        now, secret = self.now(), new_secret()
        with self.db.transaction() as tx:
            before = webhooks.get(tx, scope, webhook_id, hold=True)
            webhooks.rotate(tx, before, self.sealer.seal(secret.encode()), now + overlap if overlap else None, now)
            after = webhooks.get(tx, scope, webhook_id)
            detail: dict[str, object] = {"overlapSeconds": overlap // timedelta(seconds=1)}
            audit_log.record(tx, scope, "webhook.rotate", after.id, now, detail)
        return after, secret

    def delete(self, scope: OrganizationScope, webhook_id: str) -> None:
        """Remove a webhook with its log; what waits is not sent any more.

        Raises Forbidden, EntityNotFound.
        """
        scope.require(rights(scope).delete)
        now = self.now()
        with self.db.transaction() as tx:
            if not webhooks.delete_webhook(tx, scope, webhook_id):
                raise EntityNotFound
            audit_log.record(tx, scope, "webhook.delete", webhook_id.lower(), now)

    def _check(self, new: NewWebhook) -> None:
        self.targets.check(new.url)
        _check_events(new.events)
        check_headers(new.headers)


def _check_events(events: tuple[object, ...]) -> None:
    if not events:
        raise InvalidRequest({"events": "must name at least one event"})
