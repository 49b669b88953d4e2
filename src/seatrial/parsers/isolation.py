"""Parsing in child processes, so that a hostile file costs a child and nothing else.

    parent                                child (isolation_child), one file at a time
    ParsePool.parse(path)  -- path -->    parse(path) under limits of memory, CPU time and files
                           <-- answer -   info | invalid | failed

Children are started ahead, because a cold interpreter costs more than most parses, and serve one file after
another. One that fails, keeps memory or has served its share is replaced in the background, never used again.
"""

import contextlib
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from threading import Condition, Thread
from typing import Self

import msgspec

import seatrial
from seatrial.domain.attachment import Attachment
from seatrial.domain.buildinfo import BuildInfo, Format
from seatrial.domain.errors import BuildFileInvalid, ProcessingCode
from seatrial.parsers.isolation_messages import (
    MAX_ANSWER,
    OUT_OF_MEMORY,
    Answer,
    AnyRequest,
    AttachmentRequest,
    Failed,
    Info,
    Invalid,
    ParseLimits,
    Picture,
    PictureRequest,
    Ready,
    Request,
    Understood,
    framed,
)

__all__ = ["ParseFailed", "ParseLimits", "ParsePool", "ParserDied", "ParserUnavailable", "PoolClosed"]

_STARTUP_SECONDS = 60.0
_ENDING_SECONDS = 5.0
_TRIES = 3
_CHUNK = 1 << 16
_PNG = b"\x89PNG\r\n\x1a\n"

_ANSWERS: msgspec.json.Decoder[Answer] = msgspec.json.Decoder(Answer)


class ParserDied(Exception):
    """A child was killed, crashed or talked nonsense; whether to try the file again is the caller's decision."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class ParserUnavailable(ParserDied):
    """No child could be had for the file: nobody read it, so it is not to blame."""


class PoolClosed(ParserUnavailable):
    """The parent ends and took the child with it."""


class ParseFailed(BuildFileInvalid):
    """A file that broke its parser (a defect of ours) or its memory limit; `detail` is for the log."""

    def __init__(self, code: ProcessingCode, sentence: str, detail: str) -> None:
        super().__init__(code, sentence)
        self.detail = detail


class ParsePool:
    """Warm child processes; `parse` may be called from any number of threads and waits for a free child."""

    def __init__(self, size: int = 2, limits: ParseLimits | None = None) -> None:
        self._limits = limits or ParseLimits()
        self._changed = Condition()
        self._idle: list[_Child | ParserDied] = []
        self._children: set[_Child] = set()
        self._wanted = size
        self._closed = False
        # One thread starts all children: Linux kills them with the thread that started them, not the process.
        self._starter = Thread(target=self._start_children, name="parse-pool", daemon=True)
        self._starter.start()

    def parse(self, path: Path) -> BuildInfo:
        """Parse a file in a child; raise `BuildFileInvalid` (`ParseFailed` for what broke it) or `ParserDied`."""
        answer = self._ask(Request(path=str(path.absolute())))
        if not isinstance(answer, Info):
            raise ParserDied("a parser process answered out of turn")
        _check_picture(answer.info.icon_png)
        return answer.info

    def icon(self, path: Path) -> bytes:
        """Read a submitted PNG or JPEG icon as PNG of at most 512 pixels; raise what `parse` raises."""
        answer = self._ask(PictureRequest(path=str(path.absolute())))
        if not isinstance(answer, Picture):
            raise ParserDied("a parser process answered out of turn")
        _check_picture(answer.png)
        return answer.png

    def attachment(self, path: Path, build: Path | None, build_format: Format | None) -> Attachment:
        """Recognise an attachment, and compare it with its build's file; raise what `parse` raises."""
        beside = str(build.absolute()) if build else None
        answer = self._ask(AttachmentRequest(path=str(path.absolute()), build=beside, build_format=build_format))
        if not isinstance(answer, Understood):
            raise ParserDied("a parser process answered out of turn")
        return answer.attachment

    def _ask(self, request: AnyRequest) -> "Info | Picture | Understood":
        with self._child(request) as child:
            try:
                answer = child.answer(self._limits.wall_seconds)
            except ParserDied as death:
                raise (PoolClosed(death.reason) if self._closed else death) from None
            if isinstance(answer, Failed):
                raise ParseFailed(answer.code, answer.sentence, answer.detail)
            if isinstance(answer, Ready):
                raise ParserDied("a parser process answered out of turn")
        if isinstance(answer, Invalid):
            raise BuildFileInvalid(answer.code, answer.sentence)
        return answer

    def close(self) -> None:
        """End all children; waiting and running calls of `parse` raise `PoolClosed`."""
        with self._changed:
            self._closed = True
            idle, self._idle = self._idle, []
            for child in self._children:
                child.kill()  # a busy one is buried by the thread that waits for it
            self._changed.notify_all()
        self._starter.join()
        for item in idle:
            if isinstance(item, _Child):
                item.end()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def pids(self) -> frozenset[int]:
        """The process ids of all children, idle and busy."""
        with self._changed:
            return frozenset(child.pid for child in self._children)

    @contextlib.contextmanager
    def _child(self, request: AnyRequest) -> "Iterator[_Child]":
        """Lend a child that has taken the file; afterwards keep it or replace it."""
        child = self._asked(request)
        keep = False
        try:
            yield child
            keep = child.served < self._limits.served and child.growth <= self._limits.growth
        finally:
            self._give_back(child, keep=keep)

    def _asked(self, request: AnyRequest) -> "_Child":
        """Take a child and hand it the file; one that died while it was idle is replaced unseen."""
        frame = framed(request)
        for attempt in range(1, _TRIES + 1):
            try:
                child = self._take()
            except PoolClosed:
                raise
            except ParserUnavailable:
                # It may be long ago that no child could be started; what counts is whether one can be now.
                if attempt == _TRIES:
                    raise
                continue
            if child.ask(frame):
                return child
            self._give_back(child, keep=False)
        raise ParserUnavailable("idle parser processes keep dying")

    def _take(self) -> "_Child":
        with self._changed:
            self._changed.wait_for(lambda: self._idle or self._closed)
            if self._closed:
                raise PoolClosed("the pool is closed")
            item = self._idle.pop()
            if isinstance(item, ParserDied):
                self._wanted += 1
                self._changed.notify_all()
                raise item
            return item

    def _give_back(self, child: "_Child", *, keep: bool) -> None:
        with self._changed:
            if not keep:
                self._children.discard(child)
                self._wanted += 1
                self._changed.notify_all()
        if not keep or not self._offered(child):
            child.end()

    def _start_children(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._wanted or self._closed)
                if self._closed:
                    return
                self._wanted -= 1
            started = self._started()
            if not self._offered(started) and isinstance(started, _Child):
                started.end()

    def _offered(self, item: "_Child | ParserDied") -> bool:
        with self._changed:
            if self._closed:
                return False
            self._idle.append(item)
            self._changed.notify_all()
            return True

    def _started(self) -> "_Child | ParserDied":
        """Start a child and wait until it is ready; give the reason, where it does not get there."""
        try:
            child = _Child(self._limits)
        except Exception as problem:  # noqa: BLE001 - if this thread ended, all children would die with it
            return ParserUnavailable(f"a parser process cannot be started: {problem}")
        with self._changed:
            self._children.add(child)
        try:
            child.get_ready()
        except (ParserDied, BuildFileInvalid) as problem:
            with self._changed:
                self._children.discard(child)
            child.end()
            return ParserUnavailable(f"a parser process does not start: {problem}")
        return child


class _Child:
    """One child process and the pipes to it."""

    def __init__(self, limits: ParseLimits) -> None:
        self.served = 0
        self._limits = limits
        self._fresh = self._memory = 0
        root = Path(seatrial.__file__).parents[1]
        module = f"{__package__}.isolation_child"
        self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
            [sys.executable, "-P", "-s", "-m", module, msgspec.json.encode(limits).decode(), str(os.getpid())],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
            cwd="/",
            env={"PATH": os.defpath, "PYTHONPATH": str(root), "PYTHONUTF8": "1"},  # the parent's holds secrets
            start_new_session=True,
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._requests, self._answers = self._process.stdin, self._process.stdout
        os.set_blocking(self._answers.fileno(), False)

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def growth(self) -> int:
        """Bytes of memory that the child has kept since it was fresh."""
        return self._memory - self._fresh

    def get_ready(self) -> None:
        """Wait until the child has loaded its parsers."""
        answer = self.answer(_STARTUP_SECONDS)
        if not isinstance(answer, Ready):
            raise ParserDied("it answered out of turn")
        self._fresh = self._memory = answer.memory

    def ask(self, request: bytes) -> bool:
        """Hand over a file; `False` when the child is dead."""
        self.served += 1
        try:
            self._requests.write(request)  # far smaller than a pipe's buffer
        except OSError:
            return False
        return True

    def answer(self, seconds: float) -> Answer:
        """Wait for the child's answer; raise `ParserDied`, or `BuildFileInvalid` when time is up."""
        deadline = time.monotonic() + seconds
        length = int.from_bytes(self._received(4, deadline), "big")
        if length > MAX_ANSWER:
            raise ParserDied("a parser process gave an answer that is too long")
        try:
            answer = _ANSWERS.decode(self._received(length, deadline))
        except (msgspec.DecodeError, ValueError, RecursionError):
            raise ParserDied("a parser process gave an answer that makes no sense") from None
        if isinstance(answer, Info | Picture | Understood | Invalid):
            self._memory = answer.memory
        return answer

    def kill(self) -> None:
        """Kill the process; safe at any time and from any thread."""
        self._process.kill()

    def end(self) -> None:
        """Kill the process, bury it and close the pipes; nobody may be waiting for an answer."""
        self._process.kill()
        self._process.wait()
        self._answers.close()
        with contextlib.suppress(OSError):
            self._requests.close()

    def _received(self, count: int, deadline: float) -> bytes:
        poller = select.poll()
        poller.register(self._answers, select.POLLIN)
        parts = bytearray()
        while len(parts) < count:
            left = deadline - time.monotonic()
            if left <= 0 or not poller.poll(left * 1000):
                raise _out_of_time()
            part = os.read(self._answers.fileno(), min(_CHUNK, count - len(parts)))
            if not part:
                raise self._obituary()
            parts += part
        return bytes(parts)

    def _obituary(self) -> ParserDied | BuildFileInvalid:
        """Say how the child ended, once its output has."""
        try:
            status = self._process.wait(_ENDING_SECONDS)
        except subprocess.TimeoutExpired:
            return ParserDied("a parser process closed its output")
        if status == -signal.SIGXCPU:
            return _out_of_time()
        if status == OUT_OF_MEMORY:
            return ParseFailed(
                ProcessingCode.ARCHIVE_BOMB,
                f"Reading the file takes more than the {self._limits.memory >> 20:,} MiB of memory that are allowed.",
                "the parser process ran out of memory",
            )
        if status < 0:
            with contextlib.suppress(ValueError):
                return ParserDied(f"a parser process was killed by {signal.Signals(-status).name}")
        return ParserDied(f"a parser process ended with status {status}")


def _check_picture(png: bytes | None) -> None:
    """Let only PNG pass: a child that a file has taken over must not choose what browsers get to see."""
    if png is not None and not png.startswith(_PNG):
        raise ParserDied("a parser process gave an icon that is no PNG")


def _out_of_time() -> BuildFileInvalid:
    return BuildFileInvalid(
        ProcessingCode.PROCESSING_TIMEOUT, "Reading the file took too long; it is damaged, or made to be slow."
    )
