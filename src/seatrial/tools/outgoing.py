"""Requests to addresses that people chose: bounded in time and size, and never to the inside of our own network.

The name is resolved here, every address that it has is judged, and the connection goes to such an address itself: a
name that resolves to something else a moment later changes nothing. No proxy of the environment is asked, no redirect
followed, no connection kept.
"""

import errno
import queue
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import httpcore
import httpx

from seatrial.domain.addresses import Address, AddressPolicy, literal

CONNECT_SECONDS = 5.0
TOTAL_SECONDS = 15.0
READ_BYTES = 64 << 10
"""What is read of an answer's body; the rest is of no interest."""

Resolver = Callable[[str, int, float], Sequence[Address]]
"""Finds the addresses of a host within so many seconds.

Raises OSError where there are none, TimeoutError.
"""


class NotAnswered(Exception):
    """A request that brought no answer; the sentence says why."""

    def __init__(self, sentence: str, address: str = "") -> None:
        super().__init__(sentence)
        self.address = address


class AddressRefused(NotAnswered):
    """The host is one that may not be asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back."""

    address: str
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    is_cut: bool
    """Whether there was more of the body."""


def resolve(host: str, port: int, seconds: float) -> Sequence[Address]:
    """Ask the system's resolver, which knows no time-out of its own.

    Raises OSError, TimeoutError.
    """
    known = literal(host)
    if known is not None:
        return [known]
    found: queue.SimpleQueue[list[Address] | OSError] = queue.SimpleQueue()

    def ask() -> None:
        try:
            infos = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            found.put(error if isinstance(error, OSError) else OSError(str(error)))
        else:
            found.put([address for info in infos if (address := literal(str(info[4][0]))) is not None])

    threading.Thread(target=ask, name="resolve", daemon=True).start()
    try:
        answer = found.get(timeout=seconds)
    except queue.Empty:
        raise TimeoutError from None
    if isinstance(answer, OSError):
        raise answer
    return answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """Sends one request at a time, each over a connection of its own."""

    policy: AddressPolicy = field(default_factory=AddressPolicy)
    resolver: Resolver = resolve
    connect_seconds: float = CONNECT_SECONDS
    total_seconds: float = TOTAL_SECONDS

    def post(self, url: str, headers: Sequence[tuple[str, str]], body: bytes) -> Answer:
        """Post a body; gives any answer, failures and redirects too.

        Raises NotAnswered.
        """
        parsed = httpx.URL(url)
        backend = _Backend(self.policy, self.resolver, self.connect_seconds, time.monotonic() + self.total_seconds)
        target = httpcore.URL(
            scheme=parsed.raw_scheme, host=parsed.raw_host, port=parsed.port, target=parsed.raw_path or b"/"
        )
        try:
            with httpcore.HTTPConnection(
                target.origin, ssl_context=_tls() if parsed.scheme == "https" else None, network_backend=backend
            ) as connection:
                said = [("Host", parsed.netloc.decode("ascii")), ("Connection", "close"), *headers]
                with connection.stream("POST", target, headers=_encoded(said), content=body) as answer:
                    return _taken(answer, backend.address)
        except NotAnswered:
            raise
        except (httpcore.TimeoutException, TimeoutError):
            raise NotAnswered(self._too_slow(connected=backend.is_connected), backend.address) from None
        except (httpcore.NetworkError, httpcore.ProtocolError, OSError) as error:
            raise NotAnswered(_sentence(error, connected=backend.is_connected), backend.address) from error

    def _too_slow(self, *, connected: bool) -> str:
        if connected:
            return f"The receiver did not answer completely within {self.total_seconds:g} seconds."
        return f"No connection to the receiver came about within {self.connect_seconds:g} seconds."


class _Backend(httpcore.NetworkBackend):
    """Connects to judged addresses only, and knows when all must be over."""

    def __init__(self, policy: AddressPolicy, resolver: Resolver, connect_seconds: float, deadline: float) -> None:
        self._policy = policy
        self._resolver = resolver
        self._connect_seconds = connect_seconds
        self._deadline = deadline
        self.address = ""
        self.is_connected = False

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ARG002  # httpcore passes what we did not set
        local_address: str | None = None,  # noqa: ARG002
        socket_options: Iterable[Any] | None = None,  # noqa: ARG002
    ) -> httpcore.NetworkStream:
        """Connect to the first address of a host that takes the connection.

        Raises AddressRefused where a single one of them is not allowed.
        """
        until = min(self._deadline, time.monotonic() + self._connect_seconds)
        addresses = list(dict.fromkeys(self._resolver(host, port, self._connect_seconds)))
        if not addresses:
            raise OSError(errno.EADDRNOTAVAIL, "the name has no address")
        for address in addresses:
            if self._policy.refuses(address):
                # Not which address: that would let people read the inside's own names.
                raise AddressRefused(
                    f"{host} leads to the inside of a network, where nothing is sent unless the operator allows it."
                )
        failure: OSError = TimeoutError()
        for address in addresses:
            self.address = str(address)
            try:
                connection = _connected(address, port, until)
            except OSError as error:
                failure = error
            else:
                return _Stream(connection, self._deadline, until, self)
        raise failure


class _Stream(httpcore.NetworkStream):
    """A connection on which nothing lasts beyond one deadline, however slowly the bytes come or go."""

    def __init__(self, connection: socket.socket, deadline: float, connected_until: float, backend: _Backend) -> None:
        self._socket = connection
        self._deadline = deadline
        self._connected_until = connected_until
        self._backend = backend

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002  # ours is the deadline
        """Read what is there."""
        self._socket.settimeout(_left(self._deadline))
        return self._socket.recv(max_bytes)

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002
        """Write all of it."""
        self._backend.is_connected = True
        view = memoryview(buffer)
        while view:
            self._socket.settimeout(_left(self._deadline))
            view = view[self._socket.send(view) :]

    def close(self) -> None:
        """Let go."""
        self._socket.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ARG002
    ) -> httpcore.NetworkStream:
        """Go on in TLS, with the name of the host and not the address."""
        try:
            self._socket.settimeout(_left(self._connected_until))
            secured = ssl_context.wrap_socket(self._socket, server_hostname=server_hostname)
        except BaseException:
            self.close()
            raise
        return _Stream(secured, self._deadline, self._connected_until, self._backend)

    def get_extra_info(self, info: str) -> Any:
        """Tell httpcore which protocol was agreed on."""
        if info == "ssl_object" and isinstance(self._socket, ssl.SSLSocket):
            return self._socket
        return None


def _connected(address: Address, port: int, until: float) -> socket.socket:
    family = socket.AF_INET if address.version == 4 else socket.AF_INET6
    connection = socket.socket(family, socket.SOCK_STREAM)
    try:
        connection.settimeout(_left(until))
        connection.connect((str(address), port))
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    except BaseException:
        connection.close()
        raise
    return connection


def _left(until: float) -> float:
    left = until - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


@cache
def _tls() -> ssl.SSLContext:
    """Make the context once, which takes longer than a request; `SSL_CERT_FILE` names other authorities."""
    return httpx.create_ssl_context()


def _encoded(headers: Iterable[tuple[str, str]]) -> list[tuple[bytes, bytes]]:
    return [(name.encode("ascii"), value.encode("latin-1")) for name, value in headers]


def _taken(answer: httpcore.Response, address: str) -> Answer:
    body = bytearray()
    for chunk in answer.iter_stream():
        body += chunk
        if len(body) > READ_BYTES:
            break
    headers = tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in answer.headers)
    return Answer(
        address=address,
        status=answer.status,
        headers=headers,
        body=bytes(body[:READ_BYTES]),
        is_cut=len(body) > READ_BYTES,
    )


def _sentence(error: Exception, *, connected: bool) -> str:
    match error:
        case ssl.SSLCertVerificationError():
            return f"The receiver's certificate is not trusted: {error.verify_message}."
        case ssl.SSLError():
            return f"No secure connection to the receiver came about: {error.reason or error}."
        case socket.gaierror():
            return "The host of the URL is not known: its name has no address."
        case ConnectionRefusedError():
            return "The receiver refused the connection: nothing listens there."
        case OSError():
            return f"The connection to the receiver failed: {error.strerror or error}."
        case _:
            ended = "ended the connection without an answer" if connected else "is not there"
            return f"The receiver {ended}, or answered with something that is not HTTP: {error}."
