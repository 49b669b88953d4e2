"""A build as its page shows it: words, numbers and links, ready for the template."""

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from hashlib import sha256
from urllib.parse import urlencode, urlsplit

import segno
from markupsafe import Markup

from seatrial.domain.browser import Browser
from seatrial.domain.build import Build, BuildFile, FileType
from seatrial.domain.buildinfo import Format, Os
from seatrial.domain.install_verdict import Level, Verdict, needs, profile_of, system_name, verdicts
from seatrial.domain.publication import CurrentBuild, Looks
from seatrial.domain.sentence import Sentence
from seatrial.storage.signing import UrlSigner
from seatrial.web.locale import Language
from seatrial.web.pages.markdown import as_html
from seatrial.wire.links import Links

ICON_STEP_SECONDS = 6 * 3600
"""Icons have links that are the same for so long, so that a browser keeps the picture."""
_RELATIVE = Links(api="", upload="", download="", sdk="")
_HUES = 8
_OVER_THE_AIR = frozenset({Os.IOS.value, Os.TVOS.value, Os.VISIONOS.value})
_BIG_FIRST = ("ios", "android", "macos", "windows", "linux")
_PHONES = frozenset({"ios", "android", "tvos", "visionos", "harmonyos"})


@dataclass(frozen=True, slots=True)
class Fact:
    """One line of what is known of a build, with a link where it leads somewhere."""

    name: str
    value: str
    href: str = ""


@dataclass(frozen=True, slots=True)
class Older:
    """A row of a page's history."""

    version: str
    size: str
    ago: str
    moment: str
    href: str
    is_shown: bool


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file beside a build."""

    name: str
    description: str
    size: str
    href: str


@dataclass(frozen=True, slots=True)
class BuildView:
    """Everything that the template says of a build."""

    version: str
    code: str
    size: str
    ago: str
    moment: str
    system: str
    needs: Sentence | None
    notes: Markup
    verdicts: Sequence[Verdict]
    icon: str
    can_install: bool
    button: str
    install: str
    file: str
    is_stopped: bool
    asks_device: str
    """Where the visitor's device becomes known, if this build is for named ones only and it is unknown; else empty."""
    facts: Sequence[Fact]
    attachments: Sequence[Attachment]


@dataclass(frozen=True, slots=True)
class Maker:
    """Makes views for one visitor at one moment; `base` is the path that the page is at."""

    base: str
    browser: Browser
    now: datetime
    signer: UrlSigner
    is_secure: bool
    language: Language
    udid: str = ""
    """Of the visitor's device, where it is known."""
    devices: str = ""
    """The path where it becomes known."""

    def build(
        self, build: Build, *, show_dev_info: bool, show_attachments: bool, show_people: bool = False
    ) -> BuildView:
        """Show a build; `show_people` for its own people, who may know who uploaded it."""
        say, language = self.language.say, self.language
        found = verdicts(build, self.browser, self.now, is_secure=self.is_secure, udid=self.udid)
        package = build.file(FileType.PACKAGE) or build.file(FileType.ORIGINAL)
        over_the_air = build.os in _OVER_THE_AIR and (build.info is None or build.info.format is Format.IPA)
        fits = self.browser.os == build.os
        name = package.original_name if package else ""
        return BuildView(
            version=build.version_name or say("Build"),
            code=build.version_code,
            size=language.size(build.size),
            ago=language.ago(build.created_at, self.now),
            moment=language.moment(build.created_at),
            system=system_name(build.os),
            needs=needs(build.info),
            notes=as_html(build.changelog),
            verdicts=found,
            icon=self.icon(build.file(FileType.ICON)),
            can_install=over_the_air and fits,
            button=say("Install") if build.os in _PHONES and fits else say("Download {name}", name=name).strip(),
            is_stopped=any(one.level is Level.STOP for one in found),
            install=self.link("install", build=build.id),
            file=self.link("install", build=build.id, type="file"),
            asks_device=self.devices if over_the_air and fits and not self.udid and profile_of(build) else "",
            facts=_facts(build, say, show_people=show_people) if show_dev_info else (),
            attachments=self._attachments(build) if show_attachments else (),
        )

    def older(self, builds: Sequence[CurrentBuild], shown: Build) -> list[Older]:
        """Show a page's history."""
        return [
            Older(
                version=self._version(one),
                size=self.language.size(one.size),
                ago=self.language.ago(one.created_at, self.now),
                moment=self.language.moment(one.created_at),
                href=self.link("", build=one.id),
                is_shown=one.id == shown.id,
            )
            for one in builds
        ]

    def systems(self, current: Sequence[CurrentBuild], shown: Build) -> list[tuple[str, str, bool]]:
        """Show for which systems there are builds: name, link, and whether it is the one that is shown."""
        known = sorted(current, key=lambda one: (_rank(one.os), one.os))
        return [
            (system_name(one.os) or self.language.say("Other"), self.link("", os=one.os), one.os == shown.os)
            for one in known
            if one.os
        ]

    def icon(self, file: BuildFile | None) -> str:
        """Give the link of an icon, good for hours."""
        if file is None:
            return ""
        expires = (int(self.now.timestamp()) // ICON_STEP_SECONDS + 2) * ICON_STEP_SECONDS
        return _RELATIVE.signed(file, expires, self.signer.sign(file.id, expires=expires))

    def link(self, leaf: str, **query: str) -> str:
        """Give a link below this page."""
        path = f"{self.base}/{leaf}" if leaf else self.base
        return f"{path}?{urlencode(query)}" if query else path

    def _version(self, build: CurrentBuild) -> str:
        name = build.version_name or self.language.say("Build")
        return f"{name} ({build.version_code})" if build.version_code else name

    def _attachments(self, build: Build) -> list[Attachment]:
        return [
            Attachment(
                name=file.original_name,
                description=file.description,
                size=self.language.size(file.size),
                href=self.link("install", build=build.id, file=file.id),
            )
            for file in build.files
            if file.type is FileType.ATTACHMENT
        ]


def hue(identifier: str) -> int:
    """Give the number of the colour behind initials, the same for the same app every time."""
    return sha256(identifier.encode("utf-8", "replace")).digest()[0] % _HUES


def colors(looks: Looks) -> Markup:
    """Write the style of a publication's own colours; empty without any. They were checked to be colours."""
    button = looks.button_color or looks.primary_color
    rules = []
    if looks.primary_color:
        rules.append(f"--brand:{looks.primary_color}")
    if button:
        rules.append(f"--accent:{button};--on-accent:{_readable_on(button)}")
    return Markup(":root{" + ";".join(rules) + "}") if rules else Markup()  # noqa: S704  # colours alone


def logo_source(logo: str) -> str:
    """Give what a content security policy must allow for a logo."""
    if logo.startswith("data:"):
        return "data:"
    return f"https://{urlsplit(logo).netloc.lower()}" if logo else ""


@lru_cache(maxsize=1024)
def qr_code(url: str) -> Markup:
    """Draw a QR code as SVG; the same for the same URL, so it is drawn once."""
    drawn = io.BytesIO()
    segno.make(url, error="m", micro=False).save(
        drawn, kind="svg", scale=4, border=2, xmldecl=False, svgns=True, omitsize=True, dark="#000", light="#fff"
    )
    return Markup(drawn.getvalue().decode())  # noqa: S704  # made of squares


def _rank(os: str) -> int:
    return _BIG_FIRST.index(os) if os in _BIG_FIRST else len(_BIG_FIRST)


def _facts(build: Build, say: Callable[[str], str], *, show_people: bool) -> list[Fact]:
    info = build.deployer.info
    url = info.get("buildUrl", "")
    facts = [
        Fact(say("Identifier"), (build.info.identifier if build.info else None) or ""),
        Fact(say("Branch"), info.get("branch", "")),
        Fact(say("Tag"), info.get("tag", "")),
        Fact(say("Commit"), info.get("commit", "")[:12]),
        Fact(say("Message"), info.get("commitMessage", "").partition("\n")[0][:200]),
        Fact(say("Built by"), build.deployer.name, url if url.startswith(("https://", "http://")) else ""),
        Fact(say("CI build"), info.get("buildNumber", "")),
        Fact(say("Uploaded by"), build.uploaded_by.email if show_people else ""),
        Fact(say("Tags"), ", ".join(build.tags)),
        Fact(say("Build"), build.id),
    ]
    return [fact for fact in facts if fact.value]


def _readable_on(color: str) -> str:
    """Give black or white, whichever reads better on a colour (WCAG's relative luminance)."""
    digits = color[1:] if len(color) == 7 else "".join(letter * 2 for letter in color[1:])
    channels = [int(digits[start : start + 2], 16) / 255 for start in (0, 2, 4)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in channels]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return "#000" if (luminance + 0.05) ** 2 > 1.05 * 0.05 else "#fff"
