"""What the team does with testers' devices: look, take the UDIDs along, forget."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from seatrial.db import audit_log, known_devices, profiled_builds
from seatrial.db.engine import Database
from seatrial.domain.access import OrganizationScope, Permission
from seatrial.domain.build import MAX_LIMIT, Page
from seatrial.domain.errors import EntityNotFound
from seatrial.domain.known_device import DeviceQuery, KnownDevice, SeenDevice, seen
from seatrial.domain.membership import MemberIdentity


@dataclass(frozen=True, slots=True)
class KnownDevices:
    """What callers may do with an organization's devices."""

    db: Database
    now: Callable[[], datetime]

    def search(self, scope: OrganizationScope, query: DeviceQuery) -> Page[SeenDevice]:
        """Give one page of devices, each with the builds that would install on it.

        Raises Forbidden.
        """
        scope.require(Permission.DEVICE_LIST)
        organization_id = scope.organization_id
        with self.db.read() as tx:
            builds = profiled_builds.profiled(tx, organization_id, self.now())
            named = frozenset[str]().union(*(build.devices for build in builds))
            page = known_devices.search(tx, organization_id, query, named)
        return Page([seen(device, builds) for device in page.items], page.total, page.page, page.limit)

    def added_since(self, scope: OrganizationScope, moment: datetime) -> int:
        """Count the devices that became known after a moment.

        Raises Forbidden.
        """
        scope.require(Permission.DEVICE_LIST)
        with self.db.read() as tx:
            return known_devices.added_since(tx, scope.organization_id, moment)

    def every(self, scope: OrganizationScope, query: DeviceQuery) -> Iterator[list[SeenDevice]]:
        """Give all devices that match, batch by batch; who may not have them is refused before the first one.

        Raises Forbidden.
        """
        scope.require(Permission.DEVICE_LIST)
        return self._batches(scope, replace(query, page=1, limit=MAX_LIMIT))

    def get(self, scope: OrganizationScope, device_id: str) -> SeenDevice:
        """Give one device.

        Raises Forbidden, EntityNotFound.
        """
        scope.require(Permission.DEVICE_LIST)
        with self.db.read() as tx:
            found = known_devices.find(tx, scope.organization_id, device_id)
            if found is None:
                raise EntityNotFound
            return seen(found, profiled_builds.profiled(tx, scope.organization_id, self.now()))

    def delete(self, scope: OrganizationScope, device_id: str) -> None:
        """Forget a device; profiles that name it are Apple's, and stay as they are.

        Raises Forbidden, EntityNotFound.
        """
        scope.require(Permission.DEVICE_DELETE)
        with self.db.transaction() as tx:
            if not known_devices.delete_device(tx, scope.organization_id, device_id):
                raise EntityNotFound
            audit_log.record(tx, scope, "device.delete", device_id.lower(), self.now())

    def of_member(self, member: MemberIdentity) -> list[KnownDevice]:
        """List somebody's own devices; none for whom an app only said that they are this person."""
        if not member.is_verified:
            return []
        with self.db.read() as tx:
            return known_devices.of_member(tx, member.organization_id, member.kind, member.id)

    def _batches(self, scope: OrganizationScope, query: DeviceQuery) -> Iterator[list[SeenDevice]]:
        while True:
            page = self.search(scope, query)
            yield list(page.items)
            if page.page * page.limit >= page.total:
                return
            query = replace(query, page=query.page + 1)
