"""Quotas: looked at before an upload's body is read, and held exactly where it is committed.

The counters are changed by the transactions that change what they count, so the row of the counter is locked when
`hold` looks at it: of two uploads for which there is room for one, one is refused. What is announced and not complete
takes up its room from the announcement on, in the same way; it is added up when it is looked at, from an index.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog
from sqlalchemy import Connection

from seatrial.db import audit_log, quotas, unfinished_uploads, usage
from seatrial.db.engine import Database
from seatrial.domain.access import AppScope, OrganizationScope, Permission
from seatrial.domain.errors import DownloadsExhausted, QuotaExceeded
from seatrial.domain.ids import AppId, OrganizationId
from seatrial.domain.quota import Allowed, Defaults, Item, Quota, counter

FORM_BYTES = 64 << 10
"""What a form has around its files, at most, as far as an announced size goes; what is committed is exact."""
CHECK_EVERY = timedelta(days=1)
_APPS_AT_ONCE = 50

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Room:
    """What may still come in at the moment, and what is said where more does."""

    most_bytes: int | None
    error: QuotaExceeded | None

    def check(self, size: int) -> None:
        """Look whether so many bytes are still allowed.

        Raises QuotaExceeded.
        """
        if self.most_bytes is not None and size > self.most_bytes and self.error is not None:
            raise QuotaExceeded(self.error.item, self.error.limit, self.error.num + size)


EVERYTHING = Room(None, None)


@dataclass(frozen=True, slots=True)
class Quotas:
    """What apps and organizations take up, and how much they may."""

    db: Database
    now: Callable[[], datetime]
    of_organizations: Defaults = field(default_factory=dict)
    of_apps: Defaults = field(default_factory=dict)

    def room(
        self,
        organization_id: OrganizationId,
        app_id: AppId,
        announced_bytes: int | None,
        *,
        builds: int = 0,
        held: int = 0,
    ) -> Room:
        """Look, before a body is read, whether it may come in; `held` are bytes of it that are announced already.

        Raises QuotaExceeded.
        """
        with self.db.read() as tx:
            found = [
                one
                for owner in (app_id, organization_id)
                for one in self._of(tx, organization_id, owner)
                if one.limit is not None
            ]
        announced = max(0, (announced_bytes or 0) - FORM_BYTES)
        tightest = EVERYTHING
        for one in found:
            limit, used = one.limit or 0, (one.used or 0) - (held if one.item is Item.STORAGE else 0)
            coming = {Item.STORAGE: max(1, announced), Item.UPLOAD_SIZE: announced, Item.BUILDS: builds}
            adding = coming.get(one.item, 0)
            if adding and used + adding > limit:
                raise QuotaExceeded(one.name, limit, used + adding)
            if one.item in {Item.STORAGE, Item.UPLOAD_SIZE}:
                left = max(0, limit - used)
                if tightest.most_bytes is None or left < tightest.most_bytes:
                    tightest = Room(left, QuotaExceeded(one.name, limit, used))
        return tightest

    def hold_announced(self, tx: Connection, organization_id: OrganizationId, app_id: AppId) -> None:
        """Look, after the caller's transaction has announced an upload, whether there is room for all of it.

        Raises QuotaExceeded; then nothing of the transaction must stay.
        """
        usage.hold_announced(tx, organization_id, app_id)
        self.hold(tx, organization_id, app_id, Item.STORAGE, Item.BUILDS)

    def hold(self, tx: Connection, organization_id: OrganizationId, app_id: AppId, *items: Item) -> None:
        """Look, after the caller's transaction has counted, whether that is still allowed.

        Raises QuotaExceeded, DownloadsExhausted; then nothing of the transaction must stay.
        """
        for owner in (app_id, organization_id):
            for one in self._of(tx, organization_id, owner, items):
                if one.limit is None or one.used is None or one.used <= one.limit:
                    continue
                if one.item is Item.DOWNLOADS:
                    raise DownloadsExhausted(one.name, one.limit, one.used, _until_next_month(self.now()))
                raise QuotaExceeded(one.name, one.limit, one.used)

    def of_organization(self, scope: OrganizationScope) -> list[Quota]:
        """Give what an organization takes up, and how much it may.

        Raises Forbidden.
        """
        scope.require(Permission.ORGANIZATION_UPDATE)
        return self._show(scope.organization_id, scope.organization_id)

    def of_app(self, scope: AppScope) -> list[Quota]:
        """Give what an app takes up, and how much it may.

        Raises Forbidden.
        """
        scope.require(Permission.APP_GET)
        return self._show(scope.organization_id, scope.app_id)

    def choose_for_organization(self, scope: OrganizationScope, said: Mapping[Item, int | None]) -> list[Quota]:
        """Choose how much of what was granted an organization takes.

        Raises Forbidden.
        """
        scope.require(Permission.ORGANIZATION_UPDATE)
        return self._say(scope, scope.organization_id, "chosen", said)

    def choose_for_app(self, scope: AppScope, said: Mapping[Item, int | None]) -> list[Quota]:
        """Choose how much of it an app may take.

        Raises Forbidden.
        """
        scope.require(Permission.ORGANIZATION_UPDATE)
        return self._say(scope, scope.app_id, "chosen", said)

    def grant(self, scope: OrganizationScope, said: Mapping[Item, int | None]) -> list[Quota]:
        """Let an organization, or the app of an app's scope, take up so much: the operator's word."""
        owner = scope.app_id if isinstance(scope, AppScope) else scope.organization_id
        return self._say(scope, owner, "granted", said)

    def check(self) -> int:
        """Compare counted storage with files where that was longest ago, and correct it; gives how many were wrong.

        Only a node of an older version beside this one can have changed files without counting them.
        """
        wrong, now = 0, self.now()
        with self.db.read() as tx:
            waiting = usage.unchecked(tx, now - CHECK_EVERY, _APPS_AT_ONCE)
        for app_id, organization_id in waiting:
            with self.db.read() as tx:
                counted = usage.read(tx, [app_id], [Item.STORAGE.value]).get((app_id, Item.STORAGE.value), 0)
                is_right = counted == usage.added_up(tx, app_id)
            with self.db.transaction() as tx:
                if not is_right:
                    held = usage.hold(tx, app_id)  # first: whoever counts now is waited for
                    off = usage.added_up(tx, app_id) - held
                    usage.shift(tx, organization_id, app_id, {Item.STORAGE.value: off})
                    log.warning("counted storage was wrong", app_id=app_id, bytes=off)
                    wrong += 1
                usage.note_checked(tx, organization_id, app_id, now)
        return wrong

    def _show(self, organization_id: OrganizationId, owner: str) -> list[Quota]:
        with self.db.read() as tx:
            return self._of(tx, organization_id, owner)

    def _say(self, scope: OrganizationScope, owner: str, column: str, said: Mapping[Item, int | None]) -> list[Quota]:
        with self.db.transaction() as tx:
            quotas.say(tx, scope.organization_id, owner, column, said)
            detail: dict[str, object] = {item.value: amount for item, amount in said.items()}
            audit_log.record(tx, scope, f"quota.{column}", owner, self.now(), detail)
            return self._of(tx, scope.organization_id, owner)

    def _of(
        self, tx: Connection, organization_id: OrganizationId, owner: str, items: Collection[Item] = tuple(Item)
    ) -> list[Quota]:
        now = self.now()
        names = {item: counter(item, now) for item in items}
        said, used = quotas.read(tx, [owner]), usage.read(tx, [owner], names.values())
        is_whole = owner == organization_id
        defaults = self.of_organizations if is_whole else self.of_apps
        announced: dict[Item, int] = {}
        if Item.STORAGE in names or Item.BUILDS in names:
            octets, many = unfinished_uploads.announced(tx, organization_id, None if is_whole else AppId(owner))
            announced = {Item.STORAGE: octets, Item.BUILDS: many}
        found = []
        for item, name in names.items():
            allowed, by_default = said.get((owner, item.value), Allowed()), defaults.get(item)
            found.append(
                Quota(
                    item=item,
                    name=name,
                    used=None if item is Item.UPLOAD_SIZE else used.get((owner, name), 0) + announced.get(item, 0),
                    limit=allowed.limit(by_default),
                    granted=Allowed(allowed.granted).limit(by_default),
                    chosen=allowed.chosen,
                )
            )
        return found


def _until_next_month(now: datetime) -> int:
    first = now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    following = (first + timedelta(days=32)).replace(day=1)
    return max(1, int((following - now).total_seconds()))
