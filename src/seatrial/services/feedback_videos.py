"""Films that come after feedback, to a link that is good once and for a while."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from seatrial.db import audit_log, feedbacks
from seatrial.db.engine import Database
from seatrial.domain.access import AppScope, Person, Principal, PrincipalKind
from seatrial.domain.errors import (
    Conflict,
    EntityNotFound,
    Forbidden,
    PayloadTooLarge,
    ServiceUnavailable,
    UnsupportedMediaType,
)
from seatrial.domain.feedback import Feedback, FeedbackFileKind
from seatrial.domain.ids import FileId, new_file_id
from seatrial.domain.place import Place
from seatrial.domain.quota import Item
from seatrial.services.feedbacks import file_of, video_parts
from seatrial.services.idempotency import Idempotency, Repeated, meaning
from seatrial.services.loose_blobs import SWEPT, LooseBlobs
from seatrial.services.quotas import Quotas
from seatrial.services.space import check_space
from seatrial.storage import BlobStore, BlobStores, BlobWriter, StoredBlob, keys
from seatrial.storage.bounded import BoundedWriter
from seatrial.storage.discarding import DiscardingWriter
from seatrial.storage.signing import UrlSigner

_BOXES = frozenset({b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip"})
"""What an MP4 or QuickTime file begins with: ISO/IEC 14496-12, 4.2; QuickTime File Format, Basic Data Structures."""
_HEAD = 8
"""Bytes: a length and the name of the first box."""


@dataclass(slots=True)
class VideoIntake:
    """A film on its way in."""

    feedback: Feedback
    file_id: FileId
    loose_id: str
    store: BlobStore
    writer: BlobWriter
    limit: int
    key: str = ""
    """The client's idempotency key."""
    is_repeated: bool = False
    """Whether it came before under the same key: then it is looked at and not kept."""
    head: bytes = b""

    def write(self, data: bytes | bytearray) -> None:
        """Add bytes.

        Raises PayloadTooLarge, UnsupportedMediaType for what is no film, InsufficientStorage.
        """
        if self.writer.size + len(data) > self.limit:
            raise PayloadTooLarge(self.limit)
        if len(self.head) < _HEAD:
            self.head += bytes(data[: _HEAD - len(self.head)])
            if len(self.head) == _HEAD:
                self.check()
        self.writer.write(data)

    def check(self) -> None:
        """Look at how the film begins.

        Raises UnsupportedMediaType.
        """
        if self.head[4:] not in _BOXES:
            raise UnsupportedMediaType


@dataclass(frozen=True, slots=True)
class FeedbackVideos:
    """Takes films in, each in constant memory."""

    db: Database
    blobs: BlobStores
    loose: LooseBlobs
    signer: UrlSigner
    most_bytes: int
    quotas: Quotas
    idempotency: Idempotency
    now: Callable[[], datetime]

    def begin(
        self, feedback_id: str, expires: int, signature: str, announced_bytes: int | None, key: str = ""
    ) -> VideoIntake:
        """Get ready for a film's bytes; `key` is the client's idempotency key.

        A link that is wrong or over is 403, never 401: that would make the vendor's SDK ask people to sign in.

        Raises Forbidden, EntityNotFound, Conflict for a second film, PayloadTooLarge, QuotaExceeded,
        InsufficientStorage.
        """
        now = int(self.now().timestamp())
        if not self.signer.verify(signature, *video_parts(feedback_id.lower()), expires=expires, now=now):
            raise Forbidden
        with self.db.read() as tx:
            feedback = feedbacks.get_by_proof(tx, feedback_id)
        is_repeated = self.idempotency.find(_scope_of(feedback), key) is not None
        if not is_repeated:
            _require_awaiting(feedback)
        if announced_bytes is not None and announced_bytes > self.most_bytes:
            raise PayloadTooLarge(self.most_bytes)
        store = self.blobs.of_app(feedback.organization_id, feedback.app_id)
        if is_repeated:
            again = DiscardingWriter("")
            return VideoIntake(feedback, new_file_id(), "", store, again, self.most_bytes, key, is_repeated=True)
        check_space(store, announced_bytes)
        room = self.quotas.room(feedback.organization_id, feedback.app_id, announced_bytes)
        file_id = new_file_id()
        place = keys.feedback_file(feedback.organization_id, feedback.app_id, feedback.id, file_id)
        loose_id = self.loose.reserve([Place(store.provider.id, place)])
        try:
            writer = store.writer(place)
        except BaseException:
            self.loose.discard(loose_id)
            raise
        bounded = BoundedWriter(writer, room.check)
        return VideoIntake(feedback, file_id, loose_id, store, bounded, self.most_bytes, key)

    def accept(self, intake: VideoIntake) -> None:
        """Keep the film that came in, under a key once; the answer comes when it is safe.

        Raises UnsupportedMediaType, Conflict for a second film, EntityNotFound where the feedback was deleted
        meanwhile, QuotaExceeded, InsufficientStorage, ServiceUnavailable, Conflict for a key that was used for another.
        """
        intake.check()
        try:
            stored = intake.writer.commit()
        except FileNotFoundError as error:
            raise ServiceUnavailable(SWEPT) from error
        means = meaning("film", intake.feedback.id, [("video", "", stored.sha256)])
        if not intake.is_repeated:
            try:
                self._keep(intake, stored, means)
            except Repeated:
                intake.is_repeated = True
                self.abandon(intake)
        if intake.is_repeated:
            self.idempotency.subject(_scope_of(intake.feedback), intake.key, means)

    def _keep(self, intake: VideoIntake, stored: StoredBlob, means: str) -> None:
        now, kind = self.now(), FeedbackFileKind.VIDEO
        is_mp4 = intake.head[4:] == b"ftyp"
        name, mimetype = ("video.mp4", "video/mp4") if is_mp4 else ("video.mov", "video/quicktime")
        with self.db.transaction() as tx:
            self.idempotency.keep(tx, _scope_of(intake.feedback), intake.key, means, intake.feedback.id)
            self.loose.adopt(tx, intake.loose_id)
            feedback = feedbacks.get_by_proof(tx, intake.feedback.id, hold=True)
            _require_awaiting(feedback)
            film = file_of(feedback, kind, intake.file_id, intake.store, stored, name, mimetype, now)
            feedbacks.insert_file(tx, film)
            self.quotas.hold(tx, feedback.organization_id, feedback.app_id, Item.STORAGE)
            feedbacks.touch(tx, feedback, now)
            audit_log.record(tx, _scope_of(feedback), "feedback.video", feedback.id, now)
        self.loose.settle(intake.loose_id)

    def abandon(self, intake: VideoIntake) -> None:
        """Leave nothing of a film that did not arrive."""
        try:
            intake.writer.cancel()
        finally:
            if intake.loose_id:
                self.loose.discard(intake.loose_id)


def _require_awaiting(feedback: Feedback) -> None:
    if not feedback.has_video:
        raise EntityNotFound
    if feedback.file(FeedbackFileKind.VIDEO) is not None:
        raise Conflict


def _scope_of(feedback: Feedback) -> AppScope:
    """Give the holder of a link the sight of the feedback's own app and nothing else."""
    principal = Principal(
        kind=PrincipalKind.DOWNLOAD_TOKEN, id=feedback.id, person=Person(id="", email=""), permissions=frozenset()
    )
    return AppScope(organization_id=feedback.organization_id, app_id=feedback.app_id, principal=principal)
