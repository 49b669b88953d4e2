"""Retention: what rules would do, pins, and the trash; an addition of ours, in the vendor's style."""

from seatrial.domain import errors
from seatrial.domain.access import Permission
from seatrial.domain.build import BuildStatus
from seatrial.domain.retention import MOST_RETAINED, Reason, RuleSource, TrashReason
from seatrial.web.openapi import examples
from seatrial.web.openapi.builds import DELETED
from seatrial.web.openapi.errors import CHANGING, SCOPED
from seatrial.web.openapi.faces import ORGANIZATION, WORKSPACE, WORKSPACE_TOKEN
from seatrial.web.openapi.lists import page, paging
from seatrial.web.openapi.notation import (
    TIMESTAMP,
    Json,
    Operation,
    array,
    entity_id,
    json_body,
    moment,
    nullable,
    number,
    parameter,
    record,
    ref,
    shared,
    string,
    success,
)
from seatrial.wire.retention import REASON_LIMIT, TRASH_SORTS

TAG = "Retention"

_SOURCE = string("Who chose it; null for nobody.", enum=[*(source.value for source in RuleSource), None]) | {
    "type": ["string", "null"]
}
_RULE = {
    "buildRetentionDays": nullable(number("Days; null for no age.", minimum=1, maximum=MOST_RETAINED)),
    "buildRetentionDaysSource": _SOURCE,
    "buildsRetainedPerPublication": nullable(
        number("Of each system; null for what a publication gives now.", minimum=1, maximum=MOST_RETAINED)
    ),
    "buildsRetainedPerPublicationSource": _SOURCE,
}
APPLIED = record(
    _RULE
    | {
        "lastRunAt": string(pattern=TIMESTAMP) | {"type": ["string", "null"]},
        "lastRunBuilds": number("Builds that the last run put into the trash."),
        "lastRunBytes": number("What that frees in the end."),
    },
    "The rule that counts, who chose it, and what it did last.",
)
_RULE_EXAMPLE: Json = {
    "buildRetentionDays": 30,
    "buildRetentionDaysSource": "application",
    "buildsRetainedPerPublication": 5,
    "buildsRetainedPerPublicationSource": "organization",
}
APPLIED_EXAMPLE: Json = _RULE_EXAMPLE | {
    "lastRunAt": examples.MOMENT,
    "lastRunBuilds": 12,
    "lastRunBytes": 1_204_000_000,
}
_PERSON = record({"id": string(), "email": string(), "firstName": string(), "lastName": string()})
_PERSON_EXAMPLE = {key: value for key, value in examples.PERSON.items() if key != "picture"}
_PIN_EXAMPLE: Json = {
    "build": examples.BUILD_ID,
    "reason": "In court until 2027",
    "pinnedBy": _PERSON_EXAMPLE,
    "pinnedAt": examples.MOMENT,
}
_BUILD = {
    "id": entity_id("The build's."),
    "application": entity_id(),
    "versionName": string(),
    "versionCode": string(),
    "os": string(),
    "status": string(enum=[status.value for status in BuildStatus]),
    "bytes": number("Of all its files, each once: what its removal for good frees."),
    "createdAt": moment("When it was uploaded."),
}
_BUILD_EXAMPLE: Json = {
    "id": examples.BUILD_ID,
    "application": examples.APP_ID,
    "versionName": "2.4.0",
    "versionCode": "173",
    "os": "ios",
    "status": "processed",
    "bytes": 100_333_201,
    "createdAt": examples.MOMENT,
}
_JUDGED_EXAMPLE: Json = _BUILD_EXAMPLE | {
    "applicationSlug": "tide-tables",
    "verdict": "goes",
    "reason": "old",
    "sentence": "goes: 45 days old, kept by no publication",
    "publications": [],
    "pin": None,
}
_TRASHED_EXAMPLE: Json = _BUILD_EXAMPLE | {
    "reason": "retention",
    "sentence": "goes: 45 days old, kept by no publication",
    "trashedBy": _PERSON_EXAMPLE,
    "trashedAt": examples.MOMENT,
    "expiresAt": examples.MOMENT,
}
_IN_ORGANIZATION = (shared("organizationId"),)
_OF_BUILD = (*WORKSPACE.parameters, shared("buildId"))
_TRYING = (
    parameter("verdict", "query", string(enum=["goes", "stays"]), "Only these."),
    parameter("days", "query", number(minimum=1, maximum=MOST_RETAINED), "Try this age."),
    parameter("perPublication", "query", number(minimum=1, maximum=MOST_RETAINED), "Try this number of builds."),
    shared("page"),
    shared("limit"),
)


def schemas() -> dict[str, Json]:
    """Give the schemas of retention."""
    pin = record(
        {"build": entity_id(), "reason": string(), "pinnedBy": _PERSON, "pinnedAt": moment()},
        "Keeps a build whatever the rules say.",
    )
    judged = _BUILD | {
        "applicationSlug": string(),
        "verdict": string(enum=["goes", "stays"]),
        "reason": string(enum=[reason.value for reason in Reason]),
        "sentence": string("The reason, for people."),
        "publications": array(
            string(),
            "Where the reason is `published` or `surplus`: the slugs of those that choose among builds like this one.",
        ),
        "pin": {"oneOf": [ref("Pin"), {"type": "null"}]},
    }
    trashed = _BUILD | {
        "reason": string(enum=[reason.value for reason in TrashReason]),
        "sentence": string("What the rule said; empty where a person removed it."),
        "trashedBy": _PERSON,
        "trashedAt": moment(),
        "expiresAt": moment("Until then it can be brought back."),
    }
    preview = page(ref("RetentionVerdict"), "What the rules would do now.")
    preview["properties"] |= {
        "totals": record({"goes": number("Builds."), "bytes": number("What they free."), "stays": number("Builds.")}),
        "rule": record(_RULE, "Of the app; for an organization its default."),
    }
    preview["required"] = list(preview["properties"])
    return {
        "Pin": pin,
        "RetentionVerdict": record(judged),
        "RetentionPreview": preview,
        "TrashedBuild": record(trashed),
        "TrashPage": page(ref("TrashedBuild")),
    }


def operations() -> list[Operation]:
    """Describe the routes of retention."""
    return [
        _preview("previewOrganizationRetention", ORGANIZATION, _IN_ORGANIZATION, "an organization's builds"),
        _preview("previewRetention", WORKSPACE.prefix, WORKSPACE.parameters, "an app's builds"),
        *(_show_pin(), _pin(), _unpin()),
        *(_throw_away(), _search_trash(), _restore(), _purge()),
    ]


def _preview(name: str, path: str, parameters: tuple[Json, ...], what: str) -> Operation:
    totals = {"totals": {"goes": 1, "bytes": 100_333_201, "stays": 0}, "rule": _RULE_EXAMPLE}
    shown = examples.page(_JUDGED_EXAMPLE) | totals
    return Operation(
        id=name,
        method="get",
        path=f"{path}/retention",
        tag=TAG,
        summary=f"Say which of {what} the rules keep, which not, and why",
        description="Newest first. With `days` or `perPublication`, as if that had been saved.",
        credentials=WORKSPACE_TOKEN,
        permission=Permission.RETENTION_LIST,
        parameters=(*parameters, *_TRYING),
        answers={200: success("A page.", "RetentionPreviewAnswer", ref("RetentionPreview"), shown)},
        errors=(*SCOPED, errors.InvalidRequest),
    )


def _show_pin() -> Operation:
    return Operation(
        id="showPin",
        method="get",
        path=f"{WORKSPACE.prefix}/builds/{{buildId}}/pin",
        tag=TAG,
        summary="Show a build's pin",
        description="404 with code 3001 where it has none.",
        credentials=WORKSPACE_TOKEN,
        permission=Permission.RETENTION_LIST,
        parameters=_OF_BUILD,
        answers=_pinned(),
        errors=SCOPED,
    )


def _pin() -> Operation:
    reason = string("Why the build is to be kept.", minLength=1, maxLength=REASON_LIMIT, pattern=r"\S")
    return Operation(
        id="pinBuild",
        method="put",
        path=f"{WORKSPACE.prefix}/builds/{{buildId}}/pin",
        tag=TAG,
        summary="Pin a build",
        description="No rule removes it then, and nobody can delete it before the pin is taken away. Replaces a pin "
        "that is there.",
        credentials=WORKSPACE_TOKEN,
        permission=Permission.RETENTION_UPDATE,
        parameters=_OF_BUILD,
        body=json_body("WantedPin", {"reason": reason}, {"reason": "In court until 2027"}, required=["reason"]),
        answers=_pinned(),
        errors=CHANGING,
    )


def _unpin() -> Operation:
    return Operation(
        id="unpinBuild",
        method="delete",
        path=f"{WORKSPACE.prefix}/builds/{{buildId}}/pin",
        tag=TAG,
        summary="Take a build's pin away",
        credentials=WORKSPACE_TOKEN,
        permission=Permission.RETENTION_UPDATE,
        parameters=_OF_BUILD,
        answers={200: success("It is gone.", "DeletedAnswer", DELETED, {"deleted": True})},
        errors=SCOPED,
    )


def _throw_away() -> Operation:
    return Operation(
        id="trashBuild",
        method="post",
        path=f"{WORKSPACE.prefix}/builds/{{buildId}}/trash",
        tag=TAG,
        summary="Put a build into the trash",
        description="It is gone for everybody, and can be brought back for as long as the organization's `trashDays`.",
        credentials=WORKSPACE_TOKEN,
        permission=Permission.BUILD_DELETE,
        parameters=_OF_BUILD,
        answers={200: success("The removed build.", "TrashedBuildAnswer", ref("TrashedBuild"), _TRASHED_EXAMPLE)},
        errors=(*SCOPED, errors.BuildNotProcessed, errors.Conflict),
    )


def _search_trash() -> Operation:
    words = [f"{field}:{way}" for field in TRASH_SORTS for way in ("asc", "desc")]
    by = parameter("sort", "query", string(enum=words, default="trashedAt:desc"), "By what, and in which direction.")
    shown = examples.page(_TRASHED_EXAMPLE)
    return Operation(
        id="listTrash",
        method="get",
        path=f"{WORKSPACE.prefix}/trash",
        tag=TAG,
        summary="List an app's removed builds",
        credentials=WORKSPACE_TOKEN,
        permission=Permission.RETENTION_LIST,
        parameters=(*WORKSPACE.parameters, by, *paging("trashedAt")[1:]),
        answers={200: success("A page.", "TrashPageAnswer", ref("TrashPage"), shown)},
        errors=(*SCOPED, errors.InvalidRequest),
    )


def _restore() -> Operation:
    return Operation(
        id="restoreBuild",
        method="post",
        path=f"{WORKSPACE.prefix}/trash/{{buildId}}/restore",
        tag=TAG,
        summary="Bring a build back from the trash",
        description="As it was, with its files, tags and downloads. One that a rule removed comes back pinned.",
        credentials=WORKSPACE_TOKEN,
        permission=Permission.RETENTION_UPDATE,
        parameters=_OF_BUILD,
        answers={200: success("The build.", "BuildAnswer", ref("Build"), examples.pending_build())},
        errors=SCOPED,
    )


def _purge() -> Operation:
    return Operation(
        id="purgeBuild",
        method="delete",
        path=f"{WORKSPACE.prefix}/trash/{{buildId}}",
        tag=TAG,
        summary="Remove a build from the trash for good",
        description="With its files.",
        credentials=WORKSPACE_TOKEN,
        permission=Permission.BUILD_DELETE,
        parameters=_OF_BUILD,
        answers={200: success("It is gone.", "DeletedAnswer", DELETED, {"deleted": True})},
        errors=SCOPED,
    )


def _pinned() -> dict[int, Json]:
    return {200: success("The pin.", "PinAnswer", ref("Pin"), _PIN_EXAMPLE)}
