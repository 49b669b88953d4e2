"""News of builds for mails: what is true of a build, its app and its organization when the mail is written."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from seatrial.db import addresses, apps, members, organizations
from seatrial.db.engine import Database
from seatrial.db.publication_access import Doors, doors
from seatrial.domain.access import AppScope
from seatrial.domain.app import App, Organization
from seatrial.domain.build import Build, FileType
from seatrial.domain.errors import EntityNotFound, StorageUnavailable
from seatrial.domain.mail import Telling
from seatrial.mail.news import BuildNews
from seatrial.mail.pictures import small_icon
from seatrial.services.telling import NOBODY, standing_build
from seatrial.storage import BlobStores

_LARGEST_ICON = 8 << 20
_NOWHERE = "http://localhost:8000"
_SYSTEMS = {
    "ios": "iOS",
    "ipados": "iPadOS",
    "tvos": "tvOS",
    "visionos": "visionOS",
    "watchos": "watchOS",
    "macos": "macOS",
    "android": "Android",
    "windows": "Windows",
    "linux": "Linux",
    "harmonyos": "HarmonyOS",
    "ps4": "PlayStation 4",
    "ps5": "PlayStation 5",
    "switch": "Nintendo Switch",
    "xbox-one": "Xbox One",
    "xbox-series": "Xbox Series X|S",
}


@dataclass(frozen=True, slots=True)
class Told:
    """A build with its surroundings, as it is to be told of."""

    telling: Telling
    build: Build
    app: App
    organization: Organization
    doors: Doors
    news: BuildNews
    """With no link yet: that is each person's own."""


@dataclass(frozen=True, slots=True)
class MailNews:
    """Gathers what mails say about builds, and the addresses in them."""

    db: Database
    blobs: BlobStores
    public_url: str | None
    now: Callable[[], datetime]

    def base(self) -> str:
        """Give the base of links: as the operator set it, or where a server was last seen to listen."""
        if self.public_url:
            return self.public_url
        with self.db.read() as tx:
            return addresses.find(tx) or _NOWHERE

    def told(self, telling: Telling) -> Told | str:
        """Gather what a telling says, or say in a word why it says nothing any more."""
        with self.db.read() as tx:
            build = standing_build(tx, telling)
            if isinstance(build, str):
                return build
            try:
                scope = AppScope(organization_id=telling.organization_id, app_id=telling.app_id, principal=NOBODY)
                app, organization = apps.get(tx, scope), organizations.get(tx, telling.organization_id)
            except EntityNotFound:
                return "deleted"
            found = doors(tx, build, self.now())
        info, deployer = build.info, build.deployer
        news = BuildNews(
            app=app.name,
            organization=organization.name,
            version=build.version_name,
            version_code=build.version_code,
            size=build.size,
            system=_SYSTEMS.get(build.os, build.os),
            min_os=(info.min_os if info else None) or "",
            changelog=build.changelog,
            message=telling.wanted.message,
            deployer=deployer.name or build.uploaded_by.email,
            branch=deployer.info.get("branch", ""),
            tag=deployer.info.get("tag", ""),
            commit=_commit(deployer.info),
            link="",
            icon=self._icon(build),
        )
        return Told(telling, build, app, organization, found, news)

    def _icon(self, build: Build) -> bytes | None:
        file = build.file(FileType.ICON)
        if file is None or file.size > _LARGEST_ICON:
            return None
        try:
            with self.blobs.at(file.storage_provider_id).open(file.key) as source:
                return small_icon(source.read(_LARGEST_ICON + 1))
        except (OSError, StorageUnavailable):
            return None


def install_link(tx: Connection, base: str, told: Told, email: str) -> str:
    """Give the address that a person installs a build from: the one place that knows.

    That is a publication which gives it and lets the person in, or the build's own page where there is none.
    """
    slug = told.doors.slug_for(tx, None)
    if slug is None and told.doors.publications:
        organization_id = told.telling.organization_id
        login = members.find_login(tx, organization_id, email)
        person = members.get(tx, login.member) if login else None
        slug = told.doors.slug_for(tx, person) if person else None
    return f"{base}/{slug}?build={told.build.id}" if slug else f"{base}/builds/{told.build.id}/install"


def _commit(info: dict[str, str]) -> str:
    """Show a commit by the part of its hash that people read, and the first line of its message."""
    first = next(iter(info.get("commitMessage", "").strip().splitlines()), "")
    return f"{info.get('commit', '')[:10]} {first}".strip()
