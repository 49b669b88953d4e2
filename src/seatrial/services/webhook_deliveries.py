"""The log of a webhook: what was sent, what came back, and sending it once more."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from seatrial.db import apps, audit_log, organizations, webhook_deliveries, webhooks
from seatrial.db.engine import Database
from seatrial.db.webhook_deliveries import Step
from seatrial.domain.access import AppScope, OrganizationScope
from seatrial.domain.app import Organization
from seatrial.domain.build import ApplicationInfo, Page
from seatrial.domain.errors import Conflict
from seatrial.domain.webhook import TEST_KIND, Attempt, Delivery, DeliveryQuery, DeliveryStatus, Webhook
from seatrial.services.jobs import Jobs, Task
from seatrial.services.webhook_events import post
from seatrial.services.webhook_sending import SendingRules
from seatrial.services.webhooks import rights

RenderTest = Callable[[Organization, ApplicationInfo | None, Webhook, datetime], str]


@dataclass(frozen=True, slots=True)
class WebhookDeliveries:
    """What callers may see of a webhook's messages, and send."""

    db: Database
    jobs: Jobs
    render_test: RenderTest
    now: Callable[[], datetime]
    rules: SendingRules

    def search(self, scope: OrganizationScope, webhook_id: str, query: DeliveryQuery) -> Page[Delivery]:
        """Give one page of a webhook's messages.

        Raises Forbidden, EntityNotFound.
        """
        scope.require(rights(scope).list)
        with self.db.read() as tx:
            return webhook_deliveries.search(tx, webhooks.get(tx, scope, webhook_id).id, query)

    def get(self, scope: OrganizationScope, webhook_id: str, delivery_id: str) -> tuple[Delivery, list[Attempt]]:
        """Give one message and every attempt at it.

        Raises Forbidden, EntityNotFound.
        """
        scope.require(rights(scope).list)
        with self.db.read() as tx:
            webhook = webhooks.get(tx, scope, webhook_id)
            found = webhook_deliveries.get(tx, webhook.id, delivery_id)
            return found.delivery, webhook_deliveries.attempts(tx, found.delivery.id)

    def replay(self, scope: OrganizationScope, webhook_id: str, delivery_id: str) -> tuple[Delivery, list[Attempt]]:
        """Send a message once more, the same to the byte and under the same id, at once; failing, it is retried anew.

        Raises Forbidden, EntityNotFound, Conflict while it is being sent or its webhook is switched off.
        """
        scope.require(rights(scope).update)
        now = self.now()
        with self.db.transaction() as tx:
            webhook = webhooks.get(tx, scope, webhook_id)
            found = webhook_deliveries.get(tx, webhook.id, delivery_id, hold=True)
            delivery = found.delivery
            if not webhook.enabled and delivery.kind != TEST_KIND:
                raise Conflict("The webhook is switched off; switch it on first.")
            began = webhook_deliveries.open_attempt(tx, delivery.id)
            if began is not None and now < began + self.rules.lease:
                raise Conflict("It is being sent at this moment.")
            step = Step(
                status=DeliveryStatus.PENDING,
                turn=found.turn + 1,
                failures=0,
                attempts=delivery.attempts,
                response_status=delivery.response_status,
                next_attempt_at=now,
            )
            webhook_deliveries.move(tx, delivery.id, step)
            self.jobs.request(tx, Task.DELIVER_WEBHOOK, delivery.id, step.turn)
            audit_log.record(tx, scope, "webhook.replay", webhook.id, now, {"delivery": delivery.id})
            after = webhook_deliveries.get(tx, webhook.id, delivery_id)
            return after.delivery, webhook_deliveries.attempts(tx, delivery.id)

    def test(self, scope: OrganizationScope, webhook_id: str) -> Delivery:
        """Send a message that only says that messages arrive, also where the webhook is switched off.

        Raises Forbidden, EntityNotFound.
        """
        scope.require(rights(scope).update)
        now = self.now()
        with self.db.transaction() as tx:
            webhook = webhooks.get(tx, scope, webhook_id)
            app = apps.application_info(tx, scope) if isinstance(scope, AppScope) else None
            payload = self.render_test(organizations.get(tx, scope.organization_id), app, webhook, now)
            delivery = post(tx, self.jobs, webhook.id, TEST_KIND, payload, now)
            audit_log.record(tx, scope, "webhook.test", webhook.id, now, {"delivery": delivery.id})
        return delivery

    def forget_old(self) -> None:
        """Remove what the log need not hold any more, a batch at a time."""
        before = self.now() - timedelta(days=self.rules.log_days)
        while True:
            with self.db.transaction() as tx:
                if not webhook_deliveries.forget(tx, before):
                    return

    def revive(self) -> None:
        """Ask again for the sending of what should have been sent long ago and lost its job."""
        now = self.now()
        with self.db.transaction() as tx:
            for delivery_id in webhook_deliveries.overdue(tx, now - self.rules.overdue):
                found = webhook_deliveries.find(tx, delivery_id)
                if found is None or found.delivery.status is not DeliveryStatus.PENDING:
                    continue
                turn = webhook_deliveries.take_turn(tx, found, due=now)
                self.jobs.request(tx, Task.DELIVER_WEBHOOK, found.delivery.id, turn)
