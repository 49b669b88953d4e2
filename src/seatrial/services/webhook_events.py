"""What webhooks make of an event: a message for each one that listens, in the transaction of the event itself."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from seatrial.db import apps, builds, downloads, organizations, webhook_deliveries, webhooks
from seatrial.domain.access import AppScope, Person, Principal, PrincipalKind
from seatrial.domain.errors import EntityNotFound
from seatrial.domain.event import Event, EventKind
from seatrial.domain.ids import DeliveryId, WebhookId, new_entity_id
from seatrial.domain.webhook import Delivery, DeliveryStatus, Happening
from seatrial.services.jobs import Jobs, Task

ABOUT_BUILDS = frozenset(
    {EventKind.BUILD_UPLOADED, EventKind.BUILD_PROCESSED, EventKind.BUILD_FAILED, EventKind.BUILD_DOWNLOADED}
)
_HOUSE = Principal(kind=PrincipalKind.OPERATOR, id="", person=Person(id="", email=""), permissions=frozenset())
"""Whoever made the event was allowed to; telling of it needs no more."""


@dataclass(frozen=True, slots=True)
class WebhookEvents:
    """Listens to all events; costs one look at an index where no webhook does."""

    jobs: Jobs
    render: Callable[[Happening], str]
    """Writes the message, of the state as it is at this moment: what is uploaded a second later is not in it."""

    def __call__(self, tx: Connection, event: Event) -> None:
        """Leave a message for each webhook that wants it."""
        listening = webhooks.listening(tx, event)
        if not listening:
            return
        happening = _happening(tx, event)
        if happening is None:
            return
        payload = self.render(happening)
        for webhook_id in listening:
            post(tx, self.jobs, webhook_id, event.kind.value, payload, event.at)


def post(tx: Connection, jobs: Jobs, webhook_id: WebhookId, kind: str, payload: str, now: datetime) -> Delivery:
    """Have a message sent after the caller's transaction."""
    delivery = Delivery(
        id=DeliveryId(new_entity_id()),
        webhook_id=webhook_id,
        kind=kind,
        payload=payload,
        status=DeliveryStatus.PENDING,
        attempts=0,
        response_status=None,
        error="",
        next_attempt_at=now,
        created_at=now,
        finished_at=None,
    )
    webhook_deliveries.insert_delivery(tx, delivery)
    jobs.request(tx, Task.DELIVER_WEBHOOK, delivery.id)
    return delivery


def _happening(tx: Connection, event: Event) -> Happening | None:
    """Gather what a message says; none where what it is about is gone already."""
    scope = AppScope(organization_id=event.organization_id, app_id=event.app_id, principal=_HOUSE)
    application = apps.application_info(tx, scope)
    if application is None:
        return None
    download = event.facts.get("download")
    try:
        return Happening(
            event=event,
            organization=organizations.get(tx, event.organization_id),
            application=application,
            build=builds.get(tx, scope, event.subject) if event.kind in ABOUT_BUILDS else None,
            download=downloads.find(tx, download) if isinstance(download, str) else None,
        )
    except EntityNotFound:
        return None
