"""Builds: list, show, update, delete (contract 1.2, 1.3, 2.1)."""

from seatrial.domain import errors
from seatrial.domain.access import Permission
from seatrial.domain.build import DEFAULT_SCRIPT_KEYS, BuildStatus, SortField
from seatrial.domain.platforms import BUILD_PLATFORMS
from seatrial.web.openapi import examples
from seatrial.web.openapi.errors import SCOPED
from seatrial.web.openapi.faces import FACES, WORKSPACE, Face
from seatrial.web.openapi.lists import paging
from seatrial.web.openapi.notation import (
    Json,
    Operation,
    Sample,
    array,
    boolean,
    nullable,
    number,
    parameter,
    record,
    ref,
    response,
    shared,
    string,
    success,
)
from seatrial.wire import fields
from seatrial.wire.queries import LONGEST_WAIT
from seatrial.wire.updates import METADATA_LIMIT, SCRIPT_LIMIT

TAG = "Builds"
DELETED = record({"deleted": boolean(const=True)})

_SCRIPT = nullable(string('`""` or null clears it.', maxLength=SCRIPT_LIMIT))
_BOTH = {
    "versionName": nullable(string("A label for people; null clears it.", maxLength=fields.VERSION_NAME_LIMIT)),
    "tags": {
        "description": "Replaces all tags: an array, or one text with commas between them.",
        "oneOf": [
            array(string(maxLength=fields.TAG_LIMIT), maxItems=fields.TAG_COUNT_LIMIT),
            string(),
        ],
    },
    "changelog": nullable(string("What is new; null clears it.", maxLength=fields.CHANGELOG_LIMIT)),
}
_WORKSPACE_ONLY = {
    "metadata": {
        "type": "object",
        "description": f"Whatever you like, at most {METADATA_LIMIT} bytes of JSON; replaced as a whole.",
        "additionalProperties": True,
    },
    "defaultScripts": {
        "type": "object",
        "description": "Merged key by key; a key that is not sent keeps its script.",
        "properties": dict.fromkeys(DEFAULT_SCRIPT_KEYS, _SCRIPT),
        "additionalProperties": True,
    },
    **{f"defaultScripts.{key}": _SCRIPT | {"description": "The same, spelled flat."} for key in DEFAULT_SCRIPT_KEYS},
    "disabled": boolean("A disabled build stays in lists and cannot be downloaded."),
}
_UPDATE = {
    "versionName": "v2.5.0-rc2",
    "tags": ["staging", "sprint-43"],
    "changelog": "Fixed crash on settings screen",
}
_EVENTS = """\
id: 2
event: status
data: {"id":"552ae3cfcb5abfc58d733b81","status":"in_progress","step":"reading"}

id: 3
event: status
data: {"id":"552ae3cfcb5abfc58d733b81","status":"processed","step":""}

"""
_LIST_SAMPLES = {
    "integrations": """\
curl '{api}/v1/integrations/builds?status=processed&os=ios&page=1&limit=20' \\
  -X GET \\
  -H 'Authorization: Bearer YOUR_APP_TOKEN'""",
    "workspace": """\
curl '{api}/v1/organizations/ORG_ID/apps/APP_ID/builds?status=processed&os=android&page=1&limit=10' \\
  -X GET \\
  -H 'Authorization: Bearer YOUR_SERVICE_ACCOUNT_TOKEN'""",
}
_UPDATE_SAMPLES = {
    "integrations": """\
curl '{api}/v1/integrations/builds/552ae3cfcb5abfc58d733b81' \\
  -X PUT \\
  -H 'Authorization: Bearer YOUR_APP_TOKEN' \\
  -H 'Content-Type: application/json' \\
  -d '{
    "versionName": "v2.5.0-rc2",
    "tags": ["staging", "sprint-43"],
    "changelog": "Fixed crash on settings screen"
  }'""",
    "workspace": """\
curl '{api}/v1/organizations/ORG_ID/apps/APP_ID/builds/552ae3cfcb5abfc58d733b81' \\
  -X PUT \\
  -H 'Authorization: Bearer YOUR_SERVICE_ACCOUNT_TOKEN' \\
  -H 'Content-Type: application/json' \\
  -d '{
    "versionName": "v2.5.0-rc2",
    "changelog": "Fixed crash on settings screen",
    "tags": ["staging", "sprint-43"],
    "metadata": {
      "environment": "staging",
      "team": "mobile"
    }
  }'""",
}


def operations() -> list[Operation]:
    """Describe the routes of builds, on both faces."""
    return [make(face) for face in FACES for make in (_search, _show, _update, _delete, _reprocess, _follow)]


def _search(face: Face) -> Operation:
    filters = (
        parameter("versionName", "query", string(maxLength=fields.VERSION_NAME_LIMIT), "Exactly this label."),
        parameter(
            "status",
            "query",
            string(enum=[*(status.value for status in BuildStatus), "success"]),
            "The state; `success` is taken for `processed`.",
            example="processed",
        ),
        parameter("os", "query", string(enum=list(BUILD_PLATFORMS)), "The platform, in any case.", example="ios"),
        *paging(*(field.value for field in SortField)),
    )
    return Operation(
        id=face.operation_id("ListBuilds"),
        method="get",
        path=f"{face.prefix}/builds",
        tag=TAG,
        summary="List an app's builds",
        description="Newest first, unless `sort` says otherwise. An empty parameter counts as not sent, an unknown one "
        "is ignored. Items are whole builds, as details are.",
        credentials=face.credentials,
        permission=Permission.BUILD_LIST,
        parameters=(*face.parameters, *filters),
        answers={
            200: success(
                "A page of builds.", "BuildPageAnswer", ref("BuildPage"), examples.page(examples.processed_build())
            )
        },
        errors=(*SCOPED, errors.InvalidRequest),
        samples=(Sample("curl", _LIST_SAMPLES[face.name]),),
        links={"show": face.link("ShowBuild", "The first build.", buildId="$response.body#/data/items/0/id")},
    )


def _show(face: Face) -> Operation:
    answer = success("The build.", "BuildAnswer", ref("Build"), examples.processed_build())
    answer["content"]["application/json"]["examples"]["failed"] = {
        "summary": "A build whose file could not be understood",
        "value": {"status": True, "data": examples.failed_build()},
    }
    return Operation(
        id=face.operation_id("ShowBuild"),
        method="get",
        path=f"{face.prefix}/builds/{{buildId}}",
        tag=TAG,
        summary="Show a build",
        description="After an upload: with `wait`, until `status` is `processed` or `error`.",
        credentials=face.credentials,
        permission=Permission.BUILD_GET,
        parameters=(
            *face.parameters,
            shared("buildId"),
            parameter(
                "wait",
                "query",
                number(minimum=0, maximum=LONGEST_WAIT),
                "Seconds to wait for the build to be finished; the answer comes at once when it is, or with the state "
                "that it is in when the time is over.",
                example=30,
            ),
        ),
        answers={200: answer},
        errors=(*SCOPED, errors.InvalidRequest),
    )


def _update(face: Face) -> Operation:
    is_workspace = face is WORKSPACE
    example = _UPDATE | ({"metadata": {"environment": "staging", "team": "mobile"}} if is_workspace else {})
    return Operation(
        id=face.operation_id("UpdateBuild"),
        method="put",
        path=f"{face.prefix}/builds/{{buildId}}",
        tag=TAG,
        summary="Update a build",
        description="What people say about it: only the keys that are sent change. Possible in any state. The body is "
        "read as JSON whatever `Content-Type` says. Read-only and unknown keys are ignored"
        + ("." if is_workspace else ", and so are the Workspace API's `metadata`, `defaultScripts` and `disabled`."),
        credentials=face.credentials,
        permission=Permission.BUILD_UPDATE,
        parameters=(*face.parameters, shared("buildId")),
        body=_update_body(example, is_workspace=is_workspace),
        answers={200: success("The build now.", "BuildAnswer", ref("Build"), _updated(is_workspace=is_workspace))},
        errors=(*SCOPED, errors.InvalidRequest, errors.PayloadTooLarge),
        samples=(Sample("curl", _UPDATE_SAMPLES[face.name]),),
    )


def _update_body(example: Json, *, is_workspace: bool) -> Json:
    properties = _BOTH | (_WORKSPACE_ONLY if is_workspace else {})
    schema = {
        "title": "BuildChanges" if is_workspace else "BuildLabels",
        "type": "object",
        "properties": properties,
        "additionalProperties": True,
    }
    return {"required": True, "content": {"application/json": {"schema": schema, "example": example}}}


def _updated(*, is_workspace: bool) -> Json:
    return examples.updated_build() | ({} if is_workspace else {"metadata": {}})


def _delete(face: Face) -> Operation:
    return Operation(
        id=face.operation_id("DeleteBuild"),
        method="delete",
        path=f"{face.prefix}/builds/{{buildId}}",
        tag=TAG,
        summary="Delete a build",
        description="With its files, and for good. Possible in any state, unless somebody has pinned it.",
        credentials=face.credentials,
        permission=Permission.BUILD_DELETE,
        parameters=(*face.parameters, shared("buildId")),
        answers={200: success("It is gone.", "DeletedAnswer", DELETED, {"deleted": True})},
        errors=(*SCOPED, errors.Conflict),
    )


def _reprocess(face: Face) -> Operation:
    return Operation(
        id=face.operation_id("ReprocessBuild"),
        method="post",
        path=f"{face.prefix}/builds/{{buildId}}/reprocess",
        tag=TAG,
        summary="Have a build read again",
        description="After an `errorCode` that was no fault of the file, or when a newer version of the server reads "
        "more of it. Only a build that is `processed` or in `error`; it is `pending` until it has been read, and what "
        "was made of it before stays until then. Nobody is told again by mail.",
        credentials=face.credentials,
        permission=Permission.BUILD_UPDATE,
        parameters=(*face.parameters, shared("buildId"), shared("idempotencyKey")),
        answers={200: success("The build, waiting.", "BuildAnswer", ref("Build"), examples.pending_build())},
        errors=(*SCOPED, errors.InvalidRequest, errors.BuildNotProcessed, errors.Conflict),
    )


def _follow(face: Face) -> Operation:
    stream = {"text/event-stream": {"schema": string(), "example": _EVENTS}}
    return Operation(
        id=face.operation_id("FollowBuild"),
        method="get",
        path=f"{face.prefix}/builds/{{buildId}}/events",
        tag=TAG,
        summary="Follow a build",
        description="Server-sent events named `status`, the first one at once, one for each step, until the build is "
        "finished. Comments in between are signs of life. After five minutes, or when the server stops, the stream "
        "ends; a client that comes back with `Last-Event-ID` misses nothing.",
        credentials=face.credentials,
        permission=Permission.BUILD_GET,
        parameters=(
            *face.parameters,
            shared("buildId"),
            parameter("Last-Event-ID", "header", string(), "The `id` of the last event that was received."),
        ),
        answers={
            200: response("The stream.", stream),
            204: response("The build is finished, and the client knows it: come back no more."),
        },
        errors=SCOPED,
    )
