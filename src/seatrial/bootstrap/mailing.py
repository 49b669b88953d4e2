"""From settings to the mail room."""

from dataclasses import dataclass
from datetime import timedelta

from seatrial.config import Settings
from seatrial.db.engine import Database
from seatrial.domain.clock import utc_now
from seatrial.keyring import encryption_keys
from seatrial.mail import Mailer
from seatrial.mail.folder import FolderMailer
from seatrial.mail.form import Sender
from seatrial.mail.smtp import Security, SmtpMailer, SmtpServer
from seatrial.services.digests import Digests
from seatrial.services.mail_news import MailNews
from seatrial.services.mail_preferences import MailPreferences
from seatrial.services.mail_room import MailRoom
from seatrial.services.mail_sending import MailSending, Pace
from seatrial.services.mail_writing import MailWriting
from seatrial.services.mails import Mails
from seatrial.services.notification_previews import NotificationPreviews
from seatrial.services.notifications import Notifications
from seatrial.services.telling import TellingOfBuilds
from seatrial.services.unsubscribing import UnsubscribeTokens
from seatrial.storage import BlobStores
from seatrial.storage.sealing import Sealer
from seatrial.worker.jobs import EngineJobs

_PORTS = {Security.STARTTLS: 587, Security.TLS: 465, Security.NONE: 25}


def open_mailer(settings: Settings) -> SmtpMailer | FolderMailer | None:
    """Give whoever takes mails; nobody where neither a mail server nor a folder is set."""
    said = settings.mail
    if said.folder is not None:
        return FolderMailer(said.folder)
    if not said.host or not said.sender:
        return None
    security = Security(said.security)
    return SmtpMailer(
        SmtpServer(
            host=said.host,
            port=said.port or _PORTS[security],
            security=security,
            sender=said.sender,
            user=said.user or "",
            password=said.password.get_secret_value() if said.password else "",
            ca_file=str(said.ca_file) if said.ca_file else None,
            connect_timeout=said.connect_seconds,
            answer_timeout=said.answer_seconds,
            mails_per_connection=said.per_connection,
        )
    )


@dataclass(frozen=True, slots=True)
class Mailing:
    """The mail room with everybody who works in it."""

    room: MailRoom
    sending: MailSending
    telling: TellingOfBuilds
    digests: Digests
    notifications: Notifications
    previews: NotificationPreviews
    mails: Mails
    preferences: MailPreferences


def open_previews(settings: Settings, database: Database) -> NotificationPreviews:
    """Give whoever says who would be told."""
    said = settings.mail
    return NotificationPreviews(database, can_send=said.goes_out, language=said.language)


def open_mailing(
    settings: Settings, database: Database, blobs: BlobStores, jobs: EngineJobs, mailer: Mailer | None
) -> Mailing:
    """Open the mail room."""
    said, sealer = settings.mail, Sealer(encryption_keys(settings))
    tokens = UnsubscribeTokens(sealer)
    return Mailing(
        room=MailRoom(jobs, sealer, utc_now),
        sending=_sending(settings, database, blobs, jobs, mailer, sealer),
        telling=TellingOfBuilds(database, jobs, utc_now, said.batch),
        digests=Digests(database, jobs, utc_now, said.digest_hour),
        notifications=Notifications(database, jobs, utc_now),
        previews=open_previews(settings, database),
        mails=Mails(database, jobs, utc_now),
        preferences=MailPreferences(database, tokens, utc_now),
    )


def _sending(
    settings: Settings,
    database: Database,
    blobs: BlobStores,
    jobs: EngineJobs,
    mailer: Mailer | None,
    sealer: Sealer,
) -> MailSending:
    said = settings.mail
    sender = Sender(email=said.sender or "", name=said.sender_name, reply_to=said.reply_to or "")
    news = MailNews(database, blobs, settings.public_url, utc_now)
    writing = MailWriting(database, sender, said.language, sealer, news, UnsubscribeTokens(sealer), utc_now)
    keep = timedelta(days=said.keep_days)
    return MailSending(database, jobs, mailer, writing, utc_now, Pace(said.per_second), keep)
