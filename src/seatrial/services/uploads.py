"""Taking bytes in: a build, or files beside one. After `accept` or `attach` has returned, nothing is lost."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import Connection

from seatrial.db import audit_log, build_files, builds
from seatrial.db.engine import Database
from seatrial.domain.access import AppScope, Permission, Principal
from seatrial.domain.build import Build, BuildFile, BuildStatus, Deployer, FileType, Submission
from seatrial.domain.errors import (
    BuildFileMissing,
    BuildNotProcessed,
    Conflict,
    EntityNotFound,
    InvalidRequest,
    PayloadTooLarge,
    ServiceUnavailable,
)
from seatrial.domain.event import Event, EventKind
from seatrial.domain.ids import BuildId, FileId, new_entity_id, new_file_id
from seatrial.domain.place import Place
from seatrial.domain.platforms import extension_of, guess_os
from seatrial.domain.quota import Item
from seatrial.domain.upload import NO_PROMISE, Claim, Promise
from seatrial.parsers.mimetype import mimetype_of
from seatrial.services.events import Events
from seatrial.services.idempotency import GONE, Idempotency, Repeated, meaning
from seatrial.services.jobs import Jobs
from seatrial.services.loose_blobs import SWEPT, Also, LooseBlobs
from seatrial.services.quotas import EVERYTHING, Quotas, Room
from seatrial.services.space import check_space
from seatrial.storage import BlobStore, BlobStores, BlobWriter, StoredBlob, keys
from seatrial.storage.bounded import BoundedWriter
from seatrial.storage.discarding import DiscardingWriter

MAX_ICON_BYTES = 8 << 20
BUILD_PART = "build"
ICON_PART = "packageIcon"
ATTACHMENT_PART = "file"


Settle = Callable[[Connection, BuildId], None]


def _nothing(_tx: Connection, _build_id: BuildId) -> None:
    """Take no part."""


@dataclass(frozen=True, slots=True)
class Part:
    """A file on its way in."""

    id: FileId
    name: str
    file_name: str
    writer: BlobWriter


@dataclass(slots=True)
class Intake:
    """One upload under way: where its bytes go until somebody owns them."""

    scope: AppScope
    build_id: BuildId
    loose_id: str
    blobs: BlobStore
    reserved: list[tuple[str, FileId]]
    """File ids whose keys are reserved, each with the name of the form part that may take it."""
    parts: list[Part] = field(default_factory=list)
    is_repeated: bool = False
    """Whether it was done before under the same key: then its bytes are looked at and not kept."""
    room: Room = EVERYTHING
    """What one file may have, as far as is known before it is there."""

    def open(self, name: str, file_name: str) -> BlobWriter | None:
        """Give a writer for a file part; `None` for a part that nobody asked for."""
        place = next((place for place in self.reserved if place[0] == name), None)
        if place is None:
            return None
        self.reserved.remove(place)
        key = _key(self.scope, self.build_id, place[1])
        writer = DiscardingWriter(key) if self.is_repeated else BoundedWriter(self.blobs.writer(key), self.room.check)
        self.parts.append(Part(place[1], name, file_name, writer))
        return writer

    def bring(self, file_name: str, make: Callable[[BlobStore, str], BlobWriter]) -> None:
        """Take a build's file that is whole already, by a writer for a store and a key."""
        name, file_id = self.reserved.pop(0)
        writer = make(self.blobs, _key(self.scope, self.build_id, file_id))
        self.parts.append(Part(file_id, name, file_name, writer))

    def received(self, name: str) -> list[Part]:
        """List the parts of a name that have at least one byte."""
        return [part for part in self.parts if part.name == name and part.writer.size]


@dataclass(frozen=True, slots=True)
class Uploads:
    """Accepts builds and attachments."""

    db: Database
    blobs: BlobStores
    loose: LooseBlobs
    jobs: Jobs
    max_attachments: int
    now: Callable[[], datetime]
    idempotency: Idempotency
    quotas: Quotas
    events: Events = field(default_factory=Events)

    def begin(
        self, scope: AppScope, announced_bytes: int | None, key: str = "", *, is_announced: bool = False
    ) -> Intake:
        """Get ready for a build's bytes; `key` is the client's idempotency key.

        What is announced has its room in the quotas already.

        Raises Forbidden, InsufficientStorage, QuotaExceeded.
        """
        scope.require(Permission.BUILD_CREATE)
        build_id = BuildId(new_entity_id())
        return self._reserve(
            scope, build_id, [BUILD_PART, ICON_PART], announced_bytes, key, None if is_announced else 1
        )

    def take_over(self, scope: AppScope, build_id: BuildId, file_id: FileId, store: BlobStore, also: Also) -> Intake:
        """Get ready for a build whose file others have brought into a store; `also` as for `LooseBlobs.reserve`.

        Raises Forbidden.
        """
        scope.require(Permission.BUILD_CREATE)
        place = Place(store.provider.id, _key(scope, build_id, file_id))
        return Intake(scope, build_id, self.loose.reserve([place], also), store, [(BUILD_PART, file_id)])

    def begin_attachments(self, scope: AppScope, build_id: str, announced_bytes: int | None, key: str = "") -> Intake:
        """Get ready for the bytes of files beside a build.

        Raises Forbidden, EntityNotFound, BuildNotProcessed, InsufficientStorage, QuotaExceeded.
        """
        scope.require(Permission.BUILD_UPDATE)
        with self.db.read() as tx:
            build = builds.get(tx, scope, build_id)
        if build.status is not BuildStatus.PROCESSED:
            raise BuildNotProcessed
        return self._reserve(scope, build.id, [ATTACHMENT_PART] * self.max_attachments, announced_bytes, key)

    def get(self, scope: AppScope, build_id: BuildId) -> Build:
        """Show what an upload became.

        Raises EntityNotFound.
        """
        with self.db.read() as tx:
            return builds.get(tx, scope, build_id)

    def accept(
        self, intake: Intake, said: Submission, promise: Promise = NO_PROMISE, settle: Settle = _nothing
    ) -> Build:
        """Make a pending build of what came in, and have it processed; under a key, once.

        `settle` takes part in the transaction that makes the build.

        Raises BuildFileMissing, PayloadTooLarge, QuotaExceeded, InsufficientStorage, ServiceUnavailable, InvalidRequest
        for bytes that are not what was promised, Conflict for a key that was used for something else; then nothing is
        left of it.
        """
        received = intake.received(BUILD_PART)
        if not received:
            raise BuildFileMissing
        icons = intake.received(ICON_PART)
        if icons and icons[0].writer.size > MAX_ICON_BYTES:
            raise PayloadTooLarge(MAX_ICON_BYTES)
        now = self.now()
        original = self._commit(intake, received[0], FileType.ORIGINAL, "", now)
        _compare(promise.claims, [original])
        files = [original, *(self._commit(intake, icon, FileType.SUBMITTED_ICON, "", now) for icon in icons)]
        # Who deploys is left out: a pipeline that tries again says another time, and means the same build.
        means = _meaning("build", replace(said, deployer=Deployer()), received + icons, files)
        extension = extension_of(original.original_name)
        new = builds.NewBuild(
            id=intake.build_id,
            submission=_proven(said, intake.scope.principal),
            size=original.size,
            os=guess_os(said.build_platform, extension),
            original_extension=extension,
            uploaded_by=intake.scope.principal.person,
            storage_provider=intake.blobs.provider,
            files=files,
            now=now,
        )

        def write(tx: Connection) -> None:
            self.idempotency.keep(tx, intake.scope, promise.key, means, new.id)
            builds.insert_build(tx, intake.scope, new)
            settle(tx, new.id)  # what was announced is counted as a build from here on, and only so
            self.quotas.hold(tx, intake.scope.organization_id, intake.scope.app_id, Item.STORAGE, Item.BUILDS)
            audit_log.record(tx, intake.scope, "build.create", new.id, now)
            self.jobs.process_build(tx, new.id, 1)
            self.events.tell(
                tx,
                Event(
                    kind=EventKind.BUILD_UPLOADED,
                    organization_id=intake.scope.organization_id,
                    app_id=intake.scope.app_id,
                    subject=new.id,
                    at=now,
                ),
            )

        return self._once(intake, promise.key, means, write)

    def attach(self, intake: Intake, description: str, promise: Promise = NO_PROMISE) -> Build:
        """Add the files that came in to their build; under a key, once.

        Raises InvalidRequest without a file and for one that is not what was promised, BuildNotProcessed,
        EntityNotFound, QuotaExceeded, InsufficientStorage, ServiceUnavailable, Conflict for a key that was used for
        something else; then nothing is left of them.
        """
        received = [part for part in intake.parts if part.name == ATTACHMENT_PART]
        if not received:
            raise InvalidRequest({ATTACHMENT_PART: "at least one file part is required"})
        now = self.now()
        files = [self._commit(intake, part, FileType.ATTACHMENT, description, now) for part in received]
        _compare(promise.claims, files)
        means = _meaning(f"attachments of {intake.build_id}", description, received, files)

        def write(tx: Connection) -> None:
            self.idempotency.keep(tx, intake.scope, promise.key, means, intake.build_id)
            build = builds.get(tx, intake.scope, intake.build_id, hold=True)
            if build.status is not BuildStatus.PROCESSED:
                raise BuildNotProcessed
            build_files.insert_files(tx, files)
            self.quotas.hold(tx, intake.scope.organization_id, intake.scope.app_id, Item.STORAGE)
            builds.touch(tx, intake.scope, intake.build_id, now)
            audit_log.record(tx, intake.scope, "build.attach", intake.build_id, now, {"files": [f.id for f in files]})
            for file in files:
                self.jobs.understand_attachment(tx, file.id)

        return self._once(intake, promise.key, means, write)

    def abandon(self, intake: Intake) -> None:
        """Leave nothing of an upload that failed; harmless after one that did not."""
        try:
            for part in intake.parts:
                part.writer.cancel()
        finally:
            if intake.loose_id:
                self.loose.discard(intake.loose_id)

    def _reserve(
        self,
        scope: AppScope,
        build_id: BuildId,
        names: Sequence[str],
        announced_bytes: int | None,
        key: str,
        builds: int | None = 0,
    ) -> Intake:
        store = self.blobs.of_app(scope.organization_id, scope.app_id)
        reserved = [(name, new_file_id()) for name in names]
        if self.idempotency.find(scope, key) is not None:
            return Intake(scope, build_id, "", store, reserved, is_repeated=True)
        check_space(store, announced_bytes)
        room = EVERYTHING
        if builds is not None:
            room = self.quotas.room(scope.organization_id, scope.app_id, announced_bytes, builds=builds)
        places = [Place(store.provider.id, _key(scope, build_id, file_id)) for _, file_id in reserved]
        return Intake(scope, build_id, self.loose.reserve(places), store, reserved, room=room)

    def _commit(self, intake: Intake, part: Part, kind: FileType, description: str, now: datetime) -> BuildFile:
        try:
            stored = part.writer.commit()
        except FileNotFoundError as error:
            raise ServiceUnavailable(SWEPT) from error  # what was written so far is gone; `adopt` would say the same
        return file_of(
            intake.blobs, intake.build_id, part.id, kind, stored, part.file_name or part.name, now, description
        )

    def _once(self, intake: Intake, key: str, means: str, write: Callable[[Connection], None]) -> Build:
        """Do what is to be done under a key unless it is done; of several at once one does it, all get its build."""
        if not intake.is_repeated:
            try:
                return self._own(intake, write)
            except Repeated:
                intake.is_repeated = True
                self.abandon(intake)
        subject = self.idempotency.subject(intake.scope, key, means)
        try:
            with self.db.read() as tx:
                return builds.get(tx, intake.scope, subject)
        except EntityNotFound as error:
            raise Conflict(GONE) from error

    def _own(self, intake: Intake, write: Callable[[Connection], None]) -> Build:
        try:
            with self.db.transaction() as tx:
                self.loose.adopt(tx, intake.loose_id)
                write(tx)
                build = builds.get(tx, intake.scope, intake.build_id)
        except Exception as error:
            # A commit can fail on its way back only: what is in the database then decides, not the error.
            if self.loose.is_open(intake.loose_id):
                raise
            build = self._adopted(intake, error)
        self.loose.settle(intake.loose_id)
        return build

    def _adopted(self, intake: Intake, error: Exception) -> Build:
        """Give the build that has the bytes whose reservation is gone.

        Raises ServiceUnavailable where nobody has them: others believed this process dead and have swept them.
        """
        ids = {part.id for part in intake.parts}
        try:
            with self.db.read() as tx:
                build = builds.get(tx, intake.scope, intake.build_id)
        except EntityNotFound:
            raise ServiceUnavailable(SWEPT) from error
        if not any(file.id in ids for file in build.files):
            raise ServiceUnavailable(SWEPT) from error
        return build


def _proven(said: Submission, principal: Principal) -> Submission:
    """Put what the caller's identity token proves over what the caller says."""
    if not principal.vouched:
        return said
    info = {name: value for name, value in (said.deployer.info | dict(principal.vouched)).items() if value}
    return replace(said, deployer=Deployer(said.deployer.name or principal.person.first_name.partition(":")[0], info))


def file_of(
    blobs: BlobStore,
    build_id: BuildId,
    file_id: FileId,
    kind: FileType,
    stored: StoredBlob,
    name: str,
    now: datetime,
    description: str = "",
    mimetype: str | None = None,
) -> BuildFile:
    """Describe a stored blob as a file of a build; its media type comes from its content."""
    provider = blobs.provider
    return BuildFile(
        id=file_id,
        build_id=build_id,
        type=kind,
        description=description,
        original_name=name,
        mimetype=mimetype or mimetype_of(stored.head),
        size=stored.size,
        bucket=provider.bucket,
        key=stored.key,
        region=provider.region,
        storage_provider_id=provider.id,
        checksum=stored.sha256,
        created_at=now,
        updated_at=now,
    )


def _compare(claims: Sequence[Claim], files: Sequence[BuildFile]) -> None:
    for claim in claims:
        if len(files) != 1:
            raise InvalidRequest({claim.header: "with several files, only a digest of the whole body says something"})
        if files[0].checksum != claim.sha256:
            raise InvalidRequest(
                {claim.header: f"the bytes that arrived have another SHA-256, {files[0].checksum}; send them again"}
            )


def _meaning(what: str, said: object, parts: Sequence[Part], files: Sequence[BuildFile]) -> str:
    named = zip(parts, files, strict=True)
    return meaning(what, said, ((part.name, part.file_name, file.checksum) for part, file in named))


def _key(scope: AppScope, build_id: BuildId, file_id: FileId) -> str:
    return keys.build_file(scope.organization_id, scope.app_id, build_id, file_id)
