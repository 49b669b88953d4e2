"""macOS installer packages (`.pkg`): a xar archive that holds one component package, or a product made of several.

Identifier, version and name are the installer's own, because the system's receipts carry them; what the app inside
says is in `plist`, under the keys that the contract has for installers.
"""

from typing import BinaryIO, NamedTuple

from seatrial.domain.buildinfo import BuildInfo, EmbeddedBundle, EmbeddedKind, Format, Os, Signing, SigningKind
from seatrial.domain.errors import BuildFileInvalid, ProcessingCode
from seatrial.parsers import bundle, bundle_icons, bundle_plist, limits
from seatrial.parsers.archive import Archive, shown
from seatrial.parsers.bundle_tree import Layout
from seatrial.parsers.certificates import certificate_from_der
from seatrial.parsers.macho import read_executable
from seatrial.parsers.pkg_documents import (
    BundleOf,
    Distribution,
    PackageInfo,
    oldest,
    read_distribution,
    read_package_info,
)
from seatrial.parsers.pkg_payload import PayloadApp, PayloadUnreadable, find_app
from seatrial.parsers.plist import PlistValue, text
from seatrial.parsers.xar import Xar, XarFile, XarSignature
from seatrial.parsers.xml_events import XmlUnreadable

MAX_COMPONENTS = 200
"""Component packages whose PackageInfo is read; further ones are only counted."""
MAX_EMBEDDED = 500
MAX_PAYLOADS = 3
"""Payloads that are searched for an app, those first that are said to install one."""
MAX_DOCUMENT = 2 << 20
_DEVELOPER_ID = "Developer ID Installer:"
_STORE = ("3rd Party Mac Developer Installer:", "Mac App Store", "Apple Mac OS Application Signing")


class _Component(NamedTuple):
    """A component package: its folder in the archive, and what it says about itself."""

    folder: str
    info: PackageInfo


class _App(NamedTuple):
    """The app that was found in a payload."""

    tree: PayloadApp
    layout: Layout
    values: dict[str, PlistValue]


def parse_pkg(file: BinaryIO, _archive: Archive | None = None) -> BuildInfo:
    """Read an installer; raise `BuildFileInvalid` where it is no archive, or has neither of its two documents."""
    xar = Xar(file)
    warnings = [f"“{shown(name)}” lies outside of the file; the installer is damaged." for name in xar.outside[:3]]
    distribution = _distribution(xar)
    components = _components(xar, warnings)
    if distribution is None and not components:
        raise BuildFileInvalid(
            ProcessingCode.MANIFEST_MISSING,
            "The installer has neither a Distribution nor a PackageInfo file; build it again with pkgbuild or "
            "productbuild.",
        )
    product = distribution or Distribution()
    first = components[0].info if components else PackageInfo()
    reference = next(iter(product.references.values()), None)
    app = _app(xar, components, warnings)
    icon = bundle_icons.best_icon(app.tree, app.layout, app.values, warnings) if app else None
    stated = next((b for b in _bundles(product, components) if b.path.endswith(".app")), None)
    return BuildInfo(
        format=Format.PKG,
        os=Os.MACOS,
        identifier=product.product or (reference.identifier if reference else None) or first.identifier,
        display_name=product.title or (bundle_plist.display_name(app.values) if app else None),
        version_name=product.version or (reference.version if reference else None) or first.version,
        min_os=oldest(product.min_os) or (bundle_plist.min_os(app.values) if app else None),
        architectures=product.architectures or _architectures(app),
        icon_png=icon.png if icon else None,
        icon_source=icon.source if icon else None,
        signing=_signing(xar.signatures, warnings),
        embedded=tuple(_embedded(distribution, components, app, stated))[:MAX_EMBEDDED],
        sizes=_sizes(xar),
        sdks=bundle_plist.sdks(app.values) if app else {},
        plist=_contract_plist(app, stated),
        warnings=tuple(warnings),
    )


def _distribution(xar: Xar) -> Distribution | None:
    entry = xar.files.get("Distribution")
    if entry is None:
        return None
    try:
        return read_distribution(xar.read(entry, MAX_DOCUMENT))
    except XmlUnreadable as problem:
        raise _unreadable("Distribution", problem) from None


def _components(xar: Xar, warnings: list[str]) -> list[_Component]:
    entries = [entry for entry in xar.files.values() if _is_package_info(entry)]
    if len(entries) > MAX_COMPONENTS:
        warnings.append(f"The installer has {len(entries):,} components; {MAX_COMPONENTS} of them are read.")
    found = []
    for entry in entries[:MAX_COMPONENTS]:
        try:
            info = read_package_info(xar.read(entry, MAX_DOCUMENT))
        except XmlUnreadable as problem:
            if len(entries) == 1 and "Distribution" not in xar.files:
                raise _unreadable("PackageInfo", problem) from None
            warnings.append(f"“{shown(entry.path)}” cannot be read: {problem}.")
            continue
        found.append(_Component(entry.path.removesuffix("PackageInfo"), info))
    return found


def _is_package_info(entry: XarFile) -> bool:
    folder, _, name = entry.path.rpartition("/")
    return name == "PackageInfo" and "/" not in folder


def _unreadable(name: str, problem: XmlUnreadable) -> BuildFileInvalid:
    return BuildFileInvalid(ProcessingCode.MANIFEST_INVALID, f"The installer's {name} cannot be read: {problem}.")


def _app(xar: Xar, components: list[_Component], warnings: list[str]) -> _App | None:
    """Search the payloads for an app; none is no fault, for installers bring tools and fonts, too."""
    likely = sorted(components, key=lambda c: not any(b.path.endswith(".app") for b in c.info.bundles))
    payloads = [entry for c in likely if (entry := xar.files.get(c.folder + "Payload"))]
    # What is unpacked of all of them together is bounded; most installers have one that matters.
    limit = limits.current().payload_bytes // min(max(len(payloads), 1), MAX_PAYLOADS)
    for entry in payloads[:MAX_PAYLOADS]:
        try:
            tree = find_app(xar.stream(entry), limit)
            if tree is not None:
                layout = Layout.of(tree, tree.folder)
                return _App(tree, layout, bundle.info_plist(tree, layout))
        except (PayloadUnreadable, BuildFileInvalid) as problem:
            warnings.append(f"An app in “{shown(entry.path)}” was not found or cannot be read: {problem}")
    return None


def _architectures(app: _App | None) -> tuple[str, ...]:
    if app is None:
        return ()
    name = text(app.values.get("CFBundleExecutable")) or ""
    member = app.tree.find(app.layout.executables + name)
    executable = read_executable(app.tree.stream(member)) if member else None
    return executable.architectures if executable else ()


def _bundles(product: Distribution, components: list[_Component]) -> list[BundleOf]:
    return [*product.bundles, *(bundle for component in components for bundle in component.info.bundles)]


def _embedded(
    distribution: Distribution | None, components: list[_Component], app: _App | None, stated: BundleOf | None
) -> list[EmbeddedBundle]:
    """List the components of a product, and the app that is installed."""
    found = [
        EmbeddedBundle(
            kind=EmbeddedKind.PACKAGE,
            path=component.folder.rstrip("/"),
            identifier=component.info.identifier,
            version_name=component.info.version,
        )
        for component in components
        if distribution is not None and component.folder
    ]
    if app is not None:
        values = _contract_plist(app, stated)
        found.append(
            EmbeddedBundle(
                kind=EmbeddedKind.APP,
                path=app.tree.folder.rstrip("/"),
                identifier=text(app.values.get("CFBundleIdentifier")),
                display_name=bundle_plist.display_name(app.values),
                version_name=_word(values.get("CFBundleShortVersionString")),
                version_code=_word(values.get("CFBundleVersion")),
            )
        )
    elif stated is not None:
        found.append(
            EmbeddedBundle(
                kind=EmbeddedKind.APP,
                path=stated.path,
                identifier=stated.identifier,
                version_name=stated.short_version,
                version_code=stated.version,
            )
        )
    return found


def _word(value: object) -> str | None:
    return value if isinstance(value, str) else None


_CONTRACT_KEYS = (
    "CFBundleDisplayName",
    "CFBundleIdentifier",
    "CFBundleShortVersionString",
    "CFBundleVersion",
    "CFBundleName",
)


def _contract_plist(app: _App | None, stated: BundleOf | None) -> dict[str, object]:
    """Name the app's values as the contract's `info.pkg` does; what the documents state stands in for the app."""
    chosen: dict[str, object] = {}
    if stated is not None:
        chosen = {
            "CFBundleIdentifier": stated.identifier,
            "CFBundleShortVersionString": stated.short_version,
            "CFBundleVersion": stated.version,
        }
    if app is not None:
        own = bundle_plist.contract_values(app.values, ())
        if own.get("CFBundleIdentifier") != chosen.get("CFBundleIdentifier"):
            chosen = {}  # the documents mean another app
        chosen |= {key: value for key in _CONTRACT_KEYS if (value := own.get(key))}
    return {key: value for key, value in chosen.items() if value}


def _sizes(xar: Xar) -> dict[str, int]:
    sizes: dict[str, int] = {}
    for entry in xar.files.values():
        category = "code" if entry.path.rpartition("/")[2] == "Payload" else "other"
        sizes[category] = sizes.get(category, 0) + entry.packed_size
    return sizes


def _signing(signatures: tuple[XarSignature, ...], warnings: list[str]) -> Signing:
    """Tell who signed the table of contents; the signature itself is not verified."""
    if not signatures:
        return Signing(kind=SigningKind.UNSIGNED)
    best = max(signatures, key=lambda signature: len(signature.certificates))
    certificates = tuple(certificate_from_der(data) for data in best.certificates)
    if not certificates:
        warnings.append("The installer is signed, but names no certificate.")
    subject = certificates[0].subject if certificates else ""
    kind = SigningKind.SIGNED
    if f"CN={_DEVELOPER_ID}" in subject:
        kind = SigningKind.DEVELOPER_ID
    elif any(f"CN={name}" in subject for name in _STORE):
        kind = SigningKind.APP_STORE
    unit = next((part.removeprefix("OU=") for part in subject.split(",") if part.startswith("OU=")), None)
    return Signing(
        kind=kind,
        schemes=tuple(dict.fromkeys(signature.style or "RSA" for signature in signatures))[:10],
        certificates=certificates,
        team=unit,
    )
