"""Uploads: builds and the files beside them (contract 1.1, 1.4), with every spelling worth telling."""

from seatrial.domain import errors
from seatrial.domain.access import Permission
from seatrial.domain.build import DEPLOYER_INFO_KEYS
from seatrial.domain.platforms import BUILD_PLATFORMS, CUSTOM_PLATFORMS
from seatrial.web.multipart import FormLimits
from seatrial.web.openapi import examples
from seatrial.web.openapi.errors import SCOPED
from seatrial.web.openapi.faces import FACES, Face
from seatrial.web.openapi.notation import Json, Operation, Sample, array, binary, ref, shared, string, success
from seatrial.wire import fields, groups
from seatrial.wire.uploads import (
    COMMIT_MESSAGE_LIMIT,
    DEPLOYER_LIMIT,
    DESCRIPTION_LIMIT,
    MESSAGE_LIMIT,
)

TAG = "Uploads"
FORM_ERRORS = (
    *SCOPED,
    errors.InvalidRequest,
    errors.Conflict,
    errors.PayloadTooLarge,
    errors.QuotaExceeded,
    errors.UnsupportedMediaType,
    errors.InsufficientStorage,
)

PROMISES = tuple(shared(name) for name in ("idempotencyKey", "contentDigest", "checksumSha256"))

_FLAG_WORDS = ["true", "false", "1", "0", "yes", "no", ""]
_GROUP = string(maxLength=groups.GROUP_LIMIT)
_INFO = {
    "commitMessage": ("The commit's message.", "Fix crash on login"),
    "commit": ("The revision, short or long.", "f52ace0"),
    "branch": ("", "release/2.4"),
    "tag": ("", "v2.4.0-rc1"),
    "triggerTimestamp": ("When the CI build was triggered; kept exactly as it is written.", "1558359012580"),
    "buildUrl": ("The CI run.", "https://github.com/myorg/myapp/actions/runs/123"),
    "ciUrl": ("The CI system.", "https://github.com/myorg/myapp/actions"),
    "repositoryUrl": ("The repository; also in the form `git@...`.", "https://github.com/myorg/myapp"),
    "buildNumber": ("", "173"),
}
_BRACKETS = "`{}`, as some clients spell it."
_EXAMPLE = {
    "build": "app.ipa",
    "versionName": "v2.4.0-rc1",
    "tags": "staging, sprint-42",
    "changelog": "Fixed crash on login screen",
    "notifyCollaborators": "true",
    "notifyEmployees": "false",
    "notifyMessage": "New build ready for QA",
    "notifyLanguage": "en",
    "filter[0][0]": "group1",
    "filter[0][1]": "group2",
    "filter[1][0]": "group3",
    "deployer.name": "GitHub Actions",
    **{f"deployer.info.{key}": _INFO[key][1] for key in DEPLOYER_INFO_KEYS},
}
_UPLOAD_SAMPLES = {
    "integrations": """\
curl '{upload}/v1/integrations/builds' \\
-X POST \\
--retry 5 \\
--fail \\
-H 'Authorization: Bearer YOUR_APP_TOKEN' \\
-F 'build=@app.ipa' \\
-F 'versionName=v2.4.0-rc1' \\
-F 'tags=staging, sprint-42' \\
-F 'changelog=Fixed crash on login screen' \\
-F 'notifyCollaborators=true' \\
-F 'notifyEmployees=false' \\
-F 'notifyMessage=New build ready for QA' \\
-F 'notifyLanguage=en' \\
-F 'filter[0][0]=group1' \\
-F 'filter[0][1]=group2' \\
-F 'filter[1][0]=group3' \\
-F 'deployer.name=GitHub Actions' \\
-F 'deployer.info.commitMessage=Fix crash on login' \\
-F 'deployer.info.commit=f52ace0' \\
-F 'deployer.info.branch=release/2.4' \\
-F 'deployer.info.tag=v2.4.0-rc1' \\
-F 'deployer.info.triggerTimestamp=1558359012580' \\
-F 'deployer.info.buildUrl=https://github.com/myorg/myapp/actions/runs/123' \\
-F 'deployer.info.ciUrl=https://github.com/myorg/myapp/actions' \\
-F 'deployer.info.repositoryUrl=https://github.com/myorg/myapp' \\
-F 'deployer.info.buildNumber=173'""",
    "workspace": """\
curl '{upload}/v1/organizations/ORG_ID/apps/APP_ID/builds' \\
-X POST \\
-H 'Authorization: Bearer YOUR_SERVICE_ACCOUNT_TOKEN' \\
-F 'build=@app.ipa' \\
-F 'versionName=v3.1.0' \\
-F 'changelog=Performance improvements' \\
-F 'notifyCollaborators=true' \\
-F 'deployer.name=Internal Deploy Bot' \\
-F 'deployer.info.branch=main' \\
-F 'deployer.info.buildNumber=88'""",
}
_ATTACH_SAMPLES = {
    "integrations": """\
curl '{upload}/v1/integrations/builds/552ae3cfcb5abfc58d733b81/files' \\
  -X POST \\
  -H 'Authorization: Bearer YOUR_APP_TOKEN' \\
  -F 'file=@/path/to/report.zip' \\
  -F 'description=Automated test report'""",
    "workspace": """\
curl '{upload}/v1/organizations/ORG_ID/apps/APP_ID/builds/BUILD_ID/files' \\
  -X POST \\
  -H 'Authorization: Bearer YOUR_SERVICE_ACCOUNT_TOKEN' \\
  -F 'file=@/path/to/mapping.txt' \\
  -F 'description=ProGuard mapping file'""",
}


def operations() -> list[Operation]:
    """Describe the routes that take files, on both faces."""
    return [make(face) for face in FACES for make in (_create, _attach)]


def _create(face: Face) -> Operation:
    return Operation(
        id=face.operation_id("UploadBuild"),
        method="post",
        path=f"{face.prefix}/builds",
        tag=TAG,
        summary="Upload a build",
        description="The answer comes when the bytes are safe on the server; the build is `pending` then, and its "
        "processing follows. Fields come in any order, before or after the file. An empty field is an absent one, "
        "blanks around a value are trimmed, unknown fields are ignored. A refused upload leaves nothing behind.\n\n"
        "A file that cannot be read, such as a console's, needs `buildPlatform`, `packageName`, `packageVersion` and "
        "`packageIcon`; without one of them the build ends in `error`.",
        credentials=face.credentials,
        permission=Permission.BUILD_CREATE,
        parameters=(*face.parameters, *PROMISES),
        body=_form("BuildUpload", _build_fields(), _EXAMPLE, ["build"], _patterns()),
        answers={200: success("The build.", "BuildAnswer", ref("Build"), examples.pending_build())},
        errors=(*FORM_ERRORS, errors.BuildFileMissing),
        samples=(Sample("curl", _UPLOAD_SAMPLES[face.name]),),
        links=_to_the_build(face),
        server="upload",
    )


def _attach(face: Face) -> Operation:
    properties = {
        "file": array(
            binary(),
            "Any file; one or more parts with this name. The description goes to all of them.",
            minItems=1,
            maxItems=FormLimits().files,
        ),
        "description": string("What it is, for people.", maxLength=DESCRIPTION_LIMIT),
    }
    example = {"file": ["report.zip"], "description": "Automated test report"}
    return Operation(
        id=face.operation_id("AttachFiles"),
        method="post",
        path=f"{face.prefix}/builds/{{buildId}}/files",
        tag=TAG,
        summary="Put files beside a build",
        description="Symbols, reports, release notes: anything that belongs to a build and is no part of it. The build "
        "must be `processed`. What the files are is found out afterwards; `details` of their entries is `{}` before.",
        credentials=face.credentials,
        permission=Permission.BUILD_UPDATE,
        parameters=(*face.parameters, shared("buildId"), *PROMISES),
        body=_form("Attachment", properties, example, ["file"]),
        answers={200: success("The build.", "BuildAnswer", ref("Build"), examples.build_with_attachment())},
        errors=(*FORM_ERRORS, errors.BuildNotProcessed),
        samples=(Sample("curl", _ATTACH_SAMPLES[face.name]),),
        server="upload",
    )


def _to_the_build(face: Face) -> dict[str, Json]:
    verbs = {
        "ShowBuild": "Poll its processing.",
        "UpdateBuild": "Change what people say about it.",
        "AttachFiles": "Put files beside it.",
        "DeleteBuild": "Delete it.",
    }
    if face.parameters:
        verbs |= {"CreateDownloadToken": "Download it.", "ListDownloads": "See who downloaded it."}
    found = "$response.body#/data/id"
    return {verb: face.link(verb, description, buildId=found) for verb, description in verbs.items()}


def _form(
    title: str, properties: dict[str, Json], example: Json, required: list[str], patterns: dict[str, Json] | None = None
) -> Json:
    schema: Json = {"title": title, "type": "object", "properties": properties, "required": required}
    if patterns:
        schema["patternProperties"] = patterns
    schema["additionalProperties"] = True
    content = {"schema": schema, "examples": {"form": {"value": example}}}
    return {"required": True, "content": {"multipart/form-data": content}}


def _build_fields() -> dict[str, Json]:
    custom = ", ".join(f"`{name}`" for name in CUSTOM_PLATFORMS)
    return {
        "build": binary("The build file, at least one byte.", minLength=1),
        "buildPlatform": string(
            f"Needed for custom platforms ({custom}); of other files their content decides. In any case.",
            enum=[*BUILD_PLATFORMS, ""],
        ),
        "packageName": string("The app's identifier, for files that cannot be read.", maxLength=fields.PACKAGE_LIMIT),
        "packageVersion": string("The version, for files that cannot be read.", maxLength=fields.PACKAGE_LIMIT),
        "packageIcon": binary("The icon, for files that cannot be read: PNG or JPEG, at most 8 MiB."),
        "versionName": string(
            "A label for people. Not sent: the package's own version.",
            maxLength=fields.VERSION_NAME_LIMIT,
            examples=["v2.4.0-rc1"],
        ),
        "tags": string(
            "Tags with commas between them, or a JSON array; may come several times. At most "
            f"{fields.TAG_COUNT_LIMIT} tags of {fields.TAG_LIMIT} characters.",
            examples=["staging, sprint-42"],
        ),
        "tags[]": string("One tag; may come several times.", maxLength=fields.TAG_LIMIT),
        "changelog": string("What is new; plain text.", maxLength=fields.CHANGELOG_LIMIT),
        "notifyCollaborators": _flag("Whether collaborators get a mail; not sent: as the app is set."),
        "notifyEmployees": _flag("Whether employees get a mail; not sent: as the app is set."),
        "notifyMessage": string("What the mail says.", maxLength=MESSAGE_LIMIT),
        "notifyLanguage": string("The mail's language; `ge` and `de` are German.", enum=[*fields.LANGUAGES, ""]),
        "filter": string(
            "Which employee groups get the mail: `,` is AND, `|` is OR; or a JSON array of arrays. Also as fields "
            "`filter[0][0]`, the outer number an OR, the inner one an AND.",
            examples=["group1,group2|group3", '[["group1","group2"],["group3"]]'],
        ),
        **_deployer_fields(),
    }


def _flag(description: str) -> Json:
    return string(description, enum=_FLAG_WORDS)


def _deployer_fields() -> dict[str, Json]:
    info: Json = {"type": "object", "properties": {key: string() for key in DEPLOYER_INFO_KEYS}}
    found = {
        "deployer": {
            "type": "object",
            "description": "All of the following as one field of JSON.",
            "properties": {"name": string(), "info": info},
            "examples": [{"name": "GitHub Actions", "info": {"commit": "f52ace0"}}],
        },
        "deployer.name": string("The CI system.", maxLength=DEPLOYER_LIMIT, examples=["GitHub Actions"]),
    }
    for key in DEPLOYER_INFO_KEYS:
        description, example = _INFO[key]
        limit = COMMIT_MESSAGE_LIMIT if key == "commitMessage" else DEPLOYER_LIMIT
        found[f"deployer.info.{key}"] = string(description, maxLength=limit, examples=[example])
    found["deployer[name]"] = string(_BRACKETS.format("deployer.name"), maxLength=DEPLOYER_LIMIT)
    for key in DEPLOYER_INFO_KEYS:
        limit = COMMIT_MESSAGE_LIMIT if key == "commitMessage" else DEPLOYER_LIMIT
        found[f"deployer[info][{key}]"] = string(_BRACKETS.format(f"deployer.info.{key}"), maxLength=limit)
    return found


def _patterns() -> dict[str, Json]:
    return {r"^filter\[[0-9]{0,9}\](\[[0-9]{0,9}\])?$": _GROUP}
