"""The documents that describe msix and appx packages and their bundles.

Sources: Microsoft, "App package manifest schema" (AppxManifest.xml, also its older forms of Windows 8 and 8.1) and
"Bundle manifest schema" (AppxBundleManifest.xml). Namespaces differ from version to version of Windows and mean the
same here.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from seatrial.parsers.texts import told
from seatrial.parsers.xml_events import read_xml

MAX_LISTED = 1000
MAX_PACKAGES = 500
MAX_TOOLS = 50

_LOGOS = ("Square150x150Logo", "Logo", "Square310x310Logo", "Square44x44Logo", "Square30x30Logo", "SmallLogo")


@dataclass(slots=True)
class InnerPackage:
    """One package of a bundle, as the bundle lists it."""

    file_name: str
    is_application: bool
    is_stub: bool
    version: str | None
    architecture: str | None
    resource_id: str | None


@dataclass(slots=True)
class Manifest:
    """What a package or bundle says about itself; texts may be references (`ms-resource:`)."""

    name: str | None = None
    version: str | None = None
    architecture: str | None = None
    display_name: str | None = None
    families: list[tuple[str, str | None, str | None]] = field(default_factory=list)
    """Device families with the oldest version, and the newest one that was tested."""
    capabilities: list[str] = field(default_factory=list)
    protocols: list[str] = field(default_factory=list)
    logos: list[str] = field(default_factory=list)
    tools: dict[str, str] = field(default_factory=dict)
    packages: list[InnerPackage] = field(default_factory=list)


def read_manifest(pieces: Iterable[bytes]) -> Manifest:
    """Read either document; raise `XmlUnreadable` where it is none."""
    reader = _Reader()
    read_xml(pieces, reader)
    found = reader.manifest
    if reader.older != (None, None) and not found.families:
        found.families = [("", *reader.older)]
    for logo in reader.tiles:
        if logo not in found.logos:
            found.logos.append(logo)
    return found


class _Reader:
    """Collects what is wanted as the tags come."""

    def __init__(self) -> None:
        self.manifest = Manifest()
        self.older: tuple[str | None, str | None] = (None, None)
        self.tiles: list[str] = []
        self._path: list[str] = []
        self._text: list[str] = []

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self._path.append(tag)
        self._text.clear()
        take = _TAKE.get(tag)
        if take is not None:
            take(self, attributes)

    def data(self, text: str) -> None:
        if len(self._text) < MAX_LISTED:
            self._text.append(text)

    def end(self, tag: str) -> None:
        text = told("".join(self._text))
        parent = self._path[-2] if len(self._path) > 1 else ""
        found = self.manifest
        if text and parent == "Properties":
            if tag == "DisplayName":
                found.display_name = found.display_name or text
            elif tag == "Logo" and not found.logos:
                found.logos.append(text)
        elif tag == "OSMinVersion":
            self.older = (text, self.older[1])
        elif tag == "OSMaxVersionTested":
            self.older = (self.older[0], text)
        self._path.pop()
        self._text.clear()

    def identity(self, attributes: dict[str, str]) -> None:
        if len(self._path) == 2 and self.manifest.name is None:
            self.manifest.name = told(attributes.get("Name"))
            self.manifest.version = told(attributes.get("Version"))
            self.manifest.architecture = told(attributes.get("ProcessorArchitecture"))

    def family(self, attributes: dict[str, str]) -> None:
        name = told(attributes.get("Name"))
        if name and len(self.manifest.families) < MAX_LISTED:
            versions = told(attributes.get("MinVersion")), told(attributes.get("MaxVersionTested"))
            self.manifest.families.append((name, *versions))

    def capability(self, attributes: dict[str, str]) -> None:
        self._list(self.manifest.capabilities, attributes)

    def protocol(self, attributes: dict[str, str]) -> None:
        self._list(self.manifest.protocols, attributes)

    def tile(self, attributes: dict[str, str]) -> None:
        if len(self.tiles) < len(_LOGOS):
            self.tiles += [logo for key in _LOGOS if (logo := told(attributes.get(key)))]

    def tool(self, attributes: dict[str, str]) -> None:
        """Take a line of the build's own notes: a tool and its version."""
        name, version = told(attributes.get("Name")), told(attributes.get("Version"))
        if name and version and self._path[-2:-1] == ["Metadata"] and len(self.manifest.tools) < MAX_TOOLS:
            self.manifest.tools[name] = version

    def package(self, attributes: dict[str, str]) -> None:
        file_name = told(attributes.get("FileName"))
        if file_name and len(self._path) > 1 and len(self.manifest.packages) < MAX_PACKAGES:
            self.manifest.packages.append(
                InnerPackage(
                    file_name=file_name.replace("\\", "/"),
                    # "Bundle manifest schema": what does not say that it is an application holds resources.
                    is_application=attributes.get("Type") == "application",
                    is_stub=attributes.get("IsStub") == "true",
                    version=told(attributes.get("Version")),
                    architecture=told(attributes.get("Architecture")),
                    resource_id=told(attributes.get("ResourceId")),
                )
            )

    @staticmethod
    def _list(values: list[str], attributes: dict[str, str]) -> None:
        name = told(attributes.get("Name"))
        if name and name not in values and len(values) < MAX_LISTED:
            values.append(name)


_TAKE = {
    "Identity": _Reader.identity,
    "TargetDeviceFamily": _Reader.family,
    "Capability": _Reader.capability,
    "DeviceCapability": _Reader.capability,
    "CustomCapability": _Reader.capability,
    "Protocol": _Reader.protocol,
    "VisualElements": _Reader.tile,
    "Item": _Reader.tool,
    "Package": _Reader.package,
}
