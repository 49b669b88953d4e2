"""Uploads whose bytes go to the app's object store without passing through here: links for the parts, then a build.

The object's key is that of the build's file from the beginning, so nothing is moved at the end. Until then the bytes
are accounted for by the upload's row; when it is completed they become a reservation, and with it a build's.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import msgspec
import structlog
from sqlalchemy import Connection

from seatrial.db import loose_blobs
from seatrial.db import unfinished_uploads as rows
from seatrial.db.engine import Database
from seatrial.domain.access import AppScope, Permission
from seatrial.domain.build import Build, Submission
from seatrial.domain.errors import (
    BuildFileMissing,
    Conflict,
    EntityNotFound,
    InvalidRequest,
    PayloadTooLarge,
    SeatrialError,
    TooManyRequests,
)
from seatrial.domain.ids import AppId, BuildId, FileId, OrganizationId, new_entity_id, new_file_id
from seatrial.domain.upload import Concatenation, NewUpload, Promise, UnfinishedUpload
from seatrial.services.idempotency import Repeated, announcement
from seatrial.services.quotas import FORM_BYTES
from seatrial.services.uploads import Uploads
from seatrial.storage import BlobStore, BlobStores, StoredBlob, keys
from seatrial.storage.fingerprint import Fingerprint
from seatrial.storage.parts import HasParts, Parts

LEAST_PART = 8 << 20
MOST_PARTS = 1000
READ_BYTES = 1 << 20
NOWHERE = "The files of this app are not in a store that takes parts; use the app's uploads, which take any size too."

UNDER_WAY = "The upload is being completed; look at it in a moment. Where it stays so, announce it anew."
CLAIMED = 1
"""The offset of an upload that somebody completes; before it is 0, since no byte comes through here."""

log = structlog.get_logger()


class _Where(msgspec.Struct):
    """Where the bytes of an upload go."""

    provider: str
    build: str
    file: str
    upload: str
    """The store's own name for it."""
    part: int
    loose: str = ""
    """The reservation of who makes the build; it is gone with the server that died over it, and so are the bytes."""


@dataclass(frozen=True, slots=True)
class PartLink:
    """One part: its number, how many bytes it has, and the URL that takes them by PUT."""

    number: int
    size: int
    url: str


@dataclass(frozen=True, slots=True)
class DirectUpload:
    """An upload and the links to send its bytes to, which are good for a while."""

    upload: UnfinishedUpload
    part_size: int
    links: Sequence[PartLink]


@dataclass(frozen=True, slots=True)
class DirectUploads:
    """Hands out links, and makes builds of what was sent to them."""

    db: Database
    uploads: Uploads
    blobs: BlobStores
    life: timedelta
    link_life: timedelta
    max_length: int
    max_open: int
    now: Callable[[], datetime]

    def announce(self, scope: AppScope, new: NewUpload) -> DirectUpload:
        """Begin an upload in the app's store; under a key, once.

        Raises Forbidden, Conflict where the store takes no parts and for a key that was used for something else,
        BuildFileMissing, PayloadTooLarge, QuotaExceeded, TooManyRequests, StorageUnavailable.
        """
        scope.require(Permission.BUILD_CREATE)
        new = replace(new, concatenation=Concatenation.DIRECT)
        key, means = new.promise.key, announcement(new)
        earlier = self._announced(scope, key, means)
        if earlier is not None:
            return earlier
        store = self.blobs.of_app(scope.organization_id, scope.app_id)
        parts = _parts(store)
        if new.length == 0:
            raise BuildFileMissing
        if new.length > self.max_length:
            raise PayloadTooLarge(self.max_length)
        # What has no form around it is exactly as long as it says.
        self.uploads.quotas.room(scope.organization_id, scope.app_id, new.length + FORM_BYTES, builds=1)
        build, file, now = BuildId(new_entity_id()), new_file_id(), self.now()
        place = keys.build_file(scope.organization_id, scope.app_id, build, file)
        size = max(LEAST_PART, -(-new.length // MOST_PARTS))
        where = _Where(store.provider.id, build, file, parts.begin(place), size)
        upload_id = new_entity_id()
        try:
            with self.db.transaction() as tx:
                self.uploads.idempotency.keep(tx, scope, key, means, upload_id)
                self._bound(rows.count_open(tx, scope, now))
                rows.insert_upload(tx, scope, upload_id, replace(new, parts=_text(where)), now, now + self.life)
                self.uploads.quotas.hold_announced(tx, scope.organization_id, scope.app_id)
        except Repeated:
            store.delete(place)
            return self._earlier(scope, key, means)
        except BaseException:
            store.delete(place)
            raise
        return self.find(scope, upload_id)

    def find(self, scope: AppScope, upload_id: str) -> DirectUpload:
        """Give an upload with fresh links; none once it is finished.

        Raises Forbidden, EntityNotFound, StorageUnavailable.
        """
        upload, where = self._get(scope, upload_id)
        if upload.build_id is not None:
            return DirectUpload(upload, where.part, [])
        parts, key = _parts(self.blobs.at(where.provider)), _key(scope, where)
        seconds = int(self.link_life.total_seconds())
        links = [
            PartLink(number, min(where.part, upload.length - start), parts.url(key, where.upload, number, seconds))
            for number, start in enumerate(range(0, upload.length, where.part), start=1)
        ]
        return DirectUpload(upload, where.part, links)

    def complete(
        self, scope: AppScope, upload_id: str, etags: Sequence[str], said: Submission, file_name: str
    ) -> Build:
        """Make a build of the parts; a second time, give it. What fails leaves nothing of the upload.

        Raises Forbidden, EntityNotFound, InvalidRequest for parts that are missing or not what was promised, and what
        `Uploads.accept` raises.
        """
        upload, where = self._get(scope, upload_id)
        if upload.build_id is not None:
            return self.uploads.get(scope, upload.build_id)
        wanted = -(-upload.length // where.part)
        if len(etags) != wanted:
            raise InvalidRequest({"parts": f"all {wanted} parts must be there, in their order"})
        store, key = self.blobs.at(where.provider), _key(scope, where)

        def claim(tx: Connection, loose_id: str) -> None:
            # Of two requests that complete an upload, one would remove what the other is about to own.
            if upload.offset == CLAIMED or not rows.claim(
                tx, upload, CLAIMED, _text(msgspec.structs.replace(where, loose=loose_id))
            ):
                raise Conflict(UNDER_WAY)

        def settle(tx: Connection, build_id: BuildId) -> None:
            # Remembered for as long as a key leads to it.
            until = self.now() + max(self.life, self.uploads.idempotency.life)
            if not rows.finish(tx, replace(upload, offset=CLAIMED), build_id, until):
                raise Conflict

        intake = self.uploads.take_over(scope, BuildId(where.build), FileId(where.file), store, claim)
        try:
            intake.bring(file_name, lambda _store, _key: _PartsWriter(store, key, where.upload, etags, upload.length))
            return self.uploads.accept(intake, said, Promise(claims=upload.claims), settle)
        except BaseException:
            self.uploads.abandon(intake)
            with self.db.transaction() as tx:
                rows.remove_unfinished(tx, upload.id)
            raise

    def terminate(self, scope: AppScope, upload_id: str) -> None:
        """Forget an upload and its parts; the build of a finished one stays.

        Raises Forbidden, EntityNotFound, StorageUnavailable.
        """
        upload, _ = self._get(scope, upload_id)
        self._drop(upload, scope.organization_id, scope.app_id)

    def sweep(self) -> int:
        """Remove what nobody completes in time; gives how many. What a store does not let go of is left to the next."""
        with self.db.read() as tx:
            old = [one for one in rows.expired(tx, self.now()) if one.concatenation is Concatenation.DIRECT]
            places = {one.id: rows.place(tx, one.id) for one in old}
        for upload in old:
            try:
                self._drop(upload, *places[upload.id])
            except SeatrialError as error:
                log.warning("parts of an upload are left to the next sweep", upload_id=upload.id, reason=repr(error))
        return len(old)

    def _drop(self, upload: UnfinishedUpload, organization_id: OrganizationId, app_id: AppId) -> None:
        where = msgspec.json.decode(upload.parts, type=_Where)
        if upload.build_id is None:
            key = keys.build_file(organization_id, app_id, BuildId(where.build), FileId(where.file))
            self.blobs.at(where.provider).delete(key)
        with self.db.transaction() as tx:
            rows.remove(tx, [upload.id])

    def _announced(self, scope: AppScope, key: str, means: str) -> DirectUpload | None:
        kept = self.uploads.idempotency.find(scope, key)
        if kept is None:
            return None
        try:
            return self._earlier(scope, key, means)
        except EntityNotFound:
            # Its time is over, or who was about to make the build has died: it is announced anew.
            with self.db.read() as tx:
                found = rows.find(tx, kept.subject)
            if found is not None:
                self._drop(found, scope.organization_id, scope.app_id)
            return None

    def _earlier(self, scope: AppScope, key: str, means: str) -> DirectUpload:
        found = self.find(scope, self.uploads.idempotency.subject(scope, key, means))
        return replace(found, upload=replace(found.upload, is_repeated=True))

    def _bound(self, opened: int) -> None:
        if opened >= self.max_open:
            raise TooManyRequests(retry_after=60)

    def _get(self, scope: AppScope, upload_id: str) -> tuple[UnfinishedUpload, _Where]:
        scope.require(Permission.BUILD_CREATE)
        with self.db.read() as tx:
            upload = rows.get(tx, scope, upload_id, self.now())
            if upload.concatenation is not Concatenation.DIRECT:
                raise EntityNotFound
            where = msgspec.json.decode(upload.parts, type=_Where)
            is_claimed = upload.build_id is None and upload.offset == CLAIMED
            if is_claimed and loose_blobs.find(tx, where.loose) is None:
                raise EntityNotFound
        return upload, where


def keys_under_way(tx: Connection) -> set[str]:
    """Name the objects whose parts are being sent, or may be."""
    return {
        keys.build_file(organization_id, app_id, BuildId(where.build), FileId(where.file))
        for organization_id, app_id, parts in rows.under_way(tx, Concatenation.DIRECT)
        for where in [msgspec.json.decode(parts, type=_Where)]
    }


class _PartsWriter:
    """A BlobWriter whose bytes are in parts of the store already: completing them is its commit."""

    def __init__(self, store: BlobStore, key: str, upload: str, etags: Sequence[str], size: int) -> None:
        self.key = key
        self.size = size
        self._store = store
        self._upload = upload
        self._etags = etags

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Refuse: there is nothing to add.

        Raises ValueError.
        """
        raise ValueError(f"the parts are in the store; {len(data)} bytes more have no place in it")

    def commit(self) -> StoredBlob:
        """Complete the object, and read it once for what is to be known of it.

        Raises InvalidRequest where it is not as long as was announced.
        """
        _parts(self._store).complete(self.key, self._upload, self._etags)
        fingerprint = Fingerprint()
        with self._store.open(self.key) as file:
            while piece := file.read(READ_BYTES):
                fingerprint.update(piece)
        if fingerprint.size != self.size:
            raise InvalidRequest({"parts": f"hold {fingerprint.size} bytes; {self.size} were announced"})
        return fingerprint.blob(self.key)

    def cancel(self) -> None:
        """Leave the parts to the reservation."""


def _parts(store: BlobStore) -> Parts:
    parts = store.parts() if isinstance(store, HasParts) else None
    if parts is None:
        raise Conflict(NOWHERE)
    return parts


def _key(scope: AppScope, where: _Where) -> str:
    return keys.build_file(scope.organization_id, scope.app_id, BuildId(where.build), FileId(where.file))


def _text(where: _Where) -> str:
    return msgspec.json.encode(where).decode()
