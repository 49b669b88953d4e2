"""Letters: written in a transaction, sent after it, and what happens when the mail server does not take them."""

import contextlib
import email
from datetime import timedelta
from email.message import EmailMessage
from email.policy import default

import pytest
from sqlalchemy import select, update

from seatrial.db import tables
from seatrial.domain.mail import LANGUAGES
from seatrial.mail import Answer, AnswerLost, Outcome, ServerUnavailable
from seatrial.mail.form import Sender
from seatrial.mail.memory import MemoryMailer
from seatrial.services.jobs import Task
from seatrial.services.mail_room import MailRoom
from seatrial.services.mail_sending import BACK_OFF_SECONDS, MailSending
from seatrial.services.mail_writing import MailWriting
from seatrial.services.post import Addressee, Letter
from seatrial.storage.sealing import Sealer
from tests.db.sample_rows import START
from tests.services.rooms import Rooms

LINK = "https://builds.example.com/invitations/sti_secret"
FACTS = {
    "organization": "Acme & Söhne",
    "inviter": "Ada",
    "role": "editor",
    "link": LINK,
    "expires": START,
    "address": "192.0.2.1",
    "at": START,
    "enabled": True,
    "app": "Wallet <b>",
    "items": [
        {"build": "1.2 (12)", "what": "profile", "name": "Ad Hoc", "days": 7, "expires": START, "link": LINK},
        {"build": "1.2 (12)", "what": "certificate", "name": "", "days": 1, "expires": START, "link": LINK},
    ],
    "type": "bug",
    "message": "It <crashes>\nat start",
    "author": "eve@example.com",
    "device": "Pixel 9",
    "build": "1.2 (12)",
}


class Office:
    """A mail room with its sending side."""

    def __init__(self, rooms: Rooms, mailer: MemoryMailer | None = None) -> None:
        self.rooms, self.mailer = rooms, mailer or MemoryMailer()
        self.sealer = Sealer([b"k" * 32])
        self.room = MailRoom(rooms.queue, self.sealer, rooms.now)
        self.sending = self.sending_by(self.mailer)

    def sending_by(self, mailer: MemoryMailer | None) -> MailSending:
        sender = Sender(email="builds@example.com", name="Seatrial")
        writing = MailWriting(sender, "en", self.sealer, self.rooms.now)
        return MailSending(self.rooms.db, self.rooms.queue, mailer, writing, self.rooms.now)

    def write(self, letter: Letter = Letter.INVITATION_USER, language: str = "", to: str = "Ada@Example.com") -> str:
        with self.rooms.db.transaction() as tx:
            addressee = Addressee(email=to, name="Ada", language=language)
            self.room.write(tx, letter, addressee, FACTS, self.rooms.scope.organization_id)
        return self.batches()[-1]

    def batches(self) -> list[str]:
        return [subject for task, subject, _ in self.rooms.queue.tasks if task is Task.SEND_MAILS]

    def only(self) -> dict[str, object]:
        with self.rooms.db.read() as tx:
            return dict(tx.execute(select(tables.mails)).one()._mapping)

    def taken(self) -> list[EmailMessage]:
        return [email.message_from_bytes(mail.content, policy=default) for mail in self.mailer.taken]


@pytest.fixture
def office(rooms: Rooms) -> Office:
    return Office(rooms)


def test_a_letter_is_sent_after_its_transaction_and_its_secret_forgotten(office: Office) -> None:
    batch = office.write()
    waiting = office.only()
    assert waiting["state"] == "queued"
    assert "sti_secret" not in str(waiting)
    office.sending.send(batch)
    office.sending.send(batch)
    [mail] = office.taken()
    assert mail["To"] == "Ada <ada@example.com>"
    assert mail["From"] == "Seatrial <builds@example.com>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert office.mailer.taken[0].recipient == "ada@example.com"
    sent = office.only()
    assert (sent["state"], sent["facts"], sent["answer"]) == ("sent", "", "250 OK")
    assert mail["Message-ID"] == f"<{sent['id']}@example.com>"


def test_a_letter_of_a_transaction_that_fails_is_never_sent(office: Office) -> None:
    with contextlib.suppress(RuntimeError), office.rooms.db.transaction() as tx:
        office.room.write(tx, Letter.PASSWORD_RESET, Addressee(email="ada@example.com"), FACTS)
        raise RuntimeError
    with office.rooms.db.read() as tx:
        assert tx.execute(select(tables.mails)).all() == []


@pytest.mark.parametrize("letter", list(Letter))
def test_every_letter_in_every_language(letter: Letter) -> None:
    from seatrial.mail.catalog import words
    from seatrial.mail.letters import letter as written

    subjects = set()
    for language in LANGUAGES:
        body = written(letter.value, words(language), FACTS)
        subjects.add(body.subject)
        for part in (body.text, body.html):
            assert "{" not in part.partition("</style>")[2]
        if letter not in {Letter.PASSWORD_CHANGED, Letter.SECOND_FACTOR_CHANGED}:
            assert LINK in body.text
            assert f'href="{LINK}"' in body.html
        assert "<b>" not in body.html.partition("</head>")[2].replace("<body", "")
        assert "<crashes>" not in body.html
    assert len(subjects) == len(LANGUAGES)


def test_without_mail_settings_letters_wait_until_there_are_some(office: Office) -> None:
    batch = office.write()
    without = office.sending_by(None)
    without.send(batch)
    without.resume()
    assert office.only()["state"] == "queued"
    office.rooms.queue.tasks.clear()
    office.sending.resume()
    assert office.rooms.queue.tasks == [(Task.SEND_MAILS, batch, 1)]
    office.sending.resume()
    assert len(office.rooms.queue.tasks) == 1
    office.sending.send(batch)
    assert office.only()["state"] == "sent"


def test_a_server_that_is_down_is_asked_again_and_again_and_for_a_day(office: Office) -> None:
    batch = office.write()
    office.mailer.down = "connection refused"
    for turn in range(1, 9):
        office.sending.send(batch)
        assert office.rooms.queue.tasks[-1] == (Task.SEND_MAILS, batch, turn)
        office.rooms.later(BACK_OFF_SECONDS[turn])
    mail = office.only()
    assert (mail["state"], mail["answer"], mail["attempts"]) == ("deferred", "connection refused", 0)
    office.rooms.time += timedelta(days=1)
    office.sending.send(batch)
    assert office.only()["state"] == "dead"
    office.mailer.down = ""
    office.sending.send(batch)
    assert office.mailer.taken == []


def test_a_refused_address_is_final_and_a_deferred_one_is_not(office: Office) -> None:
    office.mailer.answers = {
        "gone@example.com": [Answer(Outcome.REFUSED, "550 no such user")],
        "busy@example.com": [Answer(Outcome.DEFERRED, "450 later")],
    }
    gone, busy = office.write(to="gone@example.com"), office.write(to="busy@example.com")
    for batch in (gone, busy, gone, busy):
        office.sending.send(batch)
    with office.rooms.db.read() as tx:
        states = {row.email: row.state for row in tx.execute(select(tables.mails))}
    assert states == {"gone@example.com": "refused", "busy@example.com": "sent"}


def test_a_mail_whose_answer_is_lost_is_sent_once_more_and_never_a_third_time(office: Office) -> None:
    office.mailer.answers = {"ada@example.com": [AnswerLost("hung up"), AnswerLost("hung up")]}
    batch = office.write()
    office.sending.send(batch)
    office.sending.send(batch)
    assert len(office.mailer.taken) == 2
    mail = office.only()
    assert mail["state"] == "unknown"
    assert [step[1] for step in mail["history"]] == ["queued", "sending", "queued", "sending", "unknown"]  # type: ignore[attr-defined]


def test_a_worker_that_died_before_the_answer_costs_one_more_mail_at_most(office: Office) -> None:
    batch = office.write()
    with office.rooms.db.transaction() as tx:
        tx.execute(update(tables.mails).values(state="sending"))
    office.sending.send(batch)
    mail = office.only()
    assert (mail["state"], mail["lost"]) == ("sent", 1)
    assert "the worker ended before the answer" in str(mail["history"])
    with office.rooms.db.transaction() as tx:
        tx.execute(update(tables.mails).values(state="sending"))
    again = office.write(to="eve@example.com")
    with office.rooms.db.transaction() as tx:
        tx.execute(update(tables.mails).values(batch_id=again))
    office.sending.send(again)
    assert [taken.recipient for taken in office.mailer.taken] == ["ada@example.com", "eve@example.com"]


def test_a_connection_that_breaks_goes_on_with_the_next_mail(office: Office) -> None:
    office.mailer.answers = {"ada@example.com": [ServerUnavailable("hung up")] * 2}
    batch = office.write()
    office.write(to="eve@example.com")
    with office.rooms.db.transaction() as tx:
        tx.execute(update(tables.mails).values(batch_id=batch))
    office.sending.send(batch)
    assert [taken.recipient for taken in office.mailer.taken] == ["eve@example.com"]
    assert office.rooms.queue.tasks[-1] == (Task.SEND_MAILS, batch, 1)
    office.sending.send(batch)
    assert [taken.recipient for taken in office.mailer.taken] == ["eve@example.com", "ada@example.com"]


def test_an_address_that_cannot_be_written_is_dead_and_stops_nothing(office: Office) -> None:
    batch = office.write(to="ada@example.com\r\nBcc: eve@example.com")
    office.sending.send(batch)
    assert office.only()["state"] == "dead"
    assert office.mailer.taken == []
