"""What ends on a day: provisioning profiles, and the certificates that builds are signed with."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from seatrial.domain.build import ApplicationInfo
from seatrial.domain.buildinfo import Certificate, Signing
from seatrial.domain.ids import BuildId, OrganizationId
from seatrial.domain.listing import ListQuery

THRESHOLDS = (60, 45, 30, 14, 7, 1)
"""Days before the end at which people are reminded, once each."""
NAME_LIMIT = 255
_DAY = timedelta(days=1)


class ExpirationKind(StrEnum):
    """What ends."""

    PROFILE = "profile"
    """An Apple provisioning profile: nobody can install or start the app after it."""
    CERTIFICATE = "certificate"
    """A certificate of whoever signed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """Something of a build that ends; the same one may be in many builds."""

    kind: ExpirationKind
    identifier: str
    """A profile's UUID, a certificate's SHA-256."""
    name: str
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedBuild:
    """A build that people can get, and what of it ends."""

    id: BuildId
    organization_id: OrganizationId
    application: ApplicationInfo
    version_name: str
    version_code: str
    os: str
    slug: str
    """Of a publication that gives it."""
    endings: tuple[Ending, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Expiration:
    """Something that ends in an app, with the published builds that end with it."""

    ending: Ending
    organization_id: OrganizationId
    application: ApplicationInfo
    builds: tuple[PublishedBuild, ...]

    def days_left(self, now: datetime) -> int:
        """Count the whole days until the end; negative after it."""
        return (self.ending.expires_at - now) // _DAY


@dataclass(frozen=True, slots=True)
class EndingCredential:
    """A credential with an end."""

    organization_id: OrganizationId
    name: str
    app: str
    """The name of its app; empty for a service account."""
    app_slug: str
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpirationQuery:
    """One page of what ends."""

    paging: ListQuery
    within_days: int | None = None
    """Only what ends in so many days, or has ended."""


def gathered(builds: Iterable[PublishedBuild]) -> list[Expiration]:
    """Put together what ends in several builds of an app: one profile is renewed once. What ends first comes first."""
    found: dict[tuple[str, Ending], list[PublishedBuild]] = {}
    for build in builds:
        for ending in build.endings:
            found.setdefault((build.application.id, ending), []).append(build)
    together = [
        Expiration(
            ending=ending,
            organization_id=builds[0].organization_id,
            application=builds[0].application,
            builds=tuple({build.id: build for build in builds}.values()),
        )
        for (_, ending), builds in found.items()
    ]
    return sorted(together, key=_order)


def endings(signing: Signing | None) -> list[Ending]:
    """List what ends in a build, each once.

    Of certificates only the signer's own: those of the authorities above it are not the team's to renew. Where the
    signature names none, those that the profile admits are all that is known.
    """
    if signing is None:
        return []
    found: list[Ending] = []
    profile = signing.profile
    if profile is not None and profile.expires is not None:
        name = profile.name or profile.uuid or ""
        identifier = profile.uuid or name or profile.application_identifier or "profile"
        found.append(_ending(ExpirationKind.PROFILE, identifier, name, profile.expires))
    found += [
        _ending(ExpirationKind.CERTIFICATE, certificate.sha256, certificate.subject, certificate.not_after)
        for certificate in _signers(signing)
        if certificate.not_after is not None
    ]
    return list({(one.kind, one.identifier): one for one in found}.values())


def threshold(expires_at: datetime, now: datetime) -> int | None:
    """Tell which reminder is due: the nearest one that has passed; none long before the end, and none after it."""
    left = expires_at - now
    if left <= timedelta():
        return None
    return min((days for days in THRESHOLDS if left <= days * _DAY), default=None)


def _order(one: Expiration) -> tuple[datetime, str, str]:
    return (one.ending.expires_at, one.application.id, one.ending.identifier)


def _signers(signing: Signing) -> Iterable[Certificate]:
    issuers = {certificate.issuer for certificate in signing.certificates if certificate.issuer != certificate.subject}
    return [certificate for certificate in signing.certificates if certificate.subject not in issuers]


def _ending(kind: ExpirationKind, identifier: str, name: str, expires_at: datetime) -> Ending:
    return Ending(kind=kind, identifier=identifier[:NAME_LIMIT], name=name[:NAME_LIMIT], expires_at=expires_at)
