"""A plain HTTP client for looking at one's own server from outside: one request a connection, nothing hidden.

It sees what a library would smooth over: how a certificate fails, when the pieces of a body arrive, and an answer that
comes before the body was sent.
"""

import http.client
import socket
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import urlsplit

MOST_BYTES = 1 << 20


class Unreachable(Exception):
    """Nobody answers; the sentence says how."""


class Untrusted(Exception):
    """The certificate is not believed; the number and the sentence are OpenSSL's."""

    def __init__(self, code: int, said: str) -> None:
        super().__init__(said)
        self.code = code


@dataclass(frozen=True, slots=True)
class Heard:
    """An answer; `pieces` are the moments at which its body came, in seconds after its head."""

    status: int
    headers: dict[str, str]
    body: bytes
    pieces: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Caller:
    """Calls one base URL."""

    base: str
    seconds: float = 8
    context: ssl.SSLContext = field(default_factory=ssl.create_default_context)

    @property
    def host(self) -> str:
        """Give the name that is called."""
        return urlsplit(self.base).hostname or ""

    @property
    def is_https(self) -> bool:
        """Whether there is a certificate to look at."""
        return self.base.startswith("https:")

    def certificate_ends(self) -> datetime:
        """Tell when the certificate ends, which is good by the chain that the server sends.

        Raises Unreachable, Untrusted.
        """
        parts = urlsplit(self.base)
        try:
            with (
                socket.create_connection((self.host, parts.port or 443), timeout=self.seconds) as plain,
                self.context.wrap_socket(plain, server_hostname=self.host) as secured,
            ):
                found = secured.getpeercert() or {}
        except (OSError, ssl.SSLError) as error:
            raise _as_ours(error) from error
        return datetime.fromtimestamp(ssl.cert_time_to_seconds(str(found["notAfter"])), UTC)

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> Heard:
        """Ask for something.

        Raises Unreachable, Untrusted.
        """
        connection = self._connection(self.seconds)
        try:
            connection.request("GET", self._path(path), headers=dict(headers or {}))
            return _heard(connection.getresponse())
        except (OSError, http.client.HTTPException) as error:
            raise _as_ours(error) from error
        finally:
            connection.close()

    def announce(self, path: str, length: int, seconds: float) -> Heard | None:
        """Announce a body of a length and send none of it; gives the answer, `None` where none comes in time.

        Raises Unreachable, Untrusted.
        """
        connection = self._connection(seconds)
        try:
            _begin(connection, self._path(path), length)
            return _heard(connection.getresponse())
        except TimeoutError:
            return None
        except (OSError, http.client.HTTPException) as error:
            raise _as_ours(error) from error
        finally:
            connection.close()

    def send_slowly(self, path: str, pieces: int, piece: bytes, pause: float) -> Heard:
        """Send a body in pieces with a pause between them.

        Raises Unreachable, Untrusted.
        """
        connection = self._connection(self.seconds)
        try:
            _begin(connection, self._path(path), pieces * len(piece))
            for number in range(pieces):
                if number:
                    time.sleep(pause)
                connection.send(piece)
            return _heard(connection.getresponse())
        except (OSError, http.client.HTTPException) as error:
            raise _as_ours(error) from error
        finally:
            connection.close()

    def _connection(self, seconds: float) -> http.client.HTTPConnection:
        parts = urlsplit(self.base)
        if self.is_https:
            return http.client.HTTPSConnection(self.host, parts.port, timeout=seconds, context=self.context)
        return http.client.HTTPConnection(self.host, parts.port, timeout=seconds)

    def _path(self, path: str) -> str:
        return urlsplit(self.base).path.rstrip("/") + path


def _begin(connection: http.client.HTTPConnection, path: str, length: int) -> None:
    connection.putrequest("POST", path)
    connection.putheader("Content-Type", "application/octet-stream")
    connection.putheader("Content-Length", str(length))
    connection.endheaders()


def _heard(response: http.client.HTTPResponse) -> Heard:
    began, body, pieces = time.monotonic(), bytearray(), list[float]()
    with response:
        while len(body) < MOST_BYTES and (piece := response.read1(65536)):
            body += piece
            pieces.append(time.monotonic() - began)
        headers = {name.lower(): value for name, value in response.getheaders()}
    return Heard(response.status, headers, bytes(body), tuple(pieces))


def _as_ours(error: Exception) -> Exception:
    if isinstance(error, ssl.SSLCertVerificationError):
        return Untrusted(error.verify_code, error.verify_message)
    if isinstance(error, TimeoutError):
        return Unreachable("there was no answer in time")
    if isinstance(error, OSError):
        return Unreachable(error.strerror or str(error) or type(error).__name__)
    return Unreachable(str(error) or type(error).__name__)
