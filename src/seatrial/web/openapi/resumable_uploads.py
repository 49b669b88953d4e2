"""Uploads that go on where they stopped: the tus protocol on both faces."""

from dataclasses import replace

from seatrial.domain import errors
from seatrial.domain.access import Permission
from seatrial.web.api.tus import CONTENT_TYPE
from seatrial.web.openapi import examples
from seatrial.web.openapi.errors import SCOPED
from seatrial.web.openapi.faces import FACES, Face
from seatrial.web.openapi.notation import (
    Json,
    Operation,
    Sample,
    binary,
    boolean,
    entity_id,
    header,
    number,
    parameter,
    record,
    response,
    shared,
    string,
)
from seatrial.web.openapi.unfinished_uploads import EXAMPLE, SHOWN, UnfinishedUpload
from seatrial.web.openapi.uploads import TAG
from seatrial.wire import tus

_UPLOAD = UnfinishedUpload(
    "Upload",
    "uploads",
    EXAMPLE
    | {
        "offset": 48_234_496,
        "isPartial": False,
        "expiresAt": "2024-11-18T11:27:35.446Z",
        "buildId": examples.BUILD_ID,
        "build": examples.pending_build(),
    },
)
_SPOKEN = {"Tus-Resumable": header("The version that is spoken.", string(const=tus.VERSION))}
_OFFSET = header("How many bytes are on the server's disk.", string(pattern="^[0-9]+$"))
_BUILD = header("The build that the upload has become.", entity_id(), required=False)
_EXPIRES = header("When it is removed unless somebody continues it.", string(), required=False)
_HOW_FAR = {"Upload-Offset": _OFFSET, tus.BUILD_HEADER: _BUILD, "Upload-Expires": _EXPIRES}
_LENGTH = header("How long it is to be.", string(pattern="^[0-9]+$"))
_METADATA = header("What was said about it.", string(), required=False)
_CONCAT = header("How it belongs to others.", string(), required=False)

_VERSION = parameter("Tus-Resumable", "header", string(const=tus.VERSION), "The protocol's version.", required=True)
_CHECKSUM = parameter(
    "Upload-Checksum", "header", string(), f"{' or '.join(tus.ALGORITHMS)}, and what the body has by it in Base64."
)
_BODY: Json = {"required": True, "content": {CONTENT_TYPE: {"schema": binary()}}}
_ERRORS = (*SCOPED, errors.UnknownProtocol)
_BODY_ERRORS = (
    *_ERRORS,
    errors.InvalidRequest,
    errors.Conflict,
    errors.PayloadTooLarge,
    errors.UnsupportedMediaType,
    errors.UploadInUse,
    errors.ChecksumMismatch,
    errors.InsufficientStorage,
)
_SAMPLE = """\
curl -i '{upload}%s/uploads' \\
  -X POST \\
  -H 'Authorization: Bearer YOUR_TOKEN' \\
  -H 'Tus-Resumable: 1.0.0' \\
  -H 'Upload-Length: 48234496' \\
  -H 'Upload-Metadata: filename YXBwLmlwYQ==,versionName djIuNC4wLXJjMQ=='"""


def schemas() -> dict[str, Json]:
    """Give the schema of an upload."""
    upload = SHOWN | {
        "offset": number("Bytes that are here; the length, once there is a build."),
        "isPartial": boolean("Whether it becomes a build together with others alone."),
    }
    return {"Upload": record(upload)}


def operations() -> list[Operation]:
    """Describe the routes of uploads that go on, on both faces."""
    makers = (_options, _create, _show, _tell, _receive, _terminate, _instead)
    return [make(face) for face in FACES for make in makers]


def _options(face: Face) -> Operation:
    headers = {
        "Tus-Version": header("The versions that are spoken.", string()),
        "Tus-Extension": header("The extensions.", string()),
        "Tus-Max-Size": header("How long an upload may be.", string(pattern="^[0-9]+$")),
        "Tus-Checksum-Algorithm": header("The algorithms.", string()),
    }
    return Operation(
        id=face.operation_id("DescribeUploads"),
        method="options",
        path=f"{face.prefix}/uploads",
        tag=TAG,
        summary="Ask what is spoken of tus",
        parameters=face.parameters,
        answers={204: response("Version, extensions and limits.", headers=_SPOKEN | headers)},
        server="upload",
    )


def _create(face: Face) -> Operation:
    said = (
        parameter("Upload-Length", "header", string(pattern="^[0-9]{1,18}$"), "Bytes of the file; not of a final one."),
        parameter(
            "Upload-Metadata",
            "header",
            string(),
            "`filename`, and the text fields of an upload's form by their names; values in Base64.",
        ),
        parameter(
            "Upload-Concat", "header", string(), "`partial` for a piece; `final;` and the paths of pieces to join them."
        ),
    )
    return Operation(
        id=face.operation_id("CreateUpload"),
        method="post",
        path=f"{face.prefix}/uploads",
        tag=TAG,
        summary="Announce an upload that can go on where it stopped",
        description="The protocol is [tus](https://tus.io) 1.0 with the extensions that OPTIONS names. What was said "
        "is compared with the rules now; the bytes follow to `Location`, or come along. `X-Checksum-Sha256` and "
        "`Repr-Digest` are of the whole file, and compared at the end.",
        credentials=face.credentials,
        permission=Permission.BUILD_CREATE,
        parameters=(*face.parameters, _VERSION, *said, _CHECKSUM, shared("idempotencyKey"), shared("checksumSha256")),
        body=_BODY | {"required": False},
        answers={
            201: response(
                "Where it is, and how far.", headers=_SPOKEN | {"Location": header("The upload.", string())} | _HOW_FAR
            )
        },
        errors=(*_BODY_ERRORS, errors.BuildFileMissing, errors.TooManyRequests),
        samples=(
            Sample(
                "curl", _SAMPLE % face.prefix.replace("{organizationId}", "ORG_ID").replace("{applicationId}", "APP_ID")
            ),
        ),
        server="upload",
    )


def _show(face: Face) -> Operation:
    return _UPLOAD.show(face, "Show an upload and its build", "Without disturbing who writes to it.")


def _tell(face: Face) -> Operation:
    described = _HOW_FAR | {"Upload-Length": _LENGTH, "Upload-Metadata": _METADATA, "Upload-Concat": _CONCAT}
    return Operation(
        id=face.operation_id("FindUploadOffset"),
        method="head",
        path=_UPLOAD.path(face),
        tag=TAG,
        summary="Ask how far an upload is",
        description="A request that still writes to it is asked to stop, so that the answer holds.",
        credentials=face.credentials,
        permission=Permission.BUILD_CREATE,
        parameters=(*_UPLOAD.parameters(face), _VERSION),
        answers={200: response("How far it is.", headers=_SPOKEN | described)},
        errors=(*_ERRORS, errors.UploadInUse),
        server="upload",
    )


def _receive(face: Face) -> Operation:
    offset = parameter(
        "Upload-Offset", "header", string(pattern="^[0-9]{1,18}$"), "Where the body belongs.", required=True
    )
    return Operation(
        id=face.operation_id("ContinueUpload"),
        method="patch",
        path=_UPLOAD.path(face),
        tag=TAG,
        summary="Send the next bytes",
        description="What arrives before a connection breaks counts, unless there is a checksum. The last byte makes "
        f"the build, and the answer names it in `{tus.BUILD_HEADER}`.",
        credentials=face.credentials,
        permission=Permission.BUILD_CREATE,
        parameters=(*_UPLOAD.parameters(face), _VERSION, offset, _CHECKSUM),
        body=_BODY,
        answers={204: response("How far it is now.", headers=_SPOKEN | _HOW_FAR)},
        errors=_BODY_ERRORS,
        server="upload",
    )


def _terminate(face: Face) -> Operation:
    gone = {204: response("It is gone.", headers=_SPOKEN)}
    described = _UPLOAD.terminate(
        face, "Give an upload up", "Its bytes are removed; the build of a finished one stays.", gone
    )
    return replace(described, parameters=(*described.parameters, _VERSION), errors=(*_ERRORS, errors.UploadInUse))


def _instead(face: Face) -> Operation:
    meant = parameter(
        "X-Http-Method-Override", "header", string(enum=["PATCH", "DELETE", "HEAD"]), "What is meant.", required=True
    )
    return Operation(
        id=face.operation_id("OverrideUploadMethod"),
        method="post",
        path=_UPLOAD.path(face),
        tag=TAG,
        summary="PATCH, DELETE or HEAD for clients that cannot send them",
        credentials=face.credentials,
        permission=Permission.BUILD_CREATE,
        parameters=(*_UPLOAD.parameters(face), _VERSION, meant),
        body=_BODY | {"required": False},
        answers={
            200: response("As HEAD answers.", headers=_SPOKEN | _HOW_FAR),
            204: response("As PATCH or DELETE answers.", headers=_SPOKEN),
        },
        errors=_BODY_ERRORS,
        server="upload",
    )
