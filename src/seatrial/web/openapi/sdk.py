"""What apps on devices call, and how people set that up (contract 2.2 and 2.6)."""

from seatrial.domain import errors
from seatrial.domain.access import Permission
from seatrial.domain.buildinfo import Os
from seatrial.domain.feedback import FeedbackStatus, FeedbackType
from seatrial.web.openapi import examples
from seatrial.web.openapi.errors import CHANGING, CREDENTIAL, SCOPED
from seatrial.web.openapi.faces import APP_TOKEN, WORKSPACE
from seatrial.web.openapi.notation import (
    Json,
    Operation,
    array,
    boolean,
    entity_id,
    json_body,
    moment,
    nullable,
    parameter,
    record,
    ref,
    shared,
    string,
    success,
)
from seatrial.wire.feedbacks import EMAIL_BODY_LIMIT, MESSAGE_LIMIT
from seatrial.wire.sdk import LARGEST_VERSION_CODE
from seatrial.wire.sdk import MESSAGE_LIMIT as RULE_MESSAGE_LIMIT

TAG = "SDK"
FEEDBACK_ID = "6655f0c2a1b2c3d4e5f60719"
_DEVICE_ERRORS = (*CREDENTIAL, errors.Forbidden, errors.ApiDisabled, errors.EntityNotFound)
_HEADERS = tuple(
    parameter(name, "header", string(), description)
    for name, description in (
        ("x-sdk-auth-token", "The session of whoever signed in inside the app."),
        ("x-sdk-version", "Like `ANDROID_5.0.0` or `IOS_4.5.1`. As all headers of devices: odd values are left out."),
        ("x-package-name", "The identifier of the app that asks; builds of another one are no updates."),
        ("x-package-version", "`versionCode`, or `CFBundleVersion`."),
        ("x-app-version", "`versionName`, or `CFBundleShortVersionString`."),
    )
)
_RULES = {
    "forceAuth": boolean("Only members who signed in may download."),
    "forceUpdate": boolean("Versions below `minVersion` stop working until they are updated."),
    "ota": boolean("Newer builds are offered."),
}
_MESSAGES = {
    "mustUpdateMsg": string("Shown where an update is forced; empty for the SDK's own."),
    "updateMsg": string("Shown where one is offered; empty for the SDK's own."),
}
_LAST = {"lastBuildId": string("Empty where there is none."), "lastBuildVersion": string("As the SDK compares it.")}
_RULES_EXAMPLE = {"forceAuth": False, "forceUpdate": True, "ota": True}
_LAST_EXAMPLE = {"lastBuildId": examples.BUILD_ID, "lastBuildVersion": "1.4.2"}
_MESSAGE_EXAMPLE = {"mustUpdateMsg": "", "updateMsg": "There is something new."}


def state() -> Json:
    """Describe the SDK of one system, as people see it."""
    detected = record(
        {
            "sdkVersion": string("That called in last."),
            "capabilities": array(string(enum=["feedback", "login", "updates"]), "What it was seen to use."),
            "integrationValid": boolean("Whether it runs in an app that there are builds of."),
        }
    )
    return record(_RULES | {"minVersion": string()} | _MESSAGES | {"detected": detected} | _LAST)


def state_example() -> Json:
    """Show the SDK of one system."""
    detected = {"sdkVersion": "IOS_4.5.1", "capabilities": ["updates"], "integrationValid": True}
    return _RULES_EXAMPLE | {"minVersion": "1.2"} | _MESSAGE_EXAMPLE | {"detected": detected} | _LAST_EXAMPLE


def rules() -> Json:
    """Describe what people may choose, by system."""
    messages = {name: nullable(string(maxLength=RULE_MESSAGE_LIMIT)) for name in _MESSAGES}
    code = {
        "description": "A `versionCode`; empty for none.",
        "oneOf": [
            {"type": "integer", "minimum": 0, "maximum": LARGEST_VERSION_CODE},
            nullable(string(pattern=r"^\s*([0-9]{1,10})?\s*$")),
        ],
    }
    dotted = r"^\s*([0-9]{1,9}(\.[0-9]{1,9}){0,3})?\s*$"
    version = {
        "description": "Such as 1.4.2; empty for none.",
        "oneOf": [{"type": "integer", "minimum": 0, "maximum": 999_999_999}, nullable(string(pattern=dotted))],
    }
    return {
        name: {
            "type": ["object", "null"],
            "properties": _RULES | messages | {"minVersion": least},
            "additionalProperties": True,
        }
        for name, least in (("ios", version), ("android", code))
    }


def schemas() -> dict[str, Json]:
    """Give the schemas of what SDKs read."""
    told = _RULES | _LAST | {"minVersion": string()} | _MESSAGES
    video = {"bucket": string(), "key": string(), "location": string("PUT the film there, once.", format="uri")}
    received = {
        "id": entity_id(),
        "application": entity_id(),
        "type": string(enum=[kind.value for kind in FeedbackType]),
        "status": string(enum=[status.value for status in FeedbackStatus]),
        "message": string(),
        "packageInfo": {"type": "object", "additionalProperties": {"type": "string"}},
        "deviceInfo": {"type": "object", "additionalProperties": {"type": "object"}},
        "screenshot": boolean("Whether one came."),
        "hasVideo": boolean("Whether a film was announced."),
        "videoFile": record(video, "Only where a film was announced."),
        "createdAt": moment(),
        "updatedAt": moment(),
    }
    return {
        "SdkConfiguration": record(
            {
                "id": entity_id(),
                "slug": string(),
                "name": string(),
                "description": string(),
                "oss": array(string(enum=[system.value for system in Os])),
                "sdk": record({"ios": record(told), "android": record(told, optional=tuple(_MESSAGES))}),
            }
        ),
        "SdkSettings": record({"ios": state(), "android": state(), "warnings": array(string())}),
        "ReceivedFeedback": record(received, optional=("videoFile",)),
        "ReceivedVideo": record({"received": boolean(const=True)}),
    }


def operations() -> list[Operation]:
    """Describe the routes of SDKs, and of their settings."""
    return [_configuration(), _issue(), _send_feedback(), _send_video(), _show(), _update()]


def _configuration() -> Operation:
    told = _RULES_EXAMPLE | _LAST_EXAMPLE | {"minVersion": "1.2"} | _MESSAGE_EXAMPLE
    shown = {
        "id": examples.APP_ID,
        "slug": "tide-tables",
        "name": "Tide Tables",
        "description": "",
        "oss": ["ios"],
        "sdk": {"ios": told, "android": _RULES_EXAMPLE | {"lastBuildId": "", "lastBuildVersion": "", "minVersion": ""}},
    }
    return Operation(
        id="showSdkConfiguration",
        method="get",
        path="/v1/app",
        tag=TAG,
        summary="How an app is set up, and which build is the last one",
        description="The last build is the newest processed and enabled one that devices install, of the identifier "
        "that asks. 401 only for the SDK of iOS, where `forceAuth` is on and nobody has signed in: it asks people to "
        "sign in then, and at no other time.",
        credentials=APP_TOKEN,
        permission=Permission.SDK_USE,
        parameters=_HEADERS,
        answers={200: success("The app.", "SdkConfigurationAnswer", ref("SdkConfiguration"), shown)},
        errors=_DEVICE_ERRORS,
        server="sdk",
    )


def _issue() -> Operation:
    token = {"token": examples.DOWNLOAD_TOKEN, "expiresAt": examples.MOMENT}
    return Operation(
        id="createSdkDownloadToken",
        method="get",
        path="/v1/build/{buildId}/downloadToken",
        tag=TAG,
        summary="Make a download token for the device that asks",
        description="401 with code 4002 where `forceAuth` is on for the build's system and nobody has signed in.",
        credentials=APP_TOKEN,
        permission=Permission.SDK_USE,
        parameters=(shared("buildId"), *_HEADERS),
        answers={200: success("The token.", "DownloadTokenAnswer", ref("DownloadToken"), token)},
        errors=(*_DEVICE_ERRORS, errors.InvalidRequest, errors.BuildNotProcessed, errors.BuildDisabled),
        server="sdk",
    )


def _send_feedback() -> Operation:
    wanted = {
        "type": string(enum=[kind.value for kind in FeedbackType]),
        "message": nullable(string("May be empty with a picture or a film.", maxLength=MESSAGE_LIMIT)),
        "packageInfo": {"type": ["object", "null"], "description": "`name`, `version`, `versionName`."},
        "deviceInfo": {"type": ["object", "null"], "description": "`device` and `os`, as the SDKs send them."},
        "screenshot": nullable(string("`data:image/png;base64,...` or JPEG; the head alone is none.")),
        "hasVideo": nullable(boolean("A film follows.")),
        "email": nullable(string(maxLength=EMAIL_BODY_LIMIT)),
    }
    sent = {"type": "bug", "message": "The chart is upside down.", "hasVideo": True}
    shown = {
        "id": FEEDBACK_ID,
        "application": examples.APP_ID,
        "type": "bug",
        "status": "open",
        "message": "The chart is upside down.",
        "packageInfo": {},
        "deviceInfo": {"device": {}, "os": {}},
        "screenshot": False,
        "hasVideo": True,
        "createdAt": examples.MOMENT,
        "updatedAt": examples.MOMENT,
    }
    return Operation(
        id="sendFeedback",
        method="post",
        path="/v1/feedback",
        tag=TAG,
        summary="Send feedback",
        description="The answer comes when it is safe. Limited by network address and by token.",
        credentials=APP_TOKEN,
        permission=Permission.SDK_USE,
        parameters=(*_HEADERS, shared("idempotencyKey")),
        body=json_body("SentFeedback", wanted, sent, required=["type"]),
        answers={200: success("It is kept.", "ReceivedFeedbackAnswer", ref("ReceivedFeedback"), shown)},
        errors=(
            *_DEVICE_ERRORS,
            errors.InvalidRequest,
            errors.Conflict,
            errors.PayloadTooLarge,
            errors.TooManyRequests,
            errors.InsufficientStorage,
        ),
        server="sdk",
    )


def _send_video() -> Operation:
    film = {"video/mp4": {"schema": string(format="binary", contentMediaType="video/mp4")}}
    signed = "Part of the link that the answer to the feedback gave."
    return Operation(
        id="sendFeedbackVideo",
        method="put",
        path="/v1/feedback/{feedbackId}/video",
        tag=TAG,
        summary="Send the film that feedback announced",
        description="To the link that the feedback's answer gave: it is the credential, and good once.",
        parameters=(
            shared("feedbackId"),
            parameter("expires", "query", string(), f"Unix seconds. {signed}"),
            parameter("signature", "query", string(), signed),
            shared("idempotencyKey"),
        ),
        body={"required": True, "content": film},
        answers={200: success("It is kept.", "ReceivedVideoAnswer", ref("ReceivedVideo"), {"received": True})},
        errors=(
            errors.Forbidden,
            errors.InvalidRequest,
            errors.EntityNotFound,
            errors.Conflict,
            errors.PayloadTooLarge,
            errors.UnsupportedMediaType,
            errors.InsufficientStorage,
        ),
        server="upload",
    )


def _settings_example() -> Json:
    return {"ios": state_example(), "android": state_example(), "warnings": []}


def _show() -> Operation:
    return Operation(
        id="showSdkSettings",
        method="get",
        path=f"{WORKSPACE.prefix}/sdk",
        tag=TAG,
        summary="Show how an app's SDK is set up",
        credentials=WORKSPACE.credentials,
        permission=Permission.APP_GET,
        parameters=WORKSPACE.parameters,
        answers={200: success("The settings.", "SdkSettingsAnswer", ref("SdkSettings"), _settings_example())},
        errors=SCOPED,
    )


def _update() -> Operation:
    return Operation(
        id="updateSdkSettings",
        method="put",
        path=f"{WORKSPACE.prefix}/sdk",
        tag=TAG,
        summary="Set up an app's SDK",
        description="Only the keys that are sent change; the same as `sdk` in an update of the app.",
        credentials=WORKSPACE.credentials,
        permission=Permission.APP_UPDATE,
        parameters=WORKSPACE.parameters,
        body=json_body("SdkChanges", rules(), {"android": {"forceUpdate": True, "minVersion": "120"}}),
        answers={200: success("The settings now.", "SdkSettingsAnswer", ref("SdkSettings"), _settings_example())},
        errors=CHANGING,
    )
