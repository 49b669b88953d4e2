"""Letters: written in a transaction, sent after it, and what happens when the mail server does not take them."""

import contextlib
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from seatrial.db import tables
from seatrial.domain.mail import LANGUAGES
from seatrial.mail import Answer, AnswerLost, Outcome, ServerUnavailable
from seatrial.services.jobs import Task
from seatrial.services.mail_sending import BACK_OFF_SECONDS
from seatrial.services.post import Addressee, Letter
from tests.services.mail_office import FACTS, LINK, Office
from tests.services.rooms import Rooms


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
