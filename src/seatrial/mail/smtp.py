"""Mails over SMTP (RFC 5321), with STARTTLS (RFC 3207) or TLS from the beginning (RFC 8314)."""

import smtplib
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from enum import StrEnum
from socket import socket

from seatrial.mail import Answer, AnswerLost, Outcome, Outgoing, ServerUnavailable, Session

_LONGEST_ANSWER = 900
_RESTED_SECONDS = 20.0
"""A connection that rested for so long is closed: servers hang up on the idle."""
_CLOSING = 421


class Security(StrEnum):
    """How the way to the mail server is kept secret."""

    STARTTLS = "starttls"
    TLS = "tls"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class SmtpServer:
    """Where mails are handed over, and as whom; times in seconds."""

    host: str
    port: int
    security: Security
    sender: str
    """The envelope's sender: whoever a bounce goes to."""
    user: str = ""
    password: str = field(default="", repr=False)
    ca_file: str | None = None
    """Beside this machine's authorities."""
    connect_timeout: float = 10
    answer_timeout: float = 60
    mails_per_connection: int = 100


class SmtpMailer:
    """Connections to one server; those that rest are used again."""

    def __init__(self, server: SmtpServer, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._server = server
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._resting: list[tuple[float, _SmtpSession]] = []
        self._tls = _tls(server)

    @contextmanager
    def connect(self) -> Iterator[Session]:
        """Open a connection, or go on with one that rests and still answers.

        Raises ServerUnavailable.
        """
        session = self._rested() or _SmtpSession(self._server, self._tls)
        try:
            session.ready()
            yield session
        except BaseException:
            session.close()
            raise
        with self._lock:
            self._resting.append((self._monotonic(), session))

    def close(self) -> None:
        """Say goodbye on all connections that rest."""
        with self._lock:
            sessions, self._resting = self._resting, []
        for _, session in sessions:
            session.close()

    def _rested(self) -> "_SmtpSession | None":
        while True:
            with self._lock:
                if not self._resting:
                    return None
                since, session = self._resting.pop()
            if self._monotonic() - since < _RESTED_SECONDS and session.answers():
                return session
            session.close()


class _Lines:
    """The lines of one answer, all of them by its deadline.

    A socket's own time-out begins anew with each byte: who sends one a minute would hold its reader for days.
    """

    def __init__(self, sock: socket) -> None:
        self._sock = sock
        self._read = bytearray()
        self._deadline = 0.0

    def expect(self, seconds: float) -> None:
        """Begin to wait for an answer."""
        self._deadline = time.monotonic() + seconds

    def readline(self, limit: int) -> bytes:
        """Read a line, or its first `limit` bytes; less than a line where the server hung up.

        Raises TimeoutError.
        """
        while b"\n" not in self._read and len(self._read) < limit:
            left = self._deadline - time.monotonic()
            if left <= 0:
                raise TimeoutError("timed out")
            self._sock.settimeout(left)
            more = self._sock.recv(limit)
            if not more:
                break
            self._read += more
        end = min(self._read.find(b"\n") + 1 or len(self._read), limit)
        line = bytes(self._read[:end])
        del self._read[:end]
        return line

    def close(self) -> None:
        """Leave the socket to its owner."""


class _Timed(smtplib.SMTP):
    """Gives a whole answer as long as the server's time-out says, however its bytes come."""

    patience: float | None = None
    """Seconds; until it is set, the time-out of connecting."""

    def getreply(self) -> tuple[int, bytes]:
        """Wait for an answer of the server."""
        if self.sock is not None:
            if self.file is None:
                self.file = _Lines(self.sock)
            seconds = self.timeout if self.patience is None else self.patience
            self.file.expect(seconds)
            try:
                return super().getreply()
            finally:
                if self.sock is not None:
                    self.sock.settimeout(seconds)
        return super().getreply()


class _TimedTls(smtplib.SMTP_SSL, _Timed):
    """The same with TLS from the beginning."""


class _SmtpSession:
    """One connection, opened again where it broke or has carried its share."""

    def __init__(self, server: SmtpServer, tls: ssl.SSLContext | None) -> None:
        self._server = server
        self._tls = tls
        self._smtp: smtplib.SMTP | None = None
        self._carried = 0

    def ready(self) -> smtplib.SMTP:
        """Give a connection that may carry a mail.

        Raises ServerUnavailable.
        """
        if self._smtp is not None and self._carried < self._server.mails_per_connection:
            return self._smtp
        self.close()
        try:
            self._smtp = self._open()
        except (OSError, smtplib.SMTPException) as error:
            raise ServerUnavailable(_said(error)) from error
        return self._smtp

    def answers(self) -> bool:
        """Whether the server is still there."""
        try:
            return self._smtp is not None and self._smtp.noop()[0] == 250
        except (OSError, smtplib.SMTPException):
            return False

    def send(self, mail: Outgoing) -> Answer:
        """Hand one mail over.

        Raises ServerUnavailable, AnswerLost.
        """
        if not mail.recipient.isascii():
            return Answer(Outcome.REFUSED, "an address outside ASCII cannot be written to")
        smtp = self.ready()
        self._carried += 1
        try:
            refusal = self._announce(smtp, mail.recipient)
            if refusal is not None:
                return refusal
            smtp.send(
                _framed(mail.content)
            )  # an error here comes before the last line, and without it there is no mail
        except (OSError, smtplib.SMTPException) as error:
            self._drop()
            raise ServerUnavailable(_said(error)) from error
        try:
            code, text = smtp.getreply()
        except (OSError, smtplib.SMTPException) as error:
            self._drop()
            raise AnswerLost(_said(error)) from error
        return self._answer(code, text)

    def close(self) -> None:
        """Say goodbye, if anybody is there."""
        if self._smtp is not None:
            with suppress(OSError, smtplib.SMTPException):
                self._smtp.quit()
        self._drop()

    def _open(self) -> smtplib.SMTP:
        server = self._server
        # A name of our own: the default asks the name service, which may take seconds to have none.
        named = server.sender.rpartition("@")[2] or "localhost"
        if self._tls is not None and server.security is Security.TLS:
            smtp: _Timed = _TimedTls(server.host, server.port, named, timeout=server.connect_timeout, context=self._tls)
        else:
            smtp = _Timed(server.host, server.port, named, timeout=server.connect_timeout)
        try:
            if self._tls is not None and server.security is Security.STARTTLS:
                smtp.starttls(context=self._tls)
            if server.user:
                smtp.login(server.user, server.password)
            else:
                smtp.ehlo_or_helo_if_needed()
            smtp.patience = server.answer_timeout
            if smtp.sock is not None:
                smtp.sock.settimeout(server.answer_timeout)
        except BaseException:
            smtp.close()
            raise
        return smtp

    def _announce(self, smtp: smtplib.SMTP, recipient: str) -> Answer | None:
        """Name sender and recipient, and ask to send; `None` where the server waits for the content."""
        code, text = smtp.mail(self._server.sender)
        if code != 250:  # about us, not about the recipient
            raise smtplib.SMTPResponseException(code, text)
        code, text = smtp.rcpt(recipient)
        if code in {250, 251}:
            code, text = smtp.docmd("DATA")
            if code == 354:
                return None
        if code == _CLOSING:
            raise smtplib.SMTPResponseException(code, text)
        answer = self._answer(code, text)
        smtp.rset()
        return answer

    def _answer(self, code: int, text: bytes) -> Answer:
        if code == _CLOSING:
            self._drop()
        outcome = Outcome.ACCEPTED if code == 250 else Outcome.REFUSED if code >= 500 else Outcome.DEFERRED
        return Answer(outcome, _shown(code, text))

    def _drop(self) -> None:
        if self._smtp is not None:
            self._smtp.close()
        self._smtp, self._carried = None, 0


def _tls(server: SmtpServer) -> ssl.SSLContext | None:
    if server.security is Security.NONE:
        return None
    context = ssl.create_default_context()
    if server.ca_file is not None:
        context.load_verify_locations(server.ca_file)
    return context


def _framed(content: bytes) -> bytes:
    """Double the dots at beginnings of lines, and put the line behind that ends a mail (RFC 5321, section 4.5.2)."""
    dotted = content.replace(b"\r\n.", b"\r\n..")
    if dotted.startswith(b"."):
        dotted = b"." + dotted
    return dotted + (b".\r\n" if dotted.endswith(b"\r\n") else b"\r\n.\r\n")


def _said(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        text = error.smtp_error if isinstance(error.smtp_error, bytes) else str(error.smtp_error).encode()
        return _shown(error.smtp_code, text)
    return (str(error) or type(error).__name__)[:_LONGEST_ANSWER]


def _shown(code: int, text: bytes) -> str:
    return f"{code} {' '.join(text.decode('utf-8', 'replace').replace(chr(0), '').split())}"[:_LONGEST_ANSWER]
