"""Android App Bundles (AAB): what an app is made of before it becomes packages for devices.

Sources: developer.android.com, "The Android App Bundle format"; `config.proto` of bundletool for `BundleConfig.pb`.
Manifests and resources are protocol buffers (see `aab_xml` and `aab_resources`), the signature is that of a JAR.
"""

from typing import BinaryIO

from seatrial.domain.buildinfo import BuildInfo, Format, Os
from seatrial.domain.errors import BuildFileInvalid, ProcessingCode
from seatrial.parsers import aab_xml
from seatrial.parsers.aab_manifest import (
    DEBUGGABLE,
    MIN_SDK,
    TARGET_SDK,
    TEST_ONLY,
    VERSION_NAME,
    Manifest,
    Resources,
)
from seatrial.parsers.aab_modules import BASE, contents, feature_modules, manifest_path, sdk_versions
from seatrial.parsers.aab_resources import ModuleDrawables
from seatrial.parsers.aab_signing import read_signing
from seatrial.parsers.android_xml import read_manifest
from seatrial.parsers.archive import Archive
from seatrial.parsers.drawables import Icon
from seatrial.parsers.drawables_icon import find_icon


def parse_aab(file: BinaryIO, archive: Archive | None = None) -> BuildInfo:
    """Read a bundle from a seekable file; raise `BuildFileInvalid` where it is none.

    Only an unreadable archive or base manifest is fatal: a broken resource table, icon, module or signature leaves
    its fields empty and adds a warning.
    """
    archive = archive or Archive.open(file)
    warnings: list[str] = []
    resources = Resources(archive, BASE, warnings)
    manifest = Manifest(_base_manifest(archive), resources)
    package = manifest.plain("package")
    if not package:
        raise _invalid("The manifest of the base module names no package")
    names = manifest.names()
    display_name = names.pop("", None) or next(iter(names.values()), None)
    version_name, version_code = resources.text(manifest.root.value(VERSION_NAME)), manifest.version_code()
    min_sdk, target_sdk = manifest.sdk(MIN_SDK), manifest.sdk(TARGET_SDK)
    icon = _icon(archive, manifest)
    if icon.warning:
        warnings.append(icon.warning)
    found = contents(archive)
    modules = feature_modules(archive, found.modules, resources, warnings)
    signing = read_signing(archive)
    if manifest.flag(TEST_ONLY):
        warnings.append("The bundle is marked testOnly; stores refuse it.")
    android = {
        "targetSdkVersion": target_sdk,
        "minSDKVersion": min_sdk,
        "packageName": package,
        "platformBuildVersionName": manifest.plain("platformBuildVersionName"),
        "platformBuildVersionCode": manifest.plain("platformBuildVersionCode"),
        "versionName": version_name,
        "versionCode": version_code,
        "icon": icon.path,
    }
    sdks = manifest.sdks() | sdk_versions(archive, warnings)
    return BuildInfo(
        format=Format.AAB,
        os=Os.ANDROID,
        identifier=package,
        display_name=display_name,
        localized_names=names,
        version_name=version_name,
        version_code=version_code,
        min_os=min_sdk,
        target_os=target_sdk,
        device_families=manifest.device_families(),
        architectures=found.architectures,
        icon_png=icon.png,
        icon_source=f"{BASE}/{icon.path}" if icon.path else None,
        signing=signing.signing,
        permissions=manifest.permissions(),
        capabilities=manifest.features(),
        url_schemes=manifest.url_schemes(),
        embedded=modules,
        native_libraries=found.native_libraries,
        sizes=found.sizes,
        sdks={key: value for key, value in sdks.items() if value},
        debuggable=manifest.flag(DEBUGGABLE),
        managed_configuration=manifest.has_restrictions(),
        android={key: value for key, value in android.items() if value},
        warnings=(*archive.warnings, *warnings, *signing.warnings),
    )


def _base_manifest(archive: Archive) -> aab_xml.Element:
    path = manifest_path(BASE)
    return read_manifest(
        archive,
        path,
        aab_xml.parse,
        broken=(ValueError,),
        missing=f"The bundle has no {path}, so it holds no app. Upload the .aab file that the Android build writes.",
        called="The manifest of the base module",
        form="the form",
        refusal=_invalid,
    )


def _invalid(what: str) -> BuildFileInvalid:
    return BuildFileInvalid(ProcessingCode.MANIFEST_INVALID, f"{what}. Build the bundle again and upload that file.")


def _icon(archive: Archive, manifest: Manifest) -> Icon:
    wishes = manifest.icons()
    if not wishes:
        return Icon()
    return find_icon(ModuleDrawables(archive, BASE, manifest.resources.table()), wishes)
