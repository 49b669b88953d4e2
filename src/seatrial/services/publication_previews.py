"""What a publication would give, and to whom, before anybody saves it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from seatrial.db import apps, recipients, resolution
from seatrial.db.engine import Database
from seatrial.domain.access import AppScope, Permission
from seatrial.domain.errors import EntityNotFound
from seatrial.domain.ids import PublicationId
from seatrial.domain.publication import CurrentBuild, Publication, PublicationSettings, Security


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """A publication that is not saved, the build of each system, and how many employees may open it."""

    publication: Publication
    given: Sequence[CurrentBuild]
    people: int | None
    """`None` where no sign-in is asked for."""


@dataclass(frozen=True, slots=True)
class PublicationPreviews:
    """Looks ahead."""

    db: Database
    now: Callable[[], datetime]

    def preview(self, scope: AppScope, said: PublicationSettings) -> Preview:
        """Tell what these settings would give.

        Raises Forbidden, EntityNotFound where the app is gone.
        """
        scope.require(Permission.PUBLICATION_LIST)
        now = self.now()
        with self.db.read() as tx:
            info = apps.application_info(tx, scope)
            if info is None:
                raise EntityNotFound
            publication = Publication(
                id=PublicationId(""),
                organization_id=scope.organization_id,
                application=info,
                settings=replace(said, password=""),
                password_hash=None,
                created_at=now,
                updated_at=now,
            )
            systems = apps.build_sums(tx, [apps.get(tx, scope)])[scope.app_id].platforms
            given = [build for system in systems for build in resolution.history(tx, publication, system, 1)]
            people = None
            if said.security is Security.LOGGED:
                found = {one.id for one in recipients.employees_matching(tx, scope.organization_id, said.conditions)}
                if said.activate_audiences:
                    chosen = [
                        recipients.employees_of_audience(tx, scope.organization_id, one.id) for one in said.audiences
                    ]
                    wider = {person.id for people_of in chosen for person in people_of}
                    found = wider if not said.conditions else found | wider
                people = len(found)
        return Preview(publication=publication, given=given, people=people)
