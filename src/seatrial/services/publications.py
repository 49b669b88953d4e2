"""Publications: make, show, replace, remove, and what they give (contract 2.4)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from seatrial.db import apps, audit_log, builds, organizations, publications, resolution
from seatrial.db.engine import Database
from seatrial.db.published import PublishedBuilds
from seatrial.domain.access import AppScope, OrganizationScope, Permission
from seatrial.domain.app import Organization
from seatrial.domain.build import Page
from seatrial.domain.errors import EntityNotFound, InvalidRequest
from seatrial.domain.ids import PublicationId, new_entity_id
from seatrial.domain.publication import (
    LONGEST_PASSWORD,
    SHORTEST_PASSWORD,
    CurrentBuild,
    Publication,
    PublicationQuery,
    PublicationSettings,
    Security,
    checked_slug,
)
from seatrial.domain.retention import Place
from seatrial.services.passwords import hash_password

MOST_COUNTED = 100
"""Builds of a publication beyond which nobody cares how many are newer."""

Found = tuple[Publication, Sequence[CurrentBuild]]
"""A publication, and what it gives now: one build for each system."""


@dataclass(frozen=True, slots=True)
class Publications:
    """What callers may do with publications; a scope of an organization is good for those of all its apps."""

    db: Database
    now: Callable[[], datetime]

    def create(self, scope: OrganizationScope, said: PublicationSettings, application: str | None = None) -> Found:
        """Publish the scope's app, or the named one of its organization; takes as long as a password does.

        Raises Forbidden, InvalidRequest, SlugTaken.
        """
        scope.require(Permission.PUBLICATION_CREATE)
        said = replace(said, slug=checked_slug(said.slug))
        password_hash = _hash(said, None)
        now = self.now()
        with self.db.transaction() as tx:
            of_app = _app_scope(tx, scope, application)
            _check_references(tx, of_app, said)
            info = apps.application_info(tx, of_app)
            if info is None:
                raise EntityNotFound
            made = Publication(
                id=PublicationId(new_entity_id()),
                organization_id=scope.organization_id,
                application=info,
                settings=replace(said, password=""),
                password_hash=password_hash,
                created_at=now,
                updated_at=now,
            )
            publications.insert_publication(tx, made)
            audit_log.record(tx, of_app, "publication.create", made.id, now, _audited(made))
            return made, _given(tx, [made])[made.id]

    def search(self, scope: OrganizationScope, query: PublicationQuery) -> Page[Found]:
        """Give one page of publications, each with what it gives now.

        Raises Forbidden.
        """
        scope.require(Permission.PUBLICATION_LIST)
        with self.db.read() as tx:
            page = publications.search(tx, scope, query)
            given = _given(tx, page.items)
        return Page([(one, given[one.id]) for one in page.items], page.total, page.page, page.limit)

    def store(self, scope: OrganizationScope) -> Organization:
        """Give the organization whose store the publications are in.

        Raises Forbidden.
        """
        scope.require(Permission.PUBLICATION_LIST)
        with self.db.read() as tx:
            return organizations.get(tx, scope.organization_id)

    def get(self, scope: OrganizationScope, publication_id: str) -> Found:
        """Give one publication, and what it gives now.

        Raises Forbidden, EntityNotFound.
        """
        scope.require(Permission.PUBLICATION_LIST)
        with self.db.read() as tx:
            found = publications.get(tx, scope, publication_id)
            return found, _given(tx, [found])[found.id]

    def of_build(self, scope: AppScope, build_id: str) -> tuple[Place, ...]:
        """Name the publications that choose among builds like this one, and where it stands among them.

        Raises Forbidden, EntityNotFound.
        """
        scope.require(Permission.PUBLICATION_LIST)
        with self.db.read() as tx:
            build = builds.get(tx, scope, build_id)
            return PublishedBuilds().places(tx, scope.app_id, build.id, self.now(), MOST_COUNTED)

    def update(
        self,
        scope: OrganizationScope,
        publication_id: str,
        said: PublicationSettings,
        application: str | None = None,
    ) -> Found:
        """Replace all that can be said of a publication; its app stays.

        Only a password that is not said stays, as nobody could say it again: it is never shown.

        Raises Forbidden, EntityNotFound, InvalidRequest, SlugTaken.
        """
        scope.require(Permission.PUBLICATION_UPDATE)
        said = replace(said, slug=checked_slug(said.slug))
        with self.db.read() as tx:
            old_hash = publications.get(tx, scope, publication_id).password_hash
        password_hash = _hash(said, old_hash)
        now = self.now()
        with self.db.transaction() as tx:
            before = publications.get(tx, scope, publication_id, hold=True)
            of_app = _within(scope, before)
            if application is not None and application.lower() not in {before.app_id, before.application.slug}:
                raise InvalidRequest({"application": "must be the app that is published; publish another one anew"})
            _check_references(tx, of_app, said, before)
            after = replace(before, settings=replace(said, password=""), password_hash=password_hash, updated_at=now)
            publications.update_publication(tx, after)
            audit_log.record(tx, of_app, "publication.update", after.id, now, _audited(after))
            return after, _given(tx, [after])[after.id]

    def delete(self, scope: OrganizationScope, publication_id: str) -> None:
        """Remove a publication; its builds stay.

        Raises Forbidden, EntityNotFound.
        """
        scope.require(Permission.PUBLICATION_DELETE)
        with self.db.transaction() as tx:
            gone = publications.get(tx, scope, publication_id, hold=True)
            publications.delete_publication(tx, gone.id)
            audit_log.record(
                tx, _within(scope, gone), "publication.delete", gone.id, self.now(), {"slug": gone.settings.slug}
            )


def _app_scope(tx: Connection, scope: OrganizationScope, application: str | None) -> AppScope:
    if isinstance(scope, AppScope):
        return scope
    if not application:
        raise InvalidRequest({"application": "is required: the id or slug of the app to publish"})
    found = apps.find(tx, scope.organization_id, application)
    if found is None:
        raise InvalidRequest({"application": "must be the id or slug of an app of this organization"})
    return AppScope(organization_id=scope.organization_id, principal=scope.principal, app_id=found.id)


def _within(scope: OrganizationScope, publication: Publication) -> AppScope:
    return AppScope(organization_id=publication.organization_id, principal=scope.principal, app_id=publication.app_id)


def _check_references(
    tx: Connection, scope: AppScope, said: PublicationSettings, before: Publication | None = None
) -> None:
    """Refuse builds and audiences that are not this app's, or organization's.

    What the publication named before may be named again, though it is gone: it was good then.
    """
    named = {build.id for build in said.filter.builds}
    kept = {build.id for build in before.settings.filter.builds} if before else set()
    missing = named - kept - publications.known_builds(tx, scope, sorted(named))
    for build in said.filter.builds:
        if build.id in missing:
            field = "filter.builds" if build.is_listed else f"filter.{build.platform or 'value'}"
            raise InvalidRequest({field: f"must be a build of this app; {build.id} is not"})
    wanted = [audience.id for audience in said.audiences]
    known = publications.known_audiences(tx, scope, wanted)
    for audience in wanted:
        if audience not in known:
            raise InvalidRequest({"userAudienceMap": f"must name audiences of this organization; {audience} is not"})


def _hash(said: PublicationSettings, old_hash: str | None) -> str | None:
    if said.security is not Security.PASSWORD:
        return None
    if not said.password and old_hash is not None:
        return old_hash
    if not SHORTEST_PASSWORD <= len(said.password) <= LONGEST_PASSWORD:
        raise InvalidRequest(
            {"password": f"must be {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters where security is password"}
        )
    return hash_password(said.password)


def _given(tx: Connection, found: Sequence[Publication]) -> Mapping[PublicationId, Sequence[CurrentBuild]]:
    return resolution.resolve(tx, [resolution.candidate(one) for one in found])


def _audited(publication: Publication) -> dict[str, object]:
    said = publication.settings
    return {
        "slug": said.slug,
        "security": said.security.value,
        "visibility": said.visibility.value,
        "filter": said.filter.type.value,
        "value": said.filter.value,
    }
