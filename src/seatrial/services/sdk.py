"""What apps on devices ask: how they are set up, whether there is something newer, and how to get it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy import Connection

from seatrial.db import apps, sdk
from seatrial.db.engine import Database
from seatrial.domain.access import AppScope, Permission
from seatrial.domain.app import App
from seatrial.domain.build import Build
from seatrial.domain.buildinfo import Os
from seatrial.domain.device import Device
from seatrial.domain.download import DownloadOrigin, DownloadToken, holder_of
from seatrial.domain.errors import InsufficientStorage, NotAuthenticated, ServiceUnavailable
from seatrial.domain.ids import AppId
from seatrial.domain.membership import MemberIdentity
from seatrial.domain.sdk import SDK_SYSTEMS, LastBuild, Offer, SdkRules, Sighting, offer_to, plain_offer
from seatrial.services.downloads import Downloads

log = structlog.get_logger()

SIGHTING_GRAIN = timedelta(minutes=1)
"""How often one system of an app is written down as seen: an app on a million devices asks often."""
LONGEST_SDK_VERSION = 64
NO_IDENTIFIER = "no_id"
"""What Apple's SDK says of an app without an identifier."""


@dataclass(frozen=True, slots=True)
class SdkConfiguration:
    """An app as its SDK sees it."""

    app: App
    platforms: tuple[str, ...]
    rules: Mapping[Os, SdkRules]
    offers: Mapping[Os, Offer]


@dataclass(frozen=True, slots=True)
class Sdk:
    """Answers devices."""

    db: Database
    downloads: Downloads
    now: Callable[[], datetime]

    def configuration(self, scope: AppScope, device: Device, member: MemberIdentity | None) -> SdkConfiguration:
        """Tell an app its rules and which build is the last one for it.

        The SDK for iOS asks people to sign in when it is refused here, and nowhere else; that for Android when it is
        refused a download token.

        Raises Forbidden, EntityNotFound, NotAuthenticated.
        """
        scope.require(Permission.SDK_USE)
        with self.db.read() as tx:
            app = apps.get(tx, scope)
            rules = {system: app.sdk.get(system, SdkRules()) for system in SDK_SYSTEMS}
            platforms = apps.build_sums(tx, [app])[app.id].platforms
            last = {system: self._last(tx, scope, system, device) for system in SDK_SYSTEMS}
            seen = sdk.sightings(tx, [app.id])
        capabilities = ("updates",) if member is None else ("updates", "login")
        self._note(scope, device, seen, capabilities, last)
        if device.sdk_version and device.os is Os.IOS:
            require_member(rules[Os.IOS], member)
        offers = {
            system: offer_to(device, one) if device.os is system else plain_offer(one) for system, one in last.items()
        }
        return SdkConfiguration(app, platforms, rules, offers)

    def issue(self, scope: AppScope, build_id: str, device: Device, member: MemberIdentity | None) -> DownloadToken:
        """Make a download token for the device that asks.

        Raises Forbidden, EntityNotFound, BuildNotProcessed, BuildDisabled, NotAuthenticated where only members may
        download and none has signed in.
        """
        scope.require(Permission.SDK_USE)

        def admit(tx: Connection, build: Build) -> None:
            rules = apps.get(tx, scope).sdk
            for system in SDK_SYSTEMS:
                if build.os == system.value:
                    require_member(rules.get(system, SdkRules()), member)

        holder = holder_of(member, DownloadOrigin.SDK, device)
        return self.downloads.issue_to(scope, build_id, holder, admit=admit)

    def note(self, scope: AppScope, device: Device, capability: str) -> None:
        """Remember that an SDK of the app can do something."""
        with self.db.read() as tx:
            seen = sdk.sightings(tx, [scope.app_id])
            last = {device.os: self._last(tx, scope, device.os, device)} if device.os in SDK_SYSTEMS else {}
        self._note(scope, device, seen, (capability,), last)

    def _last(self, tx: Connection, scope: AppScope, system: Os, device: Device) -> LastBuild | None:
        """Find the last build for a device; one of another identifier is another app, and no update.

        Were it offered, it would be installed beside the app that asks, which then would ask again, for ever.
        """
        identifier = "" if device.package_name == NO_IDENTIFIER else device.package_name
        found = sdk.last_build(tx, scope, system, identifier) if identifier else None
        if found is not None or (identifier and device.os is system):
            return found
        return sdk.last_build(tx, scope, system, "")

    def _note(
        self,
        scope: AppScope,
        device: Device,
        seen: Mapping[tuple[AppId, Os], Sighting],
        capabilities: tuple[str, ...],
        last: Mapping[Os, LastBuild | None],
    ) -> None:
        system = device.os
        if system not in SDK_SYSTEMS or not device.sdk_version:
            return
        now, before = self.now(), seen.get((scope.app_id, system))
        known = set(before.capabilities) if before else set()
        if before is not None and known.issuperset(capabilities) and now - before.seen_at < SIGHTING_GRAIN:
            return
        found = last.get(system)
        sighting = Sighting(
            app_id=scope.app_id,
            os=system,
            sdk_version=device.sdk_version[:LONGEST_SDK_VERSION],
            capabilities=tuple(sorted(known.union(capabilities))),
            package_known=found is not None and found.identifier == device.package_name,
            seen_at=now,
        )
        try:
            with self.db.transaction() as tx:
                sdk.write_sighting(tx, sighting)
        except (ServiceUnavailable, InsufficientStorage) as error:
            # Reading goes on while the database is full or locked: a note in the margin must not stop it.
            log.warning("the sighting of an SDK is not noted", reason=repr(error))


def require_member(rules: SdkRules, member: MemberIdentity | None) -> None:
    """Let only those go on who have signed in, where that is the rule; a name that an app only claims is not enough.

    Raises NotAuthenticated.
    """
    if rules.force_auth and (member is None or not member.is_verified):
        raise NotAuthenticated
