"""Handing mails over: each person's once, and at most once more where the answer was lost.

A mail is marked as being sent, durably, just before its bytes go out, together with what became of the one before it.
So whenever a process dies, one mail at most of each batch is marked whose answer nobody heard. It is sent once more,
its history says so, and it is never sent a third time.
"""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Protocol

import structlog
from sqlalchemy import Connection

from seatrial.db import digests, mails
from seatrial.db.engine import Database
from seatrial.domain.mail import DIGEST, Mail, MailState, MailStep
from seatrial.mail import AnswerLost, Mailer, Outcome, Outgoing, ServerUnavailable, Session
from seatrial.services.jobs import Jobs, Task

BACK_OFF_SECONDS = (15, 30, 60, 120, 300, 600, 1800, 3600, 7200)
"""Waits after turns in a row in which the server took nothing; the last one repeats."""
GIVE_UP_AFTER = timedelta(days=1)
"""A mail that could not be handed over for so long is dead."""
_BREAKS_PER_MAIL, _BROKEN_MAILS = 2, 3
_MOST_LOST = 2
_PARKED_AT_ONCE = 200
_FORGOTTEN_AT_ONCE = 1000
_STATES = {
    Outcome.ACCEPTED: MailState.SENT,
    Outcome.REFUSED: MailState.REFUSED,
    Outcome.DEFERRED: MailState.DEFERRED,
}

log = structlog.get_logger()


class NotToBeSent(Exception):
    """The mail has no purpose any more; the message is a word that says why."""


class CannotBeWritten(Exception):
    """The mail can never be written; the message says why."""


class MailWriter(Protocol):
    """Whoever puts mails into words."""

    def batch(self, waiting: Sequence[Mail]) -> "Callable[[Mail], Outgoing]":
        """Give what writes the mails of one batch, whose common parts are written once.

        What it gives raises NotToBeSent, CannotBeWritten.
        """


class Pace:
    """At most so many mails a second in this process; zero is no limit."""

    def __init__(
        self,
        per_second: float = 0,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._gap = 1 / per_second if per_second else 0.0
        self._monotonic, self._sleep = monotonic, sleep
        self._lock = threading.Lock()
        self._next = 0.0

    def wait(self) -> None:
        """Wait for one's turn."""
        if not self._gap:
            return
        with self._lock:
            now = self._monotonic()
            turn = max(now, self._next)
            self._next = turn + self._gap
        if turn > now:
            self._sleep(turn - now)


@dataclass(frozen=True, slots=True)
class MailSending:
    """Sends batches; without a mailer they wait."""

    db: Database
    jobs: Jobs
    mailer: Mailer | None
    writer: MailWriter
    now: Callable[[], datetime]
    pace: Pace = field(default_factory=Pace)
    keep: timedelta = timedelta(days=180)

    def send(self, batch_id: str) -> None:
        """Hand over what of a batch is still to be handed over, and ask for another turn where something is left."""
        with self.db.read() as tx:
            failures = mails.batch_failures(tx, batch_id)
            waiting = mails.of_batch(tx, batch_id)
        if failures is None:
            return
        if self.mailer is None and waiting:
            with self.db.transaction() as tx:
                mails.park(tx, batch_id)
            return
        turn = _Turn(self, self.writer.batch(waiting))
        if self.mailer is not None and waiting:
            turn.hand_over(self.mailer, waiting)
        self._finish(batch_id, failures, turn)

    def give_up(self, batch_id: str) -> None:
        """Let what is left of a batch be dead: sending it failed again and again, for a reason of ours."""
        with self.db.transaction() as tx:
            for mail in mails.of_batch(tx, batch_id):
                _move(tx, mail, _stepped(mail, MailState.DEAD, self.now(), "internal error"))
            mails.end_batch(tx, batch_id)

    def resume(self) -> None:
        """Let batches be sent that waited for mail settings; a chore."""
        if self.mailer is None:
            return
        with self.db.read() as tx:
            found = mails.parked(tx, _PARKED_AT_ONCE)
        for batch_id in found:
            with self.db.transaction() as tx:
                if mails.unpark(tx, batch_id):
                    self.jobs.request(tx, Task.SEND_MAILS, batch_id, mails.next_turn(tx, batch_id, 0))

    def forget_old(self) -> None:
        """Forget mails of long ago; a chore, so bounded."""
        with self.db.transaction() as tx:
            mails.forget_before(tx, self.now() - self.keep, _FORGOTTEN_AT_ONCE)

    def _finish(self, batch_id: str, failures: int, turn: "_Turn") -> None:
        now = self.now()
        with self.db.transaction() as tx:
            left = 0
            for mail in mails.of_batch(tx, batch_id):
                after = replace(mail, first_tried_at=mail.first_tried_at or now)
                if turn.trouble and mail.state is MailState.QUEUED:
                    after = _stepped(after, MailState.DEFERRED, now, turn.trouble, turn.trouble)
                if after.first_tried_at is not None and after.first_tried_at <= now - GIVE_UP_AFTER:
                    after = _stepped(after, MailState.DEAD, now, "given up after a day", turn.trouble or after.answer)
                if after != mail:
                    _move(tx, mail, after)
                left += after.state is not MailState.DEAD
            if not left:
                mails.end_batch(tx, batch_id)
                return
            failures = 0 if turn.progressed else failures + 1
            delay = BACK_OFF_SECONDS[min(failures, len(BACK_OFF_SECONDS) - 1)]
            self.jobs.request(
                tx, Task.SEND_MAILS, batch_id, mails.next_turn(tx, batch_id, failures), delay_seconds=delay
            )
        log.warning("mails_deferred", batch_id=batch_id, left=left, seconds=delay, trouble=turn.trouble)


class _Turn:
    """One turn of one batch."""

    def __init__(self, sending: MailSending, write: Callable[[Mail], Outgoing]) -> None:
        self._sending = sending
        self._write = write
        self._settled: tuple[Mail, Mail] | None = None
        self.progressed = False
        self.trouble = ""
        """Why the server takes nothing at all, where it does not."""

    def hand_over(self, mailer: Mailer, waiting: Sequence[Mail]) -> None:
        """Hand over one mail after the other over one connection, as long as the server takes them."""
        broken = 0
        try:
            with mailer.connect() as session:
                for mail in waiting:
                    broken = broken + 1 if self._one(session, mail) else 0
                    if broken == _BROKEN_MAILS:
                        break
                else:
                    self.trouble = ""
        except ServerUnavailable as error:
            self.trouble = str(error)
        finally:
            self._commit(None)

    def _one(self, session: Session, mail: Mail) -> bool:
        """Hand one mail over, and keep what came of it for the next commit; true where the connection broke on it."""
        if mail.state is MailState.SENDING:  # somebody died over it
            mail = self._unanswered(mail, "the worker ended before the answer")
            if mail.state is MailState.UNKNOWN:
                return False
        outgoing = self._written(mail)
        if outgoing is None:
            return False
        for _ in range(_BREAKS_PER_MAIL):
            self._sending.pace.wait()
            marked = _marked(mail, self._now())
            if not self._commit((mail, marked)):
                return False  # somebody else has it
            try:
                answer = session.send(outgoing)
            except ServerUnavailable as error:
                self.trouble = str(error)
                mail = _stepped(marked, MailState.DEFERRED, self._now(), f"not handed over: {error}", str(error))
                self._settle(marked, mail)
            except AnswerLost as error:
                mail = self._unanswered(marked, f"no answer: {error}")
                if mail.state is MailState.UNKNOWN:
                    return False
            else:
                state = _STATES[answer.outcome]
                self._settle(marked, _stepped(marked, state, self._now(), answer.text, answer.text))
                self.progressed = self.progressed or answer.outcome is not Outcome.DEFERRED
                return False
        return True

    def _written(self, mail: Mail) -> Outgoing | None:
        """Write a mail; where that is not to be, or cannot be, that is what came of it."""
        try:
            return self._write(mail)
        except NotToBeSent as reason:
            skipped = replace(mail, detail=str(reason))
            self._settle(mail, _stepped(skipped, MailState.SKIPPED, self._now(), str(reason)))
        except CannotBeWritten as reason:
            self._settle(mail, _stepped(mail, MailState.DEAD, self._now(), str(reason), str(reason)))
        return None

    def _unanswered(self, mail: Mail, note: str) -> Mail:
        """Note a lost answer; after the second one nobody asks a third time."""
        lost = replace(mail, lost=mail.lost + 1)
        state = MailState.UNKNOWN if lost.lost >= _MOST_LOST else MailState.QUEUED
        again = "" if state is MailState.UNKNOWN else "; sent once more"
        after = _stepped(lost, state, self._now(), f"{note}{again}")
        self._settle(mail, after)
        return after

    def _settle(self, before: Mail, after: Mail) -> None:
        self._commit(None)
        self._settled = (before, after)

    def _commit(self, next_one: tuple[Mail, Mail] | None) -> bool:
        """Write down what came of the mail before, and that the next one is on its way, in one go."""
        if self._settled is None and next_one is None:
            return True
        with self._sending.db.transaction() as tx:
            if self._settled is not None and not _move(tx, *self._settled):
                log.warning("mail_moved_by_another", mail_id=self._settled[0].id)
            is_ours = next_one is None or _move(tx, *next_one)
        self._settled = None
        return is_ours

    def _now(self) -> datetime:
        return self._sending.now()


def _move(tx: Connection, before: Mail, after: Mail) -> bool:
    """Write down what became of a mail, and with a summary of all the news that it told."""
    moved = mails.move(tx, before, after)
    if moved and after.kind == DIGEST and after.state.value not in mails.OPEN:
        digests.settle(tx, after.id, after.state, after.updated_at)
    return moved


def _marked(mail: Mail, now: datetime) -> Mail:
    marked = replace(mail, attempts=mail.attempts + 1, first_tried_at=mail.first_tried_at or now)
    return _stepped(marked, MailState.SENDING, now, "")


def _stepped(mail: Mail, state: MailState, now: datetime, note: str, answer: str | None = None) -> Mail:
    """Give a mail in its next state; what it said in secret is forgotten where nobody may ask for it again."""
    return replace(
        mail,
        state=state,
        answer=mail.answer if answer is None else answer,
        facts="" if state in {MailState.SENT, MailState.SKIPPED} else mail.facts,
        history=(*mail.history, MailStep(at=now, state=state, note=note[:300])),
        updated_at=now,
    )
