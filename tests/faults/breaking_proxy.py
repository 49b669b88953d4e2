"""A proxy in front of a server of somebody else, which does what that server never does when it is wanted."""

import select
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from enum import Enum

PIECE = 1 << 16
_AT_ONCE = struct.pack("ii", 1, 0)
"""SO_LINGER: closing says that all is lost, as the system of a process that is gone does."""
_ERROR = b"<Error><Code>InternalError</Code><Message>We encountered an internal error.</Message></Error>"


class Manner(Enum):
    """How callers are treated."""

    WELL = "well"
    SLOW = "slow"
    """Each piece of an answer takes its time."""
    FAILING = "failing"
    """Every request is answered with 500."""
    GONE = "gone"
    """Every connection is broken."""
    SILENT = "silent"
    """Connections are taken, and nobody ever answers."""


@dataclass
class BreakingProxy:
    """Where it listens, and how it treats callers: that may change, and ends what is under way in another manner."""

    listening: socket.socket
    target: Callable[[], int]
    """The port to pass on to, which may change."""
    delay: float = 0.2
    """Seconds before each piece of a slow answer."""
    manner: Manner = Manner.WELL
    _open: set[socket.socket] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _changed: threading.Event = field(default_factory=threading.Event)

    @property
    def port(self) -> int:
        port: int = self.listening.getsockname()[1]
        return port

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def treat(self, manner: Manner) -> None:
        """Treat callers like this from now on; whoever is connected is cut off."""
        with self._lock:
            self.manner = manner
            self._changed.set()
            self._changed = threading.Event()
            for each in self._open:
                with suppress(OSError):
                    each.shutdown(socket.SHUT_RDWR)

    def serve(self) -> None:
        while True:
            try:
                client, _ = self.listening.accept()
            except OSError:
                return
            threading.Thread(target=self._treat, args=(client,), daemon=True).start()

    def _treat(self, client: socket.socket) -> None:
        with self._lock:
            manner, changed = self.manner, self._changed
            self._open.add(client)
        try:
            with client, suppress(OSError):
                match manner:
                    case Manner.GONE:
                        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE)
                    case Manner.SILENT:
                        changed.wait()
                    case Manner.FAILING:
                        _refuse(client)
                    case _:
                        self._pass_on(client, self.delay if manner is Manner.SLOW else 0.0, changed)
        finally:
            with self._lock:
                self._open.discard(client)

    def _pass_on(self, client: socket.socket, delay: float, changed: threading.Event) -> None:
        with socket.create_connection(("127.0.0.1", self.target()), timeout=60) as server:
            server.settimeout(None)
            back = threading.Thread(target=_copy, args=(server, client, delay, changed), daemon=True)
            back.start()
            _copy(client, server, 0.0, changed)
            back.join()


def _copy(source: socket.socket, sink: socket.socket, delay: float, changed: threading.Event) -> None:
    with suppress(OSError):
        while (data := source.recv(PIECE)) and not changed.wait(delay):
            sink.sendall(data)
    for each in (source, sink):
        with suppress(OSError):
            each.shutdown(socket.SHUT_RDWR)


def _refuse(client: socket.socket) -> None:
    """Answer one request with an error, when it has come as far as its sender goes without an answer."""
    while select.select([client], [], [], 0.05)[0] and client.recv(PIECE):
        pass
    head = f"HTTP/1.1 500 Internal Server Error\r\nContent-Type: application/xml\r\nContent-Length: {len(_ERROR)}\r\n"
    client.sendall(f"{head}Connection: close\r\n\r\n".encode() + _ERROR)
    client.shutdown(socket.SHUT_WR)
    while client.recv(PIECE):  # who is still sending is not to lose the answer
        pass


@contextmanager
def breaking(target: Callable[[], int]) -> Iterator[BreakingProxy]:
    """Run a proxy for as long as the block runs."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        proxy = BreakingProxy(listening, target)
        threading.Thread(target=proxy.serve, daemon=True).start()
        try:
            yield proxy
        finally:
            with suppress(OSError):
                listening.shutdown(socket.SHUT_RDWR)
            proxy.treat(Manner.GONE)
