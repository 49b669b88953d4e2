"""The builds of one app on a server: send forms, ask for builds, repeat what may be repeated.

What may be: anything that failed before the server can have had the whole form; 429; every 5xx, because it leaves no
build behind (decision 39). Where the whole form went out and the answer is none, or a gateway's instead of the
server's, the server's builds decide: what is there already is not sent twice. A key that is drawn for the whole of it
lets a server that knows keys decide itself.
"""

import random
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import quote

import httpx

from seatrial.cli.api_exchange import Answer, Failed, exchange
from seatrial.cli.multipart_body import MultipartBody
from seatrial.cli.upload_errors import Json, Refused, Uncertain, Unreachable, WaitTimedOut
from seatrial.domain.build import BuildStatus, FileType
from seatrial.domain.errors import InvalidRequest
from seatrial.wire.timestamps import read_timestamp

Find = Callable[[str, float], Json | None]
"""Look for what has a checksum and came after a moment of `time.monotonic`; give its build."""

FIRST_PAUSE, LONGEST_PAUSE, LONGEST_RETRY_AFTER = 1.0, 30.0, 300.0
SECOND_LOOK = 2.0
"""Seconds until a build that is being committed right now shows in the list."""
POLL_FIRST, POLL_LONGEST, POLL_GROWTH = 0.3, 3.0, 1.5
CLOCK_GRAIN = timedelta(seconds=2)
"""What a Date header of whole seconds may be off by."""
PAGE = 20


@dataclass(frozen=True, slots=True)
class Retries:
    """How often to try again, how to pass the time until then, and whom to tell."""

    count: int
    sleep: Callable[[float], None] = time.sleep
    jitter: Callable[[], float] = random.random
    say: Callable[[str], None] = lambda _sentence: None

    def pause(self, attempt: int, failure: Failed, then: str) -> None:
        """Wait as long as the server asks for, else twice as long each time, spread by jitter."""
        asked = failure.answer.retry_after if failure.answer else None
        doubled = min(FIRST_PAUSE * 2.0 ** min(attempt, 10), LONGEST_PAUSE) * (0.5 + self.jitter() / 2)
        seconds = doubled if asked is None else min(asked, LONGEST_RETRY_AFTER)
        self.say(f"{failure}; {then} in {seconds:.1f} s.")
        self.sleep(seconds)


@dataclass(frozen=True, slots=True)
class UploadClient:
    """Sends and asks; `builds` is the URL of an app's builds."""

    http: httpx.Client
    builds: str
    retries: Retries

    def upload(self, form: Callable[[], MultipartBody]) -> Json:
        """Make a build of a form whose last file is the build's own; give the build as the server does.

        Raises Refused, Unreachable, Uncertain.
        """

        def find(checksum: str, began: float) -> Json | None:
            return next((build for build in self._since(began) if _has(build, checksum)), None)

        return self._send(self.builds, form, find)

    def attach(self, build_id: str, form: Callable[[], MultipartBody]) -> Json:
        """Put a form's file beside a processed build; give the build.

        Raises Refused, Unreachable, Uncertain.
        """

        def find(checksum: str, began: float) -> Json | None:
            answer = self._ask(self._url(build_id))
            since = _moment(answer, began)
            return answer.data if _has(answer.data, checksum, FileType.ATTACHMENT, since) else None

        return self._send(f"{self._url(build_id)}/files", form, find)

    def get(self, build_id: str) -> Json:
        """Show a build.

        Raises Refused, Unreachable.
        """
        return self._ask(self._url(build_id)).data

    def wait(self, build: Json, seconds: float) -> Json:
        """Ask until a build is processed or in error; give it.

        Raises Refused, Unreachable, WaitTimedOut.
        """
        until, pause = time.monotonic() + seconds, POLL_FIRST
        while build.get("status") not in {BuildStatus.PROCESSED, BuildStatus.ERROR}:
            left = until - time.monotonic()
            if left <= 0:
                raise WaitTimedOut(build, seconds)
            self.retries.sleep(min(pause, left))
            pause = min(pause * POLL_GROWTH, POLL_LONGEST)
            build = self.get(str(build.get("id")))
        return build

    def _url(self, build_id: str) -> str:
        return f"{self.builds}/{quote(build_id, safe='')}"

    def _send(self, url: str, form: Callable[[], MultipartBody], find: Find) -> Json:
        attempt, key = 0, {"Idempotency-Key": uuid.uuid4().hex}
        while True:
            began, body = time.monotonic(), form()
            try:
                return exchange(self.http, url, body, headers=key).data
            except Failed as failure:
                is_last = attempt >= self.retries.count
                if is_last and not failure.maybe_taken:
                    raise failure.final() from None
                self.retries.pause(attempt, failure, "looking for it there" if failure.maybe_taken else "again")
                found = self._taken(body, began, find) if failure.maybe_taken else None
                if found is not None:
                    return found
                if is_last:
                    raise failure.final() from None
            attempt += 1

    def _taken(self, body: MultipartBody, began: float, find: Find) -> Json | None:
        """Find out whether the server kept a form of which it never said so."""
        checksum = body.sha256[body.files[-1].path]
        try:
            found = find(checksum, began)
            if found is None:
                self.retries.sleep(SECOND_LOOK)
                found = find(checksum, began)
        except (Refused, Unreachable) as error:
            raise Uncertain(
                f"Everything was sent, no answer came, and looking for it failed: {error.sentence.rstrip('.')}. "
                "The server may or may not have it; look before sending it again."
            ) from None
        self.retries.say("The server has it." if found else "The server does not have it.")
        return found

    def _since(self, began: float) -> Iterator[Json]:
        """List the builds that are younger than a moment, newest first."""
        page: int | None = 1
        while page is not None:
            params = {"sort": "createdAt:desc", "limit": str(PAGE), "page": str(page)}
            answer = self._ask(self.builds, params)
            since, items = _moment(answer, began), answer.data.get("items")
            for build in items if isinstance(items, list) else []:
                if not isinstance(build, dict) or not _is_since(build, since):
                    return
                yield build
            page = page + 1 if answer.data.get("hasNextPage") is True else None

    def _ask(self, url: str, params: Mapping[str, str] | None = None) -> Answer:
        attempt = 0
        while True:
            try:
                return exchange(self.http, url, params=params)
            except Failed as failure:
                if attempt >= self.retries.count:
                    raise failure.final() from None
                self.retries.pause(attempt, failure, "asking again")
            attempt += 1


def _moment(answer: Answer, began: float) -> datetime:
    """Put a moment of our own clock on the server's, which may go quite differently."""
    return answer.date - timedelta(seconds=time.monotonic() - began) - CLOCK_GRAIN


def _has(build: Json, checksum: str, kind: FileType | None = None, since: datetime | None = None) -> bool:
    entries = build.get("files")
    for entry in entries if isinstance(entries, list) else []:
        if not isinstance(entry, dict) or (kind is not None and entry.get("type") != kind):
            continue
        file = entry.get("file")
        if isinstance(file, dict) and file.get("checksum") == checksum and (since is None or _is_since(entry, since)):
            return True
    return False


def _is_since(one: Json, since: datetime) -> bool:
    try:
        return read_timestamp("createdAt", str(one.get("createdAt"))) >= since
    except InvalidRequest:
        return False
