"""Notifications: who hears of a build, in which words, once."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy import select, update

from seatrial.db import apps, tables
from seatrial.domain.app import AppSettings
from seatrial.domain.build import BuildChanges, Deployer, Notification, Submission
from seatrial.domain.errors import BuildNotProcessed, EntityNotFound, InvalidRequest
from seatrial.domain.ids import BuildId
from seatrial.domain.listing import ListQuery
from seatrial.domain.mail import Delivery, MailQuery, MailState, NotificationState
from seatrial.mail import Answer, Outcome
from seatrial.services.jobs import Task
from tests.services.mail_office import Office
from tests.services.rooms import ANDROID, Reader, Rooms

EVERYBODY = Notification(collaborators=True, employees=True)


@pytest.fixture
def office(rooms: Rooms) -> Office:
    office = Office(rooms)
    rooms.listeners.append(office.telling.note)
    return office


def processed(office: Office, notification: Notification, **more: object) -> BuildId:
    said = replace(Submission(notification=notification), **more)  # type: ignore[arg-type]
    build = office.rooms.upload(said=said)
    office.rooms.processing(Reader(ANDROID)).run(build.id, 1)
    return build.id


def test_the_documents_filter_reaches_whom_it_means(office: Office) -> None:
    # (group1 AND group2) OR group3, the example of the source documents
    for name, groups in {
        "both": ("group1", "group2"),
        "one": ("group1",),
        "three": ("Group3",),
        "all": ("group1", "group2", "group3"),
        "none": (),
    }.items():
        office.employee(f"{name}@example.com", *groups)
    office.employee("off@example.com", "group3", disabled=True)
    office.member("ada@example.com", "owner")
    said = Notification(
        employees=True, collaborators=False, groups=(("group1", "group2"), ("group3", "group3"), ("no",))
    )
    processed(office, said)
    office.perform()
    assert office.states() == {f"{name}@example.com": "sent" for name in ("all", "both", "three")}


def test_a_person_who_is_collaborator_and_employee_hears_once(office: Office) -> None:
    office.member("ada@example.com")
    office.member("nobody@example.com", "unassigned")
    office.employee("ada@example.com")
    office.employee("eve@example.com")
    build_id = processed(office, EVERYBODY)
    office.rooms.processing(Reader(ANDROID)).run(build_id, 1)
    office.perform()
    assert sorted(mail.recipient for mail in office.mailer.taken) == ["ada@example.com", "eve@example.com"]


def test_nothing_is_sent_before_or_without_processing(office: Office) -> None:
    from seatrial.domain.errors import BuildFileInvalid, ProcessingCode

    office.employee("eve@example.com")
    build = office.rooms.upload(said=Submission(notification=EVERYBODY))
    assert office.rooms.queue.tasks == []
    office.rooms.processing(Reader(BuildFileInvalid(ProcessingCode.CORRUPT_ARCHIVE, "broken"))).run(build.id, 1)
    assert office.rooms.queue.tasks == []
    with pytest.raises(BuildNotProcessed):
        office.notifications.tell(office.rooms.scope, build.id, EVERYBODY)


def test_the_apps_own_defaults_hold_where_the_upload_says_nothing(office: Office) -> None:
    office.employee("eve@example.com")
    processed(office, Notification())
    assert office.rooms.queue.tasks == []
    settings = AppSettings(notify_employees=True, new_build_message="From the app", notification_language="fr")
    with office.rooms.db.transaction() as tx:
        apps.update_app(tx, office.rooms.scope, settings, office.rooms.now())
    office.employee("hans@example.com", language="de")
    processed(office, Notification())
    office.perform()
    french, german = office.taken("eve@example.com")[0], office.taken("hans@example.com")[0]
    assert french["Subject"] == "Wallet 1.2 est prête"
    assert german["Subject"] == "Wallet 1.2 ist bereit"
    assert "From the app" in str(french.get_body(("plain",)))
    office.mailer.taken.clear()
    processed(office, Notification(employees=False))
    processed(office, Notification(language="ru", message="Own words"))
    office.perform()
    assert {str(mail["Subject"]) for mail in office.taken()} == {"Wallet 1.2: сборка готова"}


def test_a_mail_says_what_is_new_and_nothing_in_it_can_do_harm(office: Office) -> None:
    office.employee("eve@example.com")
    build_id = processed(
        office,
        Notification(employees=True, message="Please test\r\nBcc: everybody@example.com <script>alert(1)</script>"),
        changelog="# New\n* **bold** [link](javascript:alert(1))\n* <img src=x onerror=alert(1)>\n\n.\n",
        deployer=Deployer("CI", {"branch": "main", "commit": "4d2c1a0f9e8d7c6b5a", "commitMessage": "Fix it\n\nlong"}),
    )
    office.perform()
    [mail] = office.taken()
    assert mail["Bcc"] is None
    assert [part.get_content_type() for part in mail.walk()] == [
        "multipart/alternative",
        "text/plain",
        "multipart/related",
        "text/html",
        "image/png",
    ]
    html, text = mail.get_body(("html",)), mail.get_body(("plain",))
    assert html is not None
    assert text is not None
    shown, plain = html.get_content(), text.get_content()
    assert "<strong>bold</strong>" in shown
    assert "<script" not in shown
    assert "onerror=alert" not in shown.replace("&lt;img src=x onerror=alert(1)&gt;", "")
    assert 'href="javascript' not in shown
    link = f"https://builds.example.com/builds/{build_id}/install"
    assert f'href="{link}"' in shown
    for said in ("1.2 (12)", "4d2c1a0f9e Fix it", "main", "Android", link, "* **bold**"):
        assert said in plain
    assert "long" not in plain
    unsubscribe = str(mail["List-Unsubscribe"])[1:-1]
    assert unsubscribe.startswith("https://builds.example.com/unsubscribe/")
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert f'href="{unsubscribe}"' in shown
    assert unsubscribe in plain
    assert len(office.mailer.taken[0].content) < 60_000


def test_who_unsubscribes_hears_no_more_even_of_what_waits(office: Office) -> None:
    for name in ("eve", "ada", "hans"):
        office.employee(f"{name}@example.com")
    processed(office, Notification(employees=True))
    office.perform()
    token = str(office.taken("eve@example.com")[0]["List-Unsubscribe"])[1:-1].rpartition("/")[2]
    wishes = office.preferences.choose(token, Delivery.NONE, everything=False)
    assert (wishes.for_app, wishes.for_all) == (Delivery.NONE, Delivery.ALL)
    office.mailer.taken.clear()
    processed(office, Notification(employees=True))
    task, notification, _ = office.rooms.queue.tasks.pop()
    assert task is Task.NOTIFY
    office.telling.notify(notification)
    ada = office.tokens.seal(
        organization_id=office.rooms.scope.organization_id, app_id="", email="ada@example.com", language="en"
    )
    office.preferences.choose(ada, Delivery.NONE, everything=True)
    office.perform()
    assert [mail.recipient for mail in office.mailer.taken] == ["hans@example.com"]
    page = office.notifications.recipients(
        office.rooms.scope, notification, MailQuery(notification_id=notification, state=MailState.SKIPPED)
    )
    assert {(mail.email, mail.detail) for mail in page.items} == {
        ("eve@example.com", "unsubscribed"),
        ("ada@example.com", "unsubscribed"),
    }
    with pytest.raises(EntityNotFound):
        office.preferences.of_link(token[:-2] + "AA")


def test_a_build_that_goes_before_its_mails_is_not_told_of(office: Office) -> None:
    office.employee("eve@example.com")
    gone, disabled = (processed(office, Notification(employees=True)) for _ in range(2))
    office.rooms.builds.delete(office.rooms.scope, gone)
    office.rooms.builds.update(office.rooms.scope, disabled, BuildChanges(disabled=True))
    office.perform()
    assert office.mailer.taken == []
    page = office.notifications.search(office.rooms.scope, ListQuery())
    assert {told.telling.reason for told in page.items} == {"deleted", "disabled"}
    late = processed(office, Notification(employees=True))
    office.telling.notify(office.rooms.queue.tasks.pop()[1])
    office.rooms.builds.delete(office.rooms.scope, late)
    office.perform()
    assert office.states() == {"eve@example.com": "skipped"}


def test_people_can_be_told_later_and_each_only_once(office: Office) -> None:
    office.employee("eve@example.com", "qa")
    office.employee("gone@example.com", "qa")
    office.employee("ada@example.com")
    office.mailer.answers = {"gone@example.com": [Answer(Outcome.REFUSED, "550 no such user")]}
    scope = office.rooms.scope
    build_id = processed(office, Notification(employees=True, groups=(("QA",),)))
    office.perform()
    told = office.notifications.tell(scope, build_id, Notification(employees=True, message="Now all of you"))
    assert told.telling.turn == 1
    office.perform()
    assert sorted(mail.recipient for mail in office.mailer.taken) == ["ada@example.com", "eve@example.com"]
    later, first = office.notifications.search(scope, ListQuery(), build_id).items
    assert first.counts == {MailState.SENT: 1, MailState.REFUSED: 1}
    assert later.counts == {MailState.SENT: 1}
    assert first.telling.state is NotificationState.TOLD
    [refused] = office.mails.search(scope, MailQuery(state=MailState.REFUSED)).items
    assert (refused.email, refused.answer) == ("gone@example.com", "550 no such user")
    office.mails.retry(scope, refused.id)
    office.perform()
    assert office.mails.get(scope, refused.id).state is MailState.SENT
    with pytest.raises(InvalidRequest):
        office.notifications.tell(scope, build_id, Notification())


def test_a_preview_says_who_and_why_and_sends_nothing(office: Office) -> None:
    office.member("ada@example.com", "owner")
    office.employee("both@example.com", "a", "b", language="fr")
    office.employee("c@example.com", "C")
    office.employee("off@example.com", "c", disabled=True)
    office.employee("x@example.com")
    scope = office.rooms.scope
    c = office.tokens.seal(
        organization_id=scope.organization_id, app_id=scope.app_id, email="c@example.com", language=""
    )
    office.preferences.choose(c, Delivery.DIGEST, everything=False)
    said = Notification(collaborators=True, employees=True, groups=(("a", "b"), ("c",)))
    preview = office.previews.preview(scope, said, None, ListQuery())
    assert [(each.email, each.reason.value, each.detail) for each in preview.page.items] == [
        ("ada@example.com", "collaborator", "owner"),
        ("both@example.com", "employee", "a, b"),
        ("c@example.com", "employee", "c"),
        ("off@example.com", "employee", "c"),
    ]
    assert preview.page.total == 4
    assert [each.delivery.value for each in preview.page.items] == ["all", "all", "digest", "all"]
    assert [each.reachable for each in preview.page.items] == [True, True, True, False]
    assert preview.languages["both@example.com"] == "fr"
    second = office.previews.preview(scope, said, None, ListQuery(page=2, limit=3))
    assert [each.email for each in second.page.items] == ["off@example.com"]
    assert office.mailer.taken == []


def test_a_summary_comes_once_a_day_with_all_the_news(office: Office) -> None:
    office.employee("eve@example.com", language="de")
    scope = office.rooms.scope
    office.rooms.time = datetime(2026, 3, 1, 12, tzinfo=UTC)
    token = office.tokens.seal(
        organization_id=scope.organization_id, app_id=scope.app_id, email="eve@example.com", language=""
    )
    office.preferences.choose(token, Delivery.DIGEST, everything=True)
    for _ in range(2):
        processed(office, Notification(employees=True, message="Look at this"))
    office.perform()
    assert office.mailer.taken == []
    assert set(office.states().values()) == {"digest"}
    office.digests.write()
    office.digests.write()
    Office(office.rooms).digests.write()
    office.perform()
    [summary] = office.taken()
    assert summary["Subject"] == "Neue Builds von Acme"
    text = summary.get_body(("plain",))
    assert text is not None
    assert text.get_content().count("Look at this") == 2
    assert set(office.states().values()) == {"sent"}
    processed(office, Notification(employees=True))
    office.perform()
    office.digests.write()
    office.rooms.time = datetime(2026, 3, 2, 6, 59, tzinfo=UTC)
    office.digests.write()
    office.perform()
    assert len(office.mailer.taken) == 1
    office.rooms.time = datetime(2026, 3, 2, 7, 0, tzinfo=UTC)
    office.digests.write()
    office.perform()
    assert len(office.mailer.taken) == 2


def test_a_worker_that_dies_between_pages_goes_on_where_it_was(office: Office) -> None:
    for number in range(8):
        office.employee(f"p{number}@example.com")
    processed(office, Notification(employees=True))
    [(_, notification, _)] = office.rooms.queue.tasks
    office.rooms.queue.tasks.clear()
    assert office.telling._next_page(notification)
    office.telling.notify(notification)
    office.telling.notify(notification)
    office.perform()
    assert sorted(mail.recipient for mail in office.mailer.taken) == [f"p{number}@example.com" for number in range(8)]


def test_two_workers_write_each_mail_once(office: Office) -> None:
    office.employee("eve@example.com")
    processed(office, Notification(employees=True))
    with office.rooms.db.read() as tx:
        [notification] = tx.execute(select(tables.build_notifications.c.id)).scalars()
    office.telling.notify(notification)
    with office.rooms.db.transaction() as tx:  # as if the other one had not seen the end
        tx.execute(update(tables.build_notifications).values(state="pending", position=""))
    office.telling.notify(notification)
    office.perform()
    assert len(office.mailer.taken) == 1
