"""A submission as the fields of an upload's form: what `wire.uploads` reads, written (contract 1.1)."""

import json
from collections.abc import Iterator, Sequence

from seatrial.domain.build import DEPLOYER_INFO_KEYS, Submission

BUILD = "build"
ICON = "packageIcon"
ATTACHMENT = "file"
DESCRIPTION = "description"

_GERMAN = {"de": "ge"}  # the documents' own word for it (decision 9)


def form_fields(said: Submission) -> list[tuple[str, str]]:
    """Write what an uploader says; what was not said has no field, and `uploads.submission` reads the same back."""
    notification = said.notification
    scalars = [
        ("versionName", said.version_name),
        ("tags", _tags(said.tags)),
        ("changelog", said.changelog),
        ("buildPlatform", said.build_platform),
        ("packageName", said.package_name),
        ("packageVersion", said.package_version),
        ("notifyCollaborators", _flag(notification.collaborators)),
        ("notifyEmployees", _flag(notification.employees)),
        ("notifyMessage", notification.message),
        ("notifyLanguage", _GERMAN.get(notification.language, notification.language)),
        ("deployer.name", said.deployer.name),
        *((f"deployer.info.{key}", said.deployer.info.get(key, "")) for key in DEPLOYER_INFO_KEYS),
    ]
    return [*((name, text) for name, text in scalars if text), *_groups(notification.groups)]


def _tags(tags: Sequence[str]) -> str:
    """Join tags with commas, as the documents do; a JSON array where one of them would not come back from that."""
    joined = ",".join(tags)
    if any("," in tag for tag in tags) or joined.startswith("["):
        return json.dumps(tags, ensure_ascii=False)
    return joined


def _flag(value: bool | None) -> str:
    return "" if value is None else str(value).lower()


def _groups(groups: Sequence[Sequence[str]]) -> Iterator[tuple[str, str]]:
    for outer, clause in enumerate(groups):
        for inner, name in enumerate(clause):
            yield f"filter[{outer}][{inner}]", name
