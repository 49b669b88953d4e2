"""The chain of the audit log: whole under any crowd, and whatever is done to it beside the program is named."""

import hashlib
import json
import shutil
import subprocess
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from alembic import command
from sqlalchemy import delete, func, insert, select, text, update

from seatrial.db import audit_log, schema, tables
from seatrial.db.engine import Database
from seatrial.domain.access import OrganizationScope
from seatrial.domain.audit import FIRST_HASH, Head
from seatrial.domain.ids import OrganizationId
from seatrial.services.audit import AuditLog, AuditWatch
from seatrial.services.schedules import Schedules
from seatrial.wire.audit import export_lines
from tests.databases import KINDS, empty_database
from tests.db.sample_rows import SOMEBODY, START
from tests.services.rooms import Rooms

THREADS, EACH = 8, 8
LOG = tables.audit_log


@pytest.fixture
def audit(rooms: Rooms) -> AuditLog:
    return AuditLog(rooms.db, rooms.now)


def record(rooms: Rooms, count: int = 1, scope: OrganizationScope | None = None) -> None:
    for number in range(count):
        with rooms.db.transaction() as tx:
            detail: dict[str, object] = {
                "text": "Käse 🧀 \u2028 \"'",
                "number": 1.5,
                "list": [number, None, True],
                "é": {},
            }
            audit_log.record(tx, scope or rooms.scope, "build.create", f"{number}", rooms.now(), detail)


def at(sequence: int) -> Any:
    return (LOG.c.sequence == sequence,)


def test_entries_are_chained_in_their_own_transactions(rooms: Rooms, audit: AuditLog) -> None:
    record(rooms, 3)
    with suppress(ZeroDivisionError), rooms.db.transaction() as tx:
        audit_log.record(tx, rooms.scope, "build.delete", "x", rooms.now())
        raise ZeroDivisionError
    with rooms.db.transaction() as tx:  # two of one transaction, and one of another organization between them
        audit_log.record(tx, rooms.scope, "a", "1", rooms.now() + timedelta(microseconds=1999))
        other = OrganizationScope(organization_id=OrganizationId("f" * 24), principal=SOMEBODY)
        audit_log.record(tx, other, "b", "2", rooms.now())
        audit_log.record(tx, rooms.scope, "c", "3", rooms.now())
    found = audit.verify(rooms.scope)
    assert (found.problems, found.entries, found.head.sequence) == ((), 5, 5)
    assert audit.verify_of(other.organization_id).entries == 1
    state = audit.state(rooms.scope)
    assert (state.head, state.verified_sequence, state.verified_at) == (found.head, 5, rooms.now())
    record(rooms)
    assert audit.verify(rooms.scope, found.head).is_good
    assert not audit.verify(rooms.scope, Head(5, "0" * 64)).is_good
    assert not audit.verify(rooms.scope, Head(7, found.head.hash)).is_good


def test_a_crowd_makes_one_chain(rooms: Rooms, audit: AuditLog) -> None:
    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(lambda _: record(rooms, EACH), range(THREADS)))
    found = audit.verify(rooms.scope)
    assert (found.problems, found.entries) == ((), THREADS * EACH)
    with rooms.db.read() as tx:
        assert tx.execute(select(func.count()).select_from(LOG)).scalar_one() == THREADS * EACH


def test_the_lock_is_the_last_one_that_anybody_takes(rooms: Rooms, audit: AuditLog) -> None:
    """Two that change things in the opposite order, each with an entry in the middle, would wait for each other."""
    organization = tables.organizations.c.id == rooms.scope.organization_id

    def change(turn: int) -> None:
        with rooms.db.transaction() as tx:
            if turn % 2:
                tx.execute(update(tables.organizations).where(organization).values(name=f"{turn}"))
            audit_log.record(tx, rooms.scope, "organization.update", "x", rooms.now())
            tx.execute(update(tables.organizations).where(organization).values(name=f"{turn}!"))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(change, range(24)))
    assert audit.verify(rooms.scope).entries == 24


@pytest.mark.parametrize(
    ("tamper", "sequence", "words"),
    [
        (lambda: update(LOG).where(*at(3)).values(action="build.delete"), 3, "entry 3 was changed"),
        (lambda: update(LOG).where(*at(3)).values(detail={"role": "admin"}), 3, "entry 3 was changed"),
        (lambda: update(LOG).where(*at(3)).values(principal_id="f" * 24), 3, "entry 3 was changed"),
        (lambda: update(LOG).where(*at(3)).values(created_at=START + timedelta(days=1)), 3, "entry 3 was changed"),
        (lambda: update(LOG).where(*at(3)).values(hash="0" * 64), 3, "entry 3 was changed"),
        (lambda: delete(LOG).where(*at(3)), 3, "entry 3 removed"),
        (lambda: delete(LOG).where(LOG.c.sequence.in_((2, 3))), 2, "entries 2 to 3 removed"),
        (lambda: delete(LOG).where(*at(1)), 1, "entry 1 removed"),
        (lambda: delete(LOG).where(*at(5)), 5, "the chain ends with entry 4, not with 5"),
        (lambda: update(LOG).where(*at(5)).values(sequence=None), 5, "the chain ends with entry 4, not with 5"),
    ],
)  # fmt: skip
def test_what_was_done_to_it_is_named(
    rooms: Rooms, audit: AuditLog, tamper: Callable[[], Any], sequence: int, words: str
) -> None:
    record(rooms, 5)
    with rooms.db.transaction() as tx:
        tx.execute(tamper())
    found = audit.verify(rooms.scope)
    assert (found.problems[0].sequence, found.problems[0].text.startswith(words)) == (sequence, True), found.problems
    assert len(found.problems) <= 2
    assert audit.state(rooms.scope).verified_at is None


def test_what_was_put_in_is_named(rooms: Rooms, audit: AuditLog) -> None:
    record(rooms, 2)
    forged: dict[str, Any] = {
        "organization_id": rooms.scope.organization_id,
        "principal_kind": "session",
        "principal_id": "x",
    }
    forged |= {"action": "build.delete", "target_id": "y", "detail": {}, "created_at": rooms.now()}
    with rooms.db.transaction() as tx:
        tx.execute(insert(LOG).values(id="1" * 24, **forged))
        tx.execute(insert(LOG).values(id="2" * 24, sequence=3, hash="a" * 64, **forged))
    named = {problem.id for problem in audit.verify(rooms.scope).problems}
    assert named == {"1" * 24, "2" * 24}


def test_a_chain_rewritten_from_some_entry_on_differs_from_a_head_that_was_kept(rooms: Rooms, audit: AuditLog) -> None:
    record(rooms, 4)
    kept = audit.state(rooms.scope).head
    with rooms.db.transaction() as tx:
        links = audit_log.links(tx, rooms.scope.organization_id, 0, 4, 10)
        last = Head()
        for link in links:
            forged = {"n": 1} if link.sequence == 2 else link.detail
            content = link.content(last.hash) | {"detail": forged}
            written = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
            last = Head(link.sequence, hashlib.sha256(written.encode()).hexdigest())
            tx.execute(update(LOG).where(*at(link.sequence)).values(detail=forged, hash=last.hash))
        tx.execute(update(tables.audit_heads).values(hash=last.hash))
    assert audit.verify(rooms.scope).is_good
    [problem] = audit.verify(rooms.scope, kept).problems
    assert problem.text == "entry 4 has not the hash that was kept of it"


@pytest.mark.skipif(shutil.which("jq") is None, reason="jq is not installed")
def test_an_export_is_checked_with_jq_and_sha256sum(rooms: Rooms, audit: AuditLog) -> None:
    record(rooms, 3)
    lines = b"".join(map(export_lines, audit.export(rooms.scope))).splitlines()
    assert [json.loads(line)["sequence"] for line in lines] == [1, 2, 3]
    previous = FIRST_HASH
    for line in lines:
        said = json.loads(line)
        assert said["previousHash"] == previous
        plain = subprocess.run(["jq", "-cSj", "del(.hash)"], input=line, capture_output=True, check=True).stdout
        assert hashlib.sha256(plain).hexdigest() == said["hash"]
        previous = said["hash"]
    [rest] = list(audit.export(rooms.scope, 2))
    assert [(before, link.sequence) for before, link in rest] == [(json.loads(lines[1])["hash"], 3)]
    assert list(audit.export(rooms.scope, 3)) == []


def test_a_night_says_loudly_what_is_wrong(rooms: Rooms, audit: AuditLog, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    loud = SimpleNamespace(error=lambda *words, **facts: said.append(f"{words} {facts}"))
    monkeypatch.setattr("seatrial.services.audit.log", loud)
    record(rooms, 2)
    with rooms.db.transaction() as tx:
        tx.execute(update(LOG).where(*at(1)).values(action="x"))
    watch = AuditWatch(audit, Schedules("one", rooms.now), 3)
    watch.run()
    assert len(said) == 1
    assert "entry 1 was changed" in said[0]
    watch.run()  # once a night
    assert len(said) == 1


@pytest.fixture(params=KINDS)
def before(request: pytest.FixtureRequest) -> Iterator[Database]:
    """Give a database at the schema before the chain."""
    database = Database(empty_database(request))
    with database.transaction() as tx:
        config = schema._config()
        config.attributes["connection"] = tx
        command.upgrade(config, "0016")
    yield database
    database.close()


def test_entries_that_were_there_are_chained_by_the_migration(before: Database) -> None:
    row = "INSERT INTO audit_log (id, organization_id, principal_kind, principal_id, action, target_id, detail, created_at)"
    values = [
        {
            "id": f"{number:024x}",
            "org": organization * 24,
            "detail": json.dumps({"n": number}),
            "at": 5000 - number // 2,
        }
        for number, organization in enumerate("ab" * 1100)
    ]
    with before.transaction() as tx:
        tx.execute(text(f"{row} VALUES (:id, :org, 'session', 'x', 'build.create', 'y', :detail, :at)"), values)
    schema.upgrade(before)
    audit = AuditLog(before, lambda: START)
    for organization in "ab":
        scope = OrganizationScope(organization_id=OrganizationId(organization * 24), principal=SOMEBODY)
        with before.transaction() as tx:
            audit_log.record(tx, scope, "build.delete", "z", START)
        found = audit.verify_of(scope.organization_id)
        assert (found.problems, found.entries) == ((), 1101)
