"""What lies in a bundle: its modules, their native libraries and sizes, and what it was made with.

Sources: developer.android.com, "The Android App Bundle format"; `config.proto` of bundletool for `BundleConfig.pb`.
"""

from typing import NamedTuple

from seatrial.domain.buildinfo import EmbeddedBundle, EmbeddedKind
from seatrial.domain.errors import BuildFileInvalid
from seatrial.parsers import aab_xml, limits
from seatrial.parsers.aab_manifest import MAX_LISTED, VERSION_NAME, Manifest, Resources
from seatrial.parsers.archive import Archive, shown
from seatrial.parsers.protobuf import Budget, Message
from seatrial.parsers.texts import listed, told

BASE = "base"
CONFIG = "BundleConfig.pb"
GRADLE = "BUNDLE-METADATA/com.android.tools.build.gradle/app-metadata.properties"

MAX_MODULES = 500
MAX_CONFIG = 1 << 20
_MAX_FIELDS = 100_000

_MANIFEST = "manifest/AndroidManifest.xml"
_NO_MODULES = {"META-INF", "BUNDLE-METADATA"}
# Folders of a module by what they cost a device.
_CATEGORIES = {
    "dex": "code",
    "lib": "native",
    "res": "resources",
    "resources.pb": "resources",
    "manifest": "resources",
    "assets": "assets",
    "assets.pb": "assets",
    "native.pb": "native",
}


class Contents(NamedTuple):
    """What the names and sizes of the members tell."""

    modules: tuple[str, ...]
    """Names of all modules but the base, in the archive's order."""
    architectures: tuple[str, ...]
    native_libraries: tuple[str, ...]
    sizes: dict[str, int]


def manifest_path(module: str) -> str:
    """Give the member name of a module's manifest."""
    return f"{module}/{_MANIFEST}"


def contents(archive: Archive) -> Contents:
    """Sort the members by what they are."""
    modules: list[str] = []
    architectures: set[str] = set()
    libraries: dict[str, None] = {}
    sizes: dict[str, int] = {}
    for name, packed in archive.sizes():
        module, _, path = name.partition("/")
        folder, _, rest = path.partition("/")
        category = "other" if module in _NO_MODULES else _CATEGORIES.get(folder, "other")
        if module == "META-INF":
            category = "signature"
        elif path == _MANIFEST and module != BASE:
            modules.append(module)
        elif category == "native" and rest.endswith(".so") and rest.count("/") == 1:
            abi, _, library = rest.partition("/")
            architectures.add(abi)
            libraries[library] = None
        sizes[category] = sizes.get(category, 0) + packed
    return Contents(
        tuple(modules),
        listed(sorted(architectures), MAX_LISTED),
        listed(list(libraries)[: 2 * MAX_LISTED], MAX_LISTED),
        {category: size for category, size in sizes.items() if size},
    )


def feature_modules(
    archive: Archive, modules: tuple[str, ...], base: Resources, warnings: list[str]
) -> tuple[EmbeddedBundle, ...]:
    """Read the manifests of the modules beside the base; broken ones add a warning and are listed by name alone."""
    found = []
    budget, left = Budget(aab_xml.MAX_FIELDS), limits.current().manifest_bytes
    for module in modules[:MAX_MODULES]:
        try:
            data = archive.read(manifest_path(module), left)
            left -= len(data)
            manifest = Manifest(aab_xml.parse(data, budget), base)
        except (ValueError, BuildFileInvalid) as problem:
            warnings.append(f"The manifest of the module “{shown(module)}” cannot be read ({problem}).")
            found.append(EmbeddedBundle(kind=EmbeddedKind.FEATURE_MODULE, path=shown(module)))
            continue
        found.append(
            EmbeddedBundle(
                kind=EmbeddedKind.FEATURE_MODULE,
                path=told(module) or "",
                identifier=manifest.plain("split") or told(module),
                display_name=base.text(manifest.title()),
                version_name=base.text(manifest.root.value(VERSION_NAME)),
                version_code=manifest.version_code(),
                extension_point=manifest.delivery(),
            )
        )
    if len(modules) > MAX_MODULES:
        warnings.append(f"The bundle has {len(modules):,} modules; {MAX_MODULES} of them are listed.")
    return tuple(found)


def sdk_versions(archive: Archive, warnings: list[str]) -> dict[str, str | None]:
    """Tell with what the bundle was built."""
    versions: dict[str, str | None] = {}
    if archive.find(CONFIG) is None:
        warnings.append("The bundle has no BundleConfig.pb; bundletool and stores refuse it. Build the bundle again.")
    else:
        try:
            config = Message(archive.read(CONFIG, MAX_CONFIG), Budget(_MAX_FIELDS))
            bundletool = config.message(1)
            versions["bundletool"] = told(bundletool.text(2, MAX_LISTED)) if bundletool is not None else None
        except (ValueError, BuildFileInvalid) as problem:
            warnings.append(f"BundleConfig.pb cannot be read ({problem}).")
    if archive.find(GRADLE) is not None:
        try:
            versions["androidGradlePlugin"] = _property(archive.read(GRADLE, MAX_CONFIG), "androidGradlePluginVersion")
        except BuildFileInvalid as problem:
            warnings.append(f"“{GRADLE}” cannot be read ({problem}).")
    return versions


def _property(data: bytes, wanted: str) -> str | None:
    for line in data.decode("utf-8", "replace").splitlines():
        name, _, value = line.partition("=")
        if name.strip() == wanted:
            return told(value)
    return None
