"""The log of downloads: who sees it, how long it names people, and how one of them is taken out of it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from seatrial.db import (
    audit_log,
    builds,
    download_counts,
    download_tokens,
    downloads,
    feedbacks,
    known_devices,
    organizations,
)
from seatrial.db.engine import Database
from seatrial.domain.access import AppScope, OrganizationScope, Permission
from seatrial.domain.build import Page
from seatrial.domain.download import Download, DownloadQuery
from seatrial.domain.ids import BuildId, OrganizationId

EXPORT_ROWS = 1000
BLANK_ROWS = 500
"""Rows of one transaction: SQLite has one writer, and nobody is to wait long for it."""
BLANK_ROUNDS = 20
"""Transactions of one chore; what is left waits for the next minute."""


@dataclass(frozen=True, slots=True)
class Erasure:
    """What was blanked of a person."""

    downloads: int
    feedbacks: int
    devices: int = 0
    """Testers' devices that were forgotten."""


@dataclass(frozen=True, slots=True)
class DownloadLog:
    """Reads the log, and makes it forget."""

    db: Database
    keep_days: int
    """Days after which entries name nobody any more, where an organization chose nothing; 0 for never."""
    now: Callable[[], datetime]

    def search(self, scope: AppScope, build_id: str | None, query: DownloadQuery) -> Page[Download]:
        """Give one page of the downloads of an app, or of one of its builds.

        Raises Forbidden, EntityNotFound.
        """
        scope.require(Permission.DOWNLOAD_LIST)
        with self.db.read() as tx:
            build = None if build_id is None else builds.get(tx, scope, build_id).id
            return downloads.search(tx, scope, build, query)

    def per_day(self, scope: AppScope, build_id: str, since: datetime) -> dict[str, int]:
        """Count a build's downloads by day in UTC, as `2026-11-28`; days without any are left out.

        Raises Forbidden, EntityNotFound.
        """
        scope.require(Permission.DOWNLOAD_LIST)
        with self.db.read() as tx:
            return download_counts.per_day(tx, scope, builds.get(tx, scope, build_id).id, since)

    def begin_export(self, scope: AppScope, build_id: str | None) -> BuildId | None:
        """Look whether the log may be read, and for which build, before the first byte of an answer is sent.

        Raises Forbidden, EntityNotFound.
        """
        scope.require(Permission.DOWNLOAD_LIST)
        with self.db.read() as tx:
            return None if build_id is None else builds.get(tx, scope, build_id).id

    def batches(self, scope: AppScope, build_id: BuildId | None, query: DownloadQuery) -> Iterator[list[Download]]:
        """Give all downloads that match, batch by batch, none of them in a transaction that lasts."""
        last: Download | None = None
        while True:
            with self.db.read() as tx:
                batch = downloads.following(tx, scope, build_id, query, last, EXPORT_ROWS)
            if batch:
                yield batch
            if len(batch) < EXPORT_ROWS:
                return
            last = batch[-1]

    def forget_people(self) -> int:
        """Take persons, addresses and devices out of entries that are old enough; the entries stay and count.

        Gives how many entries it blanked, some of them at a time.
        """
        with self.db.read() as tx:
            kept = {one.id: one.download_log_days for one in organizations.list_all(tx)}
        return sum(self._forget(one, self.keep_days if days is None else days) for one, days in kept.items())

    def erase(self, scope: OrganizationScope, email: str) -> Erasure:
        """Take one person out of the organization's downloads, feedback and devices, at once; what they did counts on.

        Raises Forbidden.
        """
        scope.require(Permission.EMPLOYEE_DELETE)
        self._erase_tokens(scope.organization_id, email)  # first: one that is redeemed later writes an entry
        logged = self._all(lambda: self._erase_downloads(scope.organization_id, email))
        said = self._all(lambda: self._erase_feedbacks(scope.organization_id, email))
        with self.db.transaction() as tx:
            known = known_devices.delete_of_person(tx, scope.organization_id, email)
            # Not the address: it is what nobody is to know any more.
            detail: dict[str, object] = {"downloads": logged, "feedbacks": said, "devices": known}
            audit_log.record(tx, scope, "person.erase", scope.organization_id, self.now(), detail)
        return Erasure(logged, said, known)

    def _forget(self, organization_id: OrganizationId, days: int) -> int:
        if days == 0:
            return 0
        before, blanked = self.now() - timedelta(days=days), 0
        for _ in range(BLANK_ROUNDS):
            with self.db.transaction() as tx:
                found = downloads.blank_before(tx, organization_id, before, BLANK_ROWS)
            blanked += found
            if found < BLANK_ROWS:
                break
        return blanked

    def _all(self, some: Callable[[], int]) -> int:
        done = 0
        while found := some():
            done += found
        return done

    def _erase_tokens(self, organization_id: OrganizationId, email: str) -> None:
        with self.db.read() as tx:
            found = download_tokens.of_person(tx, organization_id, email)
        for begin in range(0, len(found), BLANK_ROWS):
            with self.db.transaction() as tx:
                download_tokens.blank(tx, found[begin : begin + BLANK_ROWS])

    def _erase_downloads(self, organization_id: OrganizationId, email: str) -> int:
        with self.db.transaction() as tx:
            return downloads.blank_person(tx, organization_id, email, BLANK_ROWS)

    def _erase_feedbacks(self, organization_id: OrganizationId, email: str) -> int:
        with self.db.transaction() as tx:
            return feedbacks.blank_author(tx, organization_id, email, BLANK_ROWS)
