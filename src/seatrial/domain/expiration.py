"""What ends on a day: provisioning profiles, and the certificates that builds are signed with."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from seatrial.domain.buildinfo import Certificate, Signing
from seatrial.domain.ids import AppId, BuildId, OrganizationId

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
    """A build that people can get."""

    id: BuildId
    organization_id: OrganizationId
    app_id: AppId
    version_name: str
    version_code: str
    os: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Expiration:
    """Something that ends in an app, with the published builds that end with it."""

    ending: Ending
    organization_id: OrganizationId
    app_id: AppId
    builds: tuple[PublishedBuild, ...]

    def days_left(self, now: datetime) -> int:
        """Count the whole days until the end; negative after it."""
        return (self.ending.expires_at - now) // _DAY


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


def _signers(signing: Signing) -> Iterable[Certificate]:
    issuers = {certificate.issuer for certificate in signing.certificates if certificate.issuer != certificate.subject}
    return [certificate for certificate in signing.certificates if certificate.subject not in issuers]


def _ending(kind: ExpirationKind, identifier: str, name: str, expires_at: datetime) -> Ending:
    return Ending(kind=kind, identifier=identifier[:NAME_LIMIT], name=name[:NAME_LIMIT], expires_at=expires_at)
