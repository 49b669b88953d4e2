"""A proxy that cuts each connection after so many bytes from the client, and tells of it."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

PIECE = 16 << 10


@dataclass
class CuttingProxy:
    """Where it listens, and what it did."""

    listening: socket.socket
    target: Callable[[], int]
    """The port to pass on to, which may change."""
    after: Callable[[], int]
    """How many bytes the next connection may bring."""
    on_cut: Callable[[int], None] = lambda _count: None
    cuts: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.listening.getsockname()[1]}"

    def serve(self) -> None:
        while True:
            try:
                client, _ = self.listening.accept()
            except OSError:
                return
            threading.Thread(target=self._pass_on, args=(client,), daemon=True).start()

    def _pass_on(self, client: socket.socket) -> None:
        left = self.after()
        with client:
            try:
                server = socket.create_connection(("127.0.0.1", self.target()), timeout=60)
            except OSError:
                return
            with server:
                threading.Thread(target=_copy, args=(server, client), daemon=True).start()
                with suppress(OSError):
                    while data := client.recv(PIECE):
                        server.sendall(data[:left])
                        left -= len(data)
                        if left <= 0:
                            break
                for line in (client, server):
                    with suppress(OSError):
                        line.shutdown(socket.SHUT_RDWR)
        if left <= 0:
            with self._lock:
                self.cuts += 1
                self.on_cut(self.cuts)


def _copy(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(PIECE):
            sink.sendall(data)


@contextmanager
def cutting(
    target: Callable[[], int], after: Callable[[], int], on_cut: Callable[[int], None] = lambda _count: None
) -> Iterator[CuttingProxy]:
    """Run a proxy for as long as the block runs."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        proxy = CuttingProxy(listening, target, after, on_cut)
        threading.Thread(target=proxy.serve, daemon=True).start()
        try:
            yield proxy
        finally:
            listening.shutdown(socket.SHUT_RDWR)
