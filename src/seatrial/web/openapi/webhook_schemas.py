"""Webhooks and the log of what was sent, as JSON."""

from seatrial.domain.event import EventKind
from seatrial.domain.webhook import DeliveryStatus
from seatrial.services.webhook_sending import HIDDEN, KEPT_BODY
from seatrial.web.openapi import examples
from seatrial.web.openapi.lists import page
from seatrial.web.openapi.notation import Json, array, boolean, entity_id, moment, nullable, number, record, ref, string
from seatrial.wire.webhooks import KINDS

WEBHOOK_ID, DELIVERY_ID = "66f1c0de5a1e7d0000000001", "66f1c0de5a1e7d0000000002"
TYPES = [str(kind) for kind in KINDS]
WEBHOOK = {
    "id": WEBHOOK_ID,
    "organization": examples.ORGANIZATION_ID,
    "application": None,
    "url": "https://ci.example.com/hooks/seatrial",
    "description": "Tells the release channel",
    "events": ["build.processed", "build.failed"],
    "enabled": True,
    "headerNames": ["Authorization"],
    "failingSince": None,
    "disabledReason": "",
    "previousSecretUntil": None,
    "createdAt": examples.MOMENT,
    "updatedAt": examples.MOMENT,
}
SECRET = {"secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo="}
DELIVERY = {
    "id": DELIVERY_ID,
    "webhook": WEBHOOK_ID,
    "webhookId": f"msg_{DELIVERY_ID}",
    "type": "build.processed",
    "status": "delivered",
    "attempts": 1,
    "responseStatus": 204,
    "error": "",
    "nextAttemptAt": None,
    "createdAt": examples.MOMENT,
    "finishedAt": examples.MOMENT,
}
DETAILS = DELIVERY | {
    "payload": '{"type":"build.processed","timestamp":"2024-11-11T11:27:35.446Z","data":{}}',
    "attemptLog": [
        {
            "number": 1,
            "startedAt": examples.MOMENT,
            "durationMs": 87,
            "request": {
                "method": "POST",
                "url": WEBHOOK["url"],
                "headers": [
                    {"name": "webhook-id", "value": f"msg_{DELIVERY_ID}"},
                    {"name": "Authorization", "value": HIDDEN},
                ],
            },
            "response": {
                "status": 204,
                "address": "203.0.113.7",
                "headers": [{"name": "Server", "value": "nginx"}],
                "body": "",
                "truncated": False,
            },
            "error": "",
        }
    ],
}


def schemas() -> dict[str, Json]:
    """Give the schemas of webhooks and their log."""
    shown = _shown_keys()
    headers = array(record({"name": string(), "value": string()}))
    response = record(
        {
            "status": number(),
            "address": string("The network address that answered."),
            "headers": headers,
            "body": string(f"The first {KEPT_BODY} bytes, as UTF-8."),
            "truncated": boolean("Whether there was more."),
        }
    )
    attempt = {
        "number": number(minimum=1),
        "startedAt": moment(),
        "durationMs": nullable(number("Null while it runs, and where the server ended in the middle of it.")),
        "request": record({"method": string(const="POST"), "url": string(), "headers": headers}),
        "response": response | {"type": ["object", "null"]},
        "error": string("Why it counts as failed; empty where it does not."),
    }
    details = {"payload": string("The body, to the byte."), "attemptLog": array(ref("WebhookAttempt"))}
    return {
        "Webhook": record(shown),
        "NewWebhook": record(shown | {"secret": string("Shown this once.", pattern="^whsec_")}),
        "WebhookPage": page(ref("Webhook")),
        "WebhookAttempt": record(attempt, f"One request. Values of one's own headers are `{HIDDEN}`."),
        "WebhookDelivery": record(_delivery_keys(), "One message for one webhook."),
        "WebhookDeliveryDetails": record(_delivery_keys() | details, "One message, and every attempt at it."),
        "WebhookDeliveryPage": page(ref("WebhookDelivery")),
    }


def _shown_keys() -> dict[str, Json]:
    return {
        "id": entity_id(),
        "organization": entity_id(),
        "application": nullable(entity_id("Null where it is told of all apps.")),
        "url": string(),
        "description": string(),
        "events": array(string(enum=[kind.value for kind in EventKind])),
        "enabled": boolean(),
        "headerNames": array(string(), "Of one's own headers; their values are never shown."),
        "failingSince": nullable(moment("Of the first failure after the last success.")),
        "disabledReason": string("Why the server itself switched it off; empty where it did not."),
        "previousSecretUntil": nullable(moment("Until then messages carry the signature of the secret before, too.")),
        "createdAt": moment(),
        "updatedAt": moment(),
    }


def _delivery_keys() -> dict[str, Json]:
    return {
        "id": entity_id(),
        "webhook": entity_id(),
        "webhookId": string("The header `webhook-id` of every attempt.", pattern="^msg_"),
        "type": string(enum=TYPES),
        "status": string(
            "`pending`: being sent, or waiting for its next attempt. `failed`: for good, unless it is replayed.",
            enum=[status.value for status in DeliveryStatus],
        ),
        "attempts": number(),
        "responseStatus": nullable(number("Of the last answer.")),
        "error": string("Why it is not delivered."),
        "nextAttemptAt": nullable(moment()),
        "createdAt": moment("When it happened."),
        "finishedAt": nullable(moment()),
    }
