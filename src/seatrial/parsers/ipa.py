"""iOS, iPadOS, tvOS and visionOS packages: `Payload/<name>.app/` in a ZIP archive.

Keys of Info.plist: Apple's "Information Property List" reference. Extensions, watch apps and app clips inside the
app are not looked at: what is installed and updated is the app.
"""

import re
from typing import BinaryIO

from seatrial.domain.buildinfo import BuildInfo, Format, Os, Signing, SigningKind
from seatrial.domain.errors import BuildFileInvalid, ProcessingCode
from seatrial.parsers import plist
from seatrial.parsers.archive import Archive, Member, shown
from seatrial.parsers.ipa_icons import best_icon, icon_names
from seatrial.parsers.macho import HEAD, Executable, read_head
from seatrial.parsers.plist import PlistUnreadable, PlistValue, text, texts
from seatrial.parsers.provisioning import MAX_BYTES as MAX_PROFILE
from seatrial.parsers.provisioning import ProfileUnreadable, read_profile, signing_kind

MAX_LANGUAGES = 200

_APP_PLIST = re.compile(r"Payload/([^/]+\.app)/Info\.plist")
_STRINGS = re.compile(r"([A-Za-z0-9_\-]{1,35})\.lproj/InfoPlist\.strings")
_DEEPER = re.compile(r"[^/]+/Payload/[^/]+\.app/")
_WANTED = frozenset(
    {
        *("CFBundleDisplayName", "CFBundleName", "CFBundleExecutable", "CFBundleIdentifier", "DTSDKName"),
        *("CFBundleShortVersionString", "CFBundleVersion", "MinimumOSVersion", "UIDeviceFamily"),
        *("CFBundleSupportedPlatforms", "DTPlatformName", "CFBundleDevelopmentRegion"),
        *("CFBundleIcons", "CFBundleIcons~ipad", "CFBundleIconFiles", "CFBundleIconFiles~ipad", "CFBundleIconFile"),
    }
)
_OF_PLATFORM = {
    "iphoneos": Os.IOS,
    "iphonesimulator": Os.IOS,
    "appletvos": Os.TVOS,
    "appletvsimulator": Os.TVOS,
    "xros": Os.VISIONOS,
    "xrsimulator": Os.VISIONOS,
}
_FAMILIES = {"1": "iphone", "2": "ipad", "3": "tv", "4": "watch", "6": "mac", "7": "vision"}
# UIDeviceFamily may be left out; what the platform implies stands in.
_IMPLIED_FAMILY = {Os.IOS: "iphone", Os.TVOS: "tv", Os.VISIONOS: "vision"}


def parse_ipa(file: BinaryIO, archive: Archive | None = None) -> BuildInfo:
    """Read the app that an ipa installs; raise `BuildFileInvalid` when there is not exactly one, or no identifier."""
    archive = archive or Archive.open(file)
    app = _app_folder(archive)
    values = _info_plist(archive, app)
    identifier = text(values.get("CFBundleIdentifier"))
    if identifier is None:
        raise BuildFileInvalid(
            ProcessingCode.MANIFEST_INVALID, "The app's Info.plist has no CFBundleIdentifier; set a bundle identifier."
        )
    warnings: list[str] = []
    system = _system(values, warnings)
    executable = _executable(archive, app, values, warnings)
    name = _display_name(values)
    return BuildInfo(
        format=Format.IPA,
        os=system,
        identifier=identifier,
        display_name=name,
        localized_names=_localized_names(archive, app, name),
        version_name=text(values.get("CFBundleShortVersionString")),
        version_code=text(values.get("CFBundleVersion")),
        min_os=text(values.get("MinimumOSVersion")),
        target_os=text(values.get("DTSDKName")),
        device_families=_families(values, system),
        architectures=executable.architectures if executable else (),
        icon_png=best_icon(archive, app, values, warnings),
        signing=_signing(archive, app, warnings),
        plist=_contract_plist(values),
        warnings=(*archive.warnings, *warnings),
    )


def _app_folder(archive: Archive) -> str:
    apps = [found[1] for name in archive.names() if (found := _APP_PLIST.fullmatch(name))]
    if len(apps) == 1:
        return f"Payload/{apps[0]}/"
    if apps:
        listed = ", ".join(shown(app) for app in apps[:3])
        raise BuildFileInvalid(
            ProcessingCode.MANIFEST_INVALID,
            f"The Payload folder holds {len(apps)} apps ({listed}); an ipa must hold exactly one.",
        )
    sentence = "The archive has no Payload/<name>.app/Info.plist; export the app as an ipa again."
    if any(_DEEPER.match(name) for name in archive.names()):
        sentence = "The Payload folder is not at the archive's top; zip the folder Payload itself, not its parent."
    raise BuildFileInvalid(ProcessingCode.MANIFEST_MISSING, sentence)


def _info_plist(archive: Archive, app: str) -> dict[str, PlistValue]:
    data = archive.read(app + "Info.plist", plist.MAX_BYTES)
    try:
        return plist.read_plist(data, _WANTED)
    except PlistUnreadable as problem:
        raise BuildFileInvalid(
            ProcessingCode.MANIFEST_INVALID, f"The app's Info.plist cannot be read: {problem}."
        ) from None


def _display_name(values: dict[str, PlistValue]) -> str | None:
    keys = ("CFBundleDisplayName", "CFBundleName", "CFBundleExecutable")
    return next((name for key in keys if (name := text(values.get(key)))), None)


def _system(values: dict[str, PlistValue], warnings: list[str]) -> Os:
    platforms = [*texts(values.get("CFBundleSupportedPlatforms")), *texts(values.get("DTPlatformName"))]
    names = [platform.lower() for platform in platforms]
    if any(name.endswith("simulator") for name in names):
        warnings.append("The app is built for a simulator; it cannot be installed on a device.")
    known = (system for name in names if (system := _OF_PLATFORM.get(name)))
    return next(known, Os.IOS)


def _families(values: dict[str, PlistValue], system: Os) -> tuple[str, ...]:
    numbers = texts(values.get("UIDeviceFamily"))
    return tuple(_FAMILIES[n] for n in numbers if n in _FAMILIES) or (_IMPLIED_FAMILY[system],)


def _localized_names(archive: Archive, app: str, default: str | None) -> dict[str, str]:
    names: dict[str, str] = {}
    for path in archive.names():
        if len(names) == MAX_LANGUAGES:
            break
        found = _STRINGS.fullmatch(path, len(app)) if path.startswith(app) else None
        if found is None:
            continue
        try:
            values = plist.read_strings(archive.read(path, plist.MAX_STRINGS))
        except (PlistUnreadable, BuildFileInvalid):
            continue  # a translation that cannot be read leaves the default name standing
        name = text(values.get("CFBundleDisplayName")) or text(values.get("CFBundleName"))
        if name is not None and name != default and found[1] != "Base":
            names[found[1].replace("_", "-")] = name
    return names


def _executable(archive: Archive, app: str, values: dict[str, PlistValue], warnings: list[str]) -> Executable | None:
    name = text(values.get("CFBundleExecutable"))
    member = archive.find(app + name) if name else None
    if member is None:
        warnings.append("The app's executable is not in the archive; the app cannot be installed.")
        return None
    try:
        executable = read_head(_head(archive, member))
    except BuildFileInvalid as problem:
        warnings.append(problem.sentence)
        return None
    if executable is None:
        warnings.append("The app's executable is not a Mach-O file; the app cannot be installed.")
    elif executable.encrypted:
        warnings.append(
            "The app is encrypted by the App Store (FairPlay); it runs for the account that bought it only."
        )
    return executable


def _head(archive: Archive, member: Member) -> bytes:
    head = bytearray()
    for part in archive.stream(member):
        head += part
        if len(head) >= HEAD:
            break
    return bytes(head[:HEAD])


def _signing(archive: Archive, app: str, warnings: list[str]) -> Signing | None:
    member = archive.find(app + "embedded.mobileprovision")
    if member is None:
        if archive.find(app + "_CodeSignature/CodeResources") is None:
            warnings.append("The app is not signed; it cannot be installed on a device.")
            return Signing(kind=SigningKind.UNSIGNED)
        return None
    try:
        profile = read_profile(archive.read(member, MAX_PROFILE))
    except (ProfileUnreadable, BuildFileInvalid) as problem:
        warnings.append(f"The provisioning profile cannot be read: {problem}")
        return None
    return Signing(kind=signing_kind(profile), certificates=profile.certificates, profile=profile)


def _contract_plist(values: dict[str, PlistValue]) -> dict[str, object]:
    """Name the values as the contract's `info.ios.plist` does: single ones as text, lists as lists of text."""
    single = (
        *("CFBundleDisplayName", "MinimumOSVersion", "CFBundleIdentifier"),
        *("CFBundleShortVersionString", "CFBundleVersion", "CFBundleName"),
    )
    chosen: dict[str, object] = {key: found for key in single if (found := text(values.get(key)))}
    lists = {
        "CFBundleSupportedPlatforms": texts(values.get("CFBundleSupportedPlatforms")),
        "CFBundleIcons": icon_names(values),
        "UIDeviceFamily": texts(values.get("UIDeviceFamily")),
    }
    return chosen | {key: list(found) for key, found in lists.items() if found}
