"""What ends soon: the calendar, and reminders to those who can do something about it."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection

from seatrial.db import expirations, organizations, recipients
from seatrial.db.engine import Database
from seatrial.domain.access import OrganizationScope, Permission
from seatrial.domain.build import Page
from seatrial.domain.event import Event, EventKind
from seatrial.domain.expiration import Expiration, ExpirationQuery, gathered, threshold
from seatrial.services.events import Events
from seatrial.services.post import Addressee, Letter, Post

LOOK_EVERY = timedelta(hours=1)
Due = tuple[Expiration, int]
"""What ends, and which reminder of it is due."""


@dataclass(slots=True)
class Expirations:
    """Profiles and certificates of builds that people can get now; what nobody can get need not be renewed."""

    db: Database
    post: Post
    events: Events
    now: Callable[[], datetime]
    public_url: str = ""
    _looked_at: datetime | None = field(default=None, init=False)

    def search(self, scope: OrganizationScope, query: ExpirationQuery) -> Page[Expiration]:
        """Give one page of what ends, or has ended, in an organization's published builds.

        Raises Forbidden.
        """
        scope.require(Permission.BUILD_LIST)
        now, paging = self.now(), query.paging
        with self.db.read() as tx:
            found = gathered(expirations.published(tx, now, scope.organization_id))
        if query.within_days is not None:
            until = now + timedelta(days=query.within_days)
            found = [one for one in found if one.ending.expires_at <= until]
        if paging.sort == "name":
            found.sort(key=lambda one: one.ending.name)
        if paging.descending:
            found.reverse()
        return Page(found[paging.offset : paging.offset + paging.limit], len(found), paging.page, paging.limit)

    def remind_hourly(self) -> None:
        """Remind, unless that was done within the hour."""
        now = self.now()
        if self._looked_at is None or now - self._looked_at >= LOOK_EVERY:
            self.remind()
            self._looked_at = now

    def remind(self) -> None:
        """Give the reminders that are due and were not given: by whichever server is first, and each once.

        After a time without a server only the nearest one is given, not all that were missed.
        """
        now = self.now()
        with self.db.read() as tx:
            due = _due(gathered(expirations.published(tx, now)), now)
            known = expirations.given(tx, (expiration.application.id for expiration, _ in due))
        by_app: dict[str, list[Due]] = {}
        for expiration, days in due:
            if expirations.reminder(expiration, days) not in known:
                by_app.setdefault(expiration.application.id, []).append((expiration, days))
        for several in by_app.values():
            with self.db.transaction() as tx:
                self._give(tx, several, now)

    def _give(self, tx: Connection, due: Iterable[Due], now: datetime) -> None:
        won = [one for one in due if expirations.claim(tx, expirations.reminder(*one), now)]
        if not won:
            return
        first = won[0][0]
        facts = {
            "organization": organizations.get(tx, first.organization_id).name,
            "app": first.application.name,
            "items": [self._item(expiration, now) for expiration, _ in won],
        }
        for person in recipients.editors_of_app(tx, first.organization_id, first.application.id):
            to = Addressee(email=person.email, name=person.full_name, language=person.language)
            self.post.write(tx, Letter.CERTIFICATE_EXPIRING, to, facts, first.organization_id)
        for expiration, days in won:
            self.events.tell(
                tx,
                Event(
                    kind=EventKind.CERTIFICATE_EXPIRING,
                    organization_id=expiration.organization_id,
                    app_id=expiration.application.id,
                    subject=expiration.builds[0].id,
                    at=now,
                    facts={"expiration": expiration, "threshold": days},
                ),
            )

    def _item(self, expiration: Expiration, now: datetime) -> Mapping[str, object]:
        ending, newest = expiration.ending, expiration.builds[-1]
        version = " ".join(filter(None, (newest.version_name, newest.version_code and f"({newest.version_code})")))
        return {
            "build": version or newest.id,
            "what": ending.kind.value,
            "name": ending.name,
            "days": expiration.days_left(now),
            "expires": ending.expires_at,
            "link": f"{self.public_url}/{newest.slug}" if self.public_url else "",
        }


def _due(found: Iterable[Expiration], now: datetime) -> list[Due]:
    due = [(expiration, threshold(expiration.ending.expires_at, now)) for expiration in found]
    return [(expiration, days) for expiration, days in due if days is not None]
