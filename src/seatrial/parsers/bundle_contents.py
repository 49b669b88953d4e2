"""What else is in an Apple bundle: extensions, watch apps and app clips, frameworks, translations, and their sizes."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeVar

from seatrial.domain.buildinfo import EmbeddedBundle, EmbeddedKind
from seatrial.domain.errors import BuildFileInvalid
from seatrial.parsers import bundle_plist, plist
from seatrial.parsers.bundle_tree import Layout, Tree
from seatrial.parsers.plist import PlistUnreadable, PlistValue, table, text

T = TypeVar("T")

MAX_LANGUAGES = 200
MAX_EMBEDDED = 500
MAX_FRAMEWORKS = 1_000
MAX_SMALL_FILES = 4 << 20
"""Bytes unpacked of all translations, and of all Info.plist files of embedded bundles."""
MAX_NAME = 1_000

_STRINGS = re.compile(r"([A-Za-z0-9_\-]{1,35})\.lproj/InfoPlist\.strings")
_TABLE = "InfoPlist.loctable"
_EMBEDDED = re.compile(
    r"(?:[^/]+/)*?(PlugIns|Extensions|Watch|AppClips|[^/]+\.appex)/[^/]+\.(appex|app)/(?:Contents/)?Info\.plist"
)
_FRAMEWORK = re.compile(r"Frameworks/([^/]+\.(?:framework|dylib))(?:/|$)")
_SIGNATURES = ("embedded.mobileprovision", "embedded.provisionprofile", "CodeResources")
_RESOURCES = (".car", ".nib", ".strings", ".stringsdict", ".loctable", ".plist", ".icns", ".mom", ".omo")
_RESOURCE_FOLDERS = (".lproj/", ".storyboardc/", ".nib/", ".momd/")
_ASSETS = (".png", ".jpg", ".jpeg", ".gif", ".webp", ".heic", ".pdf", ".ttf", ".otf", ".mp3", ".mp4", ".m4a", ".wav")
_CODE = ("PlugIns/", "Extensions/", "Watch/", "AppClips/", "XPCServices/", "MacOS/")
_KINDS = {"Watch": EmbeddedKind.WATCH_APP, "AppClips": EmbeddedKind.APP_CLIP}


@dataclass(slots=True)
class Survey:
    """What one walk over the names of a bundle has found; paths are relative to the bundle's contents."""

    sizes: dict[str, int] = field(default_factory=dict)
    frameworks: dict[str, None] = field(default_factory=dict)
    embedded: list[re.Match[str]] = field(default_factory=list)
    translations: list[tuple[str, str]] = field(default_factory=list)
    """Language and full name of each file of translated Info.plist values."""
    is_cut: bool = False
    """Whether there is more of something than is listed."""


def survey(tree: Tree, layout: Layout, executable: str | None) -> Survey:
    """Walk over the names once; `executable` is the full name of the app's own."""
    found = Survey()
    inner, start = len(layout.contents), len(layout.folder)
    for name in tree.names():
        if not name.startswith(layout.folder) or name.endswith("/"):
            continue
        path = name[inner:] if name.startswith(layout.contents) else name[start:]
        member = tree.find(name)
        if member is not None:
            category = "code" if name == executable else _category(path)
            found.sizes[category] = found.sizes.get(category, 0) + member.compressed_size
        _look(found, layout, name, path)
    return found


def _look(found: Survey, layout: Layout, name: str, path: str) -> None:
    if path.endswith("Info.plist"):
        entry = _EMBEDDED.fullmatch(path)
        if entry is not None:
            _add(found, found.embedded, entry, MAX_EMBEDDED)
    elif path.startswith("Frameworks/"):
        library = _FRAMEWORK.match(path)
        if library is not None and library[1] not in found.frameworks:
            found.is_cut = found.is_cut or len(found.frameworks) == MAX_FRAMEWORKS
            if not found.is_cut:
                found.frameworks[library[1][:MAX_NAME]] = None
    elif name.endswith("InfoPlist.strings") and name.startswith(layout.resources):
        language = _STRINGS.fullmatch(name, len(layout.resources))
        if language is not None:
            _add(found, found.translations, (language[1], name), MAX_LANGUAGES)


def _add(found: Survey, to: list[T], item: T, most: int) -> None:
    if len(to) < most:
        to.append(item)
    else:
        found.is_cut = True


def _category(path: str) -> str:
    found = "other"
    if path.startswith("Frameworks/"):
        found = "frameworks"
    elif "_CodeSignature/" in path or path.endswith(_SIGNATURES):
        found = "signature"
    elif path.startswith(_CODE):
        found = "code"
    elif path.endswith(_RESOURCES) or any(folder in path for folder in _RESOURCE_FOLDERS):
        found = "resources"
    elif path.startswith("Resources/") or path.lower().endswith(_ASSETS):
        found = "assets"
    return found


def frameworks(found: Survey) -> tuple[str, ...]:
    """Give the file names of frameworks and dynamic libraries, sorted."""
    return tuple(sorted(found.frameworks))


def embedded(tree: Tree, layout: Layout, found: Survey) -> tuple[EmbeddedBundle, ...]:
    """Describe what the app brings along; one whose Info.plist cannot be read has its path alone."""
    budget = _Budget(tree, found)
    bundles = []
    for entry in found.embedded:
        name = layout.contents + entry[0]
        values = budget.values(name, bundle_plist.WANTED)
        folder = name.removesuffix("Info.plist").removesuffix("Contents/").rstrip("/")
        bundles.append(
            EmbeddedBundle(
                kind=_kind(entry[1], entry[2], values),
                path=folder[:MAX_NAME],
                identifier=text(values.get("CFBundleIdentifier")),
                display_name=bundle_plist.display_name(values),
                version_name=text(values.get("CFBundleShortVersionString")),
                version_code=text(values.get("CFBundleVersion")),
                extension_point=bundle_plist.extension_point(values),
            )
        )
    return tuple(sorted(bundles, key=lambda bundle: bundle.path))


def _kind(folder: str, ending: str, values: dict[str, PlistValue]) -> EmbeddedKind:
    if ending == "app" and folder not in _KINDS:
        # Before watchOS 2 the watch app was inside of the extension that ran on the phone.
        watch = "watchos" in bundle_plist.platforms(values) or folder.endswith(".appex")
        return EmbeddedKind.WATCH_APP if watch else EmbeddedKind.APP
    return _KINDS.get(folder, EmbeddedKind.EXTENSION)


def localized_names(tree: Tree, layout: Layout, found: Survey, default: str | None) -> dict[str, str]:
    """Give the display names by language; those that say what the default one says are left out."""
    budget = _Budget(tree, found)
    names: dict[str, str] = {}
    for language, values in _translations(budget, layout, found):
        name = text(values.get("CFBundleDisplayName")) or text(values.get("CFBundleName"))
        if name is not None and name != default and language != "Base" and len(names) < MAX_LANGUAGES:
            names.setdefault(language.replace("_", "-")[:35], name)
    return names


def _translations(budget: "_Budget", layout: Layout, found: Survey) -> Iterator[tuple[str, dict[str, PlistValue]]]:
    for language, name in found.translations:
        yield language, budget.strings(name)
    if budget.tree.find(layout.resources + _TABLE) is not None:  # all languages in one file, since Xcode 15
        for language, values in budget.values(layout.resources + _TABLE, None).items():
            yield language, table(values)


class _Budget:
    """Reads small property lists until their bytes are used up; unreadable ones are as good as empty."""

    def __init__(self, tree: Tree, found: Survey) -> None:
        self.tree = tree
        self._found = found
        self._left = MAX_SMALL_FILES

    def values(self, name: str, wanted: frozenset[str] | None) -> dict[str, PlistValue]:
        try:
            return plist.read_plist(self._read(name), wanted)
        except (PlistUnreadable, BuildFileInvalid):
            return {}

    def strings(self, name: str) -> dict[str, PlistValue]:
        try:
            return plist.read_strings(self._read(name))
        except (PlistUnreadable, BuildFileInvalid):
            return {}  # a translation that cannot be read leaves the default name standing

    def _read(self, name: str) -> bytes:
        limit = min(self._left, plist.MAX_STRINGS)
        member = self.tree.find(name)
        if member is not None and member.size > limit:
            self._found.is_cut = True
        self._left -= limit  # one that is too long has cost its unpacking, too
        data = self.tree.read(name, limit)
        self._left += limit - len(data)
        return data
