"""Android packages (APK): the manifest, the label and icon it points to, and the signers.

Sources: developer.android.com, "App manifest"; the attribute ids are the public ones of `android.R.attr`.
"""

import struct
from typing import BinaryIO

from seatrial.domain.buildinfo import BuildInfo, Format, Os, Signing, SigningKind
from seatrial.domain.errors import BuildFileInvalid, ProcessingCode
from seatrial.parsers import android_xml, axml, limits
from seatrial.parsers.apk_contents import read_contents, sdk_versions
from seatrial.parsers.apk_icon import find_icon
from seatrial.parsers.apk_signatures import read_signatures
from seatrial.parsers.archive import Archive
from seatrial.parsers.axml import Element
from seatrial.parsers.chunks import Kind
from seatrial.parsers.drawables import Icon
from seatrial.parsers.resources import Table
from seatrial.parsers.texts import listed, told

MANIFEST = "AndroidManifest.xml"
RESOURCES = "resources.arsc"
MAX_LISTED = 1_000
"""Permissions, features and URL schemes that are kept."""
MAX_LANGUAGES = 200

_LABEL = 0x01010001
_ICON = 0x01010002
_NAME = 0x01010003
_DEBUGGABLE = 0x0101000F
_SCHEME = 0x01010027
_MIN_SDK = 0x0101020C
_VERSION_CODE = 0x0101021B
_VERSION_NAME = 0x0101021C
_TARGET_SDK = 0x01010270
_TEST_ONLY = 0x01010272
_LOGO = 0x010102BE
_BANNER = 0x010103F2
_REQUIRED = 0x0101028E
_ROUND_ICON = 0x0101052C
_COMPILE_SDK = 0x01010572
_COMPILE_SDK_CODENAME = 0x01010573
_VERSION_CODE_MAJOR = 0x01010576
_SPLIT_REQUIRED = 0x01010591

_APP_RESTRICTIONS = "android.content.APP_RESTRICTIONS"
_LAUNCHERS = {"android.intent.category.LAUNCHER", "android.intent.category.LEANBACK_LAUNCHER"}
_ENTRANCES = ("activity", "activity-alias")
_PERMISSIONS = {"uses-permission", "uses-permission-sdk-23", "uses-permission-sdk-m"}
# Features that only devices of a family have; an app that needs one is made for that family.
_FAMILIES = {
    "android.hardware.type.watch": "watch",
    "android.hardware.type.television": "tv",
    "android.software.leanback": "tv",
    "android.hardware.type.automotive": "automotive",
}

# What reading a file that lies about its own structure comes down to; `UnicodeError` is a `ValueError`.
_BROKEN = (struct.error, ValueError, IndexError)


def parse_apk(file: BinaryIO, archive: Archive | None = None) -> BuildInfo:
    """Read an APK from a seekable file; raise `BuildFileInvalid` where it is none.

    Only an unreadable archive or manifest is fatal: a broken resource table, icon or signature leaves its
    fields empty and adds a warning.
    """
    archive = archive or Archive.open(file)
    manifest = read_manifest(archive)
    apk = _Apk(archive, manifest)
    try:
        info = apk.read(file)
    except _BROKEN as problem:
        raise _invalid(f"The manifest cannot be understood ({problem})") from None
    return info


def read_manifest(archive: Archive) -> Element:
    """Read `AndroidManifest.xml`; raise `BuildFileInvalid` where it is missing or not Android's binary XML."""
    return android_xml.read_manifest(
        archive,
        MANIFEST,
        axml.parse,
        broken=_BROKEN,
        missing="The archive has no AndroidManifest.xml, so it is no Android app. Upload the APK that the Android"
        " build writes, not an archive around it.",
        called="AndroidManifest.xml",
        form="the binary form",
        refusal=_invalid,
    )


def _invalid(what: str) -> BuildFileInvalid:
    return BuildFileInvalid(ProcessingCode.MANIFEST_INVALID, f"{what}. Build the APK again and upload that file.")


class _Apk:
    """One reading of one APK, with what was odd about it."""

    def __init__(self, archive: Archive, manifest: Element) -> None:
        self.archive = archive
        self.manifest = manifest
        self.application = next(manifest.named("application"), None)
        self.warnings: list[str] = []
        self._table: Table | None = None
        self._table_read = False

    def read(self, file: BinaryIO) -> BuildInfo:
        package = told(self.plain("package"))
        if not package:
            raise _invalid("AndroidManifest.xml names no package")
        names = self.label()
        display_name = names.pop("", None) or next(iter(names.values()), None)
        min_sdk, target_sdk = self.sdk(_MIN_SDK), self.sdk(_TARGET_SDK)
        version_name, version_code = told(self.text(self.manifest, _VERSION_NAME)), self.version_code()
        icon = self.icon()
        android = {
            "targetSdkVersion": target_sdk,
            "minSDKVersion": min_sdk,
            "packageName": package,
            "platformBuildVersionName": told(self.plain("platformBuildVersionName")),
            "platformBuildVersionCode": told(self.plain("platformBuildVersionCode")),
            "versionName": version_name,
            "versionCode": version_code,
            "icon": icon.path,
        }
        signatures = read_signatures(file, self.archive)
        self.warnings += signatures.warnings
        self.warn_about_installing(signatures.signing, target_sdk)
        contents = read_contents(self.archive)
        return BuildInfo(
            format=Format.APK,
            os=Os.ANDROID,
            identifier=package,
            display_name=display_name,
            localized_names=dict(list(names.items())[:MAX_LANGUAGES]),
            version_name=version_name,
            version_code=version_code,
            min_os=min_sdk,
            target_os=target_sdk,
            device_families=self.device_families(),
            architectures=contents.architectures,
            icon_png=icon.png,
            icon_source=icon.path,
            signing=signatures.signing,
            permissions=self.permissions(),
            capabilities=self.features(),
            url_schemes=self.url_schemes(),
            embedded=contents.embedded,
            native_libraries=contents.native_libraries,
            sizes=contents.sizes,
            sdks=self.sdks() | sdk_versions(self.archive),
            debuggable=bool(self.application and self.number(self.application, _DEBUGGABLE)),
            managed_configuration=self.has_restrictions(),
            android={key: value for key, value in android.items() if value},
            warnings=(*self.archive.warnings, *self.warnings),
        )

    # --- values of the manifest, through the resource table where they stand there ---

    def table(self) -> Table | None:
        """Read the resource table at the first question that needs it."""
        if not self._table_read:
            self._table_read = True
            member = self.archive.find(RESOURCES)
            if member is not None:
                try:
                    self._table = Table(self.archive.read(member, limits.current().resources_bytes))
                except BuildFileInvalid as problem:
                    self.drop_table(problem.sentence.rstrip("."))
                except (*_BROKEN, MemoryError) as problem:
                    self.drop_table(problem)
        return self._table

    def drop_table(self, problem: object) -> None:
        """Go on without resources."""
        self._table = None
        self.warnings.append(f"The resources cannot be read ({problem}); the label and icon may be missing.")

    def texts(self, element: Element | None, attribute: int) -> dict[str, str]:
        """Return a text in all its languages, the default one under the empty tag."""
        typed = element.value(attribute) if element is not None else None
        if typed is None:
            return {}
        resource = typed.value.reference
        if resource is None:
            plain = _plain(typed)
            return {"": plain} if plain else {}
        table = self.table()
        try:
            texts = table.texts(resource) if table else {}
        except _BROKEN as problem:
            self.drop_table(problem)
            return {}
        return {language: text for language, text in texts.items() if text}

    def text(self, element: Element, attribute: int) -> str | None:
        """Return a text in the default language, or a number as text."""
        texts = self.texts(element, attribute)
        text = texts.get("", next(iter(texts.values()), None))
        if text is None:
            number = self.number(element, attribute)
            return None if number is None else str(number)
        return text

    def number(self, element: Element, attribute: int) -> int | None:
        """Return an unsigned number or a truth value as 0 or not 0."""
        typed = element.value(attribute)
        if typed is None:
            return None
        resource = typed.value.reference
        if resource is None:
            text = typed.text or ""
            return int(text) if typed.value.kind == Kind.STRING and _is_number(text) else typed.value.number
        table = self.table()
        try:
            return table.number(resource) if table else None
        except _BROKEN as problem:
            self.drop_table(problem)
            return None

    def plain(self, name: str) -> str | None:
        """Return an attribute of the manifest element that has no resource id."""
        typed = self.manifest.plain(name)
        return _plain(typed) if typed else None

    # --- what the manifest says ---

    def version_code(self) -> str | None:
        """Return the version code; its upper half stands in an attribute of its own since Android 9."""
        minor = self.number(self.manifest, _VERSION_CODE)
        major = self.number(self.manifest, _VERSION_CODE_MAJOR)
        if minor is None:
            return None
        return str((major or 0) << 32 | minor)

    def sdk(self, attribute: int) -> str | None:
        """Return an API level, or the code name of a platform that was not finished; the last one counts."""
        found = None
        for element in self.manifest.named("uses-sdk"):
            found = told(self.text(element, attribute)) or found
        return found

    def sdks(self) -> dict[str, str]:
        """Tell which platform the app was compiled against; a preview has a code name of its own."""
        stated = {
            "compileSdk": self.text(self.manifest, _COMPILE_SDK) or self.plain("platformBuildVersionCode"),
            "compileSdkCodename": self.text(self.manifest, _COMPILE_SDK_CODENAME)
            or self.plain("platformBuildVersionName"),
        }
        return {key: text for key, value in stated.items() if (text := told(value))}

    def label(self) -> dict[str, str]:
        """Find the app's name: its own, else that of the activity people start, else that of any activity."""
        if self.application is None:
            return {}
        names = self.texts(self.application, _LABEL)
        for activity in () if names else self.activities():
            names = self.texts(activity, _LABEL)
            if names:
                break
        return {language: text for language, name in names.items() if (text := told(name))}

    def activities(self) -> list[Element]:
        """List the activities, those that a launcher shows first."""
        if self.application is None:
            return []
        found = [child for child in self.application.children if child.tag in _ENTRANCES]
        return sorted(found, key=lambda activity: not self.is_launcher(activity))

    def is_launcher(self, activity: Element) -> bool:
        return any(
            _text_of(category, _NAME) in _LAUNCHERS
            for intent in activity.named("intent-filter")
            for category in intent.named("category")
        )

    def icon(self) -> Icon:
        """Find the icon; the wishes of the application come before those of the activity people start."""
        if self.application is None:
            return Icon()
        launchers = [activity for activity in self.activities() if self.is_launcher(activity)]
        places = [(self.application, each) for each in (_ICON, _ROUND_ICON)]
        places += [(activity, each) for activity in launchers[:1] for each in (_ICON, _ROUND_ICON)]
        places += [(self.application, each) for each in (_LOGO, _BANNER)]
        wishes = [typed for element, attribute in places if (typed := element.value(attribute)) is not None]
        if not wishes:
            return Icon()
        table = self.table()
        try:
            icon = find_icon(self.archive, table, wishes)
        except _BROKEN as problem:
            self.drop_table(problem)
            return Icon()
        if icon.warning:
            self.warnings.append(icon.warning)
        return icon

    def permissions(self) -> tuple[str, ...]:
        return listed(
            [_text_of(each, _NAME) for each in self.manifest.children if each.tag in _PERMISSIONS], MAX_LISTED
        )

    def features(self) -> tuple[str, ...]:
        """List the features that the app uses, needed or not."""
        return listed([_text_of(each, _NAME) for each in self.manifest.named("uses-feature")], MAX_LISTED)

    def device_families(self) -> tuple[str, ...]:
        """Tell which devices beside phones the app is made for, by the features that it cannot do without."""
        needed = (each for each in self.manifest.named("uses-feature") if self.number(each, _REQUIRED) != 0)
        families = (_FAMILIES.get(_text_of(each, _NAME) or "") for each in needed)
        return listed(list(families), MAX_LISTED)

    def url_schemes(self) -> tuple[str, ...]:
        """List the schemes of the addresses that open the app."""
        found = [
            self.text(data, _SCHEME)
            for activity in self.activities()
            for intent in activity.named("intent-filter")
            for data in intent.named("data")
        ]
        return listed(found, MAX_LISTED)

    def has_restrictions(self) -> bool:
        """Whether the app declares a managed configuration."""
        data = self.application.named("meta-data") if self.application else ()
        return any(_text_of(each, _NAME) == _APP_RESTRICTIONS for each in data)

    def warn_about_installing(self, signing: Signing | None, target_sdk: str | None) -> None:
        """Tell what will keep people from installing the build."""
        if signing is not None and signing.kind is SigningKind.UNSIGNED:
            self.warnings.append("The APK is not signed; Android refuses to install it.")
        if signing is not None and signing.schemes == ("v1",) and _at_least(target_sdk, 30):
            self.warnings.append(
                "The APK has only a v1 (JAR) signature and targets Android 11 or newer, which refuses it;"
                " sign it with scheme v2 as well."
            )
        if self.application and self.number(self.application, _TEST_ONLY):
            self.warnings.append("The APK is marked testOnly; it installs through `adb install -t` only.")
        split = self.plain("split")
        if split:
            self.warnings.append(f"The APK is the split “{split[:80]}” of an app and does not install by itself.")
        elif self.number(self.manifest, _SPLIT_REQUIRED):
            self.warnings.append("The APK is the base of an app that needs its split APKs to install.")


def _text_of(element: Element, attribute: int) -> str | None:
    typed = element.value(attribute)
    return typed.text if typed else None


def _plain(typed: axml.Typed) -> str | None:
    number = typed.value.number
    return typed.text if number is None else str(number)


def _at_least(level: str | None, wanted: int) -> bool:
    return level is not None and _is_number(level) and int(level) >= wanted


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 11
