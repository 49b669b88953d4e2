"""Apple provisioning profiles: a property list inside a CMS signature (RFC 5652, sections 3 and 5.1, BER).

The signature itself is not verified: the profile tells where a build can be installed, it grants nothing here.
"""

import json
from datetime import datetime

from seatrial.domain.buildinfo import Certificate, ProvisioningProfile, SigningKind
from seatrial.parsers import der
from seatrial.parsers.certificates import certificate_from_der
from seatrial.parsers.cms import cms_content
from seatrial.parsers.limits import current
from seatrial.parsers.plist import PlistUnreadable, PlistValue, read_plist, table, text, texts

MAX_CERTIFICATES = 100

_MAC = {"OSX", "macOS"}


class ProfileUnreadable(Exception):
    """Bytes that hold no provisioning profile."""


def read_profile(data: bytes) -> ProvisioningProfile:
    """Read an embedded profile: CMS as Apple signs it, or the bare property list of test tools.

    Raise `ProfileUnreadable` where neither is found.
    """
    if len(data) > current().profile_bytes:
        raise ProfileUnreadable(f"it has more than {current().profile_bytes >> 20} MiB")
    try:
        values = read_plist(_property_list(data))
    except PlistUnreadable as problem:
        raise ProfileUnreadable(str(problem)) from None
    entitlements = table(values.get("Entitlements"))
    devices = values.get("ProvisionedDevices")
    task = entitlements.get("get-task-allow", entitlements.get("com.apple.security.get-task-allow"))
    return ProvisioningProfile(
        uuid=text(values.get("UUID")),
        name=text(values.get("Name")),
        team_identifiers=texts(values.get("TeamIdentifier")),
        team_name=text(values.get("TeamName")),
        application_identifier=text(
            entitlements.get("application-identifier", entitlements.get("com.apple.application-identifier"))
        ),
        platforms=texts(values.get("Platform")),
        created=_moment(values.get("CreationDate")),
        expires=_moment(values.get("ExpirationDate")),
        devices=texts(devices) if isinstance(devices, list) else None,
        all_devices=values.get("ProvisionsAllDevices") is True,
        get_task_allow=task if isinstance(task, bool) else None,
        entitlements=_plain(entitlements),
        certificates=_certificates(values.get("DeveloperCertificates")),
    )


def signing_kind(profile: ProvisioningProfile) -> SigningKind:
    """Tell where a build with this profile can go.

    Profiles for macOS alone carry no get-task-allow, so that their device list means development.
    """
    only_mac = bool(profile.platforms) and set(profile.platforms) <= _MAC
    if profile.all_devices:
        return SigningKind.DEVELOPER_ID if only_mac else SigningKind.ENTERPRISE
    if profile.devices is None:
        return SigningKind.APP_STORE
    return SigningKind.DEVELOPMENT if profile.get_task_allow or only_mac else SigningKind.AD_HOC


def _property_list(data: bytes) -> bytes:
    if data.startswith((b"bplist", b"<?xml", b"<plist", b"<!DOCTYPE")):
        return data
    try:
        return cms_content(data)
    except der.DerError:
        # Test tools wrap the list in something that only looks like CMS; Apple's tools look for the list, too.
        start = data.find(b"<?xml")
        end = data.rfind(b"</plist>")
        if 0 <= start < end:
            return data[start : end + len(b"</plist>")]
        raise ProfileUnreadable("it is neither signed data nor a property list") from None


def _moment(value: PlistValue | None) -> datetime | None:
    return value if isinstance(value, datetime) else None


def _plain(entitlements: dict[str, PlistValue]) -> dict[str, object]:
    """Keep what JSON can say; dates become text, bytes (none are defined for entitlements) are left out."""
    plain = json.loads(json.dumps(entitlements, default=lambda v: str(v) if isinstance(v, datetime) else None))
    assert isinstance(plain, dict)
    return plain


def _certificates(value: PlistValue | None) -> tuple[Certificate, ...]:
    found = value[:MAX_CERTIFICATES] if isinstance(value, list) else []
    return tuple(certificate_from_der(data) for data in found if isinstance(data, bytes))
