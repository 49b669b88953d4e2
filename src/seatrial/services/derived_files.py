"""Files that processing makes of a build: written beside it, and its own once the outcome is recorded."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from seatrial.db.processing import Claim
from seatrial.domain.build import BuildFile, FileType
from seatrial.domain.ids import new_file_id
from seatrial.domain.place import Place
from seatrial.services.loose_blobs import LooseBlobs
from seatrial.services.uploads import file_of
from seatrial.storage import BlobStores, keys


@dataclass(frozen=True, slots=True)
class DerivedFile:
    """A stored file, and the reservation that its bytes are held by until a row owns them."""

    file: BuildFile
    loose_id: str


@dataclass(frozen=True, slots=True)
class DerivedFiles:
    """Writes them."""

    blobs: BlobStores
    loose: LooseBlobs
    now: Callable[[], datetime]

    def keep(self, claim: Claim, kind: FileType, name: str, mimetype: str, chunks: Iterable[bytes]) -> DerivedFile:
        """Store a file.

        Raises InsufficientStorage, ServiceUnavailable, OSError; then nothing is left behind.
        """
        file_id = new_file_id()
        key = keys.build_file(claim.organization_id, claim.app_id, claim.build_id, file_id)
        store = self.blobs.of_app(claim.organization_id, claim.app_id)
        loose_id = self.loose.reserve([Place(store.provider.id, key)])
        try:
            writer = store.writer(key)
            try:
                for chunk in chunks:
                    writer.write(chunk)
                stored = writer.commit()
            finally:
                writer.cancel()
            file = file_of(store, claim.build_id, file_id, kind, stored, name, self.now(), mimetype=mimetype)
        except BaseException:
            self.loose.discard(loose_id)
            raise
        return DerivedFile(file, loose_id)

    def discard(self, derived: Iterable[DerivedFile]) -> None:
        """Remove files that no outcome was recorded for."""
        for each in derived:
            self.loose.discard(each.loose_id)
