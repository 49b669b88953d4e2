"""Machines of a test's own: network namespaces on one bridge, whose cables can be pulled. Only root may have them."""

import itertools
import os
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

_PIECE = 1 << 16


@dataclass(frozen=True)
class Machine:
    """A namespace with one address."""

    name: str
    address: str
    cable: str
    """Its end of the cable on the bridge's side."""

    def command(self, *arguments: str | Path) -> list[str]:
        """Give what starts a program there."""
        return ["ip", "netns", "exec", self.name, *map(str, arguments)]

    def cut_off(self) -> None:
        """Pull the cable: what is sent to it or by it is lost, and nobody is told."""
        _ip("link", "set", self.cable, "down")

    def plug_in(self) -> None:
        """Put the cable back."""
        _ip("link", "set", self.cable, "up")


class Network:
    """A bridge, on which this process has an address of its own."""

    def __init__(self, number: int, stack: ExitStack) -> None:
        self._tag = f"st{number:x}"
        self._net = f"10.{200 + number % 50}.{number // 50 % 250}"
        self._next = itertools.count(2)
        self._stack = stack
        self.address = f"{self._net}.1"
        self._bridge = f"{self._tag}b"
        _ip("link", "add", self._bridge, "type", "bridge")
        stack.callback(_ip, "link", "del", self._bridge)
        _ip("addr", "add", f"{self.address}/24", "dev", self._bridge)
        _ip("link", "set", self._bridge, "up")

    def machine(self, label: str) -> Machine:
        """Add a machine."""
        last = next(self._next)
        made = Machine(f"{self._tag}{label}", f"{self._net}.{last}", f"{self._tag}c{last}")
        _ip("netns", "add", made.name)
        self._stack.callback(_ip, "netns", "del", made.name)
        _ip("link", "add", made.cable, "type", "veth", "peer", "name", "eth0", "netns", made.name)
        _ip("link", "set", made.cable, "master", self._bridge)
        _ip("link", "set", made.cable, "up")
        for inside in (
            ("addr", "add", f"{made.address}/24", "dev", "eth0"),
            ("link", "set", "eth0", "up"),
            ("link", "set", "lo", "up"),
        ):
            _ip("-n", made.name, *inside)
        return made

    def offer(self, port: int) -> int:
        """Let the machines reach a server that listens on this one's loopback; gives the port to call."""
        listening = socket.create_server((self.address, 0), backlog=128)
        self._stack.callback(listening.close)
        self._stack.callback(listening.shutdown, socket.SHUT_RDWR)  # or the one who accepts goes on waiting
        threading.Thread(target=_serve, args=(listening, port), daemon=True).start()
        offered: int = listening.getsockname()[1]
        return offered


@contextmanager
def network() -> Iterator[Network]:
    """Make a network; the test is skipped where that is not allowed."""
    if sys.platform != "linux" or os.geteuid() != 0 or shutil.which("ip") is None:
        pytest.skip("network namespaces need root and iproute2")
    with ExitStack() as stack:
        try:
            made = Network(os.getpid() % 12_500, stack)
        except subprocess.CalledProcessError as error:
            pytest.skip(f"no network can be made here: {error.stderr.strip()}")
        yield made


def _ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True, capture_output=True, text=True)


def _serve(listening: socket.socket, port: int) -> None:
    while True:
        try:
            caller, _ = listening.accept()
        except OSError:
            return
        threading.Thread(target=_connect, args=(caller, port), daemon=True).start()


def _connect(caller: socket.socket, port: int) -> None:
    # As PostgreSQL itself would: who is cut off in the middle of a message is given up after half a minute, and with
    # them what they have locked. PostgreSQL sees this process alone, which lives.
    for option, value in ((socket.TCP_KEEPIDLE, 15), (socket.TCP_KEEPINTVL, 5), (socket.TCP_KEEPCNT, 3)):
        caller.setsockopt(socket.IPPROTO_TCP, option, value)
    caller.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, 30_000)
    caller.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    with caller, suppress(OSError), socket.create_connection(("127.0.0.1", port)) as called:
        back = threading.Thread(target=_pass_on, args=(called, caller), daemon=True)
        back.start()
        _pass_on(caller, called)
        back.join()


def _pass_on(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while piece := source.recv(_PIECE):
            target.sendall(piece)
    for each in (source, target):
        with suppress(OSError):
            each.shutdown(socket.SHUT_RDWR)
