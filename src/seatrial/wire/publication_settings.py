"""What a body says of a publication (contract 2.4); a key that is not there, or null, stands for its default."""

import binascii
import re
from base64 import b64decode
from datetime import datetime
from enum import StrEnum
from typing import TypeVar
from urllib.parse import urlsplit

from seatrial.domain.countries import COUNTRIES
from seatrial.domain.errors import InvalidRequest
from seatrial.domain.ids import AudienceId, BuildId, is_entity_id
from seatrial.domain.platforms import BUILD_PLATFORMS
from seatrial.domain.publication import (
    BY_ID,
    BY_VALUE,
    LONGEST_PASSWORD,
    MOST_BUILDS,
    PICKED_SYSTEMS,
    AudienceUse,
    BuildFilter,
    FilterType,
    Looks,
    PickedBuild,
    PublicationSettings,
    Security,
    Visibility,
)
from seatrial.wire import bodies, fields, groups, tags

SLUG_LIMIT = 128
VALUE_LIMIT = 255
DESCRIPTION_LIMIT = 64 * 1024
TERMS_LIMIT = 256 * 1024
LOGO_LIMIT = 256 * 1024
LOGO_URL_LIMIT = 2048
MOST_AUDIENCES = 100

_COLOR = re.compile(r"#(?:[0-9a-fA-F]{3}|[0-9a-fA-F]{6})")
_PICTURE = re.compile(r"data:image/(?:png|jpeg|gif|webp);base64,")
_LOGO_RULE = (
    f"must be an https URL of at most {LOGO_URL_LIMIT} characters, or a PNG, JPEG, GIF or WebP picture as a data: URL "
    f"in base64 of at most {LOGO_LIMIT} characters"
)
_COUNTRIES_RULE = "must be an array of two-letter country codes (ISO 3166-1 alpha-2)"
_ID_RULE = "must be the id of a build: 24 hex characters"

E = TypeVar("E", bound=StrEnum)


def publication_settings(body: bytes) -> tuple[PublicationSettings, str | None]:
    """Read everything that is said of a publication, and its app where that is named.

    Raises InvalidRequest naming the key, with dots between nested ones.
    """
    said = bodies.json_object(body)
    terms_active, terms_text = _terms(bodies.nested(said, "terms"))
    settings = PublicationSettings(
        slug=_required("slug", bodies.line(SLUG_LIMIT)("slug", said.get("slug"))),
        security=_choice("security", said.get("security"), Security),
        visibility=_choice("visibility", said.get("visibility"), Visibility),
        filter=_filter(said),
        password=bodies.text(LONGEST_PASSWORD)("password", said.get("password")),
        tags=tags.from_json(said["tags"]) if said.get("tags") is not None else (),
        groups=groups.from_json("groups", said.get("groups")),
        activate_audiences=_flag(said, "activateUserAudiences"),
        audiences=_audiences(said.get("userAudienceMap")),
        show_history=_flag(said, "showHistory"),
        show_dev_info=_flag(said, "showDevInfo"),
        hide_attachments=_flag(said, "hideAttachedFiles"),
        terms_active=terms_active,
        terms_text=terms_text,
        allowed_countries=_countries("allowedCountries", said.get("allowedCountries")),
        blocked_countries=_countries("blockedCountries", said.get("blockedCountries")),
        expires_at=_expiry(said.get("expirationDate")),
        looks=_looks(bodies.nested(said, "configuration")),
    )
    return settings, bodies.line(SLUG_LIMIT)("application", said.get("application")) or None


def filter_type(name: str, text: str) -> FilterType:
    """Read a way to choose builds, in any case."""
    return _choice(name, text, FilterType)


def _required(name: str, text: str) -> str:
    if not text:
        raise InvalidRequest({name: "is required"})
    return text


def _choice(name: str, value: object, kind: type[E]) -> E:
    said = bodies.string(name, value).strip()
    if not said:
        raise InvalidRequest({name: f"is required: one of {', '.join(kind)}"})
    found = next((one for one in kind if one.value.lower() == said.lower()), None)
    return kind(fields.word(name, said, kind)) if found is None else found


def _flag(said: bodies.Said, key: str, prefix: str = "") -> bool:
    return said.get(key) is not None and bodies.boolean(prefix + key, said[key])


def _filter(body: bodies.Said) -> BuildFilter:
    said = bodies.nested(body, "filter")
    kind = _choice("filter.type", said.get("type"), FilterType)
    value = bodies.line(VALUE_LIMIT)("filter.value", said.get("value"))
    if kind in BY_VALUE:
        _required("filter.value", value)
        if kind is FilterType.TAG:
            fields.bounded("filter.value", value, fields.TAG_LIMIT)
    picked = [PickedBuild(id=_build_id("filter.value", value))] if kind is FilterType.BUILD and value else []
    systems = []
    for system in PICKED_SYSTEMS:
        chosen = _system(system, said.get(system), kind)
        if isinstance(chosen, PickedBuild):
            picked.append(chosen)
        elif chosen:
            systems.append(system)
    listed = _builds(said.get("builds"))
    if kind in BY_ID:
        picked += listed
        if not picked:
            raise InvalidRequest({"filter.builds": "is required: at least one build, here or by the key of its system"})
    elif listed:
        raise InvalidRequest({"filter.builds": "is only for the types build and builds"})
    return BuildFilter(
        type=kind,
        value=value if kind in BY_VALUE or kind is FilterType.BUILD else "",
        systems=tuple(systems),
        builds=tuple(picked),
    )


def _system(system: str, value: object, kind: FilterType) -> PickedBuild | bool:
    """Read what is said for one system: the id of its build, or whether it is among the wanted ones."""
    name = f"filter.{system}"
    if value is None or value == "":
        return False
    if isinstance(value, bool):
        return value
    build_id = _build_id(name, bodies.string(name, value).strip())
    if kind not in BY_ID:
        raise InvalidRequest({name: "must be true or false; the id of a build is only for the types build and builds"})
    return PickedBuild(id=build_id, platform=system)


def _build_id(name: str, text: str) -> BuildId:
    if not is_entity_id(text):
        raise InvalidRequest({name: _ID_RULE})
    return BuildId(text.lower())


def _builds(value: object) -> list[PickedBuild]:
    found = []
    for index, item in enumerate(_array("filter.builds", value, MOST_BUILDS)):
        name = f"filter.builds.{index}"
        if not isinstance(item, dict):
            raise InvalidRequest({name: "must be an object with buildPlatform and id"})
        platform = bodies.string(f"{name}.buildPlatform", item.get("buildPlatform")).strip().lower()
        if platform:
            fields.word(f"{name}.buildPlatform", platform, BUILD_PLATFORMS)
        build_id = _build_id(f"{name}.id", bodies.string(f"{name}.id", item.get("id")).strip())
        found.append(PickedBuild(id=build_id, platform=platform, is_listed=True))
    return found


def _array(name: str, value: object, most: int) -> list[object]:
    if value is None:
        return []
    if not isinstance(value, list) or len(value) > most:
        raise InvalidRequest({name: f"must be an array of at most {most}"})
    return value


def _audiences(value: object) -> tuple[AudienceUse, ...]:
    found: dict[AudienceId, AudienceUse] = {}
    for index, item in enumerate(_array("userAudienceMap", value, MOST_AUDIENCES)):
        name = f"userAudienceMap.{index}"
        if not isinstance(item, dict):
            raise InvalidRequest({name: "must be an object with id and notifyNewBuildsProcessed"})
        said = bodies.string(f"{name}.id", item.get("id")).strip().lower()
        if not is_entity_id(said):
            raise InvalidRequest({f"{name}.id": "must be the id of an audience: 24 hex characters"})
        audience_id = AudienceId(said)
        found[audience_id] = AudienceUse(id=audience_id, notify=_flag(item, "notifyNewBuildsProcessed", f"{name}."))
    return tuple(found.values())


def _terms(said: bodies.Said) -> tuple[bool, str]:
    active = _flag(said, "active", "terms.")
    words = bodies.text(TERMS_LIMIT)("terms.text", said.get("text"))
    if active and not words.strip():
        raise InvalidRequest({"terms.text": "is required where terms are active"})
    return active, words


def _countries(name: str, value: object) -> tuple[str, ...]:
    if value is None:
        return ()
    if not isinstance(value, list):
        raise InvalidRequest({name: _COUNTRIES_RULE})
    found = []
    for index, item in enumerate(value):
        if not isinstance(item, str) or item.strip().upper() not in COUNTRIES:
            raise InvalidRequest({f"{name}.{index}": "must be a two-letter country code (ISO 3166-1 alpha-2)"})
        found.append(item.strip().upper())
    return tuple(dict.fromkeys(found))


def _expiry(value: object) -> datetime | None:
    return bodies.moment_or_none("expirationDate", value)


def _looks(said: bodies.Said) -> Looks:
    application, branding = _inner(said, "application"), _inner(said, "branding")
    of_app, of_brand = "configuration.application.", "configuration.branding."
    return Looks(
        name=_plain_line(f"{of_app}name", application.get("name")),
        description=bodies.text(DESCRIPTION_LIMIT)(f"{of_app}description", application.get("description")),
        logo=_logo(f"{of_brand}logo", branding.get("logo")),
        primary_color=_color(f"{of_brand}primaryColor", branding.get("primaryColor")),
        button_color=_color(f"{of_brand}buttonColor", branding.get("buttonColor")),
    )


def _inner(said: bodies.Said, key: str) -> dict[str, object]:
    value = said.get(key)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise InvalidRequest({f"configuration.{key}": "must be an object"})
    return value


def _plain_line(name: str, value: object) -> str:
    said = bodies.line(bodies.NAME_LIMIT)(name, value)
    if any(ord(letter) < 32 or ord(letter) == 127 for letter in said):
        raise InvalidRequest({name: "must be one line without control characters"})
    return said


def _logo(name: str, value: object) -> str:
    said = bodies.line(LOGO_LIMIT)(name, value)
    if not said or _is_picture(said) or _is_https(said):
        return said
    raise InvalidRequest({name: _LOGO_RULE})


def _is_picture(said: str) -> bool:
    found = _PICTURE.match(said)
    if found is None:
        return False
    try:
        return bool(b64decode(said[found.end() :], validate=True))
    except (binascii.Error, ValueError):
        return False


def _is_https(said: str) -> bool:
    """Whether it is a URL that may stand in a page and name its host in a policy: plain ASCII, no credentials."""
    if len(said) > LOGO_URL_LIMIT or not re.fullmatch(r"https://[!#-&(-:=?-~]+", said) or ";" in said or "," in said:
        return False
    try:
        parts = urlsplit(said)
        return bool(re.fullmatch(r"[a-z0-9.-]+(?::[0-9]{1,5})?", parts.netloc.lower()))
    except ValueError:
        return False


def _color(name: str, value: object) -> str:
    said = bodies.string(name, value).strip()
    if said and not _COLOR.fullmatch(said):
        raise InvalidRequest({name: "must be a colour like #0b6bcb or #fff"})
    return said.lower()
