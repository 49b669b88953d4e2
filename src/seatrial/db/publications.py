"""Publications by id or slug, with the builds that they name and the audiences that they are for."""

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, Row, Select, delete, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from seatrial.db.paging import rows_of
from seatrial.db.tables import apps, audiences, builds, publication_audiences, publication_builds, publications
from seatrial.domain.access import AppScope, OrganizationScope
from seatrial.domain.build import ApplicationInfo, Page
from seatrial.domain.errors import EntityNotFound, SlugTaken
from seatrial.domain.ids import AudienceId, BuildId, PublicationId, is_entity_id, may_name
from seatrial.domain.publication import (
    AudienceUse,
    BuildFilter,
    FilterType,
    Looks,
    PickedBuild,
    Publication,
    PublicationQuery,
    PublicationSettings,
    Security,
    Visibility,
)

_SORTED_BY = {
    "createdAt": publications.c.created_at,
    "updatedAt": publications.c.updated_at,
    "slug": publications.c.slug,
}
_APP = [apps.c[name].label(f"app_{name}") for name in ("name", "slug", "picture")]


def insert_publication(tx: Connection, publication: Publication) -> None:
    """Add a publication.

    Raises SlugTaken.
    """
    values = _values(publication.settings) | {
        "id": publication.id,
        "organization_id": publication.organization_id,
        "app_id": publication.app_id,
        "password_hash": publication.password_hash,
        "created_at": publication.created_at,
        "updated_at": publication.updated_at,
    }
    _hold_slug_free(tx, publication)
    try:
        tx.execute(insert(publications).values(values))
    except IntegrityError as error:
        raise SlugTaken from error  # by somebody at the same moment
    _write_parts(tx, publication)


def update_publication(tx: Connection, publication: Publication) -> None:
    """Replace everything that can be said of a publication.

    Raises SlugTaken.
    """
    values = _values(publication.settings) | {
        "password_hash": publication.password_hash,
        "updated_at": publication.updated_at,
    }
    _hold_slug_free(tx, publication)
    try:
        tx.execute(update(publications).where(publications.c.id == publication.id).values(values))
    except IntegrityError as error:
        raise SlugTaken from error
    for table in (publication_builds, publication_audiences):
        tx.execute(delete(table).where(table.c.publication_id == publication.id))
    _write_parts(tx, publication)


def delete_publication(tx: Connection, publication_id: PublicationId) -> None:
    """Remove a publication with all that belongs to it."""
    tx.execute(delete(publications).where(publications.c.id == publication_id))


def get(tx: Connection, scope: OrganizationScope, publication_id: str, *, hold: bool = False) -> Publication:
    """Read a publication of the scope's app, or of its organization; `hold` lets nobody else change it meanwhile.

    Raises EntityNotFound, also for an id that is none.
    """
    if not is_entity_id(publication_id):
        raise EntityNotFound
    statement = _select().where(*_of(scope), publications.c.id == publication_id.lower())
    row = tx.execute(statement.with_for_update(of=publications) if hold else statement).one_or_none()
    if row is None:
        raise EntityNotFound
    return _publications(tx, [row])[0]


def find_by_slug(tx: Connection, slug: str) -> Publication | None:
    """Find a publication by its place on this server, in any case."""
    if not may_name(slug):
        return None
    row = tx.execute(_select().where(publications.c.slug == slug.lower())).one_or_none()
    return _publications(tx, [row])[0] if row else None


def load(tx: Connection, publication_ids: Sequence[PublicationId]) -> list[Publication]:
    """Read several publications at once, in the order in which they were made."""
    if not publication_ids:
        return []
    order = (publications.c.created_at, publications.c.id)
    return _publications(tx, tx.execute(_select().where(publications.c.id.in_(publication_ids)).order_by(*order)).all())


def search(tx: Connection, scope: OrganizationScope, query: PublicationQuery) -> Page[Publication]:
    """Read one page of the publications of the scope's app, or of its organization."""
    where = list(_of(scope))
    exact = {
        publications.c.slug: query.slug.lower() if query.slug else None,
        publications.c.security: query.security,
        publications.c.visibility: query.visibility,
        publications.c.filter_type: query.filter_type,
        publications.c.filter_value: query.filter_value,
    }
    where += [column == str(value) for column, value in exact.items() if value is not None]
    if query.application is not None:
        where.append(or_(apps.c.id == query.application.lower(), apps.c.slug == query.application.lower()))
    rows, total = rows_of(tx, _select().where(*where), (_SORTED_BY[query.sort], publications.c.id), query)
    return Page(_publications(tx, rows), total, query.page, query.limit)


def listed(tx: Connection, organization_id: str) -> list[Publication]:
    """Read the publications of an organization that are in its store's list, by the names of their apps."""
    rows = tx.execute(
        _select()
        .where(
            publications.c.organization_id == organization_id,
            publications.c.visibility == Visibility.ACTIVE.value,
        )
        .order_by(apps.c.name, publications.c.slug)
    ).all()
    return _publications(tx, rows)


def known_builds(tx: Connection, scope: AppScope, build_ids: Sequence[BuildId]) -> set[str]:
    """Tell which of these builds the scope's app has."""
    if not build_ids:
        return set()
    where = (builds.c.app_id == scope.app_id, builds.c.organization_id == scope.organization_id)
    return set(tx.execute(select(builds.c.id).where(builds.c.id.in_(build_ids), *where)).scalars())


def known_audiences(tx: Connection, scope: OrganizationScope, audience_ids: Sequence[AudienceId]) -> set[str]:
    """Tell which of these audiences the organization has."""
    if not audience_ids:
        return set()
    own = audiences.c.organization_id == scope.organization_id
    return set(tx.execute(select(audiences.c.id).where(audiences.c.id.in_(audience_ids), own)).scalars())


def _hold_slug_free(tx: Connection, publication: Publication) -> None:
    """Look first, so that a clash, the usual one, does not end the transaction."""
    taken = select(publications.c.id).where(
        publications.c.slug == publication.settings.slug, publications.c.id != publication.id
    )
    if tx.execute(taken).one_or_none() is not None:
        raise SlugTaken


def _select() -> Select[Any]:
    return select(publications, *_APP).join(apps, apps.c.id == publications.c.app_id)


def _of(scope: OrganizationScope) -> tuple[ColumnElement[bool], ...]:
    own = (publications.c.organization_id == scope.organization_id,)
    return (*own, publications.c.app_id == scope.app_id) if isinstance(scope, AppScope) else own


def _values(said: PublicationSettings) -> dict[str, object]:
    return {
        "slug": said.slug,
        "security": said.security.value,
        "visibility": said.visibility.value,
        "filter_type": said.filter.type.value,
        "filter_value": said.filter.value,
        "systems": list(said.filter.systems),
        "tags": list(said.tags),
        "groups": [list(clause) for clause in said.groups],
        "activate_audiences": said.activate_audiences,
        "show_history": said.show_history,
        "show_dev_info": said.show_dev_info,
        "hide_attachments": said.hide_attachments,
        "terms_active": said.terms_active,
        "terms_text": said.terms_text,
        "allowed_countries": list(said.allowed_countries),
        "blocked_countries": list(said.blocked_countries),
        "expires_at": said.expires_at,
        "looks": msgspec.to_builtins(said.looks),
    }


def _write_parts(tx: Connection, publication: Publication) -> None:
    said = publication.settings
    if said.filter.builds:
        tx.execute(
            insert(publication_builds),
            [
                {
                    "publication_id": publication.id,
                    "position": position,
                    "build_id": build.id,
                    "platform": build.platform,
                    "is_listed": build.is_listed,
                }
                for position, build in enumerate(said.filter.builds)
            ],
        )
    if said.audiences:
        tx.execute(
            insert(publication_audiences),
            [
                {
                    "publication_id": publication.id,
                    "audience_id": audience.id,
                    "position": position,
                    "notify": audience.notify,
                }
                for position, audience in enumerate(said.audiences)
            ],
        )


def _publications(tx: Connection, rows: Sequence[Row[tuple[object, ...]]]) -> list[Publication]:
    picked: dict[str, list[PickedBuild]] = {row.id: [] for row in rows}
    used: dict[str, list[AudienceUse]] = {row.id: [] for row in rows}
    naming = [row.id for row in rows if row.filter_type in {FilterType.BUILD.value, FilterType.BUILDS.value}]
    if naming:
        found = tx.execute(
            select(publication_builds)
            .where(publication_builds.c.publication_id.in_(naming))
            .order_by(publication_builds.c.publication_id, publication_builds.c.position)
        )
        for row in found:
            one = PickedBuild(id=row.build_id, platform=row.platform, is_listed=row.is_listed)
            picked[row.publication_id].append(one)
    if rows:
        found = tx.execute(
            select(publication_audiences)
            .where(publication_audiences.c.publication_id.in_(list(used)))
            .order_by(publication_audiences.c.publication_id, publication_audiences.c.position)
        )
        for row in found:
            used[row.publication_id].append(AudienceUse(id=row.audience_id, notify=row.notify))
    return [_publication(row, tuple(picked[row.id]), tuple(used[row.id])) for row in rows]


def _publication(
    row: Row[tuple[object, ...]], picked: tuple[PickedBuild, ...], used: tuple[AudienceUse, ...]
) -> Publication:
    chosen = BuildFilter(
        type=FilterType(row.filter_type), value=row.filter_value, systems=tuple(row.systems), builds=picked
    )
    settings = PublicationSettings(
        slug=row.slug,
        security=Security(row.security),
        visibility=Visibility(row.visibility),
        filter=chosen,
        tags=tuple(row.tags),
        groups=tuple(tuple(clause) for clause in row.groups),
        activate_audiences=row.activate_audiences,
        audiences=used,
        show_history=row.show_history,
        show_dev_info=row.show_dev_info,
        hide_attachments=row.hide_attachments,
        terms_active=row.terms_active,
        terms_text=row.terms_text,
        allowed_countries=tuple(row.allowed_countries),
        blocked_countries=tuple(row.blocked_countries),
        expires_at=row.expires_at,
        looks=Looks(**row.looks),
    )
    return Publication(
        id=row.id,
        organization_id=row.organization_id,
        application=ApplicationInfo(id=row.app_id, name=row.app_name, slug=row.app_slug, picture=row.app_picture),
        settings=settings,
        password_hash=row.password_hash,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )
