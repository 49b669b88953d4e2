"""Real mail servers for tests: they record what they take, and misbehave where the address says so."""

import asyncio
import email
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any, cast

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

USER, PASSWORD = "seatrial", "the mail server's password"
WAIT_SECONDS = 120
"""Longer than a mail waits for the third try, and far longer than the machine needs."""


class Post:
    """What happens to mails: `busy@` 450, `gone@` 550, `spam@` 554 after the content, `mute@` no answer at all."""

    def __init__(self) -> None:
        self.taken: list[tuple[str, bytes]] = []
        self.connections = 0
        self.drop_after_lines: int | None = None
        """Hang up in the middle of the content, once it is so long."""
        self.closing = False
        """Say 421 to everybody."""
        self.lock = threading.Lock()
        self.slow = 0.0

    async def handle_EHLO(  # noqa: N802  # aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        self.connections += 1
        return responses

    async def handle_RCPT(  # noqa: N802  # aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.closing:
            return "421 4.3.2 closing"
        if address.startswith("busy"):
            return "450 4.2.0 greylisted, come back later"
        if address.startswith("gone"):
            return "550 5.1.1 no such user"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802  # aiosmtpd's name
        recipient = envelope.rcpt_tos[0]
        if self.slow:
            await asyncio.sleep(self.slow)
        if recipient.startswith("spam"):
            return "554 5.7.1 no spam here"
        with self.lock:
            self.taken.append((recipient, cast("bytes", envelope.content)))
        if recipient.startswith("mute"):
            cast("asyncio.Transport", server.transport).abort()
        return "250 2.0.0 taken"

    def messages(self, recipient: str | None = None) -> list[EmailMessage]:
        """Give what was taken, parsed."""
        with self.lock:
            return [
                email.message_from_bytes(content, policy=default)
                for to, content in self.taken
                if recipient in {None, to}
            ]

    def wait_for(self, count: int) -> list[EmailMessage]:
        deadline = time.monotonic() + WAIT_SECONDS
        while len(self.taken) < count:
            assert time.monotonic() < deadline, f"{len(self.taken)} of {count} mails came"
            time.sleep(0.02)
        return self.messages()


class _Server(SMTP):
    """The one that can hang up in the middle of a mail."""

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802  # aiosmtpd's name
        post = cast("Post", self.event_handler)
        if post.drop_after_lines is None:
            await super().smtp_DATA(arg)
            return
        await self.push("354 go on")
        for _ in range(post.drop_after_lines):
            await self._reader.readline()
        cast("asyncio.Transport", self.transport).abort()


class _Controller(Controller):
    def factory(self) -> SMTP:
        return _Server(self.handler, **self.SMTP_kwargs)


@contextmanager
def serving(post: Post, port: int = 0, **options: Any) -> Iterator[int]:
    """Take mails on the loopback; gives the port. `tls_context` offers STARTTLS, `ssl_context` speaks TLS at once."""
    controller = _Controller(post, hostname="127.0.0.1", port=port or free_port(), **options)
    controller.start()
    try:
        yield controller.port
    finally:
        controller.stop()


def with_password(server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
    said = isinstance(data, LoginPassword) and (data.login, data.password) == (USER.encode(), PASSWORD.encode())
    return AuthResult(success=said, handled=False)


def certificate(folder: Path) -> tuple[ssl.SSLContext, Path]:
    """Make a certificate for the loopback: the server's side, and the file that clients trust it by."""
    from datetime import UTC, datetime, timedelta
    from ipaddress import ip_address

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "mail server for tests")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem, private = folder / "mail.pem", folder / "mail.key"
    pem.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem, private)
    return context, pem


def free_port() -> int:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port
