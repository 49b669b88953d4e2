"""Desktop entries: name, icon and version of an app for Linux desktops.

Format: freedesktop.org, Desktop Entry Specification 1.5: groups, keys with a locale in brackets (section 5), values
with backslash escapes (section 4). Keys of AppImages: "X-AppImage-Version" of the AppImage specification.
"""

import re
from dataclasses import dataclass, field

from seatrial.parsers.texts import told

MAX_BYTES = 1 << 20
MAX_LANGUAGES = 200
MAX_SCHEMES = 100

_LINE = re.compile(r"([A-Za-z0-9-]+)(?:\[([A-Za-z0-9_.@-]{1,35})\])?\s*=\s*(.*)")
_ESCAPE = re.compile(r"\\([sntr\\;])")
_ESCAPED = {"s": " ", "n": " ", "t": " ", "r": " ", "\\": "\\", ";": ";"}
_HANDLER = "x-scheme-handler/"


@dataclass(frozen=True, slots=True, kw_only=True)
class DesktopEntry:
    """The main group of a desktop entry."""

    name: str | None = None
    localized_names: dict[str, str] = field(default_factory=dict)
    icon: str | None = None
    """A name to be looked up, or an absolute path on the system that the app is installed on."""
    version: str | None = None
    url_schemes: tuple[str, ...] = ()
    hidden: bool = False
    """Whether menus leave it out: a helper of an app, not the app."""


def read_entry(data: bytes) -> DesktopEntry:
    """Read a desktop entry; lines that are none are passed over, so that any bytes give some entry."""
    values: dict[str, str] = {}
    names: dict[str, str] = {}
    inside = False
    for line in data[:MAX_BYTES].decode("utf-8-sig", "replace").splitlines():
        if line.startswith("["):
            inside = line.strip() == "[Desktop Entry]"
        found = _LINE.fullmatch(line.strip()) if inside else None
        if found is None:
            continue
        key, locale, value = found.groups()
        text = told(_ESCAPE.sub(lambda escape: _ESCAPED[escape[1]], value))
        if text is None:
            continue
        if locale is None:
            values.setdefault(key, text)
        elif key == "Name" and len(names) < MAX_LANGUAGES:
            names.setdefault(_language(locale), text)
    default = values.get("Name")
    return DesktopEntry(
        name=default,
        localized_names={language: name for language, name in names.items() if name != default},
        icon=values.get("Icon"),
        version=values.get("X-AppImage-Version"),
        url_schemes=_schemes(values.get("MimeType", "")),
        hidden="true" in {values.get("NoDisplay"), values.get("Hidden")},
    )


def _language(locale: str) -> str:
    """Turn `sr_RS.UTF-8@latin` into `sr-Latn-RS`: a BCP 47 tag, as far as modifiers have one."""
    place, _, modifier = locale.partition("@")
    language, _, country = place.partition(".")[0].partition("_")
    script = {"latin": "Latn", "cyrillic": "Cyrl", "devanagari": "Deva"}.get(modifier.lower(), "")
    return "-".join(part for part in (language, script, country) if part)


def _schemes(types: str) -> tuple[str, ...]:
    found = [one.strip().removeprefix(_HANDLER) for one in types.split(";") if one.strip().startswith(_HANDLER)]
    return tuple(list(dict.fromkeys(scheme for scheme in found if scheme))[:MAX_SCHEMES])
