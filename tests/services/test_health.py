"""How the server is, and what of it somebody is told to look at."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import insert

from seatrial.db import schema, tables
from seatrial.domain.errors import Forbidden
from seatrial.domain.health import Concern, Health
from seatrial.domain.ids import new_entity_id
from seatrial.services.health import LOW_BYTES, QUIET, Facts, Healths
from seatrial.services.storage_watch import StorageWatch
from tests.services.rooms import Rooms
from tests.services.scopes import powerless

GOOD = Facts(public_url="https://builds.example.com", has_mail=True, works_itself=True)


def look(rooms: Rooms, facts: Facts = GOOD) -> Health:
    return Healths(rooms.db, StorageWatch(rooms.blobs), facts, rooms.now).look(rooms.scope)


def start_worker(rooms: Rooms) -> None:
    values = {"id": new_entity_id(), "host": "far", "role": "worker", "started_at": rooms.time, "beat_at": rooms.time}
    with rooms.db.transaction() as tx:
        tx.execute(insert(tables.executors).values(values))


def test_a_server_in_order_needs_nobody(rooms: Rooms) -> None:
    rooms.processed()
    found = look(rooms)
    assert found.concerns == ()
    assert (found.waiting, found.reading, found.mails) == (0, 0, {})
    assert found.database == ("SQLite" if rooms.db.is_sqlite else "PostgreSQL")
    assert found.schema == schema.head()
    assert [(one.host, one.role) for one in found.processes] == [("here", "api")]


@pytest.mark.parametrize(
    ("facts", "concern"),
    [
        (replace(GOOD, public_url=None), Concern.PUBLIC_URL_MISSING),
        (replace(GOOD, public_url="http://builds.example.com"), Concern.PUBLIC_URL_NOT_HTTPS),
        (replace(GOOD, has_mail=False), Concern.MAIL_MISSING),
        (replace(GOOD, works_itself=False), Concern.NO_WORKER),
    ],
)
def test_what_the_settings_forget_is_told(rooms: Rooms, facts: Facts, concern: Concern) -> None:
    assert look(rooms, facts).concerns == (concern,)


def test_builds_wait_in_vain_only_while_no_worker_is_alive(rooms: Rooms) -> None:
    rooms.upload()
    alone = replace(GOOD, works_itself=False)
    assert look(rooms).concerns == ()
    assert look(rooms, alone).concerns == (Concern.NO_WORKER, Concern.BUILDS_WAIT)
    assert look(rooms, alone).waiting == 1
    start_worker(rooms)
    assert look(rooms, alone).concerns == ()
    rooms.time += QUIET + timedelta(seconds=1)
    assert look(rooms, alone).concerns == (Concern.NO_WORKER, Concern.BUILDS_WAIT)


def test_mails_that_could_not_be_sent_are_told(rooms: Rooms) -> None:
    for state in ("dead", "sent", "sent"):
        values: dict[str, object] = {
            "id": new_entity_id(),
            "organization_id": rooms.scope.organization_id,
            "kind": "digest",
            "email": "ada@example.com",
            "state": state,
            "history": [],
            "created_at": rooms.time,
            "updated_at": rooms.time,
        }
        with rooms.db.transaction() as tx:
            tx.execute(insert(tables.mails).values(values))
    found = look(rooms)
    assert found.concerns == (Concern.MAIL_DEAD,)
    assert found.mails == {"dead": 1, "sent": 2}


def test_little_free_storage_is_told(rooms: Rooms, monkeypatch: pytest.MonkeyPatch) -> None:
    for free, concerns in ((LOW_BYTES - 1, (Concern.STORAGE_LOW,)), (LOW_BYTES, ()), (None, ())):
        monkeypatch.setattr(type(rooms.blobs), "free_bytes", lambda _, free=free: free)
        assert look(rooms).concerns == concerns


def test_a_store_that_does_not_answer_is_told(rooms: Rooms, monkeypatch: pytest.MonkeyPatch) -> None:
    def ping(_: object) -> None:
        raise OSError

    monkeypatch.setattr(type(rooms.blobs), "ping", ping)
    assert look(rooms).concerns == (Concern.STORAGE_AWAY,)


def test_the_look_is_for_administrators(rooms: Rooms) -> None:
    with pytest.raises(Forbidden):
        Healths(rooms.db, StorageWatch(rooms.blobs), GOOD, rooms.now).look(powerless(rooms.scope))
