"""Single letters: what each kind says, out of its facts."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from seatrial.mail.catalog import Words
from seatrial.mail.form import Body
from seatrial.mail.rendering import body

Facts = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One of several things that a letter is about."""

    title: str
    lines: Sequence[str]
    link: str = ""
    label: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterText:
    """The words of a letter, in its language."""

    subject: str
    heading: str
    paragraphs: Sequence[str] = ()
    says: str = ""
    """Somebody's own words."""
    rows: Sequence[tuple[str, str]] = ()
    entries: Sequence[Entry] = ()
    link: str = ""
    label: str = ""
    notes: Sequence[str] = field(default=())


def letter(kind: str, words: Words, facts: Facts) -> Body:
    """Write a letter.

    Raises KeyError for a kind or a fact that is missing.
    """
    text = _LETTERS[kind](words, facts)
    return body("letter", text.subject, words, letter=text)


def _invitation_user(words: Words, facts: Facts) -> LetterText:
    role = str(facts["role"])
    role = words(f"role.{role}") if words.has(f"role.{role}") else role
    return LetterText(
        subject=words("invitation_user.subject", organization=facts["organization"]),
        heading=words("invitation_user.heading", organization=facts["organization"]),
        paragraphs=(
            words("invitation_user.text", inviter=_inviter(words, facts), organization=facts["organization"]),
            *((words("invitation_user.role", role=role),) if role else ()),
        ),
        link=facts["link"],
        label=words("invitation_user.button"),
        notes=(_until(words, facts), words("common.ignore")),
    )


def _invitation_employee(words: Words, facts: Facts) -> LetterText:
    return LetterText(
        subject=words("invitation_employee.subject", organization=facts["organization"]),
        heading=words("invitation_employee.heading", organization=facts["organization"]),
        paragraphs=(
            words("invitation_employee.text", inviter=_inviter(words, facts), organization=facts["organization"]),
        ),
        link=facts["link"],
        label=words("invitation_employee.button"),
        notes=(_until(words, facts), words("common.ignore")),
    )


def _password_reset(words: Words, facts: Facts) -> LetterText:
    return LetterText(
        subject=words("password_reset.subject"),
        heading=words("password_reset.heading"),
        paragraphs=(words("password_reset.text", address=facts["address"]),),
        link=facts["link"],
        label=words("password_reset.button"),
        notes=(_until(words, facts), words("password_reset.ignore")),
    )


def _password_changed(words: Words, facts: Facts) -> LetterText:
    return LetterText(
        subject=words("password_changed.subject"),
        heading=words("password_changed.heading"),
        paragraphs=(words("password_changed.text", moment=words.moment(facts["at"]), address=facts["address"]),),
        notes=(words("password_changed.ignore"),),
    )


def _second_factor_changed(words: Words, facts: Facts) -> LetterText:
    way = "on" if facts["enabled"] else "off"
    at = words.moment(facts["at"])
    return LetterText(
        subject=words(f"second_factor_changed.subject_{way}"),
        heading=words(f"second_factor_changed.subject_{way}"),
        paragraphs=(words(f"second_factor_changed.text_{way}", moment=at, address=facts["address"]),),
        notes=(words("second_factor_changed.ignore"),),
    )


def _certificate_expiring(words: Words, facts: Facts) -> LetterText:
    app = facts["app"]
    return LetterText(
        subject=words("certificate_expiring.subject", app=app),
        heading=words("certificate_expiring.heading", app=app),
        paragraphs=(words("certificate_expiring.text", app=app, organization=facts["organization"]),),
        entries=[_expiring(words, item) for item in facts["items"]],
    )


def _expiring(words: Words, item: Facts) -> Entry:
    key = (
        "certificate_expiring.profile" if "profile" in str(item["what"]).lower() else "certificate_expiring.certificate"
    )
    name = str(item["name"])
    title = f"{words(key)} {words('format.quote', text=name)}" if name else words(key)
    expires = item["expires"]
    return Entry(
        title=title,
        lines=(
            words("certificate_expiring.build", build=item["build"]),
            words(
                "certificate_expiring.expires",
                date=words.day(expires) if isinstance(expires, datetime) else str(expires),
            ),
            words("certificate_expiring.days", days=item["days"]),
        ),
        link=item["link"],
        label=words("certificate_expiring.button"),
    )


def _credential_expiring(words: Words, facts: Facts) -> LetterText:
    organization = facts["organization"]
    return LetterText(
        subject=words("credential_expiring.subject", organization=organization),
        heading=words("credential_expiring.subject", organization=organization),
        paragraphs=(words("credential_expiring.text"),),
        entries=[_credential(words, item) for item in facts["items"]],
        link=facts["link"],
        label=words("credential_expiring.button"),
    )


def _credential(words: Words, item: Facts) -> Entry:
    app, name = item.get("app", ""), str(item["name"])
    kind = words("credential_expiring.token", app=app) if app else words("credential_expiring.account")
    return Entry(
        title=f"{kind} {words('format.quote', text=name)}" if name else kind,
        lines=(
            words("certificate_expiring.expires", date=words.day(item["expires"])),
            words("certificate_expiring.days", days=item["days"]),
        ),
    )


def _device_added(words: Words, facts: Facts) -> LetterText:
    organization = facts["organization"]
    rows = [(words(f"feedback_created.{key}"), str(facts[key])) for key in ("author", "device") if facts[key]]
    return LetterText(
        subject=words("device_added.subject", organization=organization),
        heading=words("device_added.heading"),
        paragraphs=(words("device_added.text", organization=organization),),
        rows=rows,
        link=facts["link"],
        label=words("device_added.button"),
    )


def _feedback_created(words: Words, facts: Facts) -> LetterText:
    kind = "bug" if facts["type"] == "bug" else "feedback"
    rows = [(words(f"feedback_created.{key}"), str(facts[key])) for key in ("author", "device", "build") if facts[key]]
    return LetterText(
        subject=words(f"feedback_created.subject_{kind}", app=facts["app"]),
        heading=words(f"feedback_created.subject_{kind}", app=facts["app"]),
        paragraphs=(words(f"feedback_created.text_{kind}", app=facts["app"], organization=facts["organization"]),),
        says=str(facts["message"]),
        rows=rows,
        link=facts["link"],
        label=words("feedback_created.button"),
    )


def _inviter(words: Words, facts: Facts) -> str:
    return str(facts["inviter"] or words("common.somebody"))


def _until(words: Words, facts: Facts) -> str:
    return words("common.expires", moment=words.moment(facts["expires"]))


_LETTERS: Mapping[str, Callable[[Words, Facts], LetterText]] = {
    "invitation_user": _invitation_user,
    "invitation_employee": _invitation_employee,
    "password_reset": _password_reset,
    "password_changed": _password_changed,
    "second_factor_changed": _second_factor_changed,
    "certificate_expiring": _certificate_expiring,
    "credential_expiring": _credential_expiring,
    "device_added": _device_added,
    "feedback_created": _feedback_created,
}
