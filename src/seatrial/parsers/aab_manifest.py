"""What a bundle's manifest says, with the values that stand in its resource table.

Sources: developer.android.com, "App manifest" and "Configure feature delivery"; the attribute ids are the public ones
of `android.R.attr`.
"""

from seatrial.domain.errors import BuildFileInvalid
from seatrial.parsers import limits
from seatrial.parsers.aab_resources import Table, number_of, read_table
from seatrial.parsers.aab_xml import DISTRIBUTION, Element
from seatrial.parsers.archive import Archive
from seatrial.parsers.chunks import Kind
from seatrial.parsers.drawables import Item
from seatrial.parsers.texts import listed, told

LABEL = 0x01010001
ICON = 0x01010002
NAME = 0x01010003
DEBUGGABLE = 0x0101000F
SCHEME = 0x01010027
MIN_SDK = 0x0101020C
VERSION_CODE = 0x0101021B
VERSION_NAME = 0x0101021C
TARGET_SDK = 0x01010270
TEST_ONLY = 0x01010272
LOGO = 0x010102BE
BANNER = 0x010103F2
ROUND_ICON = 0x0101052C
REQUIRED = 0x0101028E
COMPILE_SDK = 0x01010572
COMPILE_SDK_CODENAME = 0x01010573
VERSION_CODE_MAJOR = 0x01010576

MAX_LISTED = 1000
MAX_LANGUAGES = 200

_APP_RESTRICTIONS = "android.content.APP_RESTRICTIONS"
_LAUNCHERS = {"android.intent.category.LAUNCHER", "android.intent.category.LEANBACK_LAUNCHER"}
_ENTRANCES = {"activity", "activity-alias"}
_PERMISSIONS = {"uses-permission", "uses-permission-sdk-23", "uses-permission-sdk-m"}
_FAMILIES = {
    "android.hardware.type.watch": "watch",
    "android.hardware.type.television": "tv",
    "android.software.leanback": "tv",
    "android.hardware.type.automotive": "automotive",
}
_DELIVERIES = ("install-time", "fast-follow", "on-demand")


class Resources:
    """A module's table, read at the first question that needs it; broken ones answer nothing, and say so once."""

    def __init__(self, archive: Archive, module: str, warnings: list[str]) -> None:
        self._archive = archive
        self._module = module
        self._warnings = warnings
        self._table: Table | None = None
        self._is_read = False
        self.is_broken = False
        """Whether a table is there that cannot be read, so that what it would say is not known."""

    def table(self) -> Table | None:
        """Give the table; `None` where the module has none, or none that can be read."""
        if not self._is_read:
            self._is_read = True
            try:
                self._table = read_table(self._archive, self._module, limits.current().resources_bytes)
            except BuildFileInvalid as problem:
                self.drop(problem.sentence.rstrip("."))
            except (ValueError, MemoryError) as problem:
                self.drop(problem)
        return self._table

    def drop(self, problem: object) -> None:
        """Go on without resources."""
        self._table = None
        self.is_broken = True
        self._warnings.append(f"The resources cannot be read ({problem}); the label and icon may be missing.")

    def texts(self, item: Item | None) -> dict[str, str]:
        """Return a text in all its languages, the default one under the empty tag."""
        if item is None:
            return {}
        if item.reference is None:
            plain = _plain(item)
            return {"": plain} if plain else {}
        table = self.table()
        try:
            found = table.texts(item.reference) if table is not None else {}
        except ValueError as problem:
            self.drop(problem)
            return {}
        cleaned = {language: told(text) for language, text in list(found.items())[: MAX_LANGUAGES + 1]}
        return {language: text for language, text in cleaned.items() if text}

    def text(self, item: Item | None) -> str | None:
        """Return a text in the default language, or a number as text."""
        texts = self.texts(item)
        text = texts.get("", next(iter(texts.values()), None))
        if text is None:
            number = self.number(item)
            return None if number is None else str(number)
        return text

    def number(self, item: Item | None) -> int | None:
        """Return an unsigned number or a truth value as 0 or not 0."""
        if item is None:
            return None
        if item.reference is None:
            text = item.text or ""
            return int(text) if item.kind == Kind.STRING and _is_number(text) else number_of(item)
        table = self.table()
        try:
            return table.number(item.reference) if table is not None else None
        except ValueError as problem:
            self.drop(problem)
            return None


class Manifest:
    """A module's manifest and what can be asked of it."""

    def __init__(self, root: Element, resources: Resources) -> None:
        self.root = root
        self.resources = resources
        self.application = next(root.named("application"), None)

    def plain(self, name: str) -> str | None:
        """Return an attribute of the manifest element that has no resource id."""
        found = self.root.plain(name)
        return None if found is None else told(found.written) or told(_plain(found.item))

    def version_code(self) -> str | None:
        """Return the version code; its upper half stands in an attribute of its own since Android 9."""
        minor = self.resources.number(self.root.value(VERSION_CODE))
        if minor is None:
            return None
        return str((self.resources.number(self.root.value(VERSION_CODE_MAJOR)) or 0) << 32 | minor)

    def sdk(self, attribute: int) -> str | None:
        """Return an API level, or the code name of a platform that was not finished; the last one counts."""
        found = None
        for element in self.root.named("uses-sdk"):
            found = self.resources.text(element.value(attribute)) or found
        return found

    def names(self) -> dict[str, str]:
        """Find the app's name: its own, else that of the activity people start, else that of any activity."""
        if self.application is None:
            return {}
        names = self.resources.texts(self.application.value(LABEL))
        for activity in () if names or self.resources.is_broken else self.activities():
            names = self.resources.texts(activity.value(LABEL))
            if names:
                break
        return names

    def activities(self) -> list[Element]:
        """List the activities, those that a launcher shows first."""
        found = [each for each in self.application.children if each.tag in _ENTRANCES] if self.application else []
        return sorted(found, key=lambda activity: not _is_launcher(activity))

    def icons(self) -> list[Item]:
        """List the icon attributes, those of the application before those of the activity that people start."""
        if self.application is None:
            return []
        places = [(self.application, each) for each in (ICON, ROUND_ICON)]
        launcher = next(iter(self.activities()), None)
        if launcher is not None and _is_launcher(launcher):
            places += [(launcher, ICON), (launcher, ROUND_ICON)]
        places += [(self.application, each) for each in (LOGO, BANNER)]
        return [item for element, attribute in places if (item := element.value(attribute)) is not None]

    def permissions(self) -> tuple[str, ...]:
        """List the permissions that the app asks for."""
        return listed([_name(each) for each in self.root.children if each.tag in _PERMISSIONS], MAX_LISTED)

    def features(self) -> tuple[str, ...]:
        """List the features of a device that the app uses, needed or not."""
        return listed([_name(each) for each in self.root.named("uses-feature")], MAX_LISTED)

    def device_families(self) -> tuple[str, ...]:
        """Tell which devices beside phones the app is made for, by the features that it cannot do without."""
        features = self.root.named("uses-feature")
        needed = (each for each in features if self.resources.number(each.value(REQUIRED)) != 0)
        return listed([_FAMILIES.get(_name(each) or "") for each in needed], MAX_LISTED)

    def sdks(self) -> dict[str, str | None]:
        """Tell which platform the app was compiled against; a preview has a code name of its own.

        `platformBuildVersionCode` is not asked: build tools have written the app's own version there for years.
        """
        return {
            "compileSdk": self.resources.text(self.root.value(COMPILE_SDK)),
            "compileSdkCodename": self.resources.text(self.root.value(COMPILE_SDK_CODENAME)),
        }

    def url_schemes(self) -> tuple[str, ...]:
        """List the URL schemes that the app opens."""
        schemes = [
            self.resources.text(data.value(SCHEME))
            for activity in self.activities()
            for intent in activity.named("intent-filter")
            for data in intent.named("data")
        ]
        return listed(schemes, MAX_LISTED)

    def flag(self, attribute: int) -> bool:
        """Whether an attribute of the application is set to true."""
        return self.application is not None and bool(self.resources.number(self.application.value(attribute)))

    def has_restrictions(self) -> bool:
        """Whether the app declares a managed configuration."""
        data = self.application.named("meta-data") if self.application is not None else ()
        return any(_name(each) == _APP_RESTRICTIONS for each in data)

    def delivery(self) -> str | None:
        """Tell when a module reaches the device: `install-time`, `fast-follow`, `on-demand`, or `conditional`.

        `conditional` are modules for some devices only. `None` where the manifest does not say.
        """
        module = next((each for each in self.root.named("module") if each.namespace == DISTRIBUTION), None)
        if module is None:
            return None
        for delivery in module.named("delivery"):
            for kind in _DELIVERIES:
                found = next(delivery.named(kind), None)
                if found is not None:
                    return "conditional" if any(True for _ in found.named("conditions")) else kind
        old = module.plain("onDemand", DISTRIBUTION)  # before there was an element for it
        if old is None:
            return None
        on_demand = bool(number_of(old.item)) or old.written == "true"
        return "on-demand" if on_demand else "install-time"

    def title(self) -> Item | None:
        """Find a feature module's title, which the base's resources hold."""
        for module in self.root.named("module"):
            found = module.plain("title", DISTRIBUTION)
            if found is not None:
                return found.item
        return None


def _is_launcher(activity: Element) -> bool:
    return any(
        _name(category) in _LAUNCHERS
        for intent in activity.named("intent-filter")
        for category in intent.named("category")
    )


def _name(element: Element) -> str | None:
    item = element.value(NAME)
    return item.text if item is not None else None


def _plain(item: Item) -> str | None:
    number = number_of(item)
    return told(item.text) if number is None else str(number)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 11
