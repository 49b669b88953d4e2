"""Requests to addresses that people chose, against real sockets: where they go, how long they last, what they read."""

import datetime as dt
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from seatrial.domain.addresses import Address, AddressPolicy
from seatrial.tools import outgoing
from seatrial.tools.outgoing import READ_BYTES, AddressRefused, NotAnswered, Outgoing, resolve
from tests.receiver import receiving

LOOPBACK = AddressPolicy((ipaddress.ip_network("127.0.0.0/8"),))
HERE = ipaddress.ip_address("127.0.0.1")
PUBLIC = ipaddress.ip_address("93.184.216.34")
LOCAL = Outgoing(policy=LOOPBACK)
Talk = Callable[[socket.socket], None]


class Names:
    """A resolver that answers by its script, the last answer for all that follow."""

    def __init__(self, *script: Sequence[Address]) -> None:
        self.script = list(script)
        self.asked: list[tuple[str, int]] = []

    def __call__(self, host: str, port: int, seconds: float) -> Sequence[Address]:
        self.asked.append((host, port))
        return self.script.pop(0) if len(self.script) > 1 else self.script[0]


@contextmanager
def talking(talk: Talk) -> Iterator[int]:
    """Listen once and say what the test wants said."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            connection, _ = server.accept()
            with connection:
                try:
                    talk(connection)
                except OSError:
                    return

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield server.getsockname()[1]
        thread.join(10)


def test_a_post_arrives_as_it_was_said_and_its_answer_is_given() -> None:
    with receiving([404]) as receiver:
        receiver.answer_headers = {"X-Reason": "none"}
        answer = LOCAL.post(f"{receiver.url}?a=b", [("X-Own", "yes")], b"{}")
    assert (answer.status, answer.body, answer.address) == (404, b"thanks", "127.0.0.1")
    assert ("X-Reason", "none") in answer.headers
    [taken] = receiver.taken
    assert (taken.path, taken.body) == ("/hook?a=b", b"{}")
    assert taken.headers == {
        "host": receiver.url.split("/")[2],
        "connection": "close",
        "x-own": "yes",
        "content-length": "2",
    }


def test_the_name_is_said_and_the_checked_address_connected_to() -> None:
    names = Names([HERE])
    with receiving() as receiver:
        port = receiver.url.split(":")[2].split("/")[0]
        Outgoing(policy=LOOPBACK, resolver=names).post(f"http://hooks.example:{port}/x", [], b"{}")
    assert receiver.taken[0].headers["host"] == f"hooks.example:{port}"
    assert names.asked == [("hooks.example", int(port))]


def test_a_name_that_turns_to_the_inside_is_refused_at_the_connection() -> None:
    """DNS rebinding: public when it was looked at, loopback when it is connected to."""
    with receiving() as receiver:
        port = receiver.url.split(":")[2].split("/")[0]
        names = Names([HERE], [ipaddress.ip_address("::ffff:127.0.0.1")])
        once_public = Outgoing(policy=AddressPolicy(), resolver=names)
        for _ in range(2):
            with pytest.raises(AddressRefused) as refusal:
                once_public.post(f"http://rebound.example:{port}/", [], b"{}")
            assert "127" not in str(refusal.value)
    assert receiver.taken == []
    assert len(names.asked) == 2


def test_one_address_of_the_inside_among_public_ones_refuses_them_all() -> None:
    with pytest.raises(AddressRefused):
        Outgoing(resolver=Names([PUBLIC, HERE])).post("http://both.example/", [], b"{}")


@pytest.mark.parametrize("host", ["localhost", "127.1", "0x7f000001", "2130706433", "[::1]", "[::ffff:127.0.0.1]", "0"])
def test_the_real_resolver_finds_every_way_to_loopback(host: str) -> None:
    with receiving() as receiver:
        port = receiver.url.split(":")[2].split("/")[0]
        with pytest.raises(NotAnswered, match=r"inside of a network"):
            Outgoing().post(f"http://{host}:{port}/", [], b"{}")
    assert receiver.taken == []


def test_the_second_address_is_tried_where_the_first_takes_no_connection() -> None:
    with receiving() as receiver:
        port = receiver.url.split(":")[2].split("/")[0]
        names = Names([ipaddress.ip_address("127.0.0.9"), HERE])
        with socket.create_server(("127.0.0.9", 0)):
            answer = Outgoing(policy=LOOPBACK, resolver=names).post(f"http://two.example:{port}/", [], b"{}")
    assert answer.address == "127.0.0.1"


def test_proxies_of_the_environment_are_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    with receiving() as proxy, receiving() as receiver:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url)
        LOCAL.post(receiver.url, [], b"{}")
    assert (len(proxy.taken), len(receiver.taken)) == (0, 1)


def test_a_redirect_is_an_answer_and_is_not_followed() -> None:
    with receiving([302]) as receiver:
        receiver.answer_headers = {"Location": receiver.url}
        assert LOCAL.post(receiver.url, [], b"{}").status == 302
    assert len(receiver.taken) == 1


def test_no_more_than_a_bounded_part_of_an_answer_is_read() -> None:
    with receiving() as receiver:
        receiver.answer = b"x" * (READ_BYTES + 1)
        answer = LOCAL.post(receiver.url, [], b"{}")
    assert (len(answer.body), answer.is_cut) == (READ_BYTES, True)


def drip(connection: socket.socket) -> None:
    connection.recv(65536)
    connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
    while True:
        connection.sendall(b".")
        time.sleep(0.02)


def drip_headers(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nX: ")
    while True:
        connection.sendall(b".")
        time.sleep(0.02)


def silence(connection: socket.socket) -> None:
    while connection.recv(65536):
        pass


def deaf(connection: socket.socket) -> None:
    connection.recv(1)
    time.sleep(1)


@pytest.mark.parametrize("talk", [drip, drip_headers, silence, deaf])
def test_nothing_lasts_beyond_the_deadline(talk: Talk) -> None:
    brief = Outgoing(policy=LOOPBACK, connect_seconds=0.3, total_seconds=0.3)
    body = b"x" * (8 << 20) if talk is deaf else b"{}"
    began = time.monotonic()
    with talking(talk) as port, pytest.raises(NotAnswered, match=r"did not answer completely within 0\.3 seconds"):
        brief.post(f"http://127.0.0.1:{port}/", [], body)
    assert time.monotonic() - began < 5


def test_a_handshake_that_never_ends_and_a_resolver_that_never_answers_end_too(monkeypatch: pytest.MonkeyPatch) -> None:
    brief = Outgoing(policy=LOOPBACK, connect_seconds=0.2, total_seconds=5)
    with talking(silence) as port, pytest.raises(NotAnswered, match=r"No connection .* within 0\.2 seconds"):
        brief.post(f"https://127.0.0.1:{port}/", [], b"{}")
    hang = threading.Event()

    def hanging(*_args: object, **_more: object) -> list[object]:
        hang.wait(10)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", hanging)
    with pytest.raises(NotAnswered, match="No connection"):
        brief.post("http://slow.example/", [], b"{}")
    hang.set()


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        (b"", "ended the connection without an answer"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", "not HTTP"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort", "not HTTP"),
        (b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 100_000, "not HTTP"),
    ],
)
def test_what_is_no_answer_is_said_in_a_sentence(said: bytes, sentence: str) -> None:
    def say(connection: socket.socket) -> None:
        heard = b""
        while b"{}" not in heard:  # what is left unread would be answered by a reset
            heard += connection.recv(65536)
        connection.sendall(said)

    with talking(say) as port, pytest.raises(NotAnswered, match=sentence):
        LOCAL.post(f"http://127.0.0.1:{port}/", [], b"{}")


def test_a_closed_port_and_an_unknown_name_are_told_apart() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(NotAnswered, match="nothing listens there"):
        LOCAL.post(f"http://127.0.0.1:{port}/", [], b"{}")
    with pytest.raises(NotAnswered, match="name has no address"):
        LOCAL.post("http://nobody.invalid/", [], b"{}")


def test_the_certificate_must_be_the_hosts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pem = certificate_for("hooks.example", tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(pem))
    outgoing._tls.cache_clear()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    names: list[str | None] = []
    context.sni_callback = lambda _socket, name, _context: names.append(name)

    def answer(connection: socket.socket) -> None:
        with context.wrap_socket(connection, server_side=True) as secured:
            received = b""
            while not received.endswith(b"{}"):  # closed over unread bytes, a connection is reset
                received += secured.recv(65536)
            secured.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")

    trusting = Outgoing(policy=LOOPBACK, resolver=Names([HERE]))
    with talking(answer) as port:
        assert trusting.post(f"https://hooks.example:{port}/", [], b"{}").status == 204
    assert names == ["hooks.example"]
    with talking(answer) as port, pytest.raises(NotAnswered, match="certificate is not trusted"):
        trusting.post(f"https://other.example:{port}/", [], b"{}")
    outgoing._tls.cache_clear()


def test_the_resolver_gives_addresses() -> None:
    assert resolve("127.0.0.1", 80, 5) == [HERE]
    assert HERE in resolve("localhost", 80, 5)


def certificate_for(host: str, folder: Path) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, host)])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = folder / "both.pem"
    path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    return path
