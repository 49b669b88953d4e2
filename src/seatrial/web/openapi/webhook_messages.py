"""What receivers are sent: the section `webhooks` of OpenAPI 3.1."""

from seatrial.domain.event import EventKind
from seatrial.domain.expiration import THRESHOLDS
from seatrial.domain.webhook import TEST_KIND
from seatrial.web.openapi import examples
from seatrial.web.openapi.expirations import EXPIRATION, ending_keys
from seatrial.web.openapi.notation import (
    Json,
    boolean,
    entity_id,
    moment,
    nullable,
    number,
    record,
    ref,
    string,
)
from seatrial.web.openapi.webhook_schemas import DELIVERY_ID, WEBHOOK_ID
from seatrial.web.openapi.webhooks import TAG

_APP = {"id": examples.APP_ID, "name": "Tide Tables", "slug": "tide-tables", "picture": ""}
_PLACE = {
    "organization": {"id": examples.ORGANIZATION_ID, "name": "Harbour Mobile", "slug": "harbour-mobile"},
    "app": _APP,
}
_DOWNLOAD = {
    "id": "66f1c0de5a1e7d0000000003",
    "build": examples.BUILD_ID,
    "from": "dashboard",
    "member": {
        "type": "user",
        "memberId": examples.PERSON["id"],
        "email": examples.PERSON["email"],
        "firstName": examples.PERSON["firstName"],
        "lastName": examples.PERSON["lastName"],
        "picture": "",
        "user": examples.PERSON["id"],
        "employee": "",
    },
    "createdAt": examples.MOMENT,
}
_FEEDBACK = {
    "id": "66f1c0de5a1e7d0000000004",
    "type": "bug",
    "message": "The chart is empty on Sundays.",
    "author": "Ada Marsh <ada@example.com>",
    "device": "Google Pixel 9 android 16",
    "build": "2.4.0 240",
    "buildId": examples.BUILD_ID,
    "hasScreenshot": True,
    "hasVideo": False,
}
_ABOUT = {
    EventKind.BUILD_UPLOADED: ("A build was uploaded", "It is stored, and nobody has looked into it yet."),
    EventKind.BUILD_PROCESSED: ("A build was processed", "It can be installed. Once for each time it is processed."),
    EventKind.BUILD_FAILED: ("A build cannot be processed", "`build.error` says why and what to do."),
    EventKind.BUILD_DOWNLOADED: ("A build was downloaded", "Once for each download token that was redeemed."),
    EventKind.CERTIFICATE_EXPIRING: (
        "A profile or certificate ends soon",
        f"Of published builds: {', '.join(map(str, THRESHOLDS[:-1]))} and {THRESHOLDS[-1]} days before, once each.",
    ),
    EventKind.FEEDBACK_CREATED: ("Somebody sent feedback or reported a bug", ""),
}


def schemas() -> dict[str, Json]:
    """Give the schema of every message."""
    found = {_schema_name(kind): _message(kind, _extra(kind)) for kind in EventKind}
    sent = {"webhook": record({"id": entity_id(), "description": string()})}
    return found | {_schema_name(TEST_KIND): _message(TEST_KIND, sent, app=nullable(_app()))}


def webhooks() -> dict[str, Json]:
    """Give the requests that receivers get, by the type of the message."""
    found = {kind.value: _request(kind, *_ABOUT[kind], _example(kind)) for kind in EventKind}
    test = _PLACE | {"webhook": {"id": WEBHOOK_ID, "description": "Tells the release channel"}}
    return found | {TEST_KIND: _request(TEST_KIND, "Somebody tried whether messages arrive", "", test)}


def _app() -> Json:
    return record({"id": entity_id(), "name": string(), "slug": string(), "picture": string("URL; empty for none.")})


def _message(kind: str, extra: dict[str, Json], app: Json | None = None) -> Json:
    place = {
        "organization": record({"id": entity_id(), "name": string(), "slug": string()}),
        "app": app or _app(),
    }
    return record(
        {
            "type": string(const=str(kind)),
            "timestamp": moment("When it happened, which is not when this attempt is made."),
            "data": record(place | extra, "As it was at that moment."),
        }
    )


def _extra(kind: EventKind) -> dict[str, Json]:
    match kind:
        case EventKind.BUILD_DOWNLOADED:
            return {"build": ref("Build"), "download": ref("Download")}
        case EventKind.CERTIFICATE_EXPIRING:
            reminder = number("Which of the reminders this is, in days.", enum=list(THRESHOLDS))
            return {"expiration": record(ending_keys() | {"threshold": reminder})}
        case EventKind.FEEDBACK_CREATED:
            return {"feedback": _feedback()}
        case _:
            return {"build": ref("Build")}


def _feedback() -> Json:
    keys = {
        "id": entity_id(),
        "type": string("`feedback` or `bug`."),
        "message": string("Its beginning, where it is long."),
        "author": string("Who said it, as far as the app knew."),
        "device": string(),
        "build": string("The version that it is about."),
        "buildId": string("The build that it is about, where it is known."),
        "hasScreenshot": boolean(),
        "hasVideo": boolean("Whether a film was announced."),
    }
    return record(keys)


def _example(kind: EventKind) -> Json:
    match kind:
        case EventKind.BUILD_UPLOADED:
            about: Json = {"build": examples.pending_build()}
        case EventKind.BUILD_FAILED:
            about = {"build": examples.failed_build()}
        case EventKind.BUILD_DOWNLOADED:
            about = {"build": examples.processed_build(), "download": _DOWNLOAD}
        case EventKind.CERTIFICATE_EXPIRING:
            about = {"expiration": EXPIRATION | {"threshold": 30}}
        case EventKind.FEEDBACK_CREATED:
            about = {"feedback": _FEEDBACK}
        case _:
            about = {"build": examples.processed_build()}
    return _PLACE | about


def _schema_name(kind: str) -> str:
    return "".join(word.capitalize() for word in str(kind).split(".")) + "Message"


def _request(kind: str, summary: str, description: str, data: Json) -> Json:
    message = {"type": str(kind), "timestamp": examples.MOMENT, "data": data}
    content = {"schema": ref(_schema_name(kind)), "examples": {"message": {"value": message}}}
    return {
        "post": {
            "operationId": f"on{_schema_name(kind)}",
            "tags": [TAG],
            "summary": summary,
            "description": description or summary + ".",
            "parameters": _headers(),
            "requestBody": {"required": True, "content": {"application/json": content}},
            "responses": {
                "2XX": {"description": "Taken. Everything else, redirects too, is a failure and is tried again."},
                "410": {"description": "No more of these: the webhook is switched off."},
            },
            "security": [],
        }
    }


def _headers() -> list[Json]:
    described = {
        "webhook-id": ("The same in every attempt: whoever knows it already need not act again.", f"msg_{DELIVERY_ID}"),
        "webhook-timestamp": (
            "Of the attempt, in seconds since 1970; refuse what is older than 5 minutes.",
            "1731324455",
        ),
        "webhook-signature": (
            "Base64 of the HMAC-SHA256 over `id.timestamp.body`, behind `v1,`; two while a secret is rotated.",
            "v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=",
        ),
    }
    return [
        {
            "name": name,
            "in": "header",
            "required": True,
            "description": text,
            "schema": string(),
            "example": example,
        }
        for name, (text, example) in described.items()
    ]
