"""Feedback from inside apps: taken in with a picture or a film, told to those who want to know, worked through."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import Connection

from seatrial.db import audit_log, feedbacks, sdk
from seatrial.db.engine import Database
from seatrial.domain.access import AppScope, Permission, Person
from seatrial.domain.build import Page
from seatrial.domain.device import Device, Visitor
from seatrial.domain.download import DownloadOrigin, holder_of
from seatrial.domain.errors import Conflict, EntityNotFound, InvalidRequest
from seatrial.domain.event import Event, EventKind
from seatrial.domain.feedback import (
    Feedback,
    FeedbackAuthor,
    FeedbackFile,
    FeedbackFileKind,
    FeedbackQuery,
    FeedbackSaid,
    FeedbackStatus,
)
from seatrial.domain.ids import FeedbackId, FileId, new_entity_id, new_file_id
from seatrial.domain.membership import MemberIdentity
from seatrial.domain.place import Place
from seatrial.domain.quota import Item
from seatrial.domain.sdk import SDK_SYSTEMS
from seatrial.parsers.screenshots import Screenshot, ScreenshotUnreadable, rewritten
from seatrial.services.events import Events
from seatrial.services.feedback_limits import FeedbackLimits
from seatrial.services.idempotency import GONE, Idempotency, meaning
from seatrial.services.loose_blobs import LooseBlobs
from seatrial.services.quotas import Quotas
from seatrial.services.space import check_space
from seatrial.storage import BlobStore, BlobStores, StoredBlob, keys
from seatrial.storage.signing import UrlSigner

Note = Callable[[Connection, Feedback], None]
LONGEST_TOLD = 1000
"""Characters of a message that events repeat."""


@dataclass(frozen=True, slots=True)
class Proof:
    """The right to one link until then, in seconds since 1970."""

    expires: int
    signature: str


@dataclass(frozen=True, slots=True)
class FeedbackShown:
    """Feedback with proofs of the right to read its files, for who may see it."""

    feedback: Feedback
    proofs: dict[str, Proof] = field(default_factory=dict)
    upload: Proof | None = None
    """The right to send the film that was announced."""
    upload_bucket: str = ""
    """Where the film is to go."""
    is_repeated: bool = False
    """Whether it was sent before, under the same idempotency key."""


def video_parts(feedback_id: str) -> tuple[str, str]:
    """Give what the link that a film is sent to is signed over."""
    return ("feedback-video", feedback_id)


def file_of(
    feedback: Feedback,
    kind: FeedbackFileKind,
    file_id: FileId,
    store: BlobStore,
    stored: StoredBlob,
    name: str,
    mimetype: str,
    now: datetime,
) -> FeedbackFile:
    """Describe a stored blob as a file that came with feedback."""
    return FeedbackFile(
        id=file_id,
        organization_id=feedback.organization_id,
        app_id=feedback.app_id,
        feedback_id=feedback.id,
        kind=kind,
        original_name=name,
        mimetype=mimetype,
        size=stored.size,
        key=stored.key,
        checksum=stored.sha256,
        created_at=now,
        storage_provider_id=store.provider.id,
    )


@dataclass(frozen=True, slots=True)
class Feedbacks:
    """Takes feedback in and shows it."""

    db: Database
    blobs: BlobStores
    loose: LooseBlobs
    signer: UrlSigner
    limits: FeedbackLimits
    link_life: timedelta
    video_life: timedelta
    quotas: Quotas
    idempotency: Idempotency
    now: Callable[[], datetime]
    events: Events = field(default_factory=Events)

    def begin(self, scope: AppScope, announced_bytes: int | None) -> None:
        """Look, before it is read, whether feedback can be taken in.

        Raises Forbidden, InsufficientStorage.
        """
        scope.require(Permission.SDK_USE)
        check_space(self.blobs.of_app(scope.organization_id, scope.app_id), announced_bytes)

    def receive(
        self,
        scope: AppScope,
        said: FeedbackSaid,
        sender: Device,
        member: MemberIdentity | None,
        visitor: Visitor,
        key: str = "",
    ) -> FeedbackShown:
        """Keep feedback, under an idempotency key once, and tell whoever wants to know; the answer is that it is safe.

        Raises Forbidden, InvalidRequest, TooManyRequests, EntityNotFound, QuotaExceeded, InsufficientStorage,
        ServiceUnavailable, Conflict for a key that was used for something else.
        """
        scope.require(Permission.SDK_USE)
        self.limits.count(scope, visitor)
        means = _meaning(said)
        kept, is_repeated = self.idempotency.once(
            scope,
            key,
            means,
            lambda: self._receive(scope, said, sender, member, lambda tx, it: self._note(tx, scope, key, means, it)),
            lambda subject: self._sent_before(scope, subject),
        )
        if not said.has_video:
            return FeedbackShown(kept, is_repeated=is_repeated)
        bucket = self.blobs.of_app(scope.organization_id, scope.app_id).provider.bucket
        proof = self._proof(self.video_life, *video_parts(kept.id))
        return FeedbackShown(kept, upload=proof, upload_bucket=bucket, is_repeated=is_repeated)

    def _receive(
        self,
        scope: AppScope,
        said: FeedbackSaid,
        sender: Device,
        member: MemberIdentity | None,
        note: Note,
    ) -> Feedback:
        picture = _picture(said)
        now = self.now()
        feedback = Feedback(
            id=FeedbackId(new_entity_id()),
            organization_id=scope.organization_id,
            app_id=scope.app_id,
            type=said.type,
            status=FeedbackStatus.OPEN,
            message=said.message,
            author=_author(said, member),
            package=said.package,
            device=said.device,
            sender=sender,
            build_id="",
            has_video=said.has_video,
            created_at=now,
            updated_at=now,
        )
        return self._keep_with(scope, feedback, picture, note) if picture else self._keep(scope, feedback, None, note)

    def _note(self, tx: Connection, scope: AppScope, key: str, means: str, feedback: Feedback) -> None:
        self.idempotency.keep(tx, scope, key, means, feedback.id)

    def _sent_before(self, scope: AppScope, feedback_id: str) -> Feedback:
        try:
            with self.db.read() as tx:
                return feedbacks.get(tx, scope, feedback_id)
        except EntityNotFound as error:
            raise Conflict(GONE) from error

    def search(self, scope: AppScope, query: FeedbackQuery) -> Page[FeedbackShown]:
        """Give one page of an app's feedback.

        Raises Forbidden.
        """
        scope.require(Permission.FEEDBACK_LIST)
        with self.db.read() as tx:
            page = feedbacks.search(tx, scope, query)
        return Page([self._shown(one) for one in page.items], page.total, page.page, page.limit)

    def get(self, scope: AppScope, feedback_id: str) -> FeedbackShown:
        """Give one piece of feedback.

        Raises Forbidden, EntityNotFound.
        """
        scope.require(Permission.FEEDBACK_LIST)
        with self.db.read() as tx:
            return self._shown(feedbacks.get(tx, scope, feedback_id))

    def update(self, scope: AppScope, feedback_id: str, status: FeedbackStatus | None) -> FeedbackShown:
        """Say what has become of feedback; nothing changes where nothing is said.

        Raises Forbidden, EntityNotFound.
        """
        scope.require(Permission.FEEDBACK_UPDATE)
        with self.db.transaction() as tx:
            found = feedbacks.get(tx, scope, feedback_id, hold=True)
            if status is not None and status is not found.status:
                feedbacks.set_status(tx, found, status, self.now())
                audit_log.record(tx, scope, "feedback.update", found.id, self.now(), {"status": status.value})
            return self._shown(feedbacks.get(tx, scope, found.id))

    def delete(self, scope: AppScope, feedback_id: str) -> None:
        """Remove feedback and its files for good.

        Raises Forbidden, EntityNotFound.
        """
        scope.require(Permission.FEEDBACK_DELETE)
        with self.db.transaction() as tx:
            found = feedbacks.get(tx, scope, feedback_id, hold=True)
            freed = self.loose.give_up(tx, feedbacks.delete_feedback(tx, found))
            audit_log.record(tx, scope, "feedback.delete", found.id, self.now())
        self.loose.discard(freed)

    def _keep_with(self, scope: AppScope, feedback: Feedback, picture: Screenshot, note: Note) -> Feedback:
        file_id = new_file_id()
        key = keys.feedback_file(scope.organization_id, scope.app_id, feedback.id, file_id)
        store = self.blobs.of_app(scope.organization_id, scope.app_id)
        loose_id = self.loose.reserve([Place(store.provider.id, key)])
        try:
            writer = store.writer(key)
            try:
                writer.write(picture.data)
                stored = writer.commit()
            finally:
                writer.cancel()
            name = f"screenshot.{picture.extension}"
            kind = FeedbackFileKind.SCREENSHOT
            file = file_of(feedback, kind, file_id, store, stored, name, picture.mimetype, feedback.created_at)
            kept = self._keep(scope, feedback, (loose_id, file), note)
        except BaseException:
            self.loose.discard(loose_id)
            raise
        self.loose.settle(loose_id)
        return kept

    def _keep(self, scope: AppScope, feedback: Feedback, held: tuple[str, FeedbackFile] | None, note: Note) -> Feedback:
        with self.db.transaction() as tx:
            note(tx, feedback)
            if held is not None:
                self.loose.adopt(tx, held[0])
            build_id = self._build(tx, scope, feedback)
            kept = replace(feedback, build_id=build_id, files=() if held is None else (held[1],))
            feedbacks.insert_feedback(tx, kept)
            if held is not None:
                self.quotas.hold(tx, scope.organization_id, scope.app_id, Item.STORAGE)
            audit_log.record(tx, scope, "feedback.create", kept.id, kept.created_at, {"type": kept.type.value})
            self.events.tell(
                tx,
                Event(
                    kind=EventKind.FEEDBACK_CREATED,
                    organization_id=scope.organization_id,
                    app_id=scope.app_id,
                    subject=kept.id,
                    at=kept.created_at,
                    facts=_facts(kept),
                ),
            )
        return kept

    def _build(self, tx: Connection, scope: AppScope, feedback: Feedback) -> str:
        system, code = feedback.sender.os, feedback.package.get("version", "") or feedback.sender.package_version
        if system not in SDK_SYSTEMS:
            return ""
        return sdk.find_build(tx, scope, system, feedback.sender.package_name, code) or ""

    def _shown(self, feedback: Feedback) -> FeedbackShown:
        return FeedbackShown(feedback, {file.id: self._proof(self.link_life, file.id) for file in feedback.files})

    def _proof(self, life: timedelta, *parts: str) -> Proof:
        expires = int((self.now() + life).timestamp())
        return Proof(expires, self.signer.sign(*parts, expires=expires))


def _meaning(said: FeedbackSaid) -> str:
    picture = [] if said.screenshot is None else [("screenshot", "", sha256(said.screenshot).hexdigest())]
    return meaning("feedback", replace(said, screenshot=None), picture)


def _picture(said: FeedbackSaid) -> Screenshot | None:
    if said.screenshot is None:
        return None
    try:
        return rewritten(said.screenshot)
    except ScreenshotUnreadable as unreadable:
        raise InvalidRequest({"screenshot": f"must be a picture: it {unreadable.reason}"}) from unreadable


def _author(said: FeedbackSaid, member: MemberIdentity | None) -> FeedbackAuthor:
    holder = holder_of(member, DownloadOrigin.SDK, person=Person(id="", email=said.email))
    return FeedbackAuthor(type=holder.type, person=holder.person)


def _facts(feedback: Feedback) -> dict[str, object]:
    """Say in a few words what somebody said."""
    person, sender = feedback.author.person, feedback.sender
    name = f"{person.first_name} {person.last_name}".strip()
    device = " ".join(filter(None, (sender.vendor, sender.model, sender.os_name, sender.os_version)))
    version = " ".join(filter(None, (feedback.package.get("versionName"), feedback.package.get("version"))))
    return {
        "type": feedback.type.value,
        "message": feedback.message[:LONGEST_TOLD],
        "author": f"{name} <{person.email}>" if name and person.email else name or person.email,
        "device": device,
        "build": version,
        "buildId": feedback.build_id,
        "hasScreenshot": bool(feedback.files),
        "hasVideo": feedback.has_video,
    }
