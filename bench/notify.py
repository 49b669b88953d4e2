"""Telling ten thousand people of a build: who they are, by a nested filter, and the mails to a mail server."""

import queue
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, func, insert, select, update

from bench.table import Row
from seatrial.db import builds, recipients, schema, tables
from seatrial.db.engine import Database
from seatrial.domain.access import AppScope
from seatrial.domain.build import BuildStatus, Notification, Submission
from seatrial.domain.clock import utc_now
from seatrial.domain.event import Event, EventKind
from seatrial.domain.ids import BuildId, FileId, new_entity_id
from seatrial.mail.form import Sender
from seatrial.mail.smtp import Security, SmtpMailer, SmtpServer
from seatrial.services.jobs import Task
from seatrial.services.mail_news import MailNews
from seatrial.services.mail_sending import MailSending
from seatrial.services.mail_writing import MailWriting
from seatrial.services.telling import TellingOfBuilds
from seatrial.services.unsubscribing import UnsubscribeTokens
from seatrial.storage.sealing import Sealer
from tests import postgres
from tests.db.sample_rows import add_app, new_build
from tests.services.rooms import OnlyStore

PEOPLE, MEANT, LOOKS = 20_000, 10_000, 15
GROUPS = ("testers", "android", "managers", "office", "beta")
# (testers AND android) OR (managers AND office AND beta): every other one, and some of those twice.
FILTER = (("testers", "android"), ("managers", "office", "beta"))
WORKERS = 2
"""Batches at a time, as one worker has them."""


class Work:
    """Tasks as the job engine would hold them, done by two threads."""

    def __init__(self) -> None:
        self.waiting: queue.Queue[tuple[Task, str]] = queue.Queue()
        self._asked = threading.local()

    def process_build(self, tx: Connection, build_id: BuildId, attempt: int) -> None:
        """Nothing here is processed."""

    def understand_attachment(self, tx: Connection, file_id: FileId) -> None:
        """Nor attached."""

    def request(self, _tx: Connection, task: Task, subject: str, turn: int = 0, delay_seconds: float = 0) -> None:
        """Take a task; what is deferred would show in the count."""
        if not turn and not delay_seconds:
            self._mine().append((task, subject))

    def committed(self) -> None:
        """Let others see what this thread has asked for: as with the engine, not before its transaction is over."""
        for each in self._mine():
            self.waiting.put(each)
        self._mine().clear()

    def _mine(self) -> list[tuple[Task, str]]:
        if not hasattr(self._asked, "tasks"):
            self._asked.tasks = []
        asked: list[tuple[Task, str]] = self._asked.tasks
        return asked


def measure() -> list[Row]:
    """Measure on both databases."""
    with tempfile.TemporaryDirectory(prefix="seatrial-bench-") as name:
        rows = _measure("SQLite", f"sqlite:///{Path(name, 'seatrial.db')}")
    with postgres.running() as server:
        return [*rows, *_measure("PostgreSQL", server.fresh_database())]


def _measure(kind: str, url: str) -> list[Row]:
    database = Database(url)
    schema.upgrade(database)
    try:
        scope, build_id = _filled(database)
        resolved = [_resolve(database, scope) for _ in range(LOOKS)]
        with _sink() as (port, taken):
            seconds = _tell(database, scope, build_id, port)
            assert taken() == MEANT
    finally:
        database.close()
    return [
        Row(
            what=f"find {MEANT:,} of {PEOPLE:,} employees by a nested filter, {kind}",
            goal="below 200 ms",
            unit="ms",
            ours=[round(each * 1000, 1) for each in resolved],
            most=200,
        ),
        Row(
            what=f"write and hand over {MEANT:,} mails, each marked on the disk before, {kind}: one mail",
            goal="at most 5 ms (200 mails/s)",
            unit="ms",
            ours=[round(seconds / MEANT * 1000, 2)],
            most=5,
        ),
    ]


def _filled(database: Database) -> tuple[AppScope, BuildId]:
    now = utc_now()
    said = Submission(
        changelog="* The login no longer hangs on slow networks\n* Dark mode\n" * 5,
        notification=Notification(employees=True, message="Please look", groups=FILTER),
    )
    with database.transaction() as tx:
        scope = add_app(tx)
        new = new_build(said)
        builds.insert_build(tx, scope, new)
        tx.execute(update(tables.builds).values(status=BuildStatus.PROCESSED.value, version_name="1.2"))
        ids = {name: new_entity_id() for name in GROUPS}
        dated = {"organization_id": scope.organization_id, "created_at": now, "updated_at": now}
        tx.execute(insert(tables.groups), [{"id": ids[name], "name": name, "key": name, **dated} for name in GROUPS])
        people = [new_entity_id() for _ in range(PEOPLE)]
        tx.execute(
            insert(tables.employees),
            [
                {"id": each, "email": f"p{n}@example.com", "origin": "import", "type": "traditional", **dated}
                for n, each in enumerate(people)
            ],
        )
        belongs = [(each, name) for n, each in enumerate(people) for name in _groups(n)]
        tx.execute(
            insert(tables.employee_groups),
            [{"employee_id": each, "group_id": ids[name], "source": "manual"} for each, name in belongs],
        )
    return scope, new.id


def _groups(number: int) -> Sequence[str]:
    if number % 2:
        return ("testers", "office") if number % 4 == 1 else ("android", "managers")
    return ("testers", "android") if number % 4 else GROUPS


def _resolve(database: Database, scope: AppScope) -> float:
    began = time.perf_counter()
    with database.read() as tx:
        found = recipients.employees_matching(tx, scope.organization_id, FILTER)
    took = time.perf_counter() - began
    assert len(found) == MEANT
    return took


def _tell(database: Database, scope: AppScope, build_id: BuildId, port: int) -> float:
    work, sealer = Work(), Sealer([b"k" * 32])
    told = TellingOfBuilds(database, work, utc_now)
    server = SmtpServer(host="127.0.0.1", port=port, security=Security.NONE, sender="builds@example.com")
    mailer = SmtpMailer(server)
    with OnlyStore() as blobs:
        news = MailNews(database, blobs, "https://builds.example.com", utc_now)
        sender = Sender(email="builds@example.com", name="Builds")
        writing = MailWriting(database, sender, "en", sealer, news, UnsubscribeTokens(sealer), utc_now)
        sending = MailSending(database, work, mailer, writing, utc_now)
        began = time.perf_counter()
        with database.transaction() as tx:
            event = Event(
                kind=EventKind.BUILD_PROCESSED,
                organization_id=scope.organization_id,
                app_id=scope.app_id,
                subject=build_id,
                at=utc_now(),
            )
            told.note(tx, event)
        work.committed()
        threads = [threading.Thread(target=_perform, args=(work, told, sending)) for _ in range(WORKERS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        took = time.perf_counter() - began
        mailer.close()
    with database.read() as tx:
        rows = tx.execute(select(tables.mails.c.state, func.count().label("n")).group_by(tables.mails.c.state))
        states = {row.state: row.n for row in rows}
    assert states == {"sent": MEANT}, states
    return took


def _perform(work: Work, told: TellingOfBuilds, sending: MailSending) -> None:
    """Work until nothing has come for a while."""
    while True:
        try:
            task, subject = work.waiting.get(timeout=1)
        except queue.Empty:
            return
        {Task.NOTIFY: told.notify, Task.SEND_MAILS: sending.send}[task](subject)
        work.committed()


@contextmanager
def _sink() -> "Iterator[tuple[int, _Count]]":
    process = subprocess.Popen(
        [sys.executable, "-m", "bench.mail_sink"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    count = _Count(process)
    try:
        yield int(process.stdout.readline()), count
    finally:
        process.kill()
        process.communicate()


class _Count:
    """How many mails the sink took; asking ends it."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def __call__(self) -> int:
        """Give the number."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.stdin = None
        return int(self._process.stdout.readline())


if __name__ == "__main__":
    for row in measure():
        print(" | ".join(row.cells()))
