"""A mail room for tests: letters and notifications, with a mailer in memory and a clock that the tests hold."""

import email
from email.message import EmailMessage
from email.policy import default

from sqlalchemy import insert, select

from seatrial.db import tables
from seatrial.domain.ids import new_entity_id
from seatrial.mail.form import Sender
from seatrial.mail.memory import MemoryMailer
from seatrial.services.digests import Digests
from seatrial.services.jobs import Task
from seatrial.services.mail_news import MailNews
from seatrial.services.mail_preferences import MailPreferences
from seatrial.services.mail_room import MailRoom
from seatrial.services.mail_sending import MailSending
from seatrial.services.mail_writing import MailWriting
from seatrial.services.mails import Mails
from seatrial.services.notification_previews import NotificationPreviews
from seatrial.services.notifications import Notifications
from seatrial.services.post import Addressee, Letter
from seatrial.services.telling import TellingOfBuilds
from seatrial.services.unsubscribing import UnsubscribeTokens
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
        db, queue = rooms.db, rooms.queue
        self.telling = TellingOfBuilds(db, queue, rooms.now, batch=3)
        self.digests = Digests(db, queue, rooms.now)
        self.notifications = Notifications(db, queue, rooms.now)
        self.previews = NotificationPreviews(db)
        self.mails = Mails(db, queue, rooms.now)
        self.tokens = UnsubscribeTokens(self.sealer)
        self.preferences = MailPreferences(db, self.tokens, rooms.now)

    def sending_by(self, mailer: MemoryMailer | None) -> MailSending:
        sender = Sender(email="builds@example.com", name="Seatrial")
        news = MailNews(self.rooms.db, self.rooms.blobs, "https://builds.example.com", self.rooms.now)
        tokens = UnsubscribeTokens(self.sealer)
        writing = MailWriting(self.rooms.db, sender, "en", self.sealer, news, tokens, self.rooms.now)
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

    def taken(self, to: str | None = None) -> list[EmailMessage]:
        return [
            email.message_from_bytes(mail.content, policy=default)
            for mail in self.mailer.taken
            if to in {None, mail.recipient}
        ]

    def perform(self) -> None:
        """Do what the job queue holds, until it is empty."""
        while self.rooms.queue.tasks:
            task, subject, _ = self.rooms.queue.tasks.pop(0)
            {Task.NOTIFY: self.telling.notify, Task.SEND_MAILS: self.sending.send}[task](subject)

    def employee(self, address: str, *groups: str, language: str = "", disabled: bool = False) -> str:
        """Add an employee, and the groups that are new."""
        employee_id, organization = new_entity_id(), self.rooms.scope.organization_id
        with self.rooms.db.transaction() as tx:
            tx.execute(
                insert(tables.employees).values(
                    id=employee_id,
                    organization_id=organization,
                    email=address,
                    first_name=address.partition("@")[0].title(),
                    origin="dashboard",
                    type="traditional",
                    language=language,
                    disabled=disabled,
                    created_at=START,
                    updated_at=START,
                )
            )
            for name in groups:
                key = name.casefold()
                found = select(tables.groups.c.id).where(
                    tables.groups.c.organization_id == organization, tables.groups.c.key == key
                )
                group_id = tx.execute(found).scalar_one_or_none()
                if group_id is None:
                    group_id = new_entity_id()
                    tx.execute(
                        insert(tables.groups).values(
                            id=group_id,
                            organization_id=organization,
                            name=name,
                            key=key,
                            created_at=START,
                            updated_at=START,
                        )
                    )
                tx.execute(
                    insert(tables.employee_groups).values(employee_id=employee_id, group_id=group_id, source="manual")
                )
        return employee_id

    def member(self, address: str, role: str = "editor") -> None:
        """Add a person with an account."""
        user_id = new_entity_id()
        with self.rooms.db.transaction() as tx:
            tx.execute(
                insert(tables.users).values(
                    id=user_id, email=address, password_hash="", created_at=START, updated_at=START
                )
            )
            tx.execute(
                insert(tables.memberships).values(
                    user_id=user_id,
                    organization_id=self.rooms.scope.organization_id,
                    role=role,
                    created_at=START,
                    updated_at=START,
                )
            )

    def states(self) -> dict[str, str]:
        with self.rooms.db.read() as tx:
            return {row.email: row.state for row in tx.execute(select(tables.mails).order_by(tables.mails.c.id))}
