"""Android App Bundles as APKs that testers can install, without Google Play."""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import structlog

from seatrial.db.processing import Claim
from seatrial.domain.build import FileType
from seatrial.domain.buildinfo import Format
from seatrial.domain.signing_key import Keystore
from seatrial.parsers.mimetype import MIMETYPES
from seatrial.services.derived_files import DerivedFile, DerivedFiles
from seatrial.services.signing_keys import KeyLost, SigningKeys
from seatrial.storage import BlobStores
from seatrial.tools.bundletool import BundletoolMissing, ConversionFailed

log = structlog.get_logger()

CHUNK_BYTES = 1 << 20
HOW_TO = "docs/how-to/android-app-bundles.md"


class BundleConverter(Protocol):
    """Makes one APK of a bundle."""

    def missing(self) -> str | None:
        """Say what is not installed; `None` where everything is."""

    def universal_apk(self, bundle: Path, keystore: Keystore) -> AbstractContextManager[Path]:
        """Convert and sign.

        Raises BundletoolMissing, ConversionFailed.
        """


@dataclass(frozen=True, slots=True)
class Conversion:
    """Turns a claimed bundle into an APK that is stored beside it."""

    blobs: BlobStores
    derived: DerivedFiles
    keys: SigningKeys
    converter: BundleConverter

    def apk_of(self, claim: Claim) -> DerivedFile | str:
        """Give the stored APK, or a sentence for people about why there is none.

        Raises InsufficientStorage, ServiceUnavailable, OSError.
        """
        if (missing := self.converter.missing()) is not None:
            return (
                f"A bundle cannot be installed as it is. To turn bundles into APKs, install {missing} on the server "
                f"({HOW_TO}); then upload the bundle again."
            )
        try:
            keystore = self.keys.keystore(claim.app_id)
            original = claim.original
            with (
                self.blobs.at(original.storage_provider_id).local_path(original.key) as bundle,
                self.converter.universal_apk(bundle, keystore) as apk,
            ):
                name = f"{claim.original.original_name.rpartition('.')[0] or 'universal'}.apk"
                return self.derived.keep(claim, FileType.PACKAGE, name, MIMETYPES[Format.APK], _chunks(apk))
        except BundletoolMissing as missing_now:
            return f"The bundle was not turned into an APK: {missing_now}."
        except ConversionFailed as failure:
            log.warning("a bundle was not converted", build_id=claim.build_id, reason=str(failure))
            return f"The bundle could not be turned into an APK ({failure}). It is kept and can be downloaded as it is."
        except KeyLost:
            log.warning("an app's signing key cannot be opened", app_id=claim.app_id)
            return (
                "The bundle was not turned into an APK: this server's encryption keys do not open the app's signing "
                "key. Restore the keys, or bring the app's key again."
            )


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            yield chunk
