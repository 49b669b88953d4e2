"""The storage providers of an organization: make, list, look, edit, try out, remove."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import datetime
from ipaddress import ip_address
from urllib.parse import urlsplit

from seatrial.db import apps, audit_log, storage_providers
from seatrial.db.engine import Database
from seatrial.domain.access import OrganizationScope, Permission
from seatrial.domain.build import Page, Unset, said_or
from seatrial.domain.errors import Conflict, InvalidRequest
from seatrial.domain.ids import AppId, StorageProviderId, new_entity_id
from seatrial.domain.listing import ListQuery
from seatrial.domain.storage_provider import (
    REGIONS,
    Bucket,
    KeptProvider,
    ProviderKind,
    ProviderSettings,
    ProviderUse,
    TrialResult,
)
from seatrial.services.blob_stores import OpenStore, open_kept
from seatrial.services.storage_trials import tried
from seatrial.storage.sealing import Sealer

MOST_PROVIDERS = 50
"""Of one organization."""
_PLACE = {"provider": "kind", "bucket": "name", "prefix": "prefix"}
"""What must stay while there are files: they are found by it."""


@dataclass(frozen=True, slots=True)
class StorageProviders:
    """What callers may do with an organization's storage providers."""

    db: Database
    sealer: Sealer
    open_store: OpenStore
    now: Callable[[], datetime]
    endpoints: Collection[str] | None = None
    """Hosts that may be named as endpoints; `None` for any."""

    def create(self, scope: OrganizationScope, settings: ProviderSettings) -> KeptProvider:
        """Make a provider; it is not asked yet.

        Raises Forbidden, InvalidRequest, Conflict where there are too many.
        """
        scope.require(Permission.STORAGE_PROVIDER_CREATE)
        needed = {
            "name": settings.name,
            "provider": settings.kind,
            "bucket": settings.bucket,
            "accessKey": settings.access_key,
            "secretKey": settings.secret,
        }
        missing = {name: "is required" for name, value in needed.items() if isinstance(value, Unset) or not value}
        if missing:
            raise InvalidRequest(missing)
        now = self.now()
        kind = said_or(settings.kind, ProviderKind.S3)
        blank = KeptProvider(
            id=StorageProviderId(new_entity_id()),
            organization_id=scope.organization_id,
            name="",
            bucket=Bucket(kind=kind, name="", region=REGIONS[kind], access_key=""),
            sealed_secret="",
            proxy=False,
            is_default=False,
            created_at=now,
            updated_at=now,
        )
        made = self._applied(blank, settings)
        with self.db.transaction() as tx:
            kept = storage_providers.of_organizations(tx, [scope.organization_id])[scope.organization_id]
            if len(kept) >= MOST_PROVIDERS:
                raise Conflict(f"There are {MOST_PROVIDERS} storage providers already, which is the most.")
            storage_providers.save(tx, made)
            audit_log.record(tx, scope, "storageProvider.create", made.id, now, _told(made))
        return made

    def search(self, scope: OrganizationScope, query: ListQuery) -> Page[KeptProvider]:
        """Give one page of an organization's providers.

        Raises Forbidden.
        """
        scope.require(Permission.STORAGE_PROVIDER_LIST)
        with self.db.read() as tx:
            return storage_providers.search(tx, scope, query)

    def get(self, scope: OrganizationScope, provider_id: str) -> tuple[KeptProvider, ProviderUse]:
        """Give one provider, and what is in it.

        Raises Forbidden, EntityNotFound.
        """
        scope.require(Permission.STORAGE_PROVIDER_LIST)
        with self.db.read() as tx:
            found = storage_providers.get(tx, scope, provider_id)
            used = tuple(storage_providers.uses(tx, scope, found.id))
            return found, ProviderUse(used, tuple(storage_providers.chosen_by(tx, found.id)))

    def app_names(self, scope: OrganizationScope, use: ProviderUse) -> dict[AppId, tuple[str, str]]:
        """Give slug and name of the apps in a use, for people to read.

        Raises Forbidden.
        """
        scope.require(Permission.STORAGE_PROVIDER_LIST)
        wanted = {*(one.app_id for one in use.apps), *use.chosen_by}
        with self.db.read() as tx:
            return {app.id: (app.slug, app.name) for app in apps.by_id(tx, sorted(wanted)).values()}

    def update(self, scope: OrganizationScope, provider_id: str, settings: ProviderSettings) -> KeptProvider:
        """Edit a provider; what is not named stays, the secret too.

        Raises Forbidden, EntityNotFound, InvalidRequest, Conflict for another place while there are files.
        """
        scope.require(Permission.STORAGE_PROVIDER_UPDATE)
        with self.db.transaction() as tx:
            before = storage_providers.get(tx, scope, provider_id, hold=True)
            after = self._applied(before, settings)
            moved = [name for name, field in _PLACE.items() if _of(before, field) != _of(after, field)]
            if moved and storage_providers.has_files(tx, before.id):
                raise Conflict(
                    f"There are files in {before.name}, which are found by its {' and '.join(moved)}. "
                    "Make another storage provider, and copy them there."
                )
            storage_providers.save(tx, after)
            audit_log.record(tx, scope, "storageProvider.update", after.id, after.updated_at, _told(after))
        return after

    def remove(self, scope: OrganizationScope, provider_id: str) -> None:
        """Forget a provider that nothing is in, and that no app chose.

        Raises Forbidden, EntityNotFound, Conflict.
        """
        scope.require(Permission.STORAGE_PROVIDER_DELETE)
        with self.db.transaction() as tx:
            gone = storage_providers.get(tx, scope, provider_id, hold=True)
            if storage_providers.has_files(tx, gone.id):
                raise Conflict(f"There are files in {gone.name}. Copy them elsewhere first; empty the trash, too.")
            if storage_providers.chosen_by(tx, gone.id):
                raise Conflict(f"There are apps that put their files in {gone.name}. Choose another place for them.")
            storage_providers.remove(tx, gone)
            audit_log.record(tx, scope, "storageProvider.delete", gone.id, self.now(), {"name": gone.name})

    def try_out(self, scope: OrganizationScope, provider_id: str) -> list[TrialResult]:
        """Write, read, link and delete a small object, up to the first step that fails.

        Raises Forbidden, EntityNotFound, StorageUnavailable where the provider cannot even be opened.
        """
        scope.require(Permission.STORAGE_PROVIDER_UPDATE)
        with self.db.read() as tx:
            kept = storage_providers.get(tx, scope, provider_id)
        store = open_kept(replace(kept, proxy=False), self.sealer, self.open_store)
        try:
            return tried(store, self.now)
        finally:
            store.close()

    def _applied(self, before: KeptProvider, said: ProviderSettings) -> KeptProvider:
        was = before.bucket
        kind = said_or(said.kind, was.kind)
        bucket = Bucket(
            kind=kind,
            name=said_or(said.bucket, was.name),
            region=said_or(said.region, was.region) or REGIONS[kind],
            endpoint=said_or(said.endpoint, was.endpoint),
            prefix=said_or(said.prefix, was.prefix),
            access_key=said_or(said.access_key, was.access_key),
            virtual_hosted=said_or(said.virtual_hosted, was.virtual_hosted),
        )
        secret = said_or(said.secret, "")
        after = replace(
            before,
            name=said_or(said.name, before.name),
            bucket=bucket,
            sealed_secret=self.sealer.seal(secret.encode()) if secret else before.sealed_secret,
            proxy=said_or(said.proxy, before.proxy),
            is_default=said_or(said.is_default, before.is_default),
            # A moment later in any case: processes know by it that they have to open it anew.
            updated_at=max(self.now(), before.updated_at),
        )
        if not after.name or not bucket.access_key:
            raise InvalidRequest({"name" if not after.name else "accessKey": "must not be empty"})
        self._check_endpoint(bucket.endpoint)
        self._check_opens(after)
        return after

    def _check_endpoint(self, endpoint: str) -> None:
        host = (urlsplit(endpoint).hostname or "") if endpoint else ""
        if host and self.endpoints is not None and host not in self.endpoints:
            raise InvalidRequest({"endpoint": "must be at a host that this server's settings allow"})
        try:
            is_inner = ip_address(host).is_link_local
        except ValueError:
            return
        if is_inner:
            raise InvalidRequest({"endpoint": "must not be an address that only this machine's own cloud answers"})

    def _check_opens(self, provider: KeptProvider) -> None:
        try:
            store = self.open_store(provider.shown, provider.bucket, self._secret(provider), provider.proxy)
        except ValueError as error:
            field = "secretKey" if provider.bucket.kind is ProviderKind.AZURE else "bucket"
            raise InvalidRequest({field: f"no store can be opened with it: {error}"}) from error
        store.close()

    def _secret(self, provider: KeptProvider) -> str:
        return self.sealer.open(provider.sealed_secret).decode()


def _of(provider: KeptProvider, field: str) -> object:
    return getattr(provider.bucket, field)


def _told(provider: KeptProvider) -> dict[str, object]:
    bucket = provider.bucket
    return {
        "name": provider.name,
        "provider": bucket.kind.value,
        "bucket": bucket.name,
        "endpoint": bucket.endpoint,
        "accessKey": bucket.access_key,
        "default": provider.is_default,
    }
