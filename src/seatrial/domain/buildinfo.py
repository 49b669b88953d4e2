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
    SIGNED = "signed"
    """Signed in a way that has no finer classes: Windows and Linux packages."""
    INVALID = "invalid"
    """Signed, but the signature does not fit the file, so that no device takes it."""


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
    """Signature schemes present, oldest first: `v1`, `v2`, `v3`, `v3.1` for Android, else the format's own word."""
    certificates: tuple[Certificate, ...] = ()
    """Signers, those of the newest scheme first."""
    lineage: tuple[Certificate, ...] = ()
    """Keys that have signed the app in turn (Android key rotation), oldest first, the present one last."""
    verified: bool | None = None
    """Whether the signed digests fit the file's bytes; `None` where that was not looked at."""
    team: str | None = None
    """Apple's team identifier, of the profile or of the code signature."""
    profile: ProvisioningProfile | None = None


class EmbeddedKind(StrEnum):
    """What else a build installs, or is made of."""

    EXTENSION = "extension"
    WATCH_APP = "watch-app"
    APP_CLIP = "app-clip"
    FEATURE_MODULE = "feature-module"
    SPLIT = "split"
    PACKAGE = "package"
    """A package in an installer or in a bundle of packages."""
    APP = "app"
    """An app in an installer or a disk image."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EmbeddedBundle:
    """A bundle, module or package inside the build."""

    kind: EmbeddedKind
    path: str
    """Where it is in the file, as the file spells it; never to be used as a path of this machine."""
    identifier: str | None = None
    display_name: str | None = None
    version_name: str | None = None
    version_code: str | None = None
    extension_point: str | None = None
    """`NSExtensionPointIdentifier` of an Apple extension."""


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
    icon_source: str | None = None
    """The member that the icon was read or drawn from."""
    signing: Signing | None = None
    permissions: tuple[str, ...] = ()
    entitlements: dict[str, object] = field(default_factory=dict)
    """Entitlements of the code signature (Apple), JSON values only."""
    capabilities: tuple[str, ...] = ()
    """What else the build asks of the system: background modes, Windows capabilities, Android features."""
    url_schemes: tuple[str, ...] = ()
    embedded: tuple[EmbeddedBundle, ...] = ()
    frameworks: tuple[str, ...] = ()
    """File names of embedded frameworks and dynamic libraries (Apple)."""
    native_libraries: tuple[str, ...] = ()
    """File names of native libraries, each once (`libflutter.so`)."""
    sizes: dict[str, int] = field(default_factory=dict)
    """Packed bytes by category: `code`, `native`, `resources`, `assets`, `frameworks`, `signature`, `other`."""
    sdks: dict[str, str] = field(default_factory=dict)
    """Versions of what the build was made with, as it states them: `xcode`, `iphoneos`, `compileSdk`, `flutter`."""
    debuggable: bool | None = None
    managed_configuration: bool = False
    """Whether the build declares a managed configuration (Android app restrictions)."""
    android: dict[str, str] = field(default_factory=dict)
    """`AndroidManifest` values as the contract's `info.android` names them."""
    plist: dict[str, object] = field(default_factory=dict)
    """The chosen keys of Info.plist as the contract's `info.ios.plist` or `info.pkg` names them."""
    warnings: tuple[str, ...] = ()
    """Sentences for people, each about one thing that was odd but did not stop the reading."""
