"""An app's picture: taken from a build's icon, and kept by the app whatever becomes of the build."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from seatrial.db import app_files, apps, audit_log, build_lines, builds
from seatrial.db.engine import Database
from seatrial.domain.access import AppScope, OrganizationScope, Permission
from seatrial.domain.app import PictureFile
from seatrial.domain.build import BuildFile, BuildStatus, FileType
from seatrial.domain.errors import BuildNotProcessed, EntityNotFound, InvalidRequest
from seatrial.domain.ids import AppId, BuildId, FileId, new_file_id
from seatrial.domain.place import Place
from seatrial.domain.quota import Item
from seatrial.services.idempotency import Idempotency, meaning
from seatrial.services.loose_blobs import LooseBlobs
from seatrial.services.quotas import Quotas
from seatrial.storage import BlobStore, BlobStores, keys

CHUNK_BYTES = 1 << 20
BUILDS_LOOKED_AT = 4
"""For an icon, from the newest one back: those of some systems have none."""


@dataclass(frozen=True, slots=True)
class AppPictures:
    """Copies icons."""

    db: Database
    blobs: BlobStores
    loose: LooseBlobs
    quotas: Quotas
    idempotency: Idempotency
    now: Callable[[], datetime]

    def take_from_build(self, scope: AppScope, build_id: str, key: str = "") -> bool:
        """Make a copy of a build's icon the app's picture; under an idempotency key once: tells whether it was done.

        Raises Forbidden, EntityNotFound, BuildNotProcessed, InvalidRequest for a build without an icon,
        QuotaExceeded, InsufficientStorage, ServiceUnavailable, Conflict for a key that was used for something else.
        """
        scope.require(Permission.APP_UPDATE)
        means = meaning("picture", build_id.lower(), ())

        def keep(tx: Connection) -> None:
            self.idempotency.keep(tx, scope, key, means, scope.app_id)

        return self.idempotency.once(
            scope, key, means, lambda: self._take(scope, build_id, keep), lambda _app_id: None
        )[1]

    def _take(self, scope: AppScope, build_id: str, also: Callable[[Connection], None]) -> None:
        with self.db.read() as tx:
            build = builds.get(tx, scope, build_id)
        icon = build.file(FileType.ICON)
        if icon is None:
            if build.status in {BuildStatus.PENDING, BuildStatus.IN_PROGRESS}:
                raise BuildNotProcessed
            raise InvalidRequest({"buildId": "must be a build with an icon; this one has none"})
        file_id = new_file_id()
        key = keys.app_file(scope.organization_id, scope.app_id, file_id)
        store = self.blobs.of_app(scope.organization_id, scope.app_id)
        loose_id = self.loose.reserve([Place(store.provider.id, key)])
        try:
            picture = self._copy(scope, icon, file_id, key, store)
            replaced = self._own(scope, picture, build.id, loose_id, also)
        except BaseException:
            self.loose.discard(loose_id)
            raise
        self.loose.settle(loose_id)
        self.loose.discard(replaced)

    def until_chosen(self, scope: OrganizationScope, app_ids: Collection[AppId]) -> dict[AppId, FileId]:
        """Name what stands for apps without a picture: the icon of the newest build that has one.

        Apps whose builds the caller may not see are left out.
        """
        seen = [app_id for app_id in app_ids if Permission.BUILD_GET in scope.in_app(app_id).principal.permissions]
        if not seen:
            return {}
        with self.db.read() as tx:
            return build_lines.newest_icons(tx, seen, BUILDS_LOOKED_AT)

    def _copy(self, scope: AppScope, icon: BuildFile, file_id: FileId, key: str, store: BlobStore) -> PictureFile:
        writer = store.writer(key)
        try:
            with self.blobs.at(icon.storage_provider_id).open(icon.key) as source:
                while chunk := source.read(CHUNK_BYTES):
                    writer.write(chunk)
            stored = writer.commit()
        except FileNotFoundError:
            raise EntityNotFound from None  # the build was deleted meanwhile
        finally:
            writer.cancel()
        return PictureFile(
            id=file_id,
            organization_id=scope.organization_id,
            app_id=scope.app_id,
            original_name="picture.png",
            mimetype=icon.mimetype,
            size=stored.size,
            key=stored.key,
            checksum=stored.sha256,
            created_at=self.now(),
            storage_provider_id=store.provider.id,
        )

    def _own(
        self,
        scope: AppScope,
        picture: PictureFile,
        build_id: BuildId,
        loose_id: str,
        also: Callable[[Connection], None],
    ) -> str:
        with self.db.transaction() as tx:
            also(tx)
            self.loose.adopt(tx, loose_id)
            replaced = self.loose.give_up(tx, app_files.replace_picture(tx, scope, picture))
            self.quotas.hold(tx, scope.organization_id, scope.app_id, Item.STORAGE)
            apps.set_picture(tx, scope, picture.id, build_id, picture.created_at)
            audit_log.record(tx, scope, "app.picture", scope.app_id, picture.created_at, {"buildId": build_id})
        return replaced
