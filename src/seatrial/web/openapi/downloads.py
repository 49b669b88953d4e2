"""Downloads: tokens, their redemption, Apple's manifest, the files themselves (contract 1.5, 2.1)."""

from seatrial.domain import errors
from seatrial.domain.access import Permission
from seatrial.domain.download import DownloadType
from seatrial.web.openapi import examples
from seatrial.web.openapi.errors import CREDENTIAL, SCOPED
from seatrial.web.openapi.faces import APP_TOKEN, WORKSPACE, WORKSPACE_TOKEN
from seatrial.web.openapi.notation import (
    FILE_ID,
    Json,
    Operation,
    Sample,
    binary,
    file_id,
    header,
    moment,
    parameter,
    record,
    ref,
    response,
    shared,
    string,
    success,
)

TAG = "Downloads"
REDEMPTION = (errors.DownloadTokenExpired, errors.EntityNotFound, errors.BuildDisabled)

_STEP_1_SAMPLE = """\
curl '{api}/v1/organizations/ORG_ID/apps/APP_ID/builds/BUILD_ID/downloadToken?fileId=FILE_ID&type=auto' \\
-X GET \\
-H 'Accept: application/json' \\
-H 'Authorization: Bearer YOUR_SERVICE_ACCOUNT_TOKEN'"""
_STEP_2_SAMPLE = """\
curl -L '{download}/v1/download/YOUR_DOWNLOAD_TOKEN' \\
-o downloaded_file.png"""
_BOTH_STEPS_SAMPLE = """\
# Step 1: Generate the download token for the attached file
TOKEN=$(curl -s \\
'{api}/v1/organizations/ORG_ID/apps/APP_ID/builds/BUILD_ID/downloadToken?fileId=FILE_ID&type=auto' \\
-H 'Authorization: Bearer YOUR_SERVICE_ACCOUNT_TOKEN' \\
| jq -r '.data.token')
# Step 2: Download the file, following the redirect
curl -L \\
"{download}/v1/download/$TOKEN" \\
-o downloaded_file"""
_FILE_HEADERS = {
    "Content-Disposition": header("The file's name (RFC 6266).", string()),
    "ETag": header("The SHA-256 of the bytes.", string(pattern='^"[0-9a-f]{64}"$')),
}


def schemas() -> dict[str, Json]:
    """Give the schemas of tokens."""
    return {
        "DownloadToken": record(
            {"token": string("The path of step 2."), "expiresAt": moment("When it ends, used or not.")}
        ),
    }


def operations() -> list[Operation]:
    """Describe the routes of downloads."""
    return [_issue(), _redeem(), _peek(), _manifest(), _read()]


def _issue() -> Operation:
    wanted = (
        parameter(
            "fileId",
            "query",
            string(pattern=f"^$|{FILE_ID}"),
            "The entry of `files` that is wanted. Needed for attachments; with it, `type` says nothing.",
            example=examples.ATTACHMENT_ID,
        ),
        parameter(
            "type",
            "query",
            string(enum=[kind.value for kind in DownloadType], default="auto"),
            "`auto`: what a device installs, an Apple build by its manifest. `file`: the package itself. `aab`: the "
            "bundle, of a build uploaded as Android App Bundle.",
            example="auto",
        ),
    )
    token = {"token": examples.DOWNLOAD_TOKEN, "expiresAt": examples.MOMENT}
    return Operation(
        id=WORKSPACE.operation_id("CreateDownloadToken"),
        method="get",
        path=f"{WORKSPACE.prefix}/builds/{{buildId}}/downloadToken",
        tag=TAG,
        summary="Step 1: make a download token",
        description="Short-lived and good for one download. The build must be `processed`, unless `fileId` names one "
        "of its files.",
        credentials=WORKSPACE.credentials,
        permission=Permission.BUILD_GET,
        parameters=(*WORKSPACE.parameters, shared("buildId"), *wanted),
        answers={200: success("The token.", "DownloadTokenAnswer", ref("DownloadToken"), token)},
        errors=(*SCOPED, errors.InvalidRequest, errors.BuildNotProcessed, errors.BuildDisabled),
        samples=(Sample("curl", _STEP_1_SAMPLE), Sample("curl, both steps", _BOTH_STEPS_SAMPLE)),
        links={
            "redeem": {
                "operationId": "redeemDownloadToken",
                "description": "Step 2.",
                "parameters": {"token": "$response.body#/data/token"},
            },
            "peek": {
                "operationId": "peekDownloadToken",
                "description": "Look without using it.",
                "parameters": {"token": "$response.body#/data/token"},
            },
        },
    )


def _redeem() -> Operation:
    location = header("A signed URL, good for minutes and for resuming; or Apple's manifest.", string(format="uri"))
    return Operation(
        id="redeemDownloadToken",
        method="get",
        path="/v1/download/{token}",
        tag=TAG,
        summary="Step 2: use the token",
        description="The token is the credential. Of any number of requests exactly one gets the redirect.",
        parameters=(shared("downloadToken"),),
        answers={302: response("Where the file is; no body.", headers={"Location": location})},
        errors=(*REDEMPTION, errors.BuildNotProcessed),
        samples=(Sample("curl", _STEP_2_SAMPLE),),
        server="download",
    )


def _peek() -> Operation:
    return Operation(
        id="peekDownloadToken",
        method="head",
        path="/v1/download/{token}",
        tag=TAG,
        summary="Look at a token without using it",
        description="Says what the file is and does not lead to it.",
        parameters=(shared("downloadToken"),),
        answers={200: response("The file's name, type and size.", headers=_FILE_HEADERS)},
        errors=(*REDEMPTION, errors.BuildNotProcessed),
        server="download",
    )


def _manifest() -> Operation:
    return Operation(
        id="showInstallManifest",
        method="get",
        path="/v1/download/{token}/manifest.plist",
        tag=TAG,
        summary="Apple's installation manifest",
        description="For `itms-services://`. Readable until the token expires, also after it was used: installers read "
        "it more than once.",
        parameters=(shared("downloadToken"),),
        answers={200: response("A property list.", {"application/xml": {"schema": string()}})},
        errors=(*REDEMPTION, errors.BuildNotProcessed),
        server="download",
    )


def _read() -> Operation:
    bytes_of = {"*/*": {"schema": binary()}}
    signed = "Of a signed URL; without one, a credential is needed."
    content_range = header("Which bytes of how many.", string(), required=False)
    return Operation(
        id="readFile",
        method="get",
        path="/v1/files/{fileId}/{name}",
        tag=TAG,
        summary="A file's bytes",
        description="The `location` of a file object, with a credential for its app or with a signature, which covers "
        "the whole URL. `If-Match`, `If-Modified-Since` and `If-Unmodified-Since` count too.",
        credentials=({}, *APP_TOKEN, *WORKSPACE_TOKEN),
        permission=Permission.BUILD_GET,
        parameters=(
            parameter("fileId", "path", file_id(), "The entry's id.", example=examples.ATTACHMENT_ID),
            parameter("name", "path", string(minLength=1), "The file's name.", example="screenshot.png"),
            parameter("expires", "query", string(), f"Unix seconds. {signed}"),
            parameter("signature", "query", string(), signed),
            parameter("Range", "header", string(), "Bytes to resume from.", example="bytes=1024-"),
            parameter("If-Range", "header", string(), "Count `Range` for this version only: its `ETag`, or date."),
            parameter("If-None-Match", "header", string(), "The `ETag` of what the client has."),
        ),
        answers={
            200: response("All of it.", bytes_of, _FILE_HEADERS),
            304: response("The client has it already."),
            206: response("What `Range` asks for.", bytes_of, _FILE_HEADERS | {"Content-Range": content_range}),
        },
        errors=(
            *CREDENTIAL,
            errors.DownloadTokenExpired,
            errors.Forbidden,
            errors.ApiDisabled,
            errors.BuildDisabled,
            errors.EntityNotFound,
            errors.PreconditionFailed,
            errors.RangeNotSatisfiable,
        ),
    )
