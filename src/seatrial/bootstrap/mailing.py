"""From settings to the mail room."""

from datetime import timedelta

from seatrial.config import Settings
from seatrial.db.engine import Database
from seatrial.domain.clock import utc_now
from seatrial.mail.form import Sender
from seatrial.mail.smtp import Security, SmtpMailer, SmtpServer
from seatrial.services.mail_sending import MailSending, Pace
from seatrial.services.mail_writing import MailWriting
from seatrial.storage.sealing import Sealer
from seatrial.worker.jobs import EngineJobs

_PORTS = {Security.STARTTLS: 587, Security.TLS: 465, Security.NONE: 25}


def open_mailer(settings: Settings) -> SmtpMailer | None:
    """Give whoever takes mails; nobody where no mail server is set."""
    said = settings.mail
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


def open_sending(
    settings: Settings, database: Database, jobs: EngineJobs, mailer: SmtpMailer | None, sealer: Sealer
) -> MailSending:
    """Give whoever sends mails."""
    said = settings.mail
    sender = Sender(email=said.sender or "", name=said.sender_name, reply_to=said.reply_to or "")
    writing = MailWriting(sender, said.language, sealer, utc_now)
    keep = timedelta(days=said.keep_days)
    return MailSending(database, jobs, mailer, writing, utc_now, Pace(said.per_second), keep)
