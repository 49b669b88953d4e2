"""Sending messages: one attempt at a time, each noted before it is made; what fails is tried again for a day."""

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Protocol

import structlog
from sqlalchemy import Connection

from seatrial import __version__
from seatrial.db import webhook_deliveries, webhooks
from seatrial.db.engine import Database
from seatrial.db.webhook_deliveries import Progress, Step
from seatrial.domain.ids import new_entity_id
from seatrial.domain.webhook import TEST_KIND, Attempt, Delivery, DeliveryStatus, Webhook
from seatrial.services.jobs import Jobs, Task
from seatrial.services.webhook_secrets import OpenedWebhook, SecretLost, opened, sign
from seatrial.services.webhook_targets import Targets
from seatrial.storage.sealing import Sealer
from seatrial.tools.outgoing import TOTAL_SECONDS, Answer, NotAnswered

log = structlog.get_logger()

WAITS = (5.0, 300.0, 1800.0, 7200.0, 18_000.0, 36_000.0, 50_400.0)
"""Seconds after the first, second ... failure, as Standard Webhooks proposes; the next failure is the last one."""
_JITTER = 0.2
"""So much is added at most, so that a receiver that comes back is not met by all at once."""
LONGEST_WAIT = 86_400.0
"""However long an answer's Retry-After is."""
KEPT_BODY = 8 << 10
KEPT_HEADERS, KEPT_HEADER = 50, 1000
HIDDEN = "(hidden)"
_EARLY = timedelta(seconds=5)
"""A job may begin a little before its time by our clock."""
_LEASE_MARGIN = timedelta(seconds=5)
_ABANDONED = "The server ended in the middle of this attempt; whether the receiver got it is not known."


@dataclass(frozen=True, slots=True, kw_only=True)
class SendingRules:
    """For how long things are tried and kept."""

    total_seconds: float = TOTAL_SECONDS
    disable_after_days: int = 5
    log_days: int = 30
    overdue: timedelta = timedelta(minutes=10)

    @property
    def lease(self) -> timedelta:
        """After this, an attempt whose end is not noted was cut off by the end of its server."""
        return timedelta(seconds=self.total_seconds) + _LEASE_MARGIN


class Poster(Protocol):
    """Whoever sends requests."""

    def post(self, url: str, headers: Sequence[tuple[str, str]], body: bytes) -> Answer:
        """Post a body; gives any answer.

        Raises NotAnswered.
        """


@dataclass(frozen=True, slots=True)
class _Ready:
    """An attempt that is noted and about to be made."""

    delivery: Delivery
    webhook: Webhook
    headers: tuple[tuple[str, str], ...] = field(repr=False)
    attempt: Attempt


@dataclass(frozen=True, slots=True)
class WebhookSending:
    """Performs the task `DELIVER_WEBHOOK`."""

    db: Database
    jobs: Jobs
    sealer: Sealer
    poster: Poster
    targets: Targets
    now: Callable[[], datetime]
    rules: SendingRules = field(default_factory=SendingRules)
    chance: Callable[[], float] = random.random

    def perform(self, delivery_id: str) -> None:
        """Make the attempt that is due; nothing where none is, or where it is being made elsewhere."""
        with self.db.transaction() as tx:
            ready = self._begin(tx, delivery_id)
        if ready is None:
            return
        began = time.monotonic()
        answer: Answer | NotAnswered
        try:
            answer = self._asked(ready)
        except NotAnswered as failure:
            answer = failure
        attempt = _ended(ready.attempt, answer, round((time.monotonic() - began) * 1000))
        with self.db.transaction() as tx:
            self._end(tx, ready, attempt)

    def give_up(self, delivery_id: str) -> None:
        """Leave a delivery whose attempts could not even be noted; it is taken up again when it is overdue."""
        log.warning("webhook_delivery_left", delivery_id=delivery_id)

    def _begin(self, tx: Connection, delivery_id: str) -> _Ready | None:
        now = self.now()
        found = webhook_deliveries.find(tx, delivery_id)
        if found is None or found.delivery.status is not DeliveryStatus.PENDING or self._is_elsewhere(tx, found, now):
            return None
        delivery = found.delivery
        webhook_deliveries.abandon_attempts(tx, delivery.id, _ABANDONED)
        waits = delivery.next_attempt_at is not None and delivery.next_attempt_at > now + _EARLY
        if waits and not self._was_set_back(tx, delivery, now):
            return None
        sealed = webhooks.find_sealed(tx, delivery.webhook_id)
        assert sealed is not None  # the foreign key
        if not sealed.webhook.enabled and delivery.kind != TEST_KIND:
            self._fail(tx, found, "The webhook was switched off before it was sent.", now)
            return None
        try:
            open_one = opened(self.sealer, sealed, now)
        except SecretLost:
            self._fail(tx, found, "This server's encryption keys do not open the webhook's secret; rotate it.", now)
            return None
        headers = _headers(delivery, open_one, now)
        attempt = Attempt(
            id=new_entity_id(),
            number=delivery.attempts + 1,
            url=sealed.webhook.url,
            request_headers=tuple((name, HIDDEN if name in open_one.headers else value) for name, value in headers),
            address="",
            response_status=None,
            response_headers=(),
            response_body="",
            is_cut=False,
            duration_ms=None,
            error="",
            started_at=now,
        )
        webhook_deliveries.begin_attempt(tx, delivery.id, attempt)
        webhook_deliveries.move(tx, delivery.id, _step(found, attempts=attempt.number, next_attempt_at=now))
        return _Ready(delivery, sealed.webhook, headers, attempt)

    def _is_elsewhere(self, tx: Connection, found: Progress, now: datetime) -> bool:
        """Tell whether an attempt runs, or ran on a server that died; then look again when that is certain."""
        began = webhook_deliveries.open_attempt(tx, found.delivery.id)
        if began is None or now >= began + self.rules.lease or began > now + self.rules.lease:
            return False
        turn = webhook_deliveries.take_turn(tx, found)
        delay = (began + self.rules.lease - now).total_seconds()
        self.jobs.request(tx, Task.DELIVER_WEBHOOK, found.delivery.id, turn, delay)
        return True

    def _was_set_back(self, tx: Connection, delivery: Delivery, now: datetime) -> bool:
        """Tell whether a delivery waits by a clock that was ahead of this one: then it has waited."""
        last = webhook_deliveries.last_attempt(tx, delivery.id) or delivery.created_at
        return last > now + self.rules.lease

    def _asked(self, ready: _Ready) -> Answer:
        # Rules may have become stricter since the webhook was made.
        if problem := self.targets.problem(ready.webhook.url):
            raise NotAnswered(f"The webhook's URL {problem}.")
        return self.poster.post(ready.webhook.url, ready.headers, ready.delivery.payload.encode())

    def _end(self, tx: Connection, ready: _Ready, attempt: Attempt) -> None:
        found = webhook_deliveries.find(tx, ready.delivery.id)
        if found is None:
            return  # the webhook was deleted meanwhile
        now = self.now()
        webhook_deliveries.end_attempt(tx, attempt)
        if not attempt.error:
            webhooks.note_success(tx, ready.webhook.id)
            step = _step(
                found, status=DeliveryStatus.DELIVERED, response_status=attempt.response_status, finished_at=now
            )
            webhook_deliveries.move(tx, ready.delivery.id, step)
            return
        webhooks.note_failure(tx, ready.webhook.id, now)
        if self._switches_off(tx, ready.webhook, attempt, now) or found.failures >= len(WAITS):
            self._fail(tx, found, attempt.error, now, attempt)
        else:
            self._retry(tx, found, attempt, now)

    def _retry(self, tx: Connection, found: Progress, attempt: Attempt, now: datetime) -> None:
        wait = WAITS[found.failures] * (1 + _JITTER * self.chance())
        wait = min(max(wait, _retry_after(attempt)), LONGEST_WAIT)
        step = _step(
            found,
            turn=found.turn + 1,
            failures=found.failures + 1,
            response_status=attempt.response_status,
            error=attempt.error,
            next_attempt_at=now + timedelta(seconds=wait),
        )
        webhook_deliveries.move(tx, found.delivery.id, step)
        self.jobs.request(tx, Task.DELIVER_WEBHOOK, found.delivery.id, step.turn, wait)

    def _fail(self, tx: Connection, found: Progress, error: str, now: datetime, attempt: Attempt | None = None) -> None:
        step = _step(
            found,
            status=DeliveryStatus.FAILED,
            failures=found.failures + (attempt is not None),
            response_status=attempt.response_status if attempt else found.delivery.response_status,
            error=error,
            finished_at=now,
        )
        webhook_deliveries.move(tx, found.delivery.id, step)

    def _switches_off(self, tx: Connection, webhook: Webhook, attempt: Attempt, now: datetime) -> bool:
        """Stop sending to whoever wants no more (410), or has not taken anything for days."""
        days = self.rules.disable_after_days
        if attempt.response_status == 410:
            reason = "The receiver answered 410 Gone: it wants no more messages."
        elif webhook.failing_since is not None and now - webhook.failing_since >= timedelta(days=days):
            reason = f"Nothing was delivered for {days} days."
        else:
            return False
        if webhooks.switch_off(tx, webhook.id, reason, now):
            log.warning("webhook_switched_off", webhook_id=webhook.id, reason=reason)
        return True


def _step(
    found: Progress,
    *,
    status: DeliveryStatus = DeliveryStatus.PENDING,
    turn: int | None = None,
    failures: int | None = None,
    attempts: int | None = None,
    response_status: int | None = None,
    error: str = "",
    next_attempt_at: datetime | None = None,
    finished_at: datetime | None = None,
) -> Step:
    return Step(
        status=status,
        turn=found.turn if turn is None else turn,
        failures=found.failures if failures is None else failures,
        attempts=found.delivery.attempts if attempts is None else attempts,
        response_status=response_status,
        error=error,
        next_attempt_at=next_attempt_at,
        finished_at=finished_at,
    )


def _headers(delivery: Delivery, webhook: OpenedWebhook, now: datetime) -> tuple[tuple[str, str], ...]:
    at = int(now.timestamp())
    signatures = (sign(secret, delivery.message_id, at, delivery.payload) for secret in webhook.secrets)
    return (
        ("Content-Type", "application/json"),
        ("User-Agent", f"Seatrial/{__version__}"),
        ("webhook-id", delivery.message_id),
        ("webhook-timestamp", str(at)),
        ("webhook-signature", " ".join(signatures)),
        *webhook.headers.items(),
    )


def _ended(attempt: Attempt, answer: Answer | NotAnswered, duration_ms: int) -> Attempt:
    """Note what came of an attempt, as much of it as is kept."""
    if isinstance(answer, NotAnswered):
        return replace(attempt, address=answer.address, error=str(answer), duration_ms=duration_ms)
    body = answer.body[:KEPT_BODY]
    return replace(
        attempt,
        address=answer.address,
        response_status=answer.status,
        response_headers=tuple(
            (name[:KEPT_HEADER], value[:KEPT_HEADER]) for name, value in answer.headers[:KEPT_HEADERS]
        ),
        # PostgreSQL takes no NUL in a text.
        response_body=body.decode(errors="replace").replace("\0", "\ufffd"),
        is_cut=answer.is_cut or len(answer.body) > KEPT_BODY,
        duration_ms=duration_ms,
        error=_verdict(answer.status),
    )


def _verdict(status: int) -> str:
    if 200 <= status <= 299:
        return ""
    if 300 <= status <= 399:
        return f"The receiver answered {status}, a redirect, and those are not followed; change the webhook's URL."
    return f"The receiver answered {status}; only 200 to 299 mean that it has taken the message."


def _retry_after(attempt: Attempt) -> float:
    """Read for how many seconds a receiver asks to be left alone; a date is not understood (RFC 9110, 10.2.3)."""
    said = next((value for name, value in attempt.response_headers if name.lower() == "retry-after"), "")
    return float(said) if said.isascii() and said.isdigit() and len(said) < 9 else 0.0
