"""One Apple app bundle, a folder `<name>.app`, read from whatever holds it.

iOS, iPadOS, tvOS and visionOS apps (also those for a simulator) and macOS apps have the same parts in other folders.
Formats: `ipa` for `Payload/` in a ZIP archive; installers, disk images and zipped apps of macOS have readers of their
own, which give the tree of files and the app's folder to `read_app`.
"""

from seatrial.domain.buildinfo import BuildInfo, EmbeddedBundle, EmbeddedKind, Format, Os
from seatrial.domain.errors import BuildFileInvalid, ProcessingCode
from seatrial.parsers import bundle_contents, bundle_icons, bundle_plist, bundle_signing, limits, plist
from seatrial.parsers.bundle_tree import Layout, Tree
from seatrial.parsers.plist import PlistUnreadable, PlistValue, text


def read_app(tree: Tree, folder: str, found_in: Format) -> BuildInfo:
    """Read the app in `folder`, which ends with `.app/`; warnings of the tree itself are the caller's to add.

    Raise `BuildFileInvalid` where Info.plist is missing, cannot be read, or names no bundle identifier.
    """
    layout = Layout.of(tree, folder)
    values = info_plist(tree, layout)
    identifier = text(values.get("CFBundleIdentifier"))
    if identifier is None:
        raise BuildFileInvalid(
            ProcessingCode.MANIFEST_INVALID, "The app's Info.plist has no CFBundleIdentifier; set a bundle identifier."
        )
    warnings: list[str] = []
    code = bundle_signing.read_code(tree, layout, values, warnings)
    if code.platform and not bundle_plist.platforms(values):
        values["DTPlatformName"] = code.platform
    system = bundle_plist.system(values, mac=layout.mac)
    if bundle_plist.is_for_simulator(values):
        warnings.append("The app is built for a simulator; it cannot be installed on a device.")
    found = bundle_contents.survey(tree, layout, code.member.name if code.member else None)
    name = bundle_plist.display_name(values)
    brought = bundle_contents.embedded(tree, layout, found)
    localized = bundle_contents.localized_names(tree, layout, found, name)
    if found.is_cut:
        warnings.append("The app holds more extensions, frameworks or translations than are listed.")
    icon = _icon(tree, layout, values, brought, warnings)
    return BuildInfo(
        format=found_in,
        os=system,
        identifier=identifier,
        display_name=name,
        localized_names=localized,
        version_name=text(values.get("CFBundleShortVersionString")),
        version_code=text(values.get("CFBundleVersion")),
        min_os=bundle_plist.min_os(values),
        target_os=text(values.get("DTSDKName")),
        device_families=bundle_plist.families(values, system),
        architectures=code.executable.architectures if code.executable else (),
        icon_png=icon.png if icon else None,
        icon_source=icon.source if icon else None,
        signing=bundle_signing.signing(tree, layout, code, warnings),
        entitlements=(code.signature.entitlements if code.signature else None) or {},
        capabilities=bundle_plist.background_modes(values),
        url_schemes=bundle_plist.url_schemes(values),
        embedded=brought,
        frameworks=bundle_contents.frameworks(found),
        sizes=found.sizes,
        sdks=bundle_plist.sdks(values),
        plist=bundle_plist.contract_values(values, bundle_icons.icon_names(values)),
        warnings=tuple(warnings),
    )


def _icon(
    tree: Tree,
    layout: Layout,
    values: dict[str, PlistValue],
    brought: tuple[EmbeddedBundle, ...],
    warnings: list[str],
) -> bundle_icons.Icon | None:
    """Give the app's icon; that of the watch app, where the app is no more than what brings it to the phone."""
    watch = next((each for each in brought if each.kind is EmbeddedKind.WATCH_APP), None)
    if watch is not None and bundle_plist.is_watch_only(values):
        inner = Layout.of(tree, watch.path + "/")
        try:
            return bundle_icons.best_icon(tree, inner, info_plist(tree, inner), warnings)
        except BuildFileInvalid as problem:
            warnings.append(problem.sentence)
    return bundle_icons.best_icon(tree, layout, values, warnings)


def info_plist(tree: Tree, layout: Layout) -> dict[str, PlistValue]:
    """Read the keys of Info.plist that are used; raise `BuildFileInvalid`."""
    name = layout.contents + "Info.plist"
    if tree.find(name) is None:
        raise BuildFileInvalid(
            ProcessingCode.MANIFEST_MISSING, "The app has no Info.plist; build the app again, then upload it."
        )
    try:
        return plist.read_plist(tree.read(name, limits.current().plist_bytes), bundle_plist.WANTED)
    except PlistUnreadable as problem:
        raise BuildFileInvalid(
            ProcessingCode.MANIFEST_INVALID, f"The app's Info.plist cannot be read: {problem}."
        ) from None


def is_mac_app(tree: Tree, folder: str) -> bool:
    """Whether the app in `folder` is one for macOS; one for a device or a simulator is not."""
    layout = Layout.of(tree, folder)
    return bundle_plist.system(info_plist(tree, layout), mac=layout.mac) is Os.MACOS
