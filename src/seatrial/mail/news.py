"""What a mail says about a new build, and the daily summary of several."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from markupsafe import Markup

from seatrial.domain.initials import initials
from seatrial.mail.catalog import Words
from seatrial.mail.form import Body, Picture, line
from seatrial.mail.markdown import LONGEST, to_html
from seatrial.mail.pictures import qr_code
from seatrial.mail.rendering import body

UNSUBSCRIBE = "seatrial:unsubscribe-here"
"""Stands in mails for the address that is each person's own."""
_LONGEST_MESSAGE = 5000
_LONGEST_IN_DIGEST = 2000
_LONGEST_LINE = 200
_MOST_IN_DIGEST = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildNews:
    """A build as mails tell of it; the empty string is what is not known."""

    app: str
    organization: str
    version: str
    version_code: str
    size: int
    system: str
    min_os: str
    changelog: str
    message: str
    deployer: str
    branch: str
    tag: str
    commit: str
    link: str
    icon: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shown:
    """A build as the templates show it."""

    app: str
    version: str
    message: str
    rows: Sequence[tuple[str, str]]
    changelog: str
    changelog_html: Markup
    link: str
    initials: str
    icon: str = ""
    code: str = ""
    reason: str = ""


def build_mail(news: BuildNews, words: Words, reason: str) -> Body:
    """Write the mail about one build; `reason` is collaborator or employee."""
    why = words(f"build.{reason}", app=news.app, organization=news.organization)
    pictures = [Picture("code", qr_code(news.link))]
    if news.icon is not None:
        pictures.append(Picture("icon", news.icon))
    shown = _shown(news, words, LONGEST, icon="icon" if news.icon else "", code="code", reason=why)
    return body("build", _subject(news, words), words, tuple(pictures), news=shown, unsubscribe=UNSUBSCRIBE)


def digest_mail(news: Sequence[BuildNews], organization: str, words: Words) -> Body:
    """Write the summary of a day's builds, each app's icon once."""
    names: dict[bytes, str] = {}
    for each in news[:_MOST_IN_DIGEST]:
        if each.icon is not None:
            names.setdefault(each.icon, f"icon{len(names)}")
    shown = [
        _shown(each, words, _LONGEST_IN_DIGEST, icon=names[each.icon] if each.icon is not None else "")
        for each in news[:_MOST_IN_DIGEST]
    ]
    pictures = tuple(Picture(name, png) for png, name in names.items())
    subject = words("digest.subject", organization=organization)
    return body("digest", subject, words, pictures, news=shown, organization=organization, unsubscribe=UNSUBSCRIBE)


def _subject(news: BuildNews, words: Words) -> str:
    if news.version:
        return words("build.subject", app=news.app, version=news.version)
    return words("build.subject_plain", app=news.app)


def _shown(news: BuildNews, words: Words, longest: int, *, icon: str = "", code: str = "", reason: str = "") -> _Shown:
    changelog = _cut(news.changelog.strip(), longest, words)
    return _Shown(
        app=news.app,
        version=_version(news),
        message=_cut(news.message.strip(), _LONGEST_MESSAGE, words),
        rows=[(words(f"build.{key}"), line(value, _LONGEST_LINE)) for key, value in _facts(news, words) if value],
        changelog=changelog,
        changelog_html=Markup(to_html(changelog)),  # noqa: S704  # cleaned there
        link=news.link,
        initials=initials(news.app),
        icon=icon,
        code=code,
        reason=reason,
    )


def _version(news: BuildNews) -> str:
    if news.version and news.version_code and news.version_code != news.version:
        return f"{news.version} ({news.version_code})"
    return news.version or news.version_code


def _facts(news: BuildNews, words: Words) -> Sequence[tuple[str, str]]:
    system = f"{news.system} {news.min_os}+" if news.system and news.min_os else news.system
    return (
        ("version", _version(news)),
        ("system", system),
        ("size", words.size(news.size)),
        ("uploaded_by", news.deployer),
        ("branch", news.branch),
        ("tag", news.tag),
        ("commit", news.commit),
    )


def _cut(text: str, longest: int, words: Words) -> str:
    return text if len(text) <= longest else f"{text[:longest].rstrip()}… {words('build.cut')}"
