"""Sending: signed as Standard Webhooks wants it, tried for a day, noted before it is made, never stuck."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import cast

import pytest
from sqlalchemy import select
from standardwebhooks.webhooks import Webhook as Oracle
from standardwebhooks.webhooks import WebhookVerificationError

from seatrial.db import tables
from seatrial.domain.errors import Conflict
from seatrial.domain.listing import ListQuery
from seatrial.domain.webhook import DeliveryQuery, DeliveryStatus, WebhookChanges
from seatrial.services.webhook_sending import HIDDEN, KEPT_BODY, WAITS
from seatrial.storage.sealing import Sealer
from tests.services.hooks import Hooks, Post, answer, refused
from tests.services.rooms import Rooms


@pytest.fixture
def post() -> Post:
    return Post()


@pytest.fixture
def hooks(rooms: Rooms, post: Post) -> Hooks:
    # The library of Standard Webhooks goes by the real clock.
    rooms.time = datetime.now(UTC).replace(microsecond=0)
    return Hooks(rooms, post)


def verify(secret: str, headers: dict[str, str], body: bytes) -> object:
    found: object = Oracle(secret).verify(body, headers)
    return found


def test_a_delivery_is_signed_so_that_the_standards_own_library_takes_it(hooks: Hooks, post: Post) -> None:
    webhook, secret = hooks.add(headers={"Authorization": "Bearer theirs"})
    hooks.ready()
    hooks.work()
    [(url, headers, body)] = post.sent
    assert url == webhook.url
    assert verify(secret, headers, body) == json.loads(body)
    with pytest.raises(WebhookVerificationError):
        verify(secret, headers, body + b" ")
    assert headers["Authorization"] == "Bearer theirs"
    assert headers["User-Agent"].startswith("Seatrial/")
    delivery, [attempt] = hooks.shown(webhook)
    assert (delivery.status, delivery.attempts, delivery.response_status) == (DeliveryStatus.DELIVERED, 1, 204)
    shown = dict(attempt.request_headers)
    assert shown == headers | {"Authorization": HIDDEN}
    assert headers["webhook-id"] == delivery.message_id
    assert body.decode() == delivery.payload


def test_while_a_secret_is_rotated_both_are_good(hooks: Hooks, post: Post) -> None:
    webhook, old = hooks.add()
    _, new = hooks.webhooks.rotate(hooks.rooms.scope, webhook.id, timedelta(hours=1))
    hooks.ready()
    hooks.work()
    for secret in (old, new):
        verify(secret, post.sent[-1][1], post.sent[-1][2])
    hooks.rooms.time += timedelta(hours=1)
    hooks.ready()
    hooks.work()
    headers = post.sent[-1][1]
    assert headers["webhook-signature"].count("v1,") == 1
    _, newest = hooks.webhooks.rotate(hooks.rooms.scope, webhook.id, timedelta())
    hooks.rooms.time = datetime.now(UTC).replace(microsecond=0)
    hooks.ready()
    hooks.work()
    verify(newest, post.sent[-1][1], post.sent[-1][2])
    with pytest.raises(WebhookVerificationError):
        verify(new, post.sent[-1][1], post.sent[-1][2])


def test_what_fails_is_tried_for_more_than_a_day_and_then_failed(hooks: Hooks, post: Post) -> None:
    webhook, _ = hooks.add()
    hooks.rules = replace(hooks.rules, disable_after_days=30)
    post.script = [500, refused(), 302, 404, answer(503, headers={"Retry-After": "600"}), 500, 500, 500]
    hooks.ready()
    began, waits = hooks.rooms.time, []
    while hooks.jobs.asked:
        waits.append(hooks.jobs.asked[0][2])
        hooks.work_one()
    assert waits[1:] == [wait * 1.1 for wait in WAITS]
    assert hooks.rooms.time - began > timedelta(days=1)
    delivery, attempts = hooks.shown(webhook)
    assert (delivery.status, delivery.attempts, delivery.next_attempt_at) == (DeliveryStatus.FAILED, 8, None)
    assert len({headers["webhook-id"] for _, headers, _ in post.sent}) == 1
    assert len({headers["webhook-timestamp"] for _, headers, _ in post.sent}) == 8
    assert [one.response_status for one in attempts] == [500, None, 302, 404, 503, 500, 500, 500]
    assert "redirect" in attempts[2].error
    assert attempts[1].error == str(refused())
    assert all(one.error and one.duration_ms is not None for one in attempts)


def test_a_receiver_that_asks_for_time_gets_it(hooks: Hooks, post: Post) -> None:
    hooks.add()
    post.script = [answer(429, headers={"retry-after": "3600"}), answer(503, headers={"Retry-After": "9" * 8}), 200]
    hooks.ready()
    hooks.work_one()
    assert hooks.jobs.asked[0][2] == 3600
    hooks.work_one()
    assert hooks.jobs.asked[0][2] == 86_400


def test_a_success_after_failures_is_a_success(hooks: Hooks, post: Post) -> None:
    webhook, _ = hooks.add()
    post.script = [500, 200]
    hooks.ready()
    hooks.work_one()
    assert hooks.webhooks.get(hooks.rooms.scope, webhook.id).failing_since == hooks.rooms.time
    hooks.work_one()
    delivery, attempts = hooks.shown(webhook)
    assert (delivery.status, delivery.error, len(attempts)) == (DeliveryStatus.DELIVERED, "", 2)
    assert hooks.webhooks.get(hooks.rooms.scope, webhook.id).failing_since is None


def test_who_is_gone_is_asked_no_more(hooks: Hooks, post: Post) -> None:
    webhook, _ = hooks.add()
    post.script = [410]
    hooks.ready()
    waiting = hooks.ready()
    hooks.work()
    assert len(post.sent) == 1
    found = hooks.webhooks.get(hooks.rooms.scope, webhook.id)
    assert (found.enabled, "410" in found.disabled_reason) == (False, True)
    page = hooks.log.search(
        hooks.rooms.scope, webhook.id, DeliveryQuery(paging=ListQuery(), status=DeliveryStatus.FAILED)
    )
    assert {one.id for one in page.items} >= {waiting}
    assert page.total == 2
    with pytest.raises(Conflict):
        hooks.log.replay(hooks.rooms.scope, webhook.id, waiting)
    again = hooks.webhooks.update(hooks.rooms.scope, webhook.id, WebhookChanges(enabled=True))
    assert (again.enabled, again.disabled_reason, again.failing_since) == (True, "", None)


def test_who_takes_nothing_for_days_is_switched_off(hooks: Hooks, post: Post) -> None:
    webhook, _ = hooks.add()
    post.script = [500]
    hooks.ready()
    hooks.work_one()
    hooks.jobs.asked.clear()
    hooks.rooms.time += timedelta(days=5)
    hooks.ready()
    hooks.work()
    found = hooks.webhooks.get(hooks.rooms.scope, webhook.id)
    assert (found.enabled, found.disabled_reason) == (False, "Nothing was delivered for 5 days.")


def test_a_replay_is_the_same_message_and_another_attempt(hooks: Hooks, post: Post) -> None:
    webhook, secret = hooks.add()
    delivery_id = hooks.ready()
    hooks.work()
    replayed, _ = hooks.log.replay(hooks.rooms.scope, webhook.id, delivery_id)
    assert replayed.status is DeliveryStatus.PENDING
    hooks.work()
    (_, first, body), (_, second, again) = post.sent
    assert (body, first["webhook-id"]) == (again, second["webhook-id"])
    verify(secret, second, again)
    delivery, attempts = hooks.shown(webhook)
    assert (delivery.status, [one.number for one in attempts]) == (DeliveryStatus.DELIVERED, [1, 2])


def test_a_message_that_waits_is_sent_at_once_by_a_replay_and_not_again_by_its_old_turn(
    hooks: Hooks, post: Post
) -> None:
    webhook, _ = hooks.add()
    post.script = [500, 500, 200]
    delivery_id = hooks.ready()
    hooks.work_one()
    hooks.work_one()
    late = hooks.jobs.asked.pop()
    hooks.log.replay(hooks.rooms.scope, webhook.id, delivery_id)
    hooks.work()
    hooks.rooms.later(late[2])
    hooks.sending.perform(late[0])
    assert len(post.sent) == 3


def test_a_test_message_goes_also_to_who_is_switched_off(hooks: Hooks, post: Post) -> None:
    for scope in (hooks.rooms.scope, hooks.organization):
        webhook, secret = hooks.add(scope=scope)
        hooks.webhooks.update(scope, webhook.id, WebhookChanges(enabled=False))
        hooks.log.test(scope, webhook.id)
        hooks.work()
        message = cast("dict[str, object]", verify(secret, post.sent[-1][1], post.sent[-1][2]))
        assert message["type"] == "webhook.test"


def test_a_server_that_dies_in_the_middle_has_left_its_trace_and_another_one_sends(hooks: Hooks, post: Post) -> None:
    webhook, _ = hooks.add()
    delivery_id = hooks.ready()

    class Killed(BaseException):
        """Not an Exception: nothing is noted after it."""

    def die() -> int:
        raise Killed

    post.script = [die, 200]
    hooks.jobs.asked.clear()
    with pytest.raises(Killed):
        hooks.sending.perform(delivery_id)
    with pytest.raises(Conflict):
        hooks.log.replay(hooks.rooms.scope, webhook.id, delivery_id)
    # Whoever takes the job over cannot know yet whether the attempt still runs.
    hooks.sending.perform(delivery_id)
    assert len(post.sent) == 1
    [(_, _, delay)] = hooks.jobs.asked
    assert timedelta(seconds=delay) == hooks.rules.lease
    hooks.work()
    delivery, [first, second] = hooks.shown(webhook)
    assert delivery.status is DeliveryStatus.DELIVERED
    assert "in the middle of this attempt" in first.error
    assert (first.duration_ms, second.response_status) == (None, 200)


def test_a_clock_that_was_ahead_delays_nothing_when_it_is_set_back(hooks: Hooks, post: Post) -> None:
    hooks.add()
    delivery_id = hooks.ready()
    post.script = [500, 200]
    hooks.rooms.time += timedelta(days=1)
    hooks.sending.perform(delivery_id)
    hooks.sending.perform(delivery_id)
    assert len(post.sent) == 1, "its time has not come"
    hooks.rooms.time -= timedelta(days=1)
    hooks.sending.perform(delivery_id)
    assert len(post.sent) == 2


def test_a_job_that_was_lost_is_found_again(hooks: Hooks, post: Post) -> None:
    hooks.add()
    hooks.ready()
    hooks.jobs.asked.clear()
    hooks.log.revive()
    assert hooks.jobs.asked == []
    hooks.rooms.time += timedelta(minutes=11)
    hooks.log.revive()
    hooks.log.revive()
    assert len(hooks.jobs.asked) == 1
    hooks.work()
    assert len(post.sent) == 1


def test_stricter_rules_and_lost_keys_end_in_a_sentence(hooks: Hooks, post: Post) -> None:
    webhook, _ = hooks.add()
    hooks.sending = replace(hooks.sending, sealer=Sealer([b"x" * 32]))
    hooks.ready()
    hooks.work()
    assert "encryption keys" in hooks.shown(webhook)[0].error
    with hooks.rooms.db.transaction() as tx:
        tx.execute(tables.webhooks.update().values(url="http://hooks.example.com/"))
    hooks.sending = hooks.sender(post)
    hooks.ready()
    hooks.work_one()
    assert "must be a URL that begins with https://" in hooks.shown(webhook)[0].error
    assert post.sent == []


def test_what_an_answer_holds_is_bounded_and_storable(hooks: Hooks, post: Post) -> None:
    webhook, _ = hooks.add()
    many = {f"X-{number}": "y" * 5000 for number in range(100)}
    post.script = [answer(200, b"\0\xff" * KEPT_BODY, many)]
    hooks.ready()
    hooks.work()
    _, [attempt] = hooks.shown(webhook)
    assert len(attempt.response_body) <= KEPT_BODY
    assert attempt.is_cut
    assert "\0" not in attempt.response_body
    assert (len(attempt.response_headers), len(attempt.response_headers[0][1])) == (50, 1000)


def test_the_log_is_forgotten_after_its_time_and_never_what_waits(hooks: Hooks, post: Post) -> None:
    webhook, _ = hooks.add()
    hooks.ready()
    hooks.work()
    waiting = hooks.ready()
    hooks.rooms.time += timedelta(days=29)
    hooks.log.forget_old()
    page = DeliveryQuery(paging=ListQuery())
    assert hooks.log.search(hooks.rooms.scope, webhook.id, page).total == 2
    hooks.rooms.time += timedelta(days=2)
    hooks.log.forget_old()
    assert [one.id for one in hooks.log.search(hooks.rooms.scope, webhook.id, page).items] == [waiting]
    with hooks.rooms.db.read() as tx:
        assert tx.execute(select(tables.webhook_attempts)).all() == []
    assert len(post.sent) == 1
