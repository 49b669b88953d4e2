"""Mails in words and bytes: each kind of mail in the language of whoever gets it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from seatrial.db import build_notifications, candidates, digests
from seatrial.db.engine import Database
from seatrial.domain.ids import OrganizationId
from seatrial.domain.mail import DIGEST, NOTIFICATION, Delivery, Mail
from seatrial.mail import Outgoing
from seatrial.mail.catalog import words
from seatrial.mail.form import Form, Sender, UnwritableAddress, address
from seatrial.mail.letters import letter
from seatrial.mail.news import UNSUBSCRIBE, build_mail, digest_mail
from seatrial.services import mail_facts
from seatrial.services.mail_news import MailNews, Told, install_link
from seatrial.services.mail_sending import CannotBeWritten, NotToBeSent
from seatrial.services.unsubscribing import UnsubscribeTokens
from seatrial.storage.sealing import Sealer, Unsealable

_UNSUBSCRIBED = "unsubscribed"


@dataclass(frozen=True, slots=True)
class MailWriting:
    """Writes mails as they are sent, so that one that waited says what is true now."""

    db: Database
    sender: Sender
    language: str
    """For people and apps that say nothing about it."""
    sealer: Sealer
    news: MailNews
    tokens: UnsubscribeTokens
    now: Callable[[], datetime]

    def batch(self, waiting: Sequence[Mail]) -> Callable[[Mail], Outgoing]:
        """Give what writes the mails of one batch, whose pictures and most of whose words are the same."""
        return _Batch(self, waiting).write


@dataclass(slots=True)
class _Batch:
    """The mails of one batch."""

    writing: MailWriting
    waiting: Sequence[Mail]
    _told: dict[str, Told | str] = field(default_factory=dict)
    _forms: dict[tuple[str, str, str], Form] = field(default_factory=dict)
    _wishes: Mapping[tuple[str, str], Delivery] | None = None
    _known_base: str = ""

    def write(self, mail: Mail) -> Outgoing:
        """Write one mail.

        Raises NotToBeSent, CannotBeWritten.
        """
        try:
            to = address(mail.email, mail.name)
        except UnwritableAddress:
            raise CannotBeWritten("the address cannot be written to") from None
        if mail.kind == NOTIFICATION:
            return self._about_build(mail, to)
        if mail.kind == DIGEST:
            return self._digest(mail, to)
        return self._letter(mail, to)

    def _letter(self, mail: Mail, to: str) -> Outgoing:
        writing = self.writing
        try:
            facts = mail_facts.unseal(writing.sealer, mail.facts)
        except Unsealable:
            raise CannotBeWritten("this server lacks the key that the letter was sealed with") from None
        form = Form(writing.sender, letter(mail.kind, words(mail.language or writing.language), facts))
        return Outgoing(mail.email, form.copy(to, headers=self._headers(mail), written=writing.now()))

    def _about_build(self, mail: Mail, to: str) -> Outgoing:
        if self._wish(mail) is Delivery.NONE:
            raise NotToBeSent(_UNSUBSCRIBED)
        told = self._news_of(mail.notification_id or "")
        if isinstance(told, str):
            raise NotToBeSent(told)
        language = (
            told.telling.wanted.language or mail.language or told.app.notification_language or self.writing.language
        )
        link = self._link(told, mail.email)
        key = (link, language, mail.reason)
        if key not in self._forms:
            news = replace(told.news, link=link)
            self._forms[key] = Form(self.writing.sender, build_mail(news, words(language), mail.reason))
        return self._listed(mail, to, self._forms[key], f"{told.app.slug}.{told.organization.slug}", language)

    def _digest(self, mail: Mail, to: str) -> Outgoing:
        with self.writing.db.read() as tx:
            ids = digests.notifications_of(tx, mail.id)
        told = [found for each in ids if isinstance(found := self._news_of(each), Told)]
        if not told:
            raise NotToBeSent("nothing left to tell")
        language = mail.language or self.writing.language
        organization = told[0].organization
        news = [replace(each.news, link=self._link(each, mail.email)) for each in told]
        form = Form(self.writing.sender, digest_mail(news, organization.name, words(language)))
        return self._listed(mail, to, form, organization.slug, language)

    def _listed(self, mail: Mail, to: str, form: Form, list_name: str, language: str) -> Outgoing:
        """Write a mail that people can unsubscribe from (RFC 2369, RFC 2919, RFC 8058)."""
        token = self.writing.tokens.seal(
            organization_id=mail.organization_id or "", app_id=mail.app_id or "", email=mail.email, language=language
        )
        link = f"{self._base()}/unsubscribe/{token}"
        headers = {
            **self._headers(mail),
            "List-ID": f"<{list_name}.{self.writing.sender.domain}>",
            "List-Unsubscribe": f"<{link}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        }
        fill = {UNSUBSCRIBE: (link, link)}
        return Outgoing(mail.email, form.copy(to, headers=headers, written=self.writing.now(), fill=fill))

    def _headers(self, mail: Mail) -> dict[str, str]:
        # The same Message-ID for a mail that has to be sent twice: programs show it once.
        return {
            "Message-ID": f"<{mail.id}@{self.writing.sender.domain}>",
            "Auto-Submitted": "auto-generated",
            "X-Auto-Response-Suppress": "All",
        }

    def _base(self) -> str:
        self._known_base = self._known_base or self.writing.news.base()
        return self._known_base

    def _link(self, told: Told, email: str) -> str:
        base = self._base()
        if not told.doors.publications:
            return f"{base}/builds/{told.build.id}/install"
        with self.writing.db.read() as tx:
            return install_link(tx, base, told, email)

    def _news_of(self, notification_id: str) -> Told | str:
        if notification_id not in self._told:
            with self.writing.db.read() as tx:
                telling = build_notifications.find(tx, notification_id)
            self._told[notification_id] = "deleted" if telling is None else self.writing.news.told(telling)
        return self._told[notification_id]

    def _wish(self, mail: Mail) -> Delivery:
        """Look up what a person wants now; who unsubscribed while mails waited gets none."""
        if self._wishes is None:
            pairs = {(each.organization_id or "", each.app_id or "") for each in self.waiting}
            found: dict[tuple[str, str], Delivery] = {}
            with self.writing.db.read() as tx:
                for organization_id, app_id in pairs:
                    emails = [each.email for each in self.waiting if each.app_id == app_id]
                    wished = candidates.delivery_of(tx, OrganizationId(organization_id), app_id, emails)
                    found |= {(app_id, email): delivery for email, delivery in wished.items()}
            self._wishes = found
        return self._wishes.get((mail.app_id or "", mail.email), Delivery.ALL)
