"""Uploads whose parts go to an object store by links."""

from seatrial.domain import errors
from seatrial.domain.access import Permission
from seatrial.web.openapi import examples
from seatrial.web.openapi.builds import DELETED
from seatrial.web.openapi.errors import CHANGING
from seatrial.web.openapi.faces import FACES, Face
from seatrial.web.openapi.notation import (
    Json,
    Operation,
    array,
    json_body,
    number,
    record,
    ref,
    shared,
    string,
    success,
)
from seatrial.web.openapi.unfinished_uploads import EXAMPLE, SHOWN, UnfinishedUpload
from seatrial.web.openapi.uploads import TAG

_UPLOAD = UnfinishedUpload(
    "DirectUpload",
    "directUploads",
    EXAMPLE
    | {
        "partSize": 48_234_496,
        "parts": [{"number": 1, "size": 48_234_496, "url": "https://bucket.s3.eu-central-1.amazonaws.com/..."}],
    },
)


def schemas() -> dict[str, Json]:
    """Give the schema of such an upload."""
    part = record({"number": number(minimum=1), "size": number("Bytes."), "url": string("Takes them by PUT.")})
    upload = SHOWN | {
        "partSize": number("Bytes of each part but the last."),
        "parts": array(part, "Links that are good for a while; none once there is a build."),
    }
    return {"DirectUpload": record(upload)}


def operations() -> list[Operation]:
    """Describe the routes of direct uploads, on both faces."""
    return [make(face) for face in FACES for make in (_create, _show, _complete, _terminate)]


def _create(face: Face) -> Operation:
    said = {
        "length": number("Bytes of the file.", minimum=1),
        "filename": string("The file's name."),
        "sha256": string("What the file must have; compared at the end.", pattern="^[0-9a-fA-F]{64}$"),
        "fields": {
            "type": "object",
            "description": "The text fields of an upload's form by their names; other values than texts as JSON.",
            "additionalProperties": True,
        },
    }
    example = {"length": 48_234_496, "filename": "app.ipa", "fields": {"versionName": "v2.4.0-rc1"}}
    return Operation(
        id=face.operation_id("CreateDirectUpload"),
        method="post",
        path=f"{face.prefix}/directUploads",
        tag=TAG,
        summary="Get links to send a file to the app's object store",
        description="For apps whose files are in S3 or a store that speaks like it; 409 elsewhere. The bytes do not "
        "pass through this server.",
        credentials=face.credentials,
        permission=Permission.BUILD_CREATE,
        parameters=(*face.parameters, shared("idempotencyKey")),
        body=json_body("NewDirectUpload", said, example, required=["length"]),
        answers=_UPLOAD.answer(),
        errors=(*CHANGING, errors.Conflict, errors.BuildFileMissing, errors.TooManyRequests),
        server="upload",
    )


def _show(face: Face) -> Operation:
    return _UPLOAD.show(face, "Get fresh links, or the build")


def _complete(face: Face) -> Operation:
    part = {"type": "object", "properties": {"number": number(minimum=1), "etag": string()}, "required": ["number"]}
    said = {"parts": array(part, "Every part with the `ETag` of the answer to its PUT.")}
    example = {"parts": [{"number": 1, "etag": '"3858f62230ac3c915f300c664312c11f"'}]}
    return Operation(
        id=face.operation_id("CompleteDirectUpload"),
        method="post",
        path=f"{_UPLOAD.path(face)}/complete",
        tag=TAG,
        summary="Make a build of the parts",
        description="Once more, it answers the same build. Where it fails, nothing is left of the upload.",
        credentials=face.credentials,
        permission=Permission.BUILD_CREATE,
        parameters=_UPLOAD.parameters(face),
        body=json_body("DirectUploadParts", said, example, required=["parts"]),
        answers={200: success("The build.", "BuildAnswer", ref("Build"), examples.pending_build())},
        errors=(*CHANGING, errors.Conflict),
        server="upload",
    )


def _terminate(face: Face) -> Operation:
    gone = {200: success("It is gone.", "DeletedAnswer", DELETED, {"deleted": True})}
    return _UPLOAD.terminate(
        face, "Give a direct upload up", "Its parts are removed; the build of a finished one stays.", gone
    )
