"""A receiver of webhooks: a real HTTP server in a thread, which does what its script says."""

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from standardwebhooks.webhooks import Webhook

WAIT_SECONDS = 120


@dataclass(frozen=True, slots=True)
class Taken:
    """One request as it arrived."""

    path: str
    headers: dict[str, str]
    body: bytes


@dataclass(slots=True)
class Receiver:
    """What arrived; `script` has a status for each request, the last one for all that follow."""

    url: str
    script: list[int] = field(default_factory=lambda: [200])
    answer_headers: dict[str, str] = field(default_factory=dict)
    answer: bytes = b"thanks"
    held: threading.Event | None = None
    """Until it is set, nobody is answered."""
    taken: list[Taken] = field(default_factory=list)
    changed: threading.Condition = field(default_factory=threading.Condition)

    def wait_for(self, count: int) -> list[Taken]:
        with self.changed:
            assert self.changed.wait_for(lambda: len(self.taken) >= count, WAIT_SECONDS), len(self.taken)
            return list(self.taken)

    def kinds(self) -> list[str]:
        return [str(one.headers["webhook-id"]) for one in self.taken]


def verified(taken: Taken, secret: str) -> object:
    """Let the library of Standard Webhooks itself verify a request; gives the message.

    It refuses times far from now, so what the tests' own clock says is not for it.
    """
    found: object = Webhook(secret).verify(taken.body, taken.headers)
    return found


@contextmanager
def receiving(script: Sequence[int] = (200,)) -> Iterator[Receiver]:
    receiver = Receiver("", list(script))

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            with receiver.changed:
                headers = {name.lower(): value for name, value in self.headers.items()}
                receiver.taken.append(Taken(self.path, headers, body))
                status = receiver.script.pop(0) if len(receiver.script) > 1 else receiver.script[0]
                receiver.changed.notify_all()
            if receiver.held is not None:
                receiver.held.wait(WAIT_SECONDS)
            try:
                self.send_response(status)
                for name, value in receiver.answer_headers.items():
                    self.send_header(name, value)
                self.send_header("content-length", str(len(receiver.answer)))
                self.end_headers()
                self.wfile.write(receiver.answer)
            except OSError:
                time.sleep(0)  # whoever asked has gone: that is what some tests are about

        def log_message(self, *_args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    receiver.url = f"http://127.0.0.1:{server.server_address[1]}/hook"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        if receiver.held is not None:
            receiver.held.set()
        server.shutdown()
        server.server_close()
        thread.join()
