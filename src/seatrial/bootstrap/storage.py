"""From settings to the stores that files are in."""

import hashlib
from contextlib import ExitStack

from seatrial.config import Settings
from seatrial.db.engine import Database
from seatrial.domain.build import StorageProvider
from seatrial.domain.clock import utc_now
from seatrial.domain.storage_provider import REGIONS, Bucket, ProviderKind
from seatrial.keyring import SettingsInvalid
from seatrial.services.blob_stores import OpenStore, OpenStores
from seatrial.services.storage_providers import StorageProviders
from seatrial.storage import BlobStore
from seatrial.storage.local import LocalBlobStore
from seatrial.storage.opening import open_object_store
from seatrial.storage.scratch import Scratch
from seatrial.storage.sealing import Sealer


def open_stores(settings: Settings, database: Database, sealer: Sealer, stack: ExitStack) -> OpenStores:
    """Open the server's own stores; those of organizations are opened when they are asked for.

    Raises SettingsInvalid.
    """
    said, open_store = settings.storage, store_opener(settings)
    local = LocalBlobStore(
        said.directory or settings.data_dir / "blobs", None if said.reserve is None else int(said.reserve)
    )
    home: BlobStore = local
    bucket = home_bucket(settings)
    if bucket is not None and said.secret_key is not None:
        try:
            home = open_store(home_provider(settings), bucket, said.secret_key.get_secret_value(), said.proxy)
        except ValueError as error:
            raise SettingsInvalid(f"storage: {error}") from error
    stores = OpenStores(database, sealer, home, {local.provider.id: local}, open_store)
    stack.callback(stores.close)
    return stores


def store_opener(settings: Settings) -> OpenStore:
    """Give what opens object stores."""
    scratch = Scratch(settings.storage.copies or settings.data_dir / "run" / "copies")
    largest = int(settings.limits.body)

    def open_store(provider: StorageProvider, bucket: Bucket, secret: str, proxy: bool) -> BlobStore:
        return open_object_store(provider, bucket, secret, scratch, utc_now, proxy=proxy, largest_blob=largest)

    return open_store


def open_providers(settings: Settings, database: Database, sealer: Sealer) -> StorageProviders:
    """Give whoever keeps the organizations' storage providers."""
    hosts = settings.storage.endpoints
    return StorageProviders(database, sealer, store_opener(settings), utc_now, hosts)


def home_bucket(settings: Settings) -> Bucket | None:
    """Give the bucket that files go to where nobody chose another place; `None` for the local disk."""
    said = settings.storage
    kind = ProviderKind(said.provider)
    if kind is ProviderKind.LOCAL or not said.bucket or not said.access_key:
        return None
    return Bucket(
        kind=kind,
        name=said.bucket,
        region=said.region or REGIONS[kind],
        endpoint=said.endpoint or "",
        prefix=said.prefix,
        access_key=said.access_key,
        virtual_hosted=said.virtual_hosted,
    )


def home_provider(settings: Settings) -> StorageProvider:
    """Give what files show of the place that they go to where nobody chose another.

    Its id comes of the bucket and the prefix: every node has the same, and files of another bucket are not looked for
    in this one.
    """
    bucket = home_bucket(settings)
    if bucket is None:
        return LocalBlobStore.provider
    digest = hashlib.sha256(f"{bucket.kind.value}\0{bucket.name}\0{bucket.prefix}".encode()).hexdigest()
    name = settings.storage.name or bucket.kind.value
    return StorageProvider(id=digest[:24], name=name, region=bucket.region, bucket=bucket.name)
