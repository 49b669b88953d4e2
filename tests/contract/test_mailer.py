"""What every mailer promises, the one in memory too; and what only a real server can show."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from seatrial.mail import Answer, AnswerLost, Mailer, Outcome, Outgoing, ServerUnavailable
from seatrial.mail.folder import FolderMailer
from seatrial.mail.memory import MemoryMailer
from seatrial.mail.smtp import Security, SmtpMailer, SmtpServer
from tests import smtp

CONTENT = b"From: a@example.com\r\nSubject: hello\r\n\r\n.\r\n..two\r\nlast line"
Taken = Callable[[], list[tuple[str, bytes]]]


class MailerContract:
    def test_mails_arrive_as_they_are_over_one_connection(self, mailer: Mailer, taken: Taken) -> None:
        with mailer.connect() as session:
            for number in range(3):
                answer = session.send(Outgoing(f"p{number}@example.com", CONTENT))
                assert answer.outcome is Outcome.ACCEPTED
                assert answer.text.startswith("250")
        assert [(to, content.rstrip()) for to, content in taken()] == [
            (f"p{number}@example.com", CONTENT) for number in range(3)
        ]

    def test_an_address_that_is_refused_stops_nobody_else(self, mailer: Mailer, taken: Taken) -> None:
        with mailer.connect() as session:
            said = [session.send(Outgoing(f"{who}@example.com", CONTENT)) for who in ("gone", "busy", "spam", "ada")]
        assert [answer.outcome for answer in said] == [
            Outcome.REFUSED,
            Outcome.DEFERRED,
            Outcome.REFUSED,
            Outcome.ACCEPTED,
        ]
        assert said[0].text.startswith("550")
        assert [to for to, _ in taken()] == ["ada@example.com"]

    def test_a_lost_answer_is_told_from_a_mail_that_was_not_taken(self, mailer: Mailer, taken: Taken) -> None:
        with mailer.connect() as session:
            with pytest.raises(AnswerLost):
                session.send(Outgoing("mute@example.com", CONTENT))
            assert session.send(Outgoing("ada@example.com", CONTENT)).outcome is Outcome.ACCEPTED
        assert [to for to, _ in taken()] == ["mute@example.com", "ada@example.com"]


class TestMemoryMailer(MailerContract):
    @pytest.fixture
    def memory(self) -> MemoryMailer:
        return MemoryMailer(
            answers={
                "gone@example.com": [Answer(Outcome.REFUSED, "550 5.1.1 no such user")],
                "busy@example.com": [Answer(Outcome.DEFERRED, "450 4.2.0 later")],
                "spam@example.com": [Answer(Outcome.REFUSED, "554 5.7.1 no")],
                "mute@example.com": [AnswerLost("gone")],
            }
        )

    @pytest.fixture
    def mailer(self, memory: MemoryMailer) -> Mailer:
        return memory

    @pytest.fixture
    def taken(self, memory: MemoryMailer) -> Taken:
        return lambda: [(mail.recipient, mail.content) for mail in memory.taken]


class TestSmtpMailer(MailerContract):
    @pytest.fixture
    def post(self) -> smtp.Post:
        return smtp.Post()

    @pytest.fixture
    def mailer(self, post: smtp.Post) -> Iterator[Mailer]:
        with ExitStack() as stack:
            mailer = SmtpMailer(server(stack.enter_context(smtp.serving(post))))
            stack.callback(mailer.close)
            yield mailer

    @pytest.fixture
    def taken(self, post: smtp.Post) -> Taken:
        return lambda: list(post.taken)

    def test_a_connection_is_used_again_and_replaced_after_its_share(self, post: smtp.Post) -> None:
        with smtp.serving(post) as port:
            mailer = SmtpMailer(server(port, mails_per_connection=4))
            for _ in range(3):
                with mailer.connect() as session:
                    for _ in range(2):
                        session.send(Outgoing("ada@example.com", CONTENT))
            mailer.close()
        assert len(post.taken) == 6
        assert post.connections == 2

    def test_a_server_that_hangs_up_within_a_mail_has_not_taken_it(self, post: smtp.Post, mailer: Mailer) -> None:
        long = CONTENT + b"\r\nline" * 400_000
        post.drop_after_lines = 2
        with mailer.connect() as session:
            with pytest.raises((ServerUnavailable, AnswerLost)):
                session.send(Outgoing("ada@example.com", long))
            post.drop_after_lines = None
            assert session.send(Outgoing("ada@example.com", CONTENT)).outcome is Outcome.ACCEPTED
        assert len(post.taken) == 1

    def test_a_server_that_answers_byte_by_byte_is_given_up(self) -> None:
        """It would be waited for forever if each byte began the waiting anew."""
        with _trickling() as port:
            mailer = SmtpMailer(server(port, connect_timeout=0.5))
            with pytest.raises(ServerUnavailable), mailer.connect():
                pytest.fail("a greeting of which the end never came was believed")

    def test_nobody_there(self) -> None:
        with pytest.raises(ServerUnavailable), SmtpMailer(server(1)).connect():
            pass


@pytest.mark.parametrize("security", [Security.STARTTLS, Security.TLS])
def test_tls_and_a_password(tmp_path: Path, security: Security) -> None:
    post = smtp.Post()
    context, trusted = smtp.certificate(tmp_path)
    options: dict[str, Any] = {"authenticator": smtp.with_password}
    if security is Security.STARTTLS:
        options |= {"tls_context": context, "auth_required": True}
    else:
        options |= {"ssl_context": context, "auth_require_tls": False}  # the test server's idea of TLS is STARTTLS
    with smtp.serving(post, **options) as port:
        known = server(port, security=security, ca_file=str(trusted), user=smtp.USER, password=smtp.PASSWORD)
        mailer = SmtpMailer(known)
        with mailer.connect() as session:
            assert session.send(Outgoing("ada@example.com", CONTENT)).outcome is Outcome.ACCEPTED
        mailer.close()
        wrong = server(port, security=security, ca_file=str(trusted), user=smtp.USER, password="wrong")
        with pytest.raises(ServerUnavailable, match="535"), SmtpMailer(wrong).connect():
            pass
        stranger = server(port, security=security, user=smtp.USER, password=smtp.PASSWORD)
        with pytest.raises(ServerUnavailable, match="CERTIFICATE_VERIFY_FAILED"), SmtpMailer(stranger).connect():
            pass
    assert len(post.taken) == 1


def test_a_server_without_starttls_gets_neither_mail_nor_password() -> None:
    post = smtp.Post()
    with smtp.serving(post) as port:
        asking = server(port, security=Security.STARTTLS, user=smtp.USER, password=smtp.PASSWORD)
        with pytest.raises(ServerUnavailable, match="STARTTLS"), SmtpMailer(asking).connect():
            pass


@contextmanager
def _trickling() -> Iterator[int]:
    """A server whose greeting is a byte every tenth of a second, without an end."""
    over = threading.Event()

    def greet() -> None:
        peer, _ = listening.accept()
        with peer, suppress(OSError):
            peer.sendall(b"220 ")
            while not over.wait(0.1):
                peer.sendall(b"x")

    with socket.create_server(("127.0.0.1", 0)) as listening:
        greeter = threading.Thread(target=greet, daemon=True)
        greeter.start()
        try:
            yield listening.getsockname()[1]
        finally:
            over.set()
            greeter.join()


def server(port: int, security: Security = Security.NONE, **more: object) -> SmtpServer:
    said = {"host": "127.0.0.1", "port": port, "security": security, "sender": "builds@example.com"}
    return SmtpServer(**{**said, "connect_timeout": 5.0, "answer_timeout": 10.0, **more})  # type: ignore[arg-type]


def test_a_folder_takes_mails_as_files_that_are_whole_or_not_there(tmp_path: Path) -> None:
    mailer = FolderMailer(tmp_path / "mails")
    with mailer.connect() as session:
        for who in ("ada@example.com", "../../etc/passwd@example.com"):
            assert session.send(Outgoing(who, CONTENT)).outcome is Outcome.ACCEPTED
    written = sorted((tmp_path / "mails").iterdir())
    assert [path.suffix for path in written] == [".eml", ".eml"]
    assert all(path.read_bytes() == CONTENT for path in written)
    assert "ada@example.com" in written[0].name


def test_a_folder_that_cannot_be_written_is_a_server_that_is_away(tmp_path: Path) -> None:
    (tmp_path / "mails").write_text("a file where a folder should be")
    with pytest.raises(ServerUnavailable), FolderMailer(tmp_path / "mails").connect():
        pass
