"""Packages for Windows (msix, appx) and bundles of them (msixbundle, appxbundle).

Sources: Microsoft, "App package manifest schema", "Bundle manifest schema" and "MSIX package contents". Of a bundle the
packages are listed, and the one that most machines get is read where it lies for name, logo and capabilities.
"""

from typing import BinaryIO, NamedTuple

from seatrial.domain.buildinfo import BuildInfo, EmbeddedBundle, EmbeddedKind, Format, Os
from seatrial.domain.errors import BuildFileInvalid, ProcessingCode
from seatrial.parsers import limits
from seatrial.parsers.archive import Archive, shown
from seatrial.parsers.authenticode import MSIX_MEMBER, package_signature
from seatrial.parsers.msix_contents import contents_of
from seatrial.parsers.msix_logo import Logo, find_logo
from seatrial.parsers.msix_manifest import InnerPackage, Manifest, read_manifest
from seatrial.parsers.nested import open_member
from seatrial.parsers.pri import PriUnreadable, Resources
from seatrial.parsers.xml_events import XmlUnreadable

MANIFEST = "AppxManifest.xml"
BUNDLE_MANIFEST = "AppxMetadata/AppxBundleManifest.xml"
RESOURCES = "resources.pri"
MAX_RESOURCES = 16 << 20

_DAMAGED = "The archive's directory is damaged"  # how the archive's reader puts what other platforms may bear
_REFERENCE = "ms-resource:"
_PREFERRED = ("x64", "x86", "neutral", "arm64", "arm")
_LOCAL_HEADER = 30


def parse_msix(file: BinaryIO, archive: Archive | None = None) -> BuildInfo:
    """Read a package or bundle from a seekable file; raise `BuildFileInvalid` where it is none.

    Only the archive and its manifest must be readable; everything else may be missing, with a warning.
    """
    archive = archive or Archive.open(file)
    if any(each.startswith(_DAMAGED) for each in archive.warnings):
        raise BuildFileInvalid(
            ProcessingCode.CORRUPT_ARCHIVE,
            "The archive's directory is damaged, so that Windows refuses the package; build or upload it again.",
        )
    package = _Package(archive)
    if archive.find(MANIFEST):
        return _of_package(package, package.manifest(MANIFEST))
    return _of_bundle(file, package, package.manifest(BUNDLE_MANIFEST))


class _Names(NamedTuple):
    """The display name, by language; the default one stands apart."""

    default: str | None
    others: dict[str, str]


class _Package:
    """One reading of one package or bundle, with what was odd about it."""

    def __init__(self, archive: Archive) -> None:
        self.archive = archive
        self.warnings: list[str] = []

    def manifest(self, name: str) -> Manifest:
        """Read the manifest; raise `BuildFileInvalid` where it is missing, not well-formed or without an identity."""
        member = self.archive.find(name)
        if member is None:
            raise BuildFileInvalid(
                ProcessingCode.MANIFEST_MISSING,
                f"The archive has no {name}, so it is no Windows package. Upload the package that the build writes.",
            )
        try:
            found = read_manifest([self.archive.read(member, limits.current().manifest_bytes)])
        except XmlUnreadable as problem:
            raise _invalid(f"{name} cannot be read ({problem})") from None
        if not found.name:
            raise _invalid(f"{name} states no identity")
        return found

    def names(self, text: str | None) -> _Names:
        """Resolve a display name; a reference that leads nowhere stays what it is, with a warning."""
        if text is None or not text.lower().startswith(_REFERENCE):
            return _Names(text, {})
        try:
            found = self.resources().texts(text[len(_REFERENCE) :])
        except (PriUnreadable, BuildFileInvalid) as problem:
            reason = problem.sentence.rstrip(".") if isinstance(problem, BuildFileInvalid) else problem
            self.warnings.append(f"The name “{shown(text)}” cannot be resolved ({reason}).")
            return _Names(text, {})
        default = found.pop("", None)
        if default is None:
            self.warnings.append(f"The name “{shown(text)}” is not among the package's resources.")
        return _Names(default or text, found)

    def resources(self) -> Resources:
        name = next((each for each in self.archive.names() if each.lower() == RESOURCES), None)
        if name is None:
            raise PriUnreadable("the package has no resources.pri")
        return Resources(self.archive.read(name, MAX_RESOURCES))

    def signature(self) -> bytes | None:
        member = self.archive.find(MSIX_MEMBER)
        if member is None:
            return None
        try:
            return self.archive.read(member, limits.current().signature_bytes)
        except BuildFileInvalid:
            return b""


def _of_package(package: _Package, manifest: Manifest) -> BuildInfo:
    names = package.names(manifest.display_name)
    logo = find_logo(package.archive, manifest.logos)
    # Schema: without the attribute a package is for every architecture.
    architectures = (manifest.architecture or "neutral",)
    return _info(package, manifest, manifest, names, logo, architectures, (), package)


def _of_bundle(file: BinaryIO, package: _Package, manifest: Manifest) -> BuildInfo:
    applications = [each for each in manifest.packages if each.is_application]
    architectures = tuple(dict.fromkeys(each.architecture or "neutral" for each in applications))
    inner, names, logo, described = manifest, _Names(None, {}), Logo(), package
    main = _main(applications)
    if main is not None:
        try:
            opened = _Package(_inner_archive(file, package.archive, main.file_name))
            inner = opened.manifest(MANIFEST)
            names, logo = opened.names(inner.display_name), find_logo(opened.archive, inner.logos)
        except BuildFileInvalid as problem:
            package.warnings.append(f"The package “{shown(main.file_name)}” cannot be read: {problem.sentence}")
        else:
            described = opened
            package.warnings += [*opened.archive.warnings, *opened.warnings]
            logo = logo._replace(source=f"{main.file_name}/{logo.source}" if logo.source else None)
    embedded = tuple(
        EmbeddedBundle(
            kind=EmbeddedKind.PACKAGE, path=each.file_name, identifier=each.resource_id, version_name=each.version
        )
        for each in manifest.packages
    )
    if not manifest.families:
        manifest.families = inner.families
    return _info(package, manifest, inner, names, logo, architectures, embedded, described)


def _main(applications: list[InnerPackage]) -> InnerPackage | None:
    """Choose the package that most machines get; stubs only hold a place for one."""

    def rank(each: InnerPackage) -> tuple[bool, int]:
        known = each.architecture in _PREFERRED
        return each.is_stub, _PREFERRED.index(each.architecture or "") if known else len(_PREFERRED)

    return min(applications, key=rank, default=None)


def _inner_archive(file: BinaryIO, archive: Archive, name: str) -> Archive:
    """Open a package of a bundle: where it lies if it is stored, else unpacked into bounded memory."""
    member = archive.find(name)
    if member is None:
        raise BuildFileInvalid(ProcessingCode.MANIFEST_MISSING, "It is not in the bundle.")
    nested = open_member(file, archive, member)
    if nested is None:
        raise BuildFileInvalid(ProcessingCode.ARCHIVE_BOMB, "It is packed and too large to be looked into.")
    return Archive.open(nested)


def _info(
    package: _Package,
    manifest: Manifest,
    inner: Manifest,
    names: _Names,
    logo: Logo,
    architectures: tuple[str, ...],
    embedded: tuple[EmbeddedBundle, ...],
    main: _Package,
) -> BuildInfo:
    signature = package_signature(package.signature())
    contents = contents_of(package.archive)
    inner_contents = contents if main is package else contents_of(main.archive)
    if logo.warning:
        package.warnings.append(logo.warning)
    _, min_os, target_os = manifest.families[0] if manifest.families else (None, None, None)
    return BuildInfo(
        format=Format.MSIX,
        os=Os.WINDOWS,
        identifier=manifest.name,
        display_name=names.default,
        localized_names=names.others,
        version_name=manifest.version,
        min_os=min_os,
        target_os=target_os,
        device_families=tuple(dict.fromkeys(name for name, _, _ in manifest.families if name)),
        architectures=architectures,
        icon_png=logo.png,
        icon_source=logo.source,
        signing=signature.signing,
        capabilities=tuple(inner.capabilities),
        url_schemes=tuple(inner.protocols),
        embedded=embedded,
        native_libraries=inner_contents.native_libraries,
        sizes=contents.sizes,
        sdks=inner.tools,
        warnings=(*package.archive.warnings, *package.warnings, *signature.warnings),
    )


def _invalid(what: str) -> BuildFileInvalid:
    return BuildFileInvalid(ProcessingCode.MANIFEST_INVALID, f"{what}. Build the package again and upload that file.")
