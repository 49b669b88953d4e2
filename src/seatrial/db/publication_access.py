"""Whom publications let in, whom they tell of a build, and which one leads a person to it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, exists, or_, select

from seatrial.db import publications, recipients, resolution
from seatrial.db.tables import app_collaborators, employees, memberships
from seatrial.domain.access import MemberRole
from seatrial.domain.build import Build
from seatrial.domain.group import meets
from seatrial.domain.ids import AppId, AudienceId, OrganizationId
from seatrial.domain.membership import MemberIdentity, MemberKind
from seatrial.domain.publication import Publication, Security, Visibility


def admits(tx: Connection, publication: Publication, person: MemberIdentity) -> bool:
    """Whether a publication for signed-in people lets a person in.

    That is who may see the app's builds anyway; else who is in its groups, in one of its tags, or in one of its
    audiences where these are activated; and everybody of the organization where none of the three is said.
    """
    if person.organization_id != publication.organization_id or not person.is_verified:
        return False
    said, organization_id = publication.settings, publication.organization_id
    if person.kind is MemberKind.USER and may_see_builds(tx, organization_id, publication.app_id, person.id):
        return True
    conditions = said.conditions
    if not conditions and not said.activate_audiences:
        return True
    if conditions and meets(person.groups, conditions):
        return True
    if not said.activate_audiences or person.kind is not MemberKind.EMPLOYEE:
        return False
    return any(_is_in(tx, organization_id, one.id, person.id) for one in said.audiences)


def may_see_builds(tx: Connection, organization_id: OrganizationId, app_id: AppId, user_id: str) -> bool:
    """Whether a member sees an app's builds: by any role in the organization but `unassigned`, or by one in the app."""
    in_app = exists().where(
        app_collaborators.c.app_id == app_id,
        app_collaborators.c.user_id == user_id,
        app_collaborators.c.role != MemberRole.UNASSIGNED.value,
    )
    found = tx.execute(
        select(memberships.c.user_id).where(
            memberships.c.organization_id == organization_id,
            memberships.c.user_id == user_id,
            or_(memberships.c.role != MemberRole.UNASSIGNED.value, in_app),
        )
    )
    return found.one_or_none() is not None


@dataclass(frozen=True, slots=True)
class AudienceNotice:
    """An audience that is to hear of a build, and the page that gives it to them."""

    audience_id: AudienceId
    slug: str


def audiences_to_notify(tx: Connection, build: Build, now: datetime) -> list[AudienceNotice]:
    """Find the audiences that want to hear of a build: of open publications that give it, now, for its system.

    Each audience once, with the oldest of its publications. What is inactive or over tells nobody.
    """
    notices: dict[AudienceId, AudienceNotice] = {}
    for publication in _giving(tx, build, now, older=False):
        if publication.settings.activate_audiences:
            for one in publication.settings.audiences:
                if one.notify:
                    notices.setdefault(one.id, AudienceNotice(one.id, publication.settings.slug))
    return list(notices.values())


@dataclass(frozen=True, slots=True)
class Doors:
    """The publications that a build can be had from, found once for any number of people; best first."""

    publications: tuple[Publication, ...]

    def slug_for(self, tx: Connection, person: MemberIdentity | None) -> str | None:
        """Choose the one that a person may open; nobody known may open those that ask for nothing, or for a password.

        Those that are open to everybody cost no look at the database.
        """
        for publication in self.publications:
            if publication.settings.security is not Security.LOGGED:
                return publication.settings.slug
            if person is not None and admits(tx, publication, person):
                return publication.settings.slug
        return None


def doors(tx: Connection, build: Build, now: datetime) -> Doors:
    """Find the publications that a build can be had from now, as their newest or in their history."""
    return Doors(tuple(sorted(_giving(tx, build, now, older=True), key=_convenience)))


def publication_for(tx: Connection, build: Build, person: MemberIdentity | None, now: datetime) -> str | None:
    """Give the slug of the publication that leads a person to a build; one that they may open, or none."""
    return doors(tx, build, now).slug_for(tx, person)


def _giving(tx: Connection, build: Build, now: datetime, *, older: bool) -> list[Publication]:
    found = publications.load(tx, resolution.choosing(tx, build.application.id, build.id))
    opened = [one for one in found if one.is_open(now)]
    newest = resolution.resolve(tx, [resolution.candidate(one) for one in opened])
    return [
        one
        for one in opened
        if build.id in {current.id for current in newest[one.id]}
        or (older and one.settings.show_history and resolution.has_given(tx, one, build.id))
    ]


def _convenience(publication: Publication) -> tuple[int, bool, datetime]:
    """Order publications by how little they ask of people; the listed ones first."""
    steps = {Security.PUBLIC: 0, Security.LOGGED: 1, Security.PASSWORD: 2}[publication.settings.security]
    return steps, publication.settings.visibility is not Visibility.ACTIVE, publication.created_at


def _is_in(tx: Connection, organization_id: OrganizationId, audience_id: AudienceId, employee_id: str) -> bool:
    found = tx.execute(
        select(employees.c.id).where(
            employees.c.id == employee_id,
            employees.c.organization_id == organization_id,
            recipients.in_audience(tx, organization_id, audience_id),
        )
    )
    return found.one_or_none() is not None
