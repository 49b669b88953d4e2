"""Webhooks: who may make them, what is kept of them, and who hears of what."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import event as sqlalchemy_event
from sqlalchemy import select, text

from seatrial.db import tables
from seatrial.domain.access import ROLE_PERMISSIONS, AppScope, Role
from seatrial.domain.build import BuildChanges
from seatrial.domain.errors import Conflict, EntityNotFound, Forbidden, InvalidRequest
from seatrial.domain.event import EventKind
from seatrial.domain.ids import AppId
from seatrial.domain.listing import ListQuery
from seatrial.domain.webhook import NewWebhook, WebhookChanges
from tests.db.sample_rows import add_app
from tests.services.hooks import ALL, URL, Hooks, Post
from tests.services.rooms import ANDROID, Reader, Rooms


@pytest.fixture
def hooks(rooms: Rooms) -> Hooks:
    return Hooks(rooms, Post())


def test_a_secret_is_shown_once_and_nothing_in_the_database_says_it(hooks: Hooks) -> None:
    made, secret = hooks.add(headers={"Authorization": "Bearer of-the-receiver"})
    assert secret.startswith("whsec_")
    with hooks.rooms.db.read() as tx:
        row = repr(tx.execute(select(tables.webhooks)).one())
    assert secret not in row
    assert "of-the-receiver" not in row
    assert hooks.webhooks.get(hooks.rooms.scope, made.id) == made
    assert made.header_names == ("Authorization",)


def test_each_place_sees_its_own(hooks: Hooks) -> None:
    of_app, _ = hooks.add()
    of_all, _ = hooks.add(scope=hooks.organization)
    with hooks.rooms.db.transaction() as tx:
        stranger = add_app(tx)
    for scope, own in ((hooks.rooms.scope, [of_app]), (hooks.organization, [of_all]), (stranger, [])):
        assert list(hooks.webhooks.search(scope, ListQuery()).items) == own
        for other in {of_app, of_all} - set(own):
            with pytest.raises(EntityNotFound):
                hooks.webhooks.get(scope, other.id)
            with pytest.raises(EntityNotFound):
                hooks.webhooks.update(scope, other.id, WebhookChanges(enabled=False))
            with pytest.raises(EntityNotFound):
                hooks.webhooks.rotate(scope, other.id, timedelta())
            with pytest.raises(EntityNotFound):
                hooks.webhooks.delete(scope, other.id)
            with pytest.raises(EntityNotFound):
                hooks.log.test(scope, other.id)


def test_what_each_role_may_do(hooks: Hooks) -> None:
    made, _ = hooks.add()
    scope = hooks.rooms.scope
    viewer = replace(scope, principal=replace(scope.principal, permissions=ROLE_PERMISSIONS[Role.VIEWER]))
    with pytest.raises(Forbidden):
        hooks.webhooks.search(viewer, ListQuery())
    developer = replace(scope, principal=replace(scope.principal, permissions=ROLE_PERMISSIONS[Role.DEVELOPER]))
    assert hooks.webhooks.get(developer, made.id) == made
    above = replace(hooks.organization, principal=developer.principal)
    with pytest.raises(Forbidden, match="Forbidden"):
        hooks.webhooks.create(above, NewWebhook(url=URL, description="", events=ALL))


def test_there_is_a_most(hooks: Hooks, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("seatrial.services.webhooks.MOST_WEBHOOKS", 2)
    for _ in range(2):
        hooks.add()
    with pytest.raises(Conflict):
        hooks.add()
    hooks.add(scope=hooks.organization)


def test_bad_targets_headers_and_events_are_refused(hooks: Hooks) -> None:
    made, _ = hooks.add()
    for changes in (
        WebhookChanges(url="https://localhost.:1/"),
        WebhookChanges(url="http://hooks.example.com/"),
        WebhookChanges(events=()),
        WebhookChanges(headers={"Host": "x"}),
    ):
        with pytest.raises(InvalidRequest):
            hooks.webhooks.update(hooks.rooms.scope, made.id, changes)
    assert hooks.webhooks.get(hooks.rooms.scope, made.id) == made


def test_every_change_is_in_the_audit_log(hooks: Hooks) -> None:
    made, _ = hooks.add()
    scope = hooks.rooms.scope
    hooks.webhooks.update(scope, made.id, WebhookChanges(description="new"))
    hooks.webhooks.rotate(scope, made.id, timedelta(hours=1))
    hooks.log.test(scope, made.id)
    hooks.webhooks.delete(scope, made.id)
    with hooks.rooms.db.read() as tx:
        rows = tx.execute(select(tables.audit_log.c.action).order_by(tables.audit_log.c.id)).scalars().all()
    assert rows == ["webhook.create", "webhook.update", "webhook.rotate", "webhook.test", "webhook.delete"]


def test_two_quick_uploads_are_each_announced_as_what_they_were(hooks: Hooks) -> None:
    """A known fault of a peer: whichever build is the newest when the request is made is announced."""
    hooks.add(EventKind.BUILD_UPLOADED, EventKind.BUILD_PROCESSED)
    first, second = hooks.rooms.upload(b"PK one"), hooks.rooms.upload(b"PK two")
    for build in (first, second):
        replace(hooks.rooms.processing(Reader(ANDROID)), events=hooks.events).run(build.id, 1)
    hooks.rooms.builds.update(hooks.rooms.scope, first.id, BuildChanges(changelog="changed meanwhile"))
    hooks.rooms.builds.delete(hooks.rooms.scope, second.id)
    hooks.work()
    assert isinstance(hooks.poster, Post)
    said = [json.loads(body) for _, _, body in hooks.poster.sent]
    assert [(one["type"], one["data"]["build"]["id"], one["data"]["build"]["status"]) for one in said] == [
        ("build.uploaded", first.id, "pending"),
        ("build.uploaded", second.id, "pending"),
        ("build.processed", first.id, "processed"),
        ("build.processed", second.id, "processed"),
    ]
    assert {one["data"]["build"]["changelog"] for one in said} == {""}


def test_only_who_asked_for_it_hears_of_it(hooks: Hooks) -> None:
    wanted = [
        hooks.add(EventKind.FEEDBACK_CREATED)[0],
        hooks.add(EventKind.FEEDBACK_CREATED, scope=hooks.organization)[0],
    ]
    hooks.add(EventKind.BUILD_UPLOADED)
    off, _ = hooks.add(EventKind.FEEDBACK_CREATED)
    hooks.webhooks.update(hooks.rooms.scope, off.id, WebhookChanges(enabled=False))
    with hooks.rooms.db.transaction() as tx:
        elsewhere = add_app(tx)
    hooks.add(EventKind.FEEDBACK_CREATED, scope=elsewhere)
    hooks.ready()
    with hooks.rooms.db.read() as tx:
        found = tx.execute(select(tables.webhook_deliveries.c.webhook_id)).scalars().all()
    assert sorted(found) == sorted(webhook.id for webhook in wanted)


def test_what_is_rolled_back_is_told_to_nobody(hooks: Hooks) -> None:
    hooks.add()
    hooks.rooms.queue.failure = RuntimeError("the engine is away")
    hooks.jobs.process_build = hooks.rooms.queue.process_build  # type: ignore[method-assign, assignment]
    hooks.rooms.uploads = replace(hooks.rooms.uploads, jobs=hooks.rooms.queue)
    with pytest.raises(RuntimeError):
        hooks.rooms.upload()
    with hooks.rooms.db.read() as tx:
        assert tx.execute(select(tables.webhook_deliveries)).all() == []


def test_an_event_that_nobody_listens_to_costs_one_statement_by_an_index(hooks: Hooks) -> None:
    statements: list[str] = []
    engine = hooks.rooms.db.writer
    scope = hooks.rooms.scope

    def note(_c: object, _cursor: object, statement: str, *_: object) -> None:
        statements.append(statement)

    sqlalchemy_event.listen(engine, "before_cursor_execute", note)
    try:
        hooks.tell(EventKind.BUILD_DOWNLOADED, "b" * 24, download="d" * 24)
    finally:
        sqlalchemy_event.remove(engine, "before_cursor_execute", note)
    [asked] = [one for one in statements if "webhooks" in one]
    assert len([one for one in statements if one.lstrip().upper().startswith(("SELECT", "INSERT", "UPDATE"))]) == 1
    if hooks.rooms.db.is_sqlite:
        with hooks.rooms.db.read() as tx:
            plan = str(tx.exec_driver_sql(f"EXPLAIN QUERY PLAN {asked}", (scope.organization_id, AppId("a"))).all())
        assert "USING INDEX ix_webhooks_listening" in plan


def test_a_webhook_goes_with_its_app(hooks: Hooks) -> None:
    hooks.add()
    hooks.ready()
    with hooks.rooms.db.transaction() as tx:
        tx.execute(text("DELETE FROM apps WHERE id = :id"), {"id": hooks.rooms.scope.app_id})
        assert tx.execute(select(tables.webhook_deliveries)).all() == []
    hooks.work()
    assert isinstance(hooks.poster, Post)
    assert hooks.poster.sent == []
    assert isinstance(hooks.rooms.scope, AppScope)
