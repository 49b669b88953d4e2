"""Builds and their files as JSON (contract 1.1): always every key, whatever the state and the platform."""

from seatrial.domain.attachment import AttachmentKind
from seatrial.domain.build import DEFAULT_SCRIPT_KEYS, DEPLOYER_INFO_KEYS, BuildStatus, FileType
from seatrial.domain.buildinfo import SigningKind
from seatrial.domain.errors import ProcessingCode
from seatrial.domain.platforms import BUILD_PLATFORMS
from seatrial.web.openapi.lists import page
from seatrial.web.openapi.notation import (
    TIMESTAMP,
    Json,
    array,
    boolean,
    entity_id,
    file_id,
    moment,
    nullable,
    number,
    record,
    ref,
    string,
)

SHOWN_FILE_TYPES = tuple(kind for kind in FileType if kind is not FileType.SUBMITTED_ICON)

_ANDROID = {
    "targetSdkVersion": string(),
    "minSDKVersion": string(),
    "packageName": string(),
    "platformBuildVersionName": string(),
    "platformBuildVersionCode": string(),
    "versionName": string(),
    "versionCode": string(),
    "icon": string("The icon's path inside the package."),
}
_BUNDLE = {
    name: string()
    for name in (
        "CFBundleDisplayName",
        "CFBundleIdentifier",
        "CFBundleShortVersionString",
        "CFBundleVersion",
        "CFBundleName",
    )
}
_PLIST = _BUNDLE | {
    "CFBundleSupportedPlatforms": array(string()),
    "MinimumOSVersion": string(),
    "CFBundleIcons": array(string()),
    "UIDeviceFamily": array(string(), "Numbers in the property list, texts here."),
}
_MOBILEPROVISION = {
    "ExpirationDate": string("When the profile ends.", pattern=f"^$|{TIMESTAMP}"),
    "TeamIdentifier": string("Joined with commas where there are several."),
    "ProvisionsAllDevices": boolean(),
    "TeamName": string(),
    "ProvisionedDevices": string("Device identifiers, joined with commas."),
    "signingType": string(enum=["", *(kind.value for kind in SigningKind)]),
}
_DEPLOYER_INFO = {
    "commitMessage": "",
    "commit": "The revision, short or long.",
    "branch": "",
    "tag": "",
    "triggerTimestamp": "When the CI build was triggered, exactly as the uploader wrote it.",
    "buildUrl": "",
    "ciUrl": "",
    "repositoryUrl": "",
    "buildNumber": "",
}
_FILE = {
    "originalName": string("The name under which it was uploaded."),
    "mimetype": string("Told by the content, never by the uploader."),
    "size": number("Bytes."),
    "bucket": string(),
    "key": string(),
    "location": string("Where its bytes are; reading them needs credentials.", format="uri"),
    "region": string(),
    "storageProviderId": string(),
    "checksum": string("SHA-256.", pattern="^[0-9a-f]{64}$"),
    "updatedAt": moment(),
    "createdAt": moment(),
}


def schemas() -> dict[str, Json]:
    """Give every schema that a build is made of."""
    return {
        "Build": _build(),
        "BuildStatus": string(
            "`processed` and `error` are final until the build is processed again.", enum=[s.value for s in BuildStatus]
        ),
        "BuildInfo": _info(),
        "BuildFile": _entry(),
        "AttachmentDetails": _details(),
        "File": record(_FILE, "Where a file's bytes are, and what they are."),
        "Deployer": record(
            {"name": string(), "info": record({key: string(_DEPLOYER_INFO[key]) for key in DEPLOYER_INFO_KEYS})},
            "The CI system that delivered a build.",
        ),
        "ApplicationInfo": record({"id": entity_id(), "name": string(), "slug": string(), "picture": string()}),
        "Person": record(
            {"id": string(), "email": string(), "firstName": string(), "lastName": string(), "picture": string()},
            "Of an app token the person who made it; of a service account its id, its name as `firstName`, and the "
            "address `ID@ORGANIZATION.iam.HOST`.",
        ),
        "StorageProvider": record({"id": string(), "name": string(), "region": string()}),
        "DefaultScripts": record({key: string() for key in DEFAULT_SCRIPT_KEYS}),
        "BuildPage": page(ref("Build"), "One page of an app's builds."),
    }


def _build() -> Json:
    return record(
        {
            "id": entity_id(),
            "status": ref("BuildStatus"),
            "tags": array(string()),
            "versionName": string("Empty until processing where the uploader named none."),
            "application": entity_id("The app."),
            "applicationInfo": ref("ApplicationInfo"),
            "changelog": string(),
            "info": ref("BuildInfo"),
            "size": number("Bytes."),
            "processTime": number("Milliseconds from the start of processing to its end."),
            "queuedTime": number("Milliseconds from the upload to the start of processing."),
            "versionCode": string(),
            "error": string("What went wrong in processing and what to do; there only in the state `error`."),
            "errorCode": string("There only in the state `error`.", enum=[code.value for code in ProcessingCode]),
            "os": string(
                "What the file says it is for; before processing, what its name suggests.", enum=["", *BUILD_PLATFORMS]
            ),
            "buildPlatform": string(enum=["", *BUILD_PLATFORMS]),
            "deployer": ref("Deployer"),
            "uploadedBy": ref("Person"),
            "originalExtension": string("Without dot, lower case."),
            "storageProvider": ref("StorageProvider"),
            "files": array(ref("BuildFile")),
            "hasEmmJson": boolean("Whether the package declares restrictions that a device manager can set."),
            "iconFile": {"description": "The icon; `{}` where there is none.", "anyOf": [ref("File"), record({})]},
            "processLogs": array(
                record({"level": string(const="warning"), "message": string()}),
                "What was odd in processing and did not stop it.",
            ),
            "metadata": {"type": "object", "description": "Whatever `PUT` put there.", "additionalProperties": True},
            "externalFileUrl": string("Always empty.", const=""),
            "defaultScripts": ref("DefaultScripts"),
            "disabled": boolean("Whether it is kept from being downloaded."),
            "updatedAt": moment(),
            "createdAt": moment(),
        },
        'A build. What is not known is `""`, `[]`, `{}`, `0` or `false`, never a missing key.',
        optional=("error", "errorCode"),
    )


def _info() -> Json:
    return record(
        {
            "icon": string("URL of the icon; reading it needs credentials."),
            "android": record(_ANDROID),
            "ios": record({"plist": record(_PLIST), "mobileprovision": record(_MOBILEPROVISION)}),
            "pkg": record(_BUNDLE, "A macOS package."),
        },
        "What the file says about itself. All blocks are always there; those of other platforms hold empty values.",
    )


def _entry() -> Json:
    return record(
        {
            "id": file_id("The `fileId` of a download token."),
            "type": string(
                "`original`: the bytes as uploaded. `package`: what a device installs. `attachment`: what "
                "`POST .../files` put beside the build.",
                enum=[kind.value for kind in SHOWN_FILE_TYPES],
            ),
            "description": string(),
            "file": ref("File"),
            "details": {
                "description": "Of attachments only: what the file turned out to be; `{}` until that is known.",
                "anyOf": [ref("AttachmentDetails"), record({})],
            },
            "createdAt": moment(),
            "updatedAt": moment(),
        },
        "A file of a build, or beside it.",
        optional=("details",),
    )


def _details() -> Json:
    symbols = {
        "name": string(),
        "architecture": string(),
        "id": string("Mach-O UUID, GNU build id or Breakpad id."),
    }
    return record(
        {
            "kind": string(enum=[kind.value for kind in AttachmentKind]),
            "summary": string("One sentence for people."),
            "matches": nullable(
                boolean(
                    "Whether it belongs to this build's binaries; null where that cannot be told, or means nothing."
                )
            ),
            "matchNote": string("Why; empty where the question means nothing."),
            "symbols": array(record(symbols), "What it holds symbols of, one entry for each architecture."),
            "facts": {
                "type": "object",
                "description": "What the file states, by names of its kind: `compiler`, `mapId`, `width` ...",
                "additionalProperties": {"type": ["string", "number", "boolean"]},
            },
            "counts": {"type": "object", "additionalProperties": {"type": "integer", "minimum": 0}},
            "warnings": array(string()),
        },
        "What an attached file is, told by its content, and whether it belongs to its build.",
    )
