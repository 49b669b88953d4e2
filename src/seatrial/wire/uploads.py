"""The text fields of an upload's form, in every spelling that real clients use (contract 1.1; decisions 3 to 10).

Nested names come as `deployer.info.commit`, `deployer[info][commit]` and mixtures. A field of nothing but blanks is
an absent one; of a repeated field the last one with content counts; fields nobody knows are ignored.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from seatrial.domain.build import DEPLOYER_INFO_KEYS, Deployer, Notification, Submission
from seatrial.domain.errors import InvalidRequest
from seatrial.domain.platforms import BUILD_PLATFORMS
from seatrial.wire import fields, groups, tags

Form = Iterable[tuple[str, str]]

DEPLOYER_LIMIT = 4096
COMMIT_MESSAGE_LIMIT = 64 * 1024
MESSAGE_LIMIT = 64 * 1024
DESCRIPTION_LIMIT = 1000

_DEPLOYER_RULE = 'must be a JSON object like {"name": "...", "info": {"commit": "..."}}'


@dataclass(slots=True)
class _Said:
    """The fields of a form that count, sorted by kind."""

    scalars: dict[str, str] = field(default_factory=dict)
    tags: list[str] = field(default_factory=list)
    groups: list[tuple[tuple[str, ...], str]] = field(default_factory=list)
    deployer: dict[str, str] = field(default_factory=dict)
    """By dotted name, `deployer.name` and `deployer.info.*`."""


def submission(form: Form) -> Submission:
    """Read what an uploader says about a build.

    Raises InvalidRequest naming the field and what is allowed.
    """
    said = _sort_out(form)
    scalars = said.scalars
    language = _choice(scalars, "notifyLanguage", fields.LANGUAGES)
    return Submission(
        version_name=_line(scalars, "versionName", fields.VERSION_NAME_LIMIT),
        tags=tags.collect(said.tags),
        changelog=_line(scalars, "changelog", fields.CHANGELOG_LIMIT),
        build_platform=_choice(scalars, "buildPlatform", BUILD_PLATFORMS),
        package_name=_line(scalars, "packageName", fields.PACKAGE_LIMIT),
        package_version=_line(scalars, "packageVersion", fields.PACKAGE_LIMIT),
        deployer=_deployer(said.deployer),
        notification=Notification(
            collaborators=fields.flag("notifyCollaborators", scalars.get("notifyCollaborators", "")),
            employees=fields.flag("notifyEmployees", scalars.get("notifyEmployees", "")),
            message=_line(scalars, "notifyMessage", MESSAGE_LIMIT),
            language="de" if language == "ge" else language,
            groups=groups.collect(said.groups),
        ),
    )


def attachment(form: Form) -> str:
    """Read the description of files that are attached to a build (contract 1.4).

    Raises InvalidRequest.
    """
    return _line(_sort_out(form).scalars, "description", DESCRIPTION_LIMIT)


def _sort_out(form: Form) -> _Said:
    said = _Said()
    for name, text in form:
        if not text.strip():
            continue
        match _path(name):
            case [scalar] if scalar not in {"tags", "filter", "deployer"}:
                said.scalars[scalar] = text
            case ["tags"] | ["tags", _]:
                said.tags += tags.split(text)
            case ["filter", *subscripts]:
                said.groups.append((tuple(subscripts), text))
            case ["deployer"]:
                said.deployer |= _from_json(text)
            case ["deployer", "name"] | ["deployer", "info", _] as path:
                said.deployer[".".join(path)] = text
    return said


def _path(name: str) -> list[str]:
    """Split `deployer[info].commit` into its three names, and `tags[]` into `tags` and an empty one."""
    return name.strip().replace("]", "").replace("[", ".").split(".")


def _line(scalars: dict[str, str], name: str, limit: int) -> str:
    return fields.one_line(name, scalars.get(name, ""), limit)


def _choice(scalars: dict[str, str], name: str, allowed: Iterable[str]) -> str:
    said = scalars.get(name, "").strip().lower()
    return fields.word(name, said, allowed) if said else ""


def _deployer(said: dict[str, str]) -> Deployer:
    name = fields.one_line("deployer.name", said.get("deployer.name", ""), DEPLOYER_LIMIT)
    info = {}
    for key in DEPLOYER_INFO_KEYS:  # no other key is kept: some clients send the passphrase of a certificate
        full_name = f"deployer.info.{key}"
        limit = COMMIT_MESSAGE_LIMIT if key == "commitMessage" else DEPLOYER_LIMIT
        if full_name in said:
            info[key] = fields.one_line(full_name, said[full_name], limit)
    return Deployer(name, info)


def _from_json(text: str) -> dict[str, str]:
    value = fields.json_value("deployer", text, _DEPLOYER_RULE)
    if not isinstance(value, dict):
        raise InvalidRequest({"deployer": _DEPLOYER_RULE})
    info = value.get("info", {})
    if not isinstance(info, dict):
        raise InvalidRequest({"deployer.info": "must be an object"})
    named = {"deployer.name": value.get("name")} | {f"deployer.info.{key}": info.get(key) for key in DEPLOYER_INFO_KEYS}
    said = {name: _scalar(name, item) for name, item in named.items()}
    return {name: text for name, text in said.items() if text.strip()}


def _scalar(name: str, item: object) -> str:
    match item:
        case None:
            return ""
        case str():
            return item
        case bool():
            raise InvalidRequest({name: "must be a string"})
        case int() | float():  # `"buildNumber": 173`
            return str(item)
        case _:
            raise InvalidRequest({name: "must be a string"})
