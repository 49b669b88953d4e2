"""Storage providers of organizations, and what is in them."""

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, Row, delete, exists, func, insert, or_, select, update

from seatrial.db.paging import page_of
from seatrial.db.tables import app_files, apps, build_files, builds, feedback_files, storage_providers, trash_keys
from seatrial.domain.access import OrganizationScope
from seatrial.domain.build import Page
from seatrial.domain.errors import EntityNotFound
from seatrial.domain.ids import AppId, OrganizationId, StorageProviderId, is_entity_id
from seatrial.domain.listing import ListQuery
from seatrial.domain.storage_provider import AppUse, Bucket, KeptProvider, ProviderKind

_SORTED_BY = {"createdAt": storage_providers.c.created_at, "name": storage_providers.c.name}
_FILES = (build_files, app_files, feedback_files, trash_keys)


def save(tx: Connection, provider: KeptProvider) -> None:
    """Add a provider, or write over what it was; a default one is the only one of its organization."""
    values = _values(provider)
    if provider.is_default:
        others = (storage_providers.c.organization_id == provider.organization_id, storage_providers.c.is_default)
        tx.execute(update(storage_providers).where(*others).values(is_default=False))
    changed = tx.execute(update(storage_providers).where(storage_providers.c.id == provider.id).values(values)).rowcount
    if not changed:
        tx.execute(insert(storage_providers).values(id=provider.id, **values))


def get(tx: Connection, scope: OrganizationScope, provider_id: str, *, hold: bool = False) -> KeptProvider:
    """Read a provider of an organization; `hold` lets nobody else change it before the transaction ends.

    Raises EntityNotFound.
    """
    provider = find(tx, provider_id, hold=hold)
    if provider is None or provider.organization_id != scope.organization_id:
        raise EntityNotFound
    return provider


def find(tx: Connection, provider_id: str, *, hold: bool = False) -> KeptProvider | None:
    """Find a provider by its id, whosever it is."""
    if not is_entity_id(provider_id):
        return None
    statement = select(storage_providers).where(storage_providers.c.id == provider_id.lower())
    row = tx.execute(statement.with_for_update() if hold else statement).one_or_none()
    return _provider(row) if row else None


def every_id(tx: Connection) -> Sequence[StorageProviderId]:
    """Name the providers of all organizations."""
    return tx.execute(select(storage_providers.c.id).order_by(storage_providers.c.created_at)).scalars().all()


def search(tx: Connection, scope: OrganizationScope, query: ListQuery) -> Page[KeptProvider]:
    """Read one page of an organization's providers."""
    where = [storage_providers.c.organization_id == scope.organization_id]
    if query.name is not None:
        where.append(storage_providers.c.name.icontains(query.name, autoescape=True))
    return page_of(
        tx, select(storage_providers).where(*where), (_SORTED_BY[query.sort], storage_providers.c.id), query, _provider
    )


def of_organizations(
    tx: Connection, organization_ids: Sequence[OrganizationId]
) -> Mapping[OrganizationId, list[KeptProvider]]:
    """Read the providers of organizations, the oldest first."""
    found: dict[OrganizationId, list[KeptProvider]] = {one: [] for one in organization_ids}
    rows = tx.execute(
        select(storage_providers)
        .where(storage_providers.c.organization_id.in_(sorted(found)))
        .order_by(storage_providers.c.created_at, storage_providers.c.id)
    )
    for row in rows:
        found[row.organization_id].append(_provider(row))
    return found


def of_app(tx: Connection, organization_id: OrganizationId, app_id: AppId) -> str:
    """Tell which provider an app's new files go to; empty for the server's own."""
    chosen = select(apps.c.storage_provider_id).where(apps.c.id == app_id, apps.c.organization_id == organization_id)
    own = tx.execute(chosen).scalar_one_or_none()
    if own:
        return str(own)
    mine = (storage_providers.c.organization_id == organization_id, storage_providers.c.is_default)
    return tx.execute(select(storage_providers.c.id).where(*mine)).scalar_one_or_none() or ""


def has_files(tx: Connection, provider_id: str) -> bool:
    """Whether a provider has any file, one of a build in the trash too."""
    found = [exists().where(table.c.storage_provider_id == provider_id) for table in _FILES]
    return bool(tx.execute(select(or_(*found))).scalar_one())


def chosen_by(tx: Connection, provider_id: str) -> list[AppId]:
    """Name the apps that chose a provider for their new files."""
    return list(tx.execute(select(apps.c.id).where(apps.c.storage_provider_id == provider_id)).scalars())


def uses(tx: Connection, scope: OrganizationScope, provider_id: str) -> list[AppUse]:
    """Add up what each app's builds have in a provider, the largest first; an object of two files is counted once."""
    once = (
        select(builds.c.app_id, build_files.c.key, func.max(build_files.c.size).label("size"))
        .join(builds, builds.c.id == build_files.c.build_id)
        .where(build_files.c.storage_provider_id == provider_id, builds.c.organization_id == scope.organization_id)
        .group_by(builds.c.app_id, build_files.c.key)
        .subquery()
    )
    octets = func.sum(once.c.size)
    rows = tx.execute(
        select(once.c.app_id, func.count().label("files"), octets.label("octets"))
        .group_by(once.c.app_id)
        .order_by(octets.desc(), once.c.app_id)
    )
    return [AppUse(AppId(row.app_id), int(row.files), int(row.octets)) for row in rows]


def remove(tx: Connection, provider: KeptProvider) -> None:
    """Forget a provider."""
    tx.execute(delete(storage_providers).where(storage_providers.c.id == provider.id))


def _values(provider: KeptProvider) -> dict[str, object]:
    bucket = provider.bucket
    return {
        "organization_id": provider.organization_id,
        "name": provider.name,
        "kind": bucket.kind.value,
        "bucket": bucket.name,
        "region": bucket.region,
        "endpoint": bucket.endpoint,
        "prefix": bucket.prefix,
        "access_key": bucket.access_key,
        "secret": provider.sealed_secret,
        "virtual_hosted": bucket.virtual_hosted,
        "proxy": provider.proxy,
        "is_default": provider.is_default,
        "created_at": provider.created_at,
        "updated_at": provider.updated_at,
    }


def _provider(row: Row[tuple[object, ...]]) -> KeptProvider:
    return KeptProvider(
        id=StorageProviderId(row.id),
        organization_id=row.organization_id,
        name=row.name,
        bucket=Bucket(
            kind=ProviderKind(row.kind),
            name=row.bucket,
            region=row.region,
            endpoint=row.endpoint,
            prefix=row.prefix,
            access_key=row.access_key,
            virtual_hosted=row.virtual_hosted,
        ),
        sealed_secret=row.secret,
        proxy=row.proxy,
        is_default=row.is_default,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )
