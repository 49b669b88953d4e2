"""HarmonyOS packages: a module (`.hap`), or several with a list (`.app`).

Format: OpenHarmony's application documentation: `module.json` of the stage model, `config.json` of the FA model before
it, `pack.info` of a pack of modules. Labels and icons are named by number in `resources.index`.
"""

import io
import json
import re
from dataclasses import replace
from typing import BinaryIO

from seatrial.domain.buildinfo import BuildInfo, EmbeddedBundle, EmbeddedKind, Format, Os, SigningKind
from seatrial.domain.errors import BuildFileInvalid, ProcessingCode
from seatrial.parsers import limits
from seatrial.parsers.archive import Archive, shown
from seatrial.parsers.hap_resources import ResourceTable, TableUnreadable
from seatrial.parsers.hap_signature import read_signing
from seatrial.parsers.icons import IconUnreadable, as_png
from seatrial.parsers.texts import listed, told
from seatrial.parsers.window import Window

MAX_PERMISSIONS = 1_000
MAX_EMBEDDED = 500
MAX_LIBRARIES = 1_000
MAX_SCHEMES = 100
MAX_NESTED = 16 << 20
"""Bytes of a module that a pack holds packed; those that lie in it unpacked may be of any size."""
_MAX_DESCRIPTION = 4 << 20
_MAX_SKILLS = 1_000

_DESCRIPTIONS = ("module.json", "config.json")
_LIBRARY = re.compile(r"libs/([A-Za-z0-9_-]+)/(?:.*/)?([^/]+\.so)")
_MEDIA = re.compile(r"(?:.*/)?resources/[^/]+/media/([^/]+)\.(?:png|jpe?g|webp)")

Json = dict[str, object]


def parse_hap(file: BinaryIO, archive: Archive | None = None) -> BuildInfo:
    """Read a module or a pack; raise `BuildFileInvalid` where the description is missing, unreadable or nameless."""
    archive = archive or Archive.open(file)
    warnings: list[str] = []
    name = next((name for name in _DESCRIPTIONS if archive.find(name)), None)
    if name is None and archive.find("pack.info"):
        return _pack(file, archive, warnings)
    if name is None:
        raise BuildFileInvalid(
            ProcessingCode.MANIFEST_MISSING, "The package has neither module.json nor config.json; build it again."
        )
    return _module(file, archive, _described(archive, name), warnings)


def _module(file: BinaryIO, archive: Archive, described: Json, warnings: list[str]) -> BuildInfo:
    app, module = _object(described, "app"), _object(described, "module")
    identifier = told(app.get("bundleName"))
    if identifier is None:
        raise BuildFileInvalid(
            ProcessingCode.MANIFEST_INVALID, "The package's description has no bundleName; set one in app.json5."
        )
    version, levels = _object(app, "version"), _object(app, "apiVersion")  # of the FA model
    table = _table(archive, warnings)
    label, names = _label(described, table, warnings)
    icon = _icon(archive, described, table, warnings)
    libraries = [found for name in archive.names() if (found := _LIBRARY.fullmatch(name))]
    debug = app.get("debug", _object(described, "deviceConfig", "default").get("debug"))
    sdk = told(app.get("compileSdkVersion"))
    return BuildInfo(
        format=Format.HAP,
        os=Os.HARMONYOS,
        identifier=identifier,
        display_name=label,
        localized_names=names,
        version_name=told(app.get("versionName")) or told(version.get("name")),
        version_code=_number(app.get("versionCode")) or _number(version.get("code")),
        min_os=_number(app.get("minAPIVersion")) or _number(levels.get("compatible")),
        target_os=_number(app.get("targetAPIVersion")) or _number(levels.get("target")),
        device_families=listed(module.get("deviceTypes") or module.get("deviceType"), 50),
        architectures=listed([found[1] for found in libraries], 20),
        icon_png=icon[0] if icon else None,
        icon_source=icon[1] if icon else None,
        signing=read_signing(file, archive.central_directory_offset, warnings),
        permissions=_permissions(module),
        url_schemes=_schemes(module),
        embedded=_extensions(module),
        native_libraries=listed([found[2] for found in libraries], MAX_LIBRARIES),
        sdks={"compileSdk": sdk} if sdk else {},
        debuggable=debug if isinstance(debug, bool) else None,
        warnings=(*archive.warnings, *warnings),
    )


def _pack(file: BinaryIO, archive: Archive, warnings: list[str]) -> BuildInfo:
    """Read a pack by its entry module; what the list of the pack says about name and version stands."""
    described = _described(archive, "pack.info")
    app = _object(described, "summary", "app")
    version = _object(app, "version")
    identifier = told(app.get("bundleName"))
    if identifier is None:
        raise BuildFileInvalid(
            ProcessingCode.MANIFEST_INVALID, "The pack's list (pack.info) has no bundleName; pack the modules again."
        )
    inner = _entry_module(file, archive, described, warnings) or BuildInfo(format=Format.HAP, os=Os.HARMONYOS)
    if inner.identifier not in {None, identifier}:
        warnings.append(
            f"The pack's list names the app {shown(identifier)}, its module {shown(inner.identifier or '')}; "
            "devices refuse such packs."
        )
    signing = read_signing(file, archive.central_directory_offset, warnings)
    modules = [name for name in archive.names() if name.endswith((".hap", ".hsp"))][:MAX_EMBEDDED]
    return BuildInfo(
        format=Format.HAP,
        os=Os.HARMONYOS,
        identifier=identifier,
        display_name=inner.display_name,
        localized_names=inner.localized_names,
        version_name=told(version.get("name")),
        version_code=_number(version.get("code")),
        min_os=inner.min_os,
        target_os=inner.target_os,
        device_families=inner.device_families,
        architectures=inner.architectures,
        icon_png=inner.icon_png,
        icon_source=inner.icon_source,
        # Packs go to the store; what lands on devices are the modules, each signed by itself.
        signing=inner.signing if signing.kind is SigningKind.UNSIGNED and inner.signing else signing,
        permissions=inner.permissions,
        url_schemes=inner.url_schemes,
        embedded=tuple(EmbeddedBundle(kind=EmbeddedKind.FEATURE_MODULE, path=told(name) or "") for name in modules),
        native_libraries=inner.native_libraries,
        sdks=inner.sdks,
        debuggable=inner.debuggable,
        warnings=(*archive.warnings, *warnings, *inner.warnings),
    )


def _entry_module(file: BinaryIO, archive: Archive, described: Json, warnings: list[str]) -> BuildInfo | None:
    """Read the module that the list calls the entry, else the first."""
    modules = [name for name in archive.names() if name.endswith(".hap") and "/" not in name]
    entries = [f"{one.get('name')}.hap" for one in _objects(described, "packages") if one.get("moduleType") == "entry"]
    name = next((entry for entry in entries if entry in modules), None) or next(iter(modules), None)
    if name is None:
        warnings.append("The pack holds no module that could be installed.")
        return None
    try:
        inner_file = _nested(file, archive, name)
        inner = Archive.open(inner_file)
        info = _module(inner_file, inner, _described(inner, next(n for n in _DESCRIPTIONS if inner.find(n))), [])
    except (BuildFileInvalid, StopIteration) as problem:
        reason = problem.sentence if isinstance(problem, BuildFileInvalid) else "It has no module.json."
        warnings.append(f"The module “{shown(name)}” cannot be read. {reason}")
        return None
    return replace(info, icon_source=f"{name}/{info.icon_source}") if info.icon_source else info


def _nested(file: BinaryIO, archive: Archive, name: str) -> BinaryIO:
    """Open a module in its place where it lies unpacked, as packs have them; unpack it in memory otherwise."""
    member = archive.find(name)
    if member is not None and member.method == 0:
        file.seek(member.offset)
        header = file.read(30)
        # The local header's own fields, whose lengths may differ from the directory's (APPNOTE 4.3.7).
        lengths = int.from_bytes(header[26:28], "little") + int.from_bytes(header[28:30], "little")
        start = member.offset + 30 + lengths
        return Window(file, start, min(member.size, max(0, archive.central_directory_offset - start)))
    return io.BytesIO(archive.read(name, min(MAX_NESTED, limits.current().nested_bytes)))


def _described(archive: Archive, name: str) -> Json:
    data = archive.read(name, _MAX_DESCRIPTION)
    try:
        described = json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        raise BuildFileInvalid(
            ProcessingCode.MANIFEST_INVALID, f"The package's {name} is not JSON that can be read; build it again."
        ) from None
    return described if isinstance(described, dict) else {}


def _object(holder: Json, *keys: str) -> Json:
    found: object = holder
    for key in keys:
        found = found.get(key) if isinstance(found, dict) else None
    return found if isinstance(found, dict) else {}


def _objects(holder: Json, key: str) -> list[Json]:
    found = holder.get(key)
    return [one for one in found[:_MAX_SKILLS] if isinstance(one, dict)] if isinstance(found, list) else []


def _number(value: object) -> str | None:
    """Write a whole number, or one that stands as text, as text."""
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 1 << 63:
        return str(value)
    return told(value)


def _permissions(module: Json) -> tuple[str, ...]:
    asked = [*_objects(module, "requestPermissions"), *_objects(module, "reqPermissions")]
    return listed([one.get("name") for one in asked], MAX_PERMISSIONS)


def _schemes(module: Json) -> tuple[str, ...]:
    skills = [skill for ability in _objects(module, "abilities") for skill in _objects(ability, "skills")]
    return listed([uri.get("scheme") for skill in skills for uri in _objects(skill, "uris")], MAX_SCHEMES)


def _extensions(module: Json) -> tuple[EmbeddedBundle, ...]:
    found = _objects(module, "extensionAbilities")[:MAX_EMBEDDED]
    return tuple(
        EmbeddedBundle(
            kind=EmbeddedKind.EXTENSION,
            path=told(one.get("srcEntry")) or told(one.get("srcEntrance")) or "",
            identifier=told(one.get("name")),
            extension_point=told(one.get("type")),
        )
        for one in found
    )


def _table(archive: Archive, warnings: list[str]) -> ResourceTable | None:
    names = [name for name in archive.names() if name == "resources.index" or name.endswith("/resources.index")]
    if not names:
        return None
    try:
        return ResourceTable(archive.read(names[0], limits.current().manifest_bytes))
    except (TableUnreadable, BuildFileInvalid) as problem:
        warnings.append(f"The table of resources cannot be read: {str(problem).rstrip('.')}. Names in it stay unknown.")
        return None


def _holders(described: Json) -> list[Json]:
    """List where label and icon may be said: the app, then the ability that is started first."""
    module = _object(described, "module")
    abilities = _objects(module, "abilities")
    main = module.get("mainElement") or module.get("mainAbility")
    abilities.sort(key=lambda ability: ability.get("name") != main)
    return [_object(described, "app"), *abilities[:1]]


def _label(described: Json, table: ResourceTable | None, warnings: list[str]) -> tuple[str | None, dict[str, str]]:
    for holder in _holders(described):
        label, number = told(holder.get("label")), holder.get("labelId")
        if label is not None and not label.startswith("$"):
            return label, {}
        if table is not None and isinstance(number, int) and 0 < number < 1 << 32:
            try:
                found, names = table.string(number)
            except TableUnreadable as problem:
                warnings.append(f"The table of resources cannot be read: {problem}.")
                continue
            if found:
                return found, names
    return None, {}


def _icon(
    archive: Archive, described: Json, table: ResourceTable | None, warnings: list[str]
) -> tuple[bytes, str] | None:
    """Read the icon by its number, else by its name; layered icons are the business of devices."""
    reason = ""
    for holder in _holders(described):
        for path in _pictures(archive, holder, table):
            try:
                return as_png(archive.read(path, limits.current().icon_bytes)), path
            except (IconUnreadable, BuildFileInvalid) as problem:
                reason = reason or str(problem)
    if reason:
        warnings.append(f"The icon cannot be read: {reason.rstrip('.')}.")
    return None


def _pictures(archive: Archive, holder: Json, table: ResourceTable | None) -> list[str]:
    number, icon = holder.get("iconId"), told(holder.get("icon")) or ""
    paths: list[str] = []
    if table is not None and isinstance(number, int) and 0 < number < 1 << 32:
        try:
            named = table.media(number)
        except TableUnreadable:
            named = []
        # The table names the module first, whose folder is the archive itself, or `assets/<module>`.
        paths = [path for one in named for path in (one, one.partition("/")[2], f"assets/{one}")]
    found = [path for path in paths if archive.find(path) and _MEDIA.fullmatch(path)]
    if not found and icon.startswith("$media:"):
        name = icon.removeprefix("$media:")
        found = [path for path in archive.names() if (match := _MEDIA.fullmatch(path)) and match[1] == name]
    return sorted(found, key=lambda path: "/base/" not in path)[:4]
