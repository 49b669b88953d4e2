"""Which store a file is in, and which one an app's new files go to."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from seatrial.db import storage_providers
from seatrial.db.engine import Database
from seatrial.domain.build import StorageProvider
from seatrial.domain.errors import StorageUnavailable
from seatrial.domain.ids import AppId, OrganizationId
from seatrial.domain.storage_provider import Bucket, KeptProvider
from seatrial.storage import BlobStore
from seatrial.storage.sealing import Sealer, Unsealable

MOST_OPEN = 200
"""Stores with their connections that one process keeps; another one makes it begin anew."""


OpenStore = Callable[[StorageProvider, Bucket, str, bool], BlobStore]
"""Opens a store: what files show, the bucket, the secret, and whether downloads go through this server.

Raises ValueError.
"""


@dataclass(frozen=True, slots=True)
class OpenStores:
    """The server's own stores by their ids, and those of organizations, opened when they are first asked for."""

    db: Database
    sealer: Sealer
    home: BlobStore
    own: Mapping[str, BlobStore]
    """Beside `home`: stores of the server where files were put before."""
    open_store: OpenStore
    _opened: dict[tuple[str, datetime], BlobStore] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def at(self, provider_id: str) -> BlobStore:
        """Give the store of a file.

        Raises StorageUnavailable where there is none any more, or it cannot be opened.
        """
        if provider_id == self.home.provider.id:
            return self.home
        if provider_id in self.own:
            return self.own[provider_id]
        with self.db.read() as tx:
            kept = storage_providers.find(tx, provider_id)
        if kept is None:
            raise StorageUnavailable(provider_id, "is not configured here any more")
        return self._open(kept)

    def provider_ids(self) -> list[str]:
        """Name all stores there are, of the server and of organizations."""
        with self.db.read() as tx:
            return list(dict.fromkeys([self.home.provider.id, *self.own, *storage_providers.every_id(tx)]))

    def is_known(self, provider_id: str) -> bool:
        """Whether there is such a store, of the server or of an organization."""
        if provider_id in {self.home.provider.id, *self.own}:
            return True
        with self.db.read() as tx:
            return storage_providers.find(tx, provider_id) is not None

    def of_app(self, organization_id: OrganizationId, app_id: AppId) -> BlobStore:
        """Give the store for an app's new files.

        Raises StorageUnavailable.
        """
        with self.db.read() as tx:
            provider_id = storage_providers.of_app(tx, organization_id, app_id)
        return self.at(provider_id) if provider_id else self.home

    def close(self) -> None:
        """End connections."""
        with self._lock:
            for store in (self.home, *self.own.values(), *self._opened.values()):
                store.close()
            self._opened.clear()

    def _open(self, kept: KeptProvider) -> BlobStore:
        version = (kept.id, kept.updated_at)
        with self._lock:
            found = self._opened.get(version)
            if found is None:
                if len(self._opened) >= MOST_OPEN:
                    self._opened.clear()  # who uses one goes on with it; it is closed when nobody does
                found = self._opened[version] = open_kept(kept, self.sealer, self.open_store)
            return found


def open_kept(kept: KeptProvider, sealer: Sealer, open_store: OpenStore) -> BlobStore:
    """Open an organization's store.

    Raises StorageUnavailable where the keys of this server do not open its secret, or no store can be made of it.
    """
    try:
        secret = sealer.open(kept.sealed_secret).decode()
    except Unsealable:
        reason = "cannot be used: this server's encryption keys do not open its secret. Enter the secret again"
        raise StorageUnavailable(kept.name, reason) from None
    try:
        return open_store(kept.shown, kept.bucket, secret, kept.proxy)
    except ValueError as error:
        raise StorageUnavailable(kept.name, f"cannot be used: {error}") from error
