"""Webhooks: what they are made of in every process."""

from dataclasses import dataclass

from seatrial.config import Settings
from seatrial.db.engine import Database
from seatrial.domain.addresses import AddressPolicy
from seatrial.domain.clock import utc_now
from seatrial.services.jobs import Jobs, Task
from seatrial.services.webhook_deliveries import WebhookDeliveries
from seatrial.services.webhook_events import WebhookEvents
from seatrial.services.webhook_sending import SendingRules, WebhookSending
from seatrial.services.webhook_targets import Targets
from seatrial.services.webhooks import Webhooks
from seatrial.storage.sealing import Sealer
from seatrial.tools.outgoing import Outgoing
from seatrial.wire.links import Links
from seatrial.wire.webhooks import Messages
from seatrial.worker.workflows import TaskCalls


@dataclass(frozen=True, slots=True)
class WebhookParts:
    """The services of webhooks, which share their rules."""

    settings: Settings
    database: Database
    jobs: Jobs
    sealer: Sealer

    @property
    def webhooks(self) -> Webhooks:
        """What callers may do with webhooks."""
        return Webhooks(self.database, self.sealer, utc_now, self._targets)

    @property
    def events(self) -> WebhookEvents:
        """Who takes note of events."""
        return WebhookEvents(self.jobs, self._messages.event)

    @property
    def deliveries(self) -> WebhookDeliveries:
        """The log."""
        return WebhookDeliveries(self.database, self.jobs, self._messages.test, utc_now, self._rules)

    @property
    def tasks(self) -> dict[Task, TaskCalls]:
        """Who sends."""
        said = self.settings.webhooks
        sending = WebhookSending(
            self.database,
            self.jobs,
            self.sealer,
            Outgoing(
                policy=self._targets.policy, connect_seconds=said.connect_seconds, total_seconds=said.total_seconds
            ),
            self._targets,
            utc_now,
            self._rules,
        )
        return {Task.DELIVER_WEBHOOK: TaskCalls(sending.perform, sending.give_up)}

    @property
    def _targets(self) -> Targets:
        said = self.settings.webhooks
        return Targets(policy=AddressPolicy(said.allowed_networks), allow_http=said.allow_http)

    @property
    def _rules(self) -> SendingRules:
        said = self.settings.webhooks
        return SendingRules(
            total_seconds=said.total_seconds, disable_after_days=said.disable_after_days, log_days=said.log_days
        )

    @property
    def _messages(self) -> Messages:
        # There is no request whose host could be answered: without the setting, addresses begin with a slash.
        api = self.settings.public_url or ""
        return Messages(
            Links(
                api=api,
                upload=self.settings.upload_url or api,
                download=self.settings.download_url or api,
                sdk=self.settings.sdk_url or api,
            )
        )
