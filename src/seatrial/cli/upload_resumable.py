"""A build's file by tus: sent in chunks, gone on with where the server says that it is.

The upload is announced under a key drawn for this command: an announcement whose answer was lost leads to the same
upload, and the same file sent by two commands to two builds. The server's SHA-256 of the file is compared with ours at
the end.
"""

import hashlib
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from seatrial.cli.api_exchange import Answer, Failed, perform
from seatrial.cli.multipart_body import READ_BYTES, FileChanged
from seatrial.cli.upload_client import Retries
from seatrial.cli.upload_errors import Json, Refused, Unreachable
from seatrial.cli.upload_progress import UploadProgress
from seatrial.wire.tus import BUILD_HEADER, VERSION, write_metadata

CHUNK_BYTES = 64 << 20
"""A request's share: below what proxies let through, and what one of them loses with a connection."""
METADATA_BYTES = 32 << 10
"""What fits into a request's head beside everything else."""
NOT_SPOKEN = frozenset({404, 405, 412, 415, 501})
"""What servers without the protocol answer to an announcement; others will say the same to a form."""
BUSY = frozenset({409, 423})
"""The server is elsewhere than we thought, or still busy with a connection of ours that is dead."""


@dataclass(slots=True)
class _Reading:
    """The file as it is read for the connection, hashed once however often parts of it are sent."""

    path: Path
    size: int
    hashed: int = 0
    digest: "hashlib._Hash" = field(default_factory=hashlib.sha256)

    def pieces(self, offset: int, end: int, told: Callable[[int], None]) -> Iterator[bytes]:
        """Give the bytes between two places.

        Raises FileChanged, OSError.
        """
        with self.path.open("rb", buffering=0) as file:
            file.seek(offset)
            while offset < end:
                piece = file.read(min(READ_BYTES, end - offset))
                if not piece:
                    raise FileChanged(f"{self.path.name} became shorter while it was being sent")
                if offset <= self.hashed < offset + len(piece):
                    self.digest.update(memoryview(piece)[self.hashed - offset :])
                    self.hashed = offset + len(piece)
                offset += len(piece)
                yield piece
                told(offset)


@dataclass(frozen=True, slots=True)
class ResumableUpload:
    """Sends files to an app's uploads; `url` is theirs."""

    http: httpx.Client
    url: str
    retries: Retries

    def send(self, file: Path, fields: Sequence[tuple[str, str]], progress: UploadProgress) -> Json | None:
        """Make a build of a file; give it as the server does, or None where the server does not speak the protocol.

        Raises Refused, Unreachable.
        """
        said = write_metadata([("filename", file.name), *fields])
        if len(said) > METADATA_BYTES:
            return None
        try:
            reading = _Reading(file, file.stat().st_size)
        except OSError as error:
            raise Unreachable(f"{file.name}: {error.strerror or error}.") from None
        announced = self._announce(reading.size, said)
        if announced is None:
            return None
        where, offset = announced
        progress.begin(file.name, reading.size)
        self._fill(where, offset, reading, progress)
        return self._build(where, reading)

    def _announce(self, size: int, said: str) -> tuple[str, int] | None:
        headers = {"Upload-Length": str(size), "Upload-Metadata": said, "Idempotency-Key": uuid.uuid4().hex}
        try:
            answer = self._ask("POST", self.url, headers)
        except Refused as refused:
            if refused.status in NOT_SPOKEN:
                return None
            raise
        if answer.status != 201 or "location" not in answer.headers:
            return None
        return str(httpx.URL(self.url).join(answer.headers["location"])), _offset(answer)

    def _fill(self, where: str, offset: int, reading: _Reading, progress: UploadProgress) -> None:
        failures = 0
        progress.at(offset)
        while offset < reading.size:
            try:
                reached = _offset(self._chunk(where, offset, reading, progress))
            except Failed as failure:
                if failures >= self.retries.count:
                    raise failure.final() from None
                self.retries.pause(failures, failure, "going on")
                reached = _offset(self._ask("HEAD", where))
                progress.at(reached)
                progress.say(f"Going on at {reached / reading.size:.0%}.")
            failures = 0 if reached > offset else failures + 1
            offset = reached

    def _chunk(self, where: str, offset: int, reading: _Reading, progress: UploadProgress) -> Answer:
        end = min(reading.size, offset + CHUNK_BYTES)
        headers = {
            "Upload-Offset": str(offset),
            "Content-Type": "application/offset+octet-stream",
            "Content-Length": str(end - offset),
        }
        request = self._request("PATCH", where, headers, reading.pieces(offset, end, progress.at))
        try:
            return perform(self.http, request)
        except Refused as refused:
            if refused.status in BUSY:
                raise Failed(f"The server answered {refused.status}") from refused
            raise

    def _build(self, where: str, reading: _Reading) -> Json:
        if reading.hashed < reading.size:  # the last answers were lost, and the server has more than we know of
            for _ in reading.pieces(reading.hashed, reading.size, lambda _offset: None):
                pass
        build = self._ask("GET", where).data.get("build")
        if not isinstance(build, dict):
            raise Unreachable(f"The server has the file and shows no build of it; {BUILD_HEADER} names one.")
        if not _has(build, reading.digest.hexdigest()):
            raise Unreachable(f"The server's build {build.get('id')} has other bytes than {reading.path.name}.")
        return build

    def _ask(self, method: str, url: str, headers: Mapping[str, str] | None = None) -> Answer:
        attempt = 0
        while True:
            try:
                return perform(self.http, self._request(method, url, headers or {}))
            except Failed as failure:
                problem = failure
            except Refused as refused:
                if refused.status not in BUSY or method == "POST":
                    raise
                problem = Failed(f"The server answered {refused.status}")
            if attempt >= self.retries.count:
                raise problem.final() from None
            self.retries.pause(attempt, problem, "asking again")
            attempt += 1

    def _request(
        self, method: str, url: str, headers: Mapping[str, str], content: Iterator[bytes] | None = None
    ) -> httpx.Request:
        return self.http.build_request(method, url, headers={"Tus-Resumable": VERSION} | dict(headers), content=content)


def _offset(answer: Answer) -> int:
    said = answer.headers.get("upload-offset", "")
    if not said.isascii() or not said.isdigit():
        raise Unreachable("The server does not say how much of the file it has.")
    return int(said)


def _has(build: Json, checksum: str) -> bool:
    entries = build.get("files")
    files = [entry.get("file") for entry in (entries if isinstance(entries, list) else []) if isinstance(entry, dict)]
    return any(isinstance(file, dict) and file.get("checksum") == checksum for file in files)
