"""Feedback, as people work through it."""

from seatrial.domain import errors
from seatrial.domain.access import Permission
from seatrial.domain.feedback import FeedbackStatus, FeedbackType
from seatrial.web.openapi import examples
from seatrial.web.openapi.builds import DELETED
from seatrial.web.openapi.download_log import DEVICE_KEYS, period
from seatrial.web.openapi.errors import CHANGING, SCOPED
from seatrial.web.openapi.faces import WORKSPACE
from seatrial.web.openapi.lists import page, paging
from seatrial.web.openapi.notation import (
    Json,
    Operation,
    boolean,
    entity_id,
    file_id,
    json_body,
    moment,
    number,
    parameter,
    record,
    ref,
    shared,
    string,
    success,
)
from seatrial.web.openapi.sdk import FEEDBACK_ID
from seatrial.wire.feedbacks import SORTS
from seatrial.wire.queries import EMAIL_LIMIT

TAG = "Feedback"

_PATH = f"{WORKSPACE.prefix}/feedbacks"
_ONE = (*WORKSPACE.parameters, shared("feedbackId"))
_TYPE = string(enum=[kind.value for kind in FeedbackType])
_STATUS = string(enum=[status.value for status in FeedbackStatus])
_AUTHOR = ("type", "memberId", "email", "firstName", "lastName", "picture")
_EXAMPLE = {
    "id": FEEDBACK_ID,
    "organization": examples.ORGANIZATION_ID,
    "application": examples.APP_ID,
    "build": examples.BUILD_ID,
    "type": "bug",
    "status": "open",
    "message": "The chart is upside down.",
    "author": dict.fromkeys(_AUTHOR, "") | {"type": "anonymous", "email": "someone@example.com"},
    "packageInfo": {"name": "com.example.tides", "version": "142", "versionName": "1.4.2"},
    "deviceInfo": {"device": {"model": "Pixel 9", "vendor": "Google"}, "os": {"name": "android", "version": "15"}},
    "sender": dict.fromkeys(DEVICE_KEYS, "") | {"sdkVersion": "ANDROID_5.0.0"},
    "screenshot": None,
    "hasVideo": False,
    "video": None,
    "createdAt": examples.MOMENT,
    "updatedAt": examples.MOMENT,
}


def schemas() -> dict[str, Json]:
    """Give the schemas of feedback."""
    file = record(
        {
            "id": file_id(),
            "originalName": string(),
            "mimetype": string(),
            "size": number("Bytes."),
            "checksum": string("SHA-256, lower-case hex.", pattern="^[0-9a-f]{64}$"),
            "location": string("Reading it needs credentials.", format="uri"),
            "signedUrl": string("Good for minutes, for whoever has it.", format="uri"),
            "createdAt": moment(),
        }
    )
    none_or_file = {"oneOf": [ref("FeedbackFile"), {"type": "null"}]}
    keys = {
        "id": entity_id(),
        "organization": entity_id(),
        "application": entity_id(),
        "build": string("The build it was said about, where there is one."),
        "type": _TYPE,
        "status": _STATUS,
        "message": string(),
        "author": record({name: string() for name in _AUTHOR}),
        "packageInfo": {"type": "object", "additionalProperties": {"type": "string"}},
        "deviceInfo": {"type": "object", "additionalProperties": {"type": "object"}},
        "sender": ref("Device"),
        "screenshot": none_or_file,
        "hasVideo": boolean("Whether a film was announced."),
        "video": none_or_file,
        "createdAt": moment(),
        "updatedAt": moment(),
    }
    return {"FeedbackFile": file, "Feedback": record(keys), "FeedbackPage": page(ref("Feedback"))}


def operations() -> list[Operation]:
    """Describe the routes of feedback."""
    return [_search(), _show(), _update(), _delete()]


def _search() -> Operation:
    return Operation(
        id="listFeedback",
        method="get",
        path=_PATH,
        tag=TAG,
        summary="List an app's feedback",
        description="Newest first, unless `sort` says otherwise.",
        credentials=WORKSPACE.credentials,
        permission=Permission.FEEDBACK_LIST,
        parameters=(
            *WORKSPACE.parameters,
            parameter("type", "query", string(enum=[*FeedbackType, ""]), "Only this."),
            parameter("status", "query", string(enum=[*FeedbackStatus, ""]), "Only this."),
            parameter("email", "query", string(maxLength=EMAIL_LIMIT), "Exactly this author."),
            *period(),
            *paging(*SORTS),
        ),
        answers={200: success("A page.", "FeedbackPageAnswer", ref("FeedbackPage"), examples.page(_EXAMPLE))},
        errors=(*SCOPED, errors.InvalidRequest),
    )


def _show() -> Operation:
    return Operation(
        id="showFeedback",
        method="get",
        path=f"{_PATH}/{{feedbackId}}",
        tag=TAG,
        summary="Show one piece of feedback",
        credentials=WORKSPACE.credentials,
        permission=Permission.FEEDBACK_LIST,
        parameters=_ONE,
        answers=_answer("The feedback."),
        errors=SCOPED,
    )


def _update() -> Operation:
    return Operation(
        id="updateFeedback",
        method="put",
        path=f"{_PATH}/{{feedbackId}}",
        tag=TAG,
        summary="Say what has become of feedback",
        credentials=WORKSPACE.credentials,
        permission=Permission.FEEDBACK_UPDATE,
        parameters=_ONE,
        body=json_body("FeedbackChanges", {"status": _STATUS}, {"status": "closed"}),
        answers=_answer("The feedback now."),
        errors=CHANGING,
    )


def _delete() -> Operation:
    return Operation(
        id="deleteFeedback",
        method="delete",
        path=f"{_PATH}/{{feedbackId}}",
        tag=TAG,
        summary="Delete feedback with its files",
        description="For good.",
        credentials=WORKSPACE.credentials,
        permission=Permission.FEEDBACK_DELETE,
        parameters=_ONE,
        answers={200: success("It is gone.", "DeletedAnswer", DELETED, {"deleted": True})},
        errors=SCOPED,
    )


def _answer(description: str) -> dict[int, Json]:
    return {200: success(description, "FeedbackAnswer", ref("Feedback"), _EXAMPLE)}
