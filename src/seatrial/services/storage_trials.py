"""A connection test: everything that is done with files, done once with a small one."""

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx

from seatrial.domain.errors import SeatrialError, StorageUnavailable
from seatrial.domain.file_names import content_disposition
from seatrial.domain.ids import new_entity_id
from seatrial.domain.storage_provider import TrialResult, TrialStep
from seatrial.storage import BlobStore

CONTENT = b"Seatrial was here to see whether files can be kept. This one may be deleted."
NAME = "connection test.txt"
MOST_SKEW = 300
"""Seconds that a clock may be wrong; stores refuse signatures that are fifteen minutes off, some earlier."""
_LINK_SECONDS = 60
_ASK_SECONDS = 25


def tried(store: BlobStore, now: Callable[[], datetime]) -> list[TrialResult]:
    """Take the steps one after another, up to the first that fails; what was written is removed in any case."""
    key = f"connection-tests/{new_entity_id()}"
    results: list[TrialResult] = []
    for step, take in _steps(store, key, now):
        began = time.monotonic()
        error = _sentence(take)
        results.append(TrialResult(step, round((time.monotonic() - began) * 1000), error))
        if error:
            break
    if results[-1].error and results[-1].step is not TrialStep.PUT:
        _sentence(lambda: store.delete(key))
    return results


def _steps(store: BlobStore, key: str, now: Callable[[], datetime]) -> Iterator[tuple[TrialStep, Callable[[], None]]]:
    yield TrialStep.PUT, lambda: _put(store, key)
    yield TrialStep.GET, lambda: _expect(_read(store, key, 0), CONTENT, "what was written")
    yield TrialStep.RANGE, lambda: _expect(_read(store, key, 9), CONTENT[9:], "the part that was asked for")
    yield TrialStep.LINK, lambda: _follow(store, key, now)
    yield TrialStep.DELETE, lambda: _delete(store, key)


def _put(store: BlobStore, key: str) -> None:
    writer = store.writer(key)
    try:
        writer.write(CONTENT)
        writer.commit()
    finally:
        writer.cancel()


def _read(store: BlobStore, key: str, start: int) -> bytes:
    with store.open(key) as file:
        file.seek(start)
        return file.read()


def _expect(found: bytes, expected: bytes, what: str) -> None:
    if found != expected:
        raise SeatrialError(f"The store does not give back {what}.")


def _follow(store: BlobStore, key: str, now: Callable[[], datetime]) -> None:
    link = store.signed_link(key, _LINK_SECONDS, content_disposition(NAME), "text/plain")
    if link is None:
        return
    try:
        answer = httpx.get(link, timeout=_ASK_SECONDS, trust_env=False)
    except httpx.HTTPError as error:
        raise SeatrialError(f"The store's links cannot be followed from here ({type(error).__name__}).") from error
    skew = _skew(answer, now)
    if skew is not None and abs(skew) > MOST_SKEW:
        raise SeatrialError(f"This server's clock and the store's are {abs(skew)} seconds apart. Set this one right.")
    if not answer.is_success:
        raise SeatrialError(f"The store refuses its own signed link ({answer.status_code}).")
    _expect(answer.content, CONTENT, "what was written")
    if NAME not in answer.headers.get("content-disposition", ""):
        raise SeatrialError(
            "The store does not name files as links say, so downloads would have wrong names: use proxy."
        )


def _skew(answer: httpx.Response, now: Callable[[], datetime]) -> int | None:
    try:
        theirs = parsedate_to_datetime(answer.headers["date"])
    except (KeyError, ValueError):
        return None
    return int((now() - theirs.astimezone(UTC)).total_seconds())


def _delete(store: BlobStore, key: str) -> None:
    store.delete(key)
    try:
        store.open(key).close()
    except FileNotFoundError:
        return
    raise SeatrialError("The store still has what was deleted.")


def _sentence(take: Callable[[], None]) -> str:
    try:
        take()
    except StorageUnavailable as error:
        return f"The store {error.reason}."
    except SeatrialError as error:
        return error.message
    except FileNotFoundError:
        return "The store does not find what was just written."
    return ""
