"""The next bytes of an upload that comes bit by bit: written, compared, and noted when they are on the disk."""

import hashlib
from collections.abc import Sequence
from typing import Protocol

import structlog

from seatrial.domain.errors import ChecksumMismatch, PayloadTooLarge
from seatrial.domain.upload import Concatenation, UnfinishedUpload
from seatrial.storage.fingerprint import Fingerprint
from seatrial.storage.spool import SpoolFile

CHECKPOINT_BYTES = 64 << 20
"""After so many bytes an offset is written down, so that a crash costs no more than these."""

log = structlog.get_logger()


class Books(Protocol):
    """Who knows how far each upload is."""

    def advance(self, upload: UnfinishedUpload, offset: int) -> UnfinishedUpload:
        """Note how far an upload is.

        Raises Conflict where somebody else has noted something meanwhile.
        """

    def learn(self, upload_id: str, fingerprint: Fingerprint | None) -> None:
        """Keep what is known of the bytes so far."""


class Receiving:
    """The next bytes of an upload on their way in. Not thread-safe; may be used from one thread at a time."""

    def __init__(
        self,
        books: Books,
        upload: UnfinishedUpload,
        file: SpoolFile,
        fingerprint: Fingerprint | None,
        digest: tuple[str, bytes] | None,
    ) -> None:
        self.upload = upload
        self.file = file
        self.fingerprint = fingerprint
        self._books = books
        self._digest = digest
        # Not a secret's guard: SHA-1 is what clients of the protocol know best.
        self._hash = hashlib.new(digest[0], usedforsecurity=False) if digest else None

    @property
    def is_whole(self) -> bool:
        """Whether the last byte has come."""
        return self.file.size == self.upload.length

    @property
    def room(self) -> int:
        """How many bytes are missing."""
        return self.upload.length - self.file.size

    def write(self, pieces: Sequence[bytes]) -> None:
        """Add bytes, and write down now and then how far they are.

        Raises PayloadTooLarge beyond the upload's length, InsufficientStorage, Conflict.
        """
        for piece in pieces:
            if len(piece) > self.room:
                raise PayloadTooLarge(self.upload.length)
            self.file.write(piece)
            if self.fingerprint is not None:
                self.fingerprint.update(piece)
            if self._hash is not None:
                self._hash.update(piece)
        if self._hash is None and self.file.size - self.upload.offset >= CHECKPOINT_BYTES:
            self._save()

    def settle(self) -> None:
        """Take what has come for good.

        Raises ChecksumMismatch where the bytes are not what was said of them; then none of them count.
        """
        if self._hash is not None and self._digest is not None and self._hash.digest() != self._digest[1]:
            self.file.rewind(self.upload.offset)
            raise ChecksumMismatch
        self._save()

    def break_off(self) -> None:
        """Keep what has come of a body that ended early, where nothing was said of all of it; never raises."""
        if self._hash is not None:
            return
        try:
            self._save()
        except Exception:
            log.exception("what came of an upload could not be kept", upload_id=self.upload.id)

    def close(self) -> None:
        """Let others write."""
        known = self.fingerprint
        if known is not None and known.size == self.upload.offset:
            self._books.learn(self.upload.id, known)
        self.file.close()

    def _save(self) -> None:
        # The last byte counts with the build: until then one is missing, and a client that comes back sends that one.
        whole = self.is_whole and self.upload.concatenation is not Concatenation.PARTIAL
        offset = self.file.size - 1 if whole else self.file.size
        if offset <= self.upload.offset and not whole:
            return
        self.file.sync()
        if offset > self.upload.offset:
            self.upload = self._books.advance(self.upload, offset)
