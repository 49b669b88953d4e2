"""The store: what a visitor gets to see of publications, and what they may take with them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection

from seatrial.db import (
    build_files,
    builds,
    organizations,
    publication_access,
    publications,
    resolution,
)
from seatrial.db.engine import Database
from seatrial.domain.access import AppScope, Person, Principal, PrincipalKind
from seatrial.domain.app import Organization
from seatrial.domain.build import Build, BuildFile, FileType
from seatrial.domain.buildinfo import Os
from seatrial.domain.errors import EntityNotFound, WrongCredentials
from seatrial.domain.ids import AppId, BuildId, OrganizationId, is_entity_id
from seatrial.domain.membership import MemberIdentity, MemberKind
from seatrial.domain.publication import (
    LONGEST_PASSWORD,
    CurrentBuild,
    Publication,
    Security,
    lets_in_from,
)
from seatrial.services.kept import Kept
from seatrial.services.login_limits import LoginLimits, network_of
from seatrial.services.passwords import matches

_LONGEST_ASKED = 64
"""What is longer is no system and no build's id."""
MOST_OLDER = 50
"""How many older builds a page shows; the rest is in the dashboard."""


class Gate(StrEnum):
    """What stands between a visitor and a publication."""

    OPEN = "open"
    EXPIRED = "expired"
    COUNTRY = "country"
    LOGIN = "login"
    """Nobody is signed in."""
    PERSON = "person"
    """Whoever is signed in is not among those it is for."""
    PASSWORD = "password"  # noqa: S105  # the name of a gate


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """What a visitor brings."""

    system: str = ""
    """The system of their device, or the one that they asked for."""
    build_id: str = ""
    """The build that they asked for."""
    country: str = ""
    member: MemberIdentity | None = None
    has_password: Callable[[Publication], bool] = lambda _publication: False
    """Whether they gave the password before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What a visitor gets to see; of a closed publication its name, and nothing of its builds."""

    publication: Publication
    organization: Organization
    gate: Gate
    current: Sequence[CurrentBuild] = ()
    """What the publication gives now, one for each system."""
    build: Build | None = None
    """The one that this visitor wants most."""
    older: Sequence[CurrentBuild] = ()
    is_asked_for: bool = False
    """Whether it is the build that they asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A publication in a store's list."""

    publication: Publication
    current: Sequence[CurrentBuild]
    icon: BuildFile | None
    build: Build | None = None
    """The one that a member's device wants, for members alone."""


@dataclass(frozen=True, slots=True)
class Store:
    """Shows publications to whom they are for."""

    db: Database
    limits: LoginLimits
    now: Callable[[], datetime]
    _kept: Kept[Shown] = field(default_factory=Kept, compare=False, repr=False)

    def show(self, slug: str, visit: Visit) -> Shown:
        """Show a publication to a visitor, as far as it is open to them.

        What everybody may see is kept until anything changes in the database: the link in a mail to ten thousand
        people is read once. Raises EntityNotFound where there is no publication, or one that is switched off.
        """
        mark, asked = self.db.mark(), (slug, visit.system[:_LONGEST_ASKED], visit.build_id[:_LONGEST_ASKED])
        kept = self._kept.get(mark, asked)
        if kept is not None and self._is_still_open(kept.publication, visit):
            return kept
        shown = self._show(slug, visit)
        if shown.gate is Gate.OPEN and shown.publication.settings.security is Security.PUBLIC:
            self._kept.put(mark, asked, shown)
        return shown

    def _is_still_open(self, publication: Publication, visit: Visit) -> bool:
        return publication.is_open(self.now()) and lets_in_from(publication.settings, visit.country)

    def _show(self, slug: str, visit: Visit) -> Shown:
        with self.db.read() as tx:
            found = publications.find_by_slug(tx, slug)
            if found is None or (not found.is_open(self.now()) and not found.is_over(self.now())):
                raise EntityNotFound
            organization = organizations.get(tx, found.organization_id)
            gate = self._gate(tx, found, visit)
            if gate is not Gate.OPEN:
                return Shown(publication=found, organization=organization, gate=gate)
            current = resolution.resolve(tx, [resolution.candidate(found)])[found.id]
            wanted, is_asked_for = self._choose(tx, found, visit, current)
            scope = _scope(found.organization_id, found.app_id)
            build = None if wanted is None else builds.load(tx, scope, found.application, [wanted]).get(wanted)
            older: Sequence[CurrentBuild] = ()
            if build is not None and found.settings.show_history:
                older = resolution.history(tx, found, build.os, MOST_OLDER)
            return Shown(
                publication=found,
                organization=organization,
                gate=gate,
                current=current,
                build=build,
                older=older,
                is_asked_for=is_asked_for,
            )

    def enter(self, slug: str, password: str, address: str) -> Publication:
        """Compare a publication's password; takes as long as a password does.

        Raises EntityNotFound, WrongCredentials, TooManyRequests.
        """
        with self.db.read() as tx:
            found = publications.find_by_slug(tx, slug)
        if found is None or not found.is_open(self.now()) or found.settings.security is not Security.PASSWORD:
            raise EntityNotFound
        attempt = self.limits.count(f"{found.id}:{network_of(address)}", address, "publication ")
        if len(password) > LONGEST_PASSWORD or not matches(found.password_hash, password):
            raise WrongCredentials
        with self.db.transaction() as tx:
            self.limits.forgive(tx, attempt)
        return found

    def listed(self, organization: str, visit: Visit) -> tuple[Organization, list[Listed]]:
        """List the publications of an organization that a visitor may know of.

        Those are the public ones, and for whoever is signed in all that let them in or ask for a password.

        Raises EntityNotFound.
        """
        now = self.now()
        with self.db.read() as tx:
            found = organizations.find(tx, organization)
            if found is None:
                raise EntityNotFound
            visible = [
                one
                for one in publications.listed(tx, found.id)
                if one.is_open(now) and self._gate(tx, one, visit) in _KNOWN[visit.member is not None]
            ]
            given = resolution.resolve(tx, [resolution.candidate(one) for one in visible])
            own = visit.member is not None and visit.member.organization_id == found.id
            wanted = {one.id: self._newest(tx, one, visit, given[one.id]) for one in visible} if own else {}
            icons = _icons(tx, [build.id for one in visible for build in given[one.id]])
        return found, [
            Listed(
                publication=one,
                current=given[one.id],
                icon=next((icons[build.id] for build in given[one.id] if build.id in icons), None),
                build=wanted.get(one.id),
            )
            for one in visible
        ]

    def only_organization(self) -> Organization | None:
        """Give the server's organization, where it has just one."""
        with self.db.read() as tx:
            found = organizations.list_all(tx)
        return found[0] if len(found) == 1 else None

    def organization(self, named: str) -> Organization:
        """Give an organization by its id or slug.

        Raises EntityNotFound.
        """
        with self.db.read() as tx:
            found = organizations.find(tx, named)
        if found is None:
            raise EntityNotFound
        return found

    def organization_of(self, member: MemberIdentity) -> Organization:
        """Give the organization that somebody is a member of."""
        with self.db.read() as tx:
            return organizations.get(tx, member.organization_id)

    def build(self, build_id: str, member: MemberIdentity | None) -> tuple[Organization, Build | None, str | None]:
        """Show a build to somebody who needs no publication for it.

        Gives the build's organization, the build where its own people ask, and for everybody else the slug of a
        publication that leads to it, or none.

        Raises EntityNotFound.
        """
        if not is_entity_id(build_id):
            raise EntityNotFound
        with self.db.read() as tx:
            owner = builds.owner(tx, build_id)
            if owner is None:
                raise EntityNotFound
            organization_id, app_id = owner
            organization = organizations.get(tx, organization_id)
            build = builds.get(tx, _scope(organization_id, app_id), build_id)
            own = member if member is not None and member.organization_id == organization_id else None
            is_user = own is not None and own.kind is MemberKind.USER and own.is_verified
            if own is not None and is_user and publication_access.may_see_builds(tx, organization_id, app_id, own.id):
                return organization, build, None
            return organization, None, publication_access.publication_for(tx, build, own, self.now())

    def _gate(self, tx: Connection, publication: Publication, visit: Visit) -> Gate:
        said = publication.settings
        if publication.is_over(self.now()):
            return Gate.EXPIRED
        if not lets_in_from(said, visit.country):
            return Gate.COUNTRY
        if said.security is Security.PASSWORD and not visit.has_password(publication):
            return Gate.PASSWORD
        if said.security is not Security.LOGGED:
            return Gate.OPEN
        if visit.member is None or visit.member.organization_id != publication.organization_id:
            return Gate.LOGIN
        return Gate.OPEN if publication_access.admits(tx, publication, visit.member) else Gate.PERSON

    def _newest(
        self, tx: Connection, publication: Publication, visit: Visit, current: Sequence[CurrentBuild]
    ) -> Build | None:
        """Give what a list shows of a publication to whom it is open."""
        if self._gate(tx, publication, visit) is not Gate.OPEN:
            return None
        wanted, _ = self._choose(tx, publication, visit, current)
        scope = _scope(publication.organization_id, publication.app_id)
        return None if wanted is None else builds.load(tx, scope, publication.application, [wanted]).get(wanted)

    def _choose(
        self, tx: Connection, publication: Publication, visit: Visit, current: Sequence[CurrentBuild]
    ) -> tuple[BuildId | None, bool]:
        """Choose the build to show, and say whether it is the one that was asked for."""
        by_system: Mapping[str, BuildId] = {one.os: one.id for one in current}
        if is_entity_id(visit.build_id):
            asked = BuildId(visit.build_id.lower())
            if asked in by_system.values() or (
                publication.settings.show_history and resolution.has_given(tx, publication, asked)
            ):
                return asked, True
        if visit.system in by_system:
            return by_system[visit.system], False
        first = min(by_system, key=lambda os: (_rank(os), os), default=None)
        return (by_system[first] if first is not None else None), False


_ASKED_FOR_MOST = (Os.IOS, Os.ANDROID, Os.MACOS, Os.WINDOWS, Os.LINUX)
_KNOWN = {False: {Gate.OPEN}, True: {Gate.OPEN, Gate.PASSWORD}}
"""Behind which gates a publication may be that somebody gets to know of, by whether they are signed in."""


def scope_of(build: Build) -> AppScope:
    """Give the scope in which the store hands a build out: its app's, with no permissions beyond."""
    return _scope(build.organization_id, build.application.id)


def _scope(organization_id: OrganizationId, app_id: AppId) -> AppScope:
    principal = Principal(
        kind=PrincipalKind.DOWNLOAD_TOKEN, id="store", person=Person(id="", email=""), permissions=frozenset()
    )
    return AppScope(organization_id=organization_id, app_id=app_id, principal=principal)


def _rank(os: str) -> int:
    return next((place for place, one in enumerate(_ASKED_FOR_MOST) if one == os), len(_ASKED_FOR_MOST))


def _icons(tx: Connection, build_ids: Sequence[BuildId]) -> dict[BuildId, BuildFile]:
    files = build_files.of_builds(tx, build_ids)
    found = {}
    for build_id in build_ids:
        icon = next((file for file in reversed(files[build_id]) if file.type is FileType.ICON), None)
        if icon is not None:
            found[build_id] = icon
    return found
