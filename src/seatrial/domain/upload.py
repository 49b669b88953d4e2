"""Uploads as clients announce, repeat and continue them."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from seatrial.domain.ids import BuildId


@dataclass(frozen=True, slots=True)
class Claim:
    """A SHA-256 that the bytes must have, in lower-case hex, and the header that says so."""

    header: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Promise:
    """What a client says about an upload beside the form."""

    key: str = ""
    """Its idempotency key: whatever comes with it again is the same upload. Empty: each upload is a new one."""
    claims: tuple[Claim, ...] = ()
    """What the build's file, or the only attachment, must be; empty where nothing is to be compared."""


NO_PROMISE = Promise()


class Concatenation(StrEnum):
    """How an upload belongs to others."""

    NONE = ""
    PARTIAL = "partial"
    """A piece that becomes a build together with others alone."""
    FINAL = "final"
    DIRECT = "direct"
    """Its bytes go to the object store without passing through here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewUpload:
    """An upload that somebody announces, to send its bytes afterwards."""

    length: int
    metadata: str
    """What was said about it, in the words in which it was said."""
    concatenation: Concatenation = Concatenation.NONE
    parts: str = ""
    """Of a final one: the pieces as they were named; of a direct one: where its bytes go."""
    promise: Promise = NO_PROMISE
    meant: str = ""
    """Of what was said, what is the same when the announcement is sent again: all but the deployer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UnfinishedUpload:
    """An upload whose bytes come bit by bit; finished, it is a build and remembers which."""

    id: str
    length: int
    offset: int
    """How many bytes are on the disk for good. The length is reached together with the build, never before."""
    metadata: str
    concatenation: Concatenation
    parts: str
    claims: tuple[Claim, ...]
    build_id: BuildId | None
    created_at: datetime
    expires_at: datetime
    is_repeated: bool = False
    """Whether it was announced before under the same key."""

    @property
    def is_finished(self) -> bool:
        """Whether nothing more can come."""
        return self.offset == self.length
