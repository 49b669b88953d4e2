"""Feedback as devices send it (contract 2.6), and as people work through it."""

import binascii
import re
from base64 import b64decode
from collections.abc import Mapping

from seatrial.domain.errors import InvalidRequest
from seatrial.domain.feedback import (
    Feedback,
    FeedbackFile,
    FeedbackFileKind,
    FeedbackQuery,
    FeedbackSaid,
    FeedbackStatus,
    FeedbackType,
)
from seatrial.domain.storable import storable
from seatrial.wire import bodies, fields
from seatrial.wire.devices import device_json
from seatrial.wire.links import Links, Signed
from seatrial.wire.queries import EMAIL_LIMIT, Params, filters_of, paging_of, sort_of
from seatrial.wire.timestamps import read_timestamp, timestamp

MESSAGE_LIMIT = 20_000
EMAIL_BODY_LIMIT = 256
SORTS = ("createdAt", "updatedAt")
LONGEST_FACT = 255
PACKAGE_KEYS = ("name", "version", "versionName")
DEVICE_KEYS = {
    "device": (
        "model",
        "vendor",
        "type",
        "network",
        "resolution",
        "orientation",
        "ramUsed",
        "ramTotal",
        "diskFree",
        "battery",
        "batteryStatus",
    ),
    "os": ("name", "version"),
}
SCREENSHOT_RULE = "must be data:image/png;base64,... or data:image/jpeg;base64,..."
_DATA_URL = re.compile(r"data:image/(?:png|jpe?g|webp)(?:;[\w=.+-]+)*;base64,", re.IGNORECASE)


def feedback_said(body: bytes) -> FeedbackSaid:
    """Read what a device sent; of the package and the device what is known and short enough, whatever else is there.

    Raises InvalidRequest.
    """
    said = bodies.json_object(body)
    kind = FeedbackType(bodies.word(*FeedbackType)("type", said.get("type")))
    message = bodies.text(MESSAGE_LIMIT)("message", said.get("message"))
    screenshot = _screenshot(said.get("screenshot"))
    has_video = said.get("hasVideo") is not None and bodies.boolean("hasVideo", said["hasVideo"])
    if not message.strip() and screenshot is None and not has_video:
        raise InvalidRequest({"message": "is required where there is no screenshot and no video"})
    package, device = _object(said.get("packageInfo")), _object(said.get("deviceInfo"))
    return FeedbackSaid(
        type=kind,
        message=message,
        email=bodies.line(EMAIL_BODY_LIMIT)("email", said.get("email")),
        package={key: str(value) for key, value in _facts(package, PACKAGE_KEYS).items()},
        device={part: _facts(_object(device.get(part)), known) for part, known in DEVICE_KEYS.items()},
        screenshot=screenshot,
        has_video=has_video,
    )


def feedbacks_query(params: Params) -> FeedbackQuery:
    """Read which feedback to list; `iniDate` and `endDate` are both included.

    Raises InvalidRequest naming the parameter and what is allowed.
    """
    said = filters_of(params, ("type", "status", "email", "iniDate", "endDate", "sort", "page", "limit"))
    sort, descending = sort_of(said, SORTS)
    return FeedbackQuery(
        type=FeedbackType(fields.word("type", said["type"], FeedbackType)) if "type" in said else None,
        status=FeedbackStatus(fields.word("status", said["status"], FeedbackStatus)) if "status" in said else None,
        email=fields.bounded("email", said["email"], EMAIL_LIMIT) if "email" in said else None,
        since=read_timestamp("iniDate", said["iniDate"]) if "iniDate" in said else None,
        until=read_timestamp("endDate", said["endDate"], end_of_day=True) if "endDate" in said else None,
        sort=sort,
        descending=descending,
        **paging_of(said),
    )


def feedback_status(body: bytes) -> FeedbackStatus | None:
    """Read what has become of feedback; keys nobody knows are ignored.

    Raises InvalidRequest.
    """
    said = bodies.json_object(body)
    return FeedbackStatus(bodies.word(*FeedbackStatus)("status", said["status"])) if "status" in said else None


def received_json(feedback: Feedback) -> dict[str, object]:
    """Show feedback to the device that sent it."""
    return {
        "id": feedback.id,
        "application": feedback.app_id,
        "type": feedback.type.value,
        "status": feedback.status.value,
        "message": feedback.message,
        "packageInfo": feedback.package,
        "deviceInfo": feedback.device,
        "screenshot": feedback.file(FeedbackFileKind.SCREENSHOT) is not None,
        "hasVideo": feedback.has_video,
        "createdAt": timestamp(feedback.created_at),
        "updatedAt": timestamp(feedback.updated_at),
    }


def video_target_json(feedback: Feedback, bucket: str, location: str) -> dict[str, object]:
    """Say where the film is to be sent; its key begins with this one."""
    key = f"feedbacks/{feedback.organization_id}/{feedback.app_id}/{feedback.id}"
    return {"videoFile": {"bucket": bucket, "key": key, "location": location}}


def feedback_json(feedback: Feedback, proofs: Mapping[str, Signed], links: Links) -> dict[str, object]:
    """Show feedback to those who work through it."""
    person = feedback.author.person
    files = {kind: feedback.file(kind) for kind in FeedbackFileKind}
    return received_json(feedback) | {
        "organization": feedback.organization_id,
        "build": feedback.build_id,
        "author": {
            "type": feedback.author.type.value,
            "memberId": person.id,
            "email": person.email,
            "firstName": person.first_name,
            "lastName": person.last_name,
            "picture": person.picture,
        },
        "sender": device_json(feedback.sender),
        "screenshot": _file_json(files[FeedbackFileKind.SCREENSHOT], proofs, links),
        "video": _file_json(files[FeedbackFileKind.VIDEO], proofs, links),
    }


def _file_json(file: FeedbackFile | None, proofs: Mapping[str, Signed], links: Links) -> dict[str, object] | None:
    if file is None:
        return None
    return {
        "id": file.id,
        "originalName": file.original_name,
        "mimetype": file.mimetype,
        "size": file.size,
        "checksum": file.checksum,
        "location": links.location(file),
        "signedUrl": links.signed(file, proofs[file.id].expires, proofs[file.id].signature),
        "createdAt": timestamp(file.created_at),
    }


def _screenshot(value: object) -> bytes | None:
    said = bodies.string("screenshot", value).strip()
    if not said:
        return None
    head = _DATA_URL.match(said)
    if head is None:
        raise InvalidRequest({"screenshot": SCREENSHOT_RULE})
    try:
        found = b64decode("".join(said[head.end() :].split()), validate=True)
    except (binascii.Error, ValueError):
        raise InvalidRequest({"screenshot": SCREENSHOT_RULE}) from None
    return found or None  # the SDK for iOS sends the head alone where there is no picture


def _object(value: object) -> Mapping[str, object]:
    return value if isinstance(value, dict) else {}


def _facts(said: Mapping[str, object], known: tuple[str, ...]) -> dict[str, object]:
    facts: dict[str, object] = {}
    for key in known:
        value = said.get(key)
        if isinstance(value, bool):
            facts[key] = value
        elif isinstance(value, (str, int, float)):
            facts[key] = storable(str(value), LONGEST_FACT)
    return facts
