"""Letters to administrators: of devices that testers add, and of credentials that end soon."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection

from seatrial.db import addresses, ending_credentials, known_devices, organizations, recipients
from seatrial.db.engine import Database
from seatrial.domain.expiration import EndingCredential
from seatrial.domain.ids import OrganizationId
from seatrial.domain.known_device import KnownDevice
from seatrial.services.post import Addressee, ClosedPost, Letter, Post
from seatrial.services.schedules import Schedules, latest_night

THRESHOLDS = (3, 14)
"""Days before the end of a credential at which administrators are reminded, the nearest first."""
MOST_DEVICES_AN_HOUR = 5
"""So many letters in an hour: on a public page everybody may add a device, and nobody is to fill a mailbox by it."""
NIGHTLY = "credential-reminders"
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class TeamLetters:
    """Writes to an organization's owners and administrators in the caller's transaction."""

    post: Post = field(default_factory=ClosedPost)
    public_url: str = ""
    """The base of links as the operator set it; without one, where a server was last seen to listen."""

    def device_added(self, tx: Connection, device: KnownDevice, now: datetime) -> None:
        """Tell of a device that became known in this transaction, unless too many did within the hour."""
        recently = known_devices.added_since(tx, device.organization_id, now - timedelta(hours=1))
        known = known_devices.find(tx, device.organization_id, device.id)
        if recently > MOST_DEVICES_AN_HOUR or known is None:
            return
        facts = {"author": known.owner, "device": known.product_name}
        self.write(tx, Letter.DEVICE_ADDED, device.organization_id, facts, "/people/devices")

    def write(
        self, tx: Connection, letter: Letter, organization_id: OrganizationId, facts: Mapping[str, object], page: str
    ) -> None:
        """Write to everybody who runs an organization, with a link to a page of its dashboard."""
        organization = organizations.get(tx, organization_id)
        base = self.public_url or addresses.find(tx) or ""
        link = f"{base}/dashboard/{organization.slug}{page}" if base else ""
        said = {**facts, "organization": organization.name, "link": link}
        for one in recipients.administrators(tx, organization_id):
            to = Addressee(email=one.email, name=one.full_name, language=one.language)
            self.post.write(tx, letter, to, said, organization_id)


@dataclass(frozen=True, slots=True)
class CredentialReminders:
    """Reminds of service accounts and app tokens that end soon: once a night, on one of all servers.

    Each night takes up where the last one left off, so that what came near while no server ran is made up for. Of
    several reminders that were missed only the nearest is given, and of what has ended meanwhile none.
    """

    db: Database
    letters: TeamLetters
    schedules: Schedules
    hour: int
    """Of the day, in UTC."""
    now: Callable[[], datetime]

    def run(self) -> None:
        """Write what this night has to be written and has not: taken and written in one transaction."""
        night = latest_night(self.now(), self.hour)
        with self.db.read() as tx:
            if not self.schedules.is_open(tx, NIGHTLY, night):
                return
        with self.db.transaction() as tx:
            last = self.schedules.last(tx, NIGHTLY)
            if not self.schedules.claim(tx, NIGHTLY, night):
                return
            by_organization: dict[OrganizationId, list[Mapping[str, object]]] = {}
            for one in self._due(tx, last, night):
                days = (one.expires_at - self.now()) // _DAY
                item = {"name": one.name, "app": one.app, "expires": one.expires_at, "days": days}
                by_organization.setdefault(one.organization_id, []).append(item)
            for organization_id, items in by_organization.items():
                self.letters.write(tx, Letter.CREDENTIAL_EXPIRING, organization_id, {"items": items}, "")
            self.schedules.finish(tx, NIGHTLY, night)

    def _due(self, tx: Connection, last: datetime | None, night: datetime) -> Iterator[EndingCredential]:
        """Find what has come nearer than a threshold since the last night, or ever, and is not nearer than the next."""
        nearest = self.now()
        for days in THRESHOLDS:
            since = nearest if last is None else max(nearest, last + days * _DAY)
            nearest = max(nearest, night + days * _DAY)
            yield from ending_credentials.between(tx, since, nearest)
