"""The two documents that describe a flat macOS installer: PackageInfo of a component, Distribution of a product.

Source: Apple, "Distribution Definition XML Schema Reference" (Distribution); PackageInfo as `pkgbuild` writes it.
"""

from dataclasses import dataclass, field

from seatrial.parsers.xml_events import read_xml

MAX_TEXT = 1_000
"""Characters kept of one value."""
MAX_LISTED = 500
"""Components, bundles and references kept of one document."""


@dataclass(slots=True)
class BundleOf:
    """A bundle that a component installs, as PackageInfo or Distribution state it."""

    path: str
    identifier: str | None
    short_version: str | None
    version: str | None


@dataclass(slots=True)
class PackageInfo:
    """What a component package says about itself."""

    identifier: str | None = None
    version: str | None = None
    bundles: list[BundleOf] = field(default_factory=list)


@dataclass(slots=True)
class Reference:
    """A component as a product names it: `pkg-ref` elements of one identifier, put together."""

    identifier: str
    version: str | None = None
    place: str | None = None
    """The folder of the component in the product's archive, or an address."""


@dataclass(slots=True)
class Distribution:
    """What a product archive says about itself."""

    title: str | None = None
    product: str | None = None
    version: str | None = None
    references: dict[str, Reference] = field(default_factory=dict)
    bundles: list[BundleOf] = field(default_factory=list)
    min_os: list[str] = field(default_factory=list)
    """Oldest systems, one for each range of systems that are allowed."""
    architectures: tuple[str, ...] = ()


def read_package_info(data: bytes) -> PackageInfo:
    """Read PackageInfo; raise `XmlUnreadable`."""
    reader = _PackageInfo()
    read_xml((data,), reader)
    return reader.found


def read_distribution(data: bytes) -> Distribution:
    """Read Distribution; raise `XmlUnreadable`."""
    reader = _Distribution()
    read_xml((data,), reader)
    return reader.found


def _kept(value: str | None) -> str | None:
    return (value or "").strip()[:MAX_TEXT] or None


def _bundle(attributes: dict[str, str]) -> BundleOf | None:
    path = _kept(attributes.get("path"))
    if path is None:  # a mere reference to a bundle named elsewhere
        return None
    identifier = _kept(attributes.get("id")) or _kept(attributes.get("CFBundleIdentifier"))
    short, version = (_kept(attributes.get(key)) for key in ("CFBundleShortVersionString", "CFBundleVersion"))
    return BundleOf(path.removeprefix("./"), identifier, short, version)


class _PackageInfo:
    def __init__(self) -> None:
        self.found = PackageInfo()

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "pkg-info":
            self.found.identifier = _kept(attributes.get("identifier"))
            self.found.version = _kept(attributes.get("version"))
        elif tag == "bundle" and len(self.found.bundles) < MAX_LISTED:
            bundle = _bundle(attributes)
            if bundle is not None:
                self.found.bundles.append(bundle)

    def end(self, tag: str) -> None:
        """Pass over end tags: all values are attributes."""

    def data(self, text: str) -> None:
        """Pass over text."""


class _Distribution:
    def __init__(self) -> None:
        self.found = Distribution()
        self._depth = 0
        self._reading: Reference | None = None
        self._text: list[str] = []
        self._length = 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        self._text, self._length = [], 0
        if tag == "pkg-ref":
            self._reading = self._reference(attributes)
        elif tag == "product":
            self.found.product = self.found.product or _kept(attributes.get("id"))
            self.found.version = self.found.version or _kept(attributes.get("version"))
        elif tag == "options":
            named = (attributes.get("hostArchitectures") or "")[:MAX_TEXT].split(",")
            self.found.architectures = tuple(dict.fromkeys(name for each in named if (name := each.strip())))
        elif tag == "os-version":
            oldest = _kept(attributes.get("min"))
            if oldest and len(self.found.min_os) < MAX_LISTED:
                self.found.min_os.append(oldest)
        elif tag == "bundle" and len(self.found.bundles) < MAX_LISTED:
            bundle = _bundle(attributes)
            if bundle is not None:
                self.found.bundles.append(bundle)

    def data(self, text: str) -> None:
        if self._length <= MAX_TEXT:
            self._text.append(text)
            self._length += len(text)

    def end(self, tag: str) -> None:
        self._depth -= 1
        text = _kept("".join(self._text))
        self._text, self._length = [], 0
        if tag == "title" and self._depth == 1:
            self.found.title = self.found.title or text
        elif tag == "pkg-ref" and self._reading is not None:
            self._reading.place = self._reading.place or text
            self._reading = None

    def _reference(self, attributes: dict[str, str]) -> Reference | None:
        identifier = _kept(attributes.get("id"))
        if identifier is None or len(self.found.references) >= MAX_LISTED:
            return None
        reference = self.found.references.setdefault(identifier, Reference(identifier))
        reference.version = reference.version or _kept(attributes.get("version"))
        return reference


def oldest(versions: list[str]) -> str | None:
    """Give the lowest of some system versions, `10.9` before `10.10`; one that is no number counts as high."""
    return min(versions, key=_rank, default=None)


def _rank(version: str) -> tuple[tuple[int, ...], str]:
    parts = version.split(".")
    numbers = tuple(int(p) if p.isascii() and p.isdigit() and len(p) < 10 else 1 << 40 for p in parts)
    return numbers, version
