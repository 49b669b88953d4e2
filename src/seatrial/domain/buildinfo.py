"""What a build file says about itself: one frozen result, the same for every format.

`None` (or an empty tuple) means that the file does not say.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Os(StrEnum):
    """Operating systems that a build file itself can be recognised for."""

    IOS = "ios"
    ANDROID = "android"
    MACOS = "macos"
    WINDOWS = "windows"
    LINUX = "linux"
    HARMONYOS = "harmonyos"
    TVOS = "tvos"
    VISIONOS = "visionos"


class Format(StrEnum):
    """File formats, told by content and never by name alone."""

    APK = "apk"
    AAB = "aab"
    APKS = "apks"
    XAPK = "xapk"
    IPA = "ipa"
    MAC_APP_ZIP = "app.zip"
    PKG = "pkg"
    DMG = "dmg"
    MSI = "msi"
    MSIX = "msix"
    EXE = "exe"
    DEB = "deb"
    RPM = "rpm"
    APPIMAGE = "appimage"
    HAP = "hap"
    ZIP = "zip"
    TAR_GZ = "tar.gz"
    OPAQUE = "opaque"
    """Bytes of a custom platform, described by the uploader."""


class SigningKind(StrEnum):
    """How a build is signed, in the words of its platform."""

    UNSIGNED = "unsigned"
    DEBUG = "debug"
    RELEASE = "release"
    DEVELOPMENT = "development"
    AD_HOC = "ad-hoc"
    ENTERPRISE = "enterprise"
    APP_STORE = "app-store"
    DEVELOPER_ID = "developer-id"


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """An X.509 certificate of a signer; fingerprints are lower-case hex of the DER bytes."""

    subject: str
    issuer: str
    serial: str
    sha1: str
    sha256: str
    not_before: datetime | None = None
    not_after: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvisioningProfile:
    """An embedded Apple provisioning profile (CMS-wrapped property list)."""

    uuid: str | None = None
    name: str | None = None
    team_identifiers: tuple[str, ...] = ()
    team_name: str | None = None
    application_identifier: str | None = None
    platforms: tuple[str, ...] = ()
    created: datetime | None = None
    expires: datetime | None = None
    devices: tuple[str, ...] | None = None
    """Device UDIDs; `None` when the profile lists none at all."""
    all_devices: bool = False
    get_task_allow: bool | None = None
    entitlements: dict[str, object] = field(default_factory=dict)
    certificates: tuple[Certificate, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Signing:
    """Who signed the build and how."""

    kind: SigningKind | None = None
    schemes: tuple[str, ...] = ()
    """Signature schemes present: `v1`, `v2`, `v3`, `v3.1` for Android."""
    certificates: tuple[Certificate, ...] = ()
    profile: ProvisioningProfile | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildInfo:
    """Everything that a build file says about itself."""

    format: Format
    os: Os | None = None
    identifier: str | None = None
    display_name: str | None = None
    localized_names: dict[str, str] = field(default_factory=dict)
    """Display names by BCP 47 language tag, the default one left out."""
    version_name: str | None = None
    version_code: str | None = None
    min_os: str | None = None
    target_os: str | None = None
    device_families: tuple[str, ...] = ()
    architectures: tuple[str, ...] = ()
    icon_png: bytes | None = None
    """The icon as PNG, at most 512 pixels wide and high."""
    signing: Signing | None = None
    permissions: tuple[str, ...] = ()
    debuggable: bool | None = None
    managed_configuration: bool = False
    """Whether the build declares a managed configuration (Android app restrictions)."""
    android: dict[str, str] = field(default_factory=dict)
    """`AndroidManifest` values as the contract's `info.android` names them."""
    plist: dict[str, object] = field(default_factory=dict)
    """The chosen keys of Info.plist as the contract's `info.ios.plist` or `info.pkg` names them."""
    warnings: tuple[str, ...] = ()
    """Sentences for people, each about one thing that was odd but did not stop the reading."""
