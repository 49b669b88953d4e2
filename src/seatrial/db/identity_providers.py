"""Identity providers of organizations, whom their issuers mean, and sign-ins that came back."""

from datetime import datetime

from sqlalchemy import Connection, Row, delete, exists, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from seatrial.db.paging import page_of
from seatrial.db.tables import external_identities, finished_sign_ins, identity_providers, organizations
from seatrial.domain.access import MemberRole, OrganizationScope
from seatrial.domain.build import Page
from seatrial.domain.errors import EntityNotFound
from seatrial.domain.identity_provider import IdentityProvider
from seatrial.domain.ids import IdentityProviderId, OrganizationId, is_entity_id
from seatrial.domain.listing import ListQuery
from seatrial.domain.membership import MemberKind, MemberRef

_SORTED_BY = {"createdAt": identity_providers.c.created_at, "name": identity_providers.c.name}


def save(tx: Connection, provider: IdentityProvider) -> None:
    """Add a provider, or write over what it was."""
    values = _values(provider)
    changed = tx.execute(
        update(identity_providers).where(identity_providers.c.id == provider.id).values(values)
    ).rowcount
    if not changed:
        tx.execute(insert(identity_providers).values(id=provider.id, **values))
    _settle_passwords(tx, provider.organization_id)


def get(tx: Connection, scope: OrganizationScope, provider_id: str) -> IdentityProvider:
    """Read a provider of an organization.

    Raises EntityNotFound.
    """
    provider = find(tx, provider_id)
    if provider is None or provider.organization_id != scope.organization_id:
        raise EntityNotFound
    return provider


def find(tx: Connection, provider_id: str) -> IdentityProvider | None:
    """Find a provider by its id, whosever it is."""
    if not is_entity_id(provider_id):
        return None
    row = tx.execute(select(identity_providers).where(identity_providers.c.id == provider_id.lower())).one_or_none()
    return _provider(row) if row else None


def search(tx: Connection, scope: OrganizationScope, query: ListQuery) -> Page[IdentityProvider]:
    """Read one page of an organization's providers."""
    where = [identity_providers.c.organization_id == scope.organization_id]
    if query.name is not None:
        where.append(identity_providers.c.name.icontains(query.name, autoescape=True))
    return page_of(
        tx,
        select(identity_providers).where(*where),
        (_SORTED_BY[query.sort], identity_providers.c.id),
        query,
        _provider,
    )


def enabled(tx: Connection, organization_id: OrganizationId) -> list[IdentityProvider]:
    """Read the providers that people may choose from, oldest first."""
    rows = tx.execute(
        select(identity_providers)
        .where(identity_providers.c.organization_id == organization_id, identity_providers.c.enabled)
        .order_by(identity_providers.c.created_at, identity_providers.c.id)
    )
    return [_provider(row) for row in rows]


def remove(tx: Connection, provider: IdentityProvider) -> None:
    """Forget a provider; whom its issuer means stays known, should it come back."""
    tx.execute(delete(identity_providers).where(identity_providers.c.id == provider.id))
    _settle_passwords(tx, provider.organization_id)


def linked(tx: Connection, provider: IdentityProvider, subject: str) -> MemberRef | None:
    """Tell whom an issuer means by a subject."""
    row = tx.execute(
        select(external_identities).where(
            external_identities.c.organization_id == provider.organization_id,
            external_identities.c.issuer == provider.issuer,
            external_identities.c.subject == subject,
        )
    ).one_or_none()
    if row is None:
        return None
    return MemberRef(organization_id=provider.organization_id, kind=MemberKind(row.member_kind), id=row.member_id)


def link(tx: Connection, provider: IdentityProvider, subject: str, member: MemberRef, now: datetime) -> None:
    """Remember whom an issuer means by a subject; what it meant before, by this subject or this member, ends."""
    mine = (
        external_identities.c.organization_id == provider.organization_id,
        external_identities.c.issuer == provider.issuer,
    )
    tx.execute(delete(external_identities).where(*mine, external_identities.c.subject == subject))
    tx.execute(
        insert(external_identities).values(
            organization_id=provider.organization_id,
            issuer=provider.issuer,
            subject=subject,
            member_kind=member.kind.value,
            member_id=member.id,
            created_at=now,
        )
    )


def subject_of(tx: Connection, provider: IdentityProvider, member: MemberRef) -> str | None:
    """Tell by which subject an issuer means a member."""
    found: str | None = tx.execute(
        select(external_identities.c.subject).where(
            external_identities.c.organization_id == provider.organization_id,
            external_identities.c.issuer == provider.issuer,
            external_identities.c.member_kind == member.kind.value,
            external_identities.c.member_id == member.id,
        )
    ).scalar_one_or_none()
    return found


def finish(tx: Connection, digest: str, now: datetime) -> bool:
    """Let a sign-in come back once; of any number of callers with the same one exactly one gets True."""
    make = postgresql.insert if tx.dialect.name == "postgresql" else sqlite.insert
    added = make(finished_sign_ins).values(digest=digest, at=now).on_conflict_do_nothing()
    return tx.execute(added.returning(finished_sign_ins.c.digest)).one_or_none() is not None


def delete_finished_before(tx: Connection, moment: datetime) -> int:
    """Forget sign-ins that could not come back any more anyway; gives how many."""
    return tx.execute(delete(finished_sign_ins).where(finished_sign_ins.c.at < moment)).rowcount


def _settle_passwords(tx: Connection, organization_id: OrganizationId) -> None:
    """Write down at the organization whether passwords count there."""
    only = select(identity_providers.c.id).where(
        identity_providers.c.organization_id == organization_id,
        identity_providers.c.enabled,
        identity_providers.c.only,
    )
    tx.execute(
        update(organizations).where(organizations.c.id == organization_id).values(password_sign_in=~exists(only))
    )


def _values(provider: IdentityProvider) -> dict[str, object]:
    return {
        "organization_id": provider.organization_id,
        "name": provider.name,
        "issuer": provider.issuer,
        "client_id": provider.client_id,
        "client_secret": provider.sealed_secret,
        "scopes": list(provider.scopes),
        "groups_claim": provider.groups_claim,
        "group_mapping": None if provider.group_mapping is None else dict(provider.group_mapping),
        "default_role": provider.default_role.value,
        "kind": provider.kind.value,
        "allowed_domains": list(provider.allowed_domains),
        "allow_sign_up": provider.allow_sign_up,
        "enabled": provider.enabled,
        "only": provider.only,
        "vouched": provider.vouched,
        "created_at": provider.created_at,
        "updated_at": provider.updated_at,
    }


def _provider(row: Row[tuple[object, ...]]) -> IdentityProvider:
    return IdentityProvider(
        id=IdentityProviderId(row.id),
        organization_id=row.organization_id,
        name=row.name,
        issuer=row.issuer,
        client_id=row.client_id,
        sealed_secret=row.client_secret,
        scopes=tuple(row.scopes),
        groups_claim=row.groups_claim,
        group_mapping=row.group_mapping,
        default_role=MemberRole(row.default_role),
        kind=MemberKind(row.kind),
        allowed_domains=tuple(row.allowed_domains),
        allow_sign_up=row.allow_sign_up,
        enabled=row.enabled,
        only=row.only,
        vouched=row.vouched,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )
