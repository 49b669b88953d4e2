"""Uploads that come bit by bit: announced, continued where they stopped, and made a build with their last byte.

The books are in the database, the bytes in the spool. An offset is written down after the bytes up to it were synced,
so a client never hears of one that a crash could take back. The last one is written down in the transaction that makes
the build: who sees that an upload is complete can be sure that there is a build.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import structlog
from sqlalchemy import Connection

from seatrial.db import unfinished_uploads as rows
from seatrial.db.engine import Database
from seatrial.domain.access import AppScope, Permission
from seatrial.domain.build import Build, Submission
from seatrial.domain.errors import (
    BuildFileMissing,
    Conflict,
    EntityNotFound,
    InsufficientStorage,
    InvalidRequest,
    PayloadTooLarge,
    TooManyRequests,
    UploadInUse,
)
from seatrial.domain.ids import BuildId, new_entity_id
from seatrial.domain.upload import Concatenation, NewUpload, Promise, UnfinishedUpload
from seatrial.services.idempotency import Idempotency, Repeated, announcement
from seatrial.services.quotas import FORM_BYTES
from seatrial.services.receiving import Receiving
from seatrial.services.uploads import Uploads
from seatrial.storage.fingerprint import Fingerprint
from seatrial.storage.spool import Spool, SpoolFile
from seatrial.storage.whole_files import COPY_BYTES, WholeFileWriter

FINGERPRINTS = 256
"""How many uploads' running hashes are kept between two requests; the bytes of others are read again at the end."""
MOVED = "The upload is at another offset than this request says; ask for it, and go on from there."

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class ResumableUploads:
    """Takes builds in bit by bit."""

    db: Database
    uploads: Uploads
    spool: Spool
    idempotency: Idempotency
    life: timedelta
    max_length: int
    max_open: int
    now: Callable[[], datetime]
    _fingerprints: "OrderedDict[str, Fingerprint]" = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def announce(self, scope: AppScope, new: NewUpload) -> UnfinishedUpload:
        """Get ready for an upload's bytes; under a key, once.

        Raises Forbidden, BuildFileMissing for one without bytes, PayloadTooLarge, QuotaExceeded, TooManyRequests,
        InsufficientStorage where there is no room for all of it, Conflict for a key that was used for something else.
        """
        scope.require(Permission.BUILD_CREATE)
        if new.length == 0:
            raise BuildFileMissing
        if new.length > self.max_length:
            raise PayloadTooLarge(self.max_length)
        key, means = new.promise.key, announcement(new)
        earlier = self._announced(scope, new)
        if earlier is not None:
            return earlier
        if self.spool.free_bytes() < new.length:
            raise InsufficientStorage
        # What has no form around it is exactly as long as it says.
        is_piece, is_joined = (new.concatenation is kind for kind in (Concatenation.PARTIAL, Concatenation.FINAL))
        self.uploads.quotas.room(
            scope.organization_id,
            scope.app_id,
            new.length + FORM_BYTES,
            builds=0 if is_piece else 1,
            held=new.length if is_joined else 0,
        )
        upload_id, now = new_entity_id(), self.now()
        try:
            with self.db.transaction() as tx:
                self.idempotency.keep(tx, scope, key, means, upload_id)
                if rows.count_open(tx, scope, now) >= self.max_open:
                    raise TooManyRequests(retry_after=60)
                rows.insert_upload(tx, scope, upload_id, new, now, now + self.life)
                self.uploads.quotas.hold_announced(tx, scope.organization_id, scope.app_id)
        except Repeated:
            return self._earlier(scope, key, means)
        return self.find(scope, upload_id)

    def find(self, scope: AppScope, upload_id: str) -> UnfinishedUpload:
        """Look at an upload as the books have it, without disturbing who writes to it.

        Raises Forbidden, EntityNotFound.
        """
        scope.require(Permission.BUILD_CREATE)
        with self.db.read() as tx:
            upload = rows.get(tx, scope, upload_id, self.now())
        if upload.concatenation is Concatenation.DIRECT:
            raise EntityNotFound
        return upload

    def settled(self, scope: AppScope, upload_id: str) -> UnfinishedUpload:
        """Look at an upload to which nobody writes.

        Raises Forbidden, EntityNotFound, UploadInUse while another request writes, which is asked to stop.
        """
        upload = self.find(scope, upload_id)
        if upload.is_finished or (upload.offset == 0 and not self.spool.path(upload.id).exists()):
            return upload
        try:
            with self.spool.hold(upload.id, 0):
                return self.find(scope, upload_id)
        except FileNotFoundError:
            return self.find(scope, upload_id)

    def receive(self, scope: AppScope, upload_id: str, offset: int, digest: tuple[str, bytes] | None) -> Receiving:
        """Get ready for the next bytes; `digest` is an algorithm and what they must have by it.

        Raises Forbidden, EntityNotFound, Conflict for another offset than the upload's, UploadInUse.
        """
        upload = self.find(scope, upload_id)
        if upload.is_finished or upload.concatenation is Concatenation.FINAL:
            raise Conflict(MOVED)
        file = self._hold(upload, upload.offset)
        try:
            upload = self.find(scope, upload_id)  # as whoever wrote before has left it
            _check(upload, offset)
            file.rewind(offset)
            return Receiving(self, upload, file, self._known(upload), digest)
        except BaseException:
            file.close()
            raise

    def complete(self, scope: AppScope, receiving: Receiving, said: Submission, file_name: str) -> Build:
        """Make a build of an upload of which the last byte has come; gives it.

        Raises what `Uploads.accept` raises; where the bytes are not what was promised, nothing is left of them.
        """
        upload = receiving.upload
        try:
            build = self._complete(scope, upload, receiving.file, receiving.fingerprint, said, file_name)
        except InvalidRequest:
            self._drop(upload.id)
            raise
        self.learn(upload.id, None)
        return build

    def concatenate(
        self, scope: AppScope, new: NewUpload, parts: Sequence[str], said: Submission, file_name: str
    ) -> tuple[UnfinishedUpload, Build]:
        """Make a build of the pieces in this order; they are gone afterwards.

        Raises Forbidden, EntityNotFound, Conflict for a piece that is not whole, PayloadTooLarge, InsufficientStorage,
        and what `Uploads.accept` raises.
        """
        earlier = self._announced(scope, new)
        if earlier is not None and earlier.build_id is not None:
            return earlier, self.uploads.get(scope, earlier.build_id)
        with ExitStack() as stack:
            pieces = [self.find(scope, part) for part in parts]
            if any(not piece.is_finished or piece.concatenation is not Concatenation.PARTIAL for piece in pieces):
                raise Conflict("Each piece must be a partial upload that is complete.")
            upload = self.announce(scope, replace(new, length=sum(piece.length for piece in pieces)))
            file = stack.enter_context(self._hold(upload, 0))
            file.rewind(0)
            fingerprint = Fingerprint()
            for piece in pieces:
                self._copy(piece, file, fingerprint)
            file.sync()
            try:
                build = self._complete(scope, upload, file, fingerprint, said, file_name, pieces)
            except InvalidRequest:
                self._drop(upload.id)
                raise
        for piece in pieces:
            self._drop(piece.id)
        return self.find(scope, upload.id), build

    def terminate(self, scope: AppScope, upload_id: str) -> None:
        """Forget an upload and its bytes; the build of a finished one stays.

        Raises Forbidden, EntityNotFound, UploadInUse.
        """
        upload = self.find(scope, upload_id)
        with suppress(FileNotFoundError), self.spool.hold(upload.id, 0):
            self._drop(upload.id)
            return
        self._drop(upload.id)

    def sweep(self) -> int:
        """Remove what nobody continues in time, and bytes without an upload; gives how many."""
        with self.db.read() as tx:
            old = [one for one in rows.expired(tx, self.now()) if one.concatenation is not Concatenation.DIRECT]
        swept = sum(self._expire(upload.id) for upload in old)
        there = list(self.spool.names())
        with self.db.read() as tx:
            strays = set(there) - rows.known(tx, there)
        for name in strays:
            self.spool.remove(name)
        return swept + len(strays)

    def _announced(self, scope: AppScope, new: NewUpload) -> UnfinishedUpload | None:
        key = new.promise.key
        if self.idempotency.find(scope, key) is None:
            return None
        try:
            return self._earlier(scope, key, announcement(new))
        except EntityNotFound:
            self.sweep()  # its time is over: it is announced anew
            return None

    def _earlier(self, scope: AppScope, key: str, means: str) -> UnfinishedUpload:
        return replace(self.find(scope, self.idempotency.subject(scope, key, means)), is_repeated=True)

    def _expire(self, upload_id: str) -> int:
        try:
            with suppress(FileNotFoundError), self.spool.hold(upload_id, 0):
                self._drop(upload_id)
                return 1
        except UploadInUse:
            return 0  # bytes are coming: its time is longer by now
        self._drop(upload_id)
        return 1

    def _drop(self, upload_id: str) -> None:
        with self.db.transaction() as tx:
            rows.remove(tx, [upload_id])
        self.spool.remove(upload_id)
        self.learn(upload_id, None)

    def _hold(self, upload: UnfinishedUpload, offset: int) -> SpoolFile:
        try:
            return self.spool.hold(upload.id, offset, make=upload.offset == 0)
        except FileNotFoundError as error:
            log.warning("the bytes of an unfinished upload are gone", upload_id=upload.id)
            raise EntityNotFound from error

    def _complete(
        self,
        scope: AppScope,
        upload: UnfinishedUpload,
        file: SpoolFile,
        fingerprint: Fingerprint | None,
        said: Submission,
        file_name: str,
        pieces: Sequence[UnfinishedUpload] = (),
    ) -> Build:
        def settle(tx: Connection, build_id: BuildId) -> None:
            if pieces:
                rows.remove(tx, [piece.id for piece in pieces])
            # Remembered for as long as a key leads to it.
            if not rows.finish(tx, upload, build_id, self.now() + max(self.life, self.idempotency.life)):
                raise Conflict(MOVED)

        intake = self.uploads.begin(scope, None, is_announced=True)
        try:
            intake.bring(
                file_name,
                lambda blobs, key: WholeFileWriter(blobs, key, file.path, upload.length, fingerprint),
            )
            build = self.uploads.accept(intake, said, Promise(claims=upload.claims), settle)
        except BaseException:
            self.uploads.abandon(intake)
            raise
        self.spool.remove(upload.id)
        return build

    def _copy(self, piece: UnfinishedUpload, file: SpoolFile, fingerprint: Fingerprint) -> None:
        left = piece.length
        try:
            with self.spool.path(piece.id).open("rb", buffering=0) as source:
                while left and (data := source.read(min(COPY_BYTES, left))):
                    file.write(data)
                    fingerprint.update(data)
                    left -= len(data)
        except FileNotFoundError:
            pass
        if left:
            raise EntityNotFound

    def _known(self, upload: UnfinishedUpload) -> Fingerprint | None:
        if upload.offset == 0:
            return Fingerprint()
        with self._lock:
            known = self._fingerprints.get(upload.id)
        return known.copy() if known is not None and known.size == upload.offset else None

    def learn(self, upload_id: str, fingerprint: Fingerprint | None) -> None:
        """Keep what is known of the bytes so far, for the request that brings the next ones."""
        with self._lock:
            self._fingerprints.pop(upload_id, None)
            if fingerprint is not None:
                self._fingerprints[upload_id] = fingerprint
                while len(self._fingerprints) > FINGERPRINTS:
                    self._fingerprints.popitem(last=False)

    def advance(self, upload: UnfinishedUpload, offset: int) -> UnfinishedUpload:
        """Note how far an upload is, and that its time begins anew.

        Raises Conflict where somebody else has noted something meanwhile.
        """
        until = self.now() + self.life
        with self.db.transaction() as tx:
            if not rows.advance(tx, upload, offset, until):
                raise Conflict(MOVED)
        return replace(upload, offset=offset, expires_at=until)


def _check(upload: UnfinishedUpload, offset: int) -> None:
    if upload.offset != offset or upload.is_finished:
        raise Conflict(MOVED)
