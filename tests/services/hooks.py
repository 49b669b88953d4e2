"""The rooms of webhooks together, with a clock, jobs and receivers that the tests hold."""

import ipaddress
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from sqlalchemy import Connection

from seatrial.domain.access import OrganizationScope
from seatrial.domain.addresses import AddressPolicy
from seatrial.domain.event import Event, EventKind
from seatrial.domain.listing import ListQuery
from seatrial.domain.webhook import Attempt, Delivery, DeliveryQuery, NewWebhook, Webhook
from seatrial.services.events import Events
from seatrial.services.jobs import Task
from seatrial.services.webhook_deliveries import WebhookDeliveries
from seatrial.services.webhook_events import WebhookEvents
from seatrial.services.webhook_sending import Poster, SendingRules, WebhookSending
from seatrial.services.webhook_targets import Targets
from seatrial.services.webhooks import Webhooks
from seatrial.storage.sealing import Sealer
from seatrial.tools.outgoing import Answer, NotAnswered
from seatrial.wire.links import Links
from seatrial.wire.webhooks import Messages
from tests.services.rooms import Rooms

BASE = "https://builds.example.com"
URL = "https://hooks.example.com/seatrial"
ALL = tuple(EventKind)
LOOPBACK = Targets(policy=AddressPolicy((ipaddress.ip_network("127.0.0.0/8"),)), allow_http=True)


@dataclass
class Post:
    """A poster that answers by its script, the last answer for all that follow, and keeps what it was given."""

    script: list[int | Answer | Exception | Callable[[], int]] = field(default_factory=lambda: [204])
    sent: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)

    def post(self, url: str, headers: Sequence[tuple[str, str]], body: bytes) -> Answer:
        self.sent.append((url, dict(headers), body))
        step = self.script.pop(0) if len(self.script) > 1 else self.script[0]
        if callable(step):
            step = step()
        if isinstance(step, Exception):
            raise step
        if isinstance(step, Answer):
            return step
        return answer(step)


def answer(status: int, body: bytes = b"", headers: Mapping[str, str] | None = None) -> Answer:
    said = tuple((headers or {}).items())
    return Answer(address="203.0.113.7", status=status, headers=said, body=body, is_cut=False)


class Delays:
    """Jobs that were asked for, with their turns and delays."""

    def __init__(self, rooms: Rooms) -> None:
        self.rooms = rooms
        self.asked: list[tuple[str, int, float]] = []

    def process_build(self, tx: Connection, build_id: str, attempt: int) -> None:
        self.rooms.queue.taken.append((build_id, attempt))

    def understand_attachment(self, tx: Connection, file_id: str) -> None:
        raise AssertionError

    def request(self, tx: Connection, task: Task, subject: str, turn: int = 0, delay_seconds: float = 0) -> None:
        assert task is Task.DELIVER_WEBHOOK
        if all((subject, turn) != (known, once) for known, once, _ in self.asked):
            self.asked.append((subject, turn, delay_seconds))


@dataclass
class Hooks:
    rooms: Rooms
    poster: Poster
    targets: Targets = field(default_factory=Targets)
    rules: SendingRules = field(default_factory=SendingRules)
    jobs: Delays = field(init=False)
    organization: OrganizationScope = field(init=False)

    def __post_init__(self) -> None:
        self.jobs = Delays(self.rooms)
        scope = self.rooms.scope
        self.organization = OrganizationScope(organization_id=scope.organization_id, principal=scope.principal)
        self.sealer = Sealer([b"k" * 32])
        self.webhooks = Webhooks(self.rooms.db, self.sealer, self.rooms.now, self.targets)
        messages = Messages(Links(api=BASE, upload=BASE, download=BASE, sdk=BASE))
        self.events = Events([WebhookEvents(self.jobs, messages.event)])
        self.log = WebhookDeliveries(self.rooms.db, self.jobs, messages.test, self.rooms.now, self.rules)
        self.sending = self.sender(self.poster)
        self.rooms.uploads = replace(self.rooms.uploads, events=self.events)

    def sender(self, poster: Poster) -> WebhookSending:
        return WebhookSending(
            self.rooms.db, self.jobs, self.sealer, poster, self.targets, self.rooms.now, self.rules, lambda: 0.5
        )

    def add(
        self,
        *events: EventKind,
        scope: OrganizationScope | None = None,
        url: str = URL,
        headers: Mapping[str, str] | None = None,
    ) -> tuple[Webhook, str]:
        new = NewWebhook(url=url, description="", events=events or ALL, headers=dict(headers or {}))
        return self.webhooks.create(scope or self.rooms.scope, new)

    def tell(self, kind: EventKind, subject: str = "", **facts: object) -> None:
        scope = self.rooms.scope
        event = Event(
            kind=kind,
            organization_id=scope.organization_id,
            app_id=scope.app_id,
            subject=subject,
            at=self.rooms.now(),
            facts=facts,
        )
        with self.rooms.db.transaction() as tx:
            self.events.tell(tx, event)

    def ready(self) -> str:
        """Have one message ready, and give its id."""
        self.tell(EventKind.FEEDBACK_CREATED, "f" * 24, type="bug", message="It is broken")
        return self.jobs.asked[-1][0]

    def work(self) -> None:
        """Perform each job that was asked for, in order, as if its time had come."""
        while self.jobs.asked:
            self.work_one()

    def work_one(self) -> None:
        """Perform the first job that was asked for, when its time has come."""
        subject, _turn, delay = self.jobs.asked.pop(0)
        self.rooms.later(delay)
        self.sending.perform(subject)

    def shown(self, webhook: Webhook) -> tuple[Delivery, list[Attempt]]:
        scope = self.rooms.scope if webhook.app_id else self.organization
        page = self.log.search(scope, webhook.id, DeliveryQuery(paging=ListQuery()))
        return self.log.get(scope, webhook.id, page.items[0].id)


def refused() -> NotAnswered:
    return NotAnswered("The receiver refused the connection: nothing listens there.", "203.0.113.7")
