"""Webhooks, their log, and the messages themselves as JSON; contract 2.7 names the events, the shapes are ours.

A message is `{"type", "timestamp", "data"}`, as Standard Webhooks proposes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from seatrial.domain.app import Organization
from seatrial.domain.build import ApplicationInfo
from seatrial.domain.errors import InvalidRequest
from seatrial.domain.event import Event, EventKind
from seatrial.domain.expiration import Expiration
from seatrial.domain.listing import ListQuery
from seatrial.domain.webhook import (
    TEST_KIND,
    Attempt,
    Delivery,
    DeliveryQuery,
    DeliveryStatus,
    Happening,
    NewWebhook,
    Webhook,
    WebhookChanges,
)
from seatrial.wire import bodies, fields
from seatrial.wire.builds import build_json
from seatrial.wire.downloads import download_json
from seatrial.wire.envelope import encode
from seatrial.wire.expirations import ending_json
from seatrial.wire.links import Links
from seatrial.wire.queries import Params, list_query
from seatrial.wire.timestamps import timestamp

SORTS = ("createdAt", "updatedAt")
DELIVERY_SORTS = ("createdAt",)
DESCRIPTION_LIMIT = 1000
URL_LIMIT = 2048
OVERLAP_SECONDS = 7 * 24 * 3600
DEFAULT_OVERLAP_SECONDS = 24 * 3600
"""Long enough to put the new secret where the receiver reads it."""
KINDS = (*EventKind, TEST_KIND)


def webhooks_query(params: Params) -> ListQuery:
    """Read which webhooks to list.

    Raises InvalidRequest.
    """
    return list_query(params, SORTS)


def deliveries_query(params: Params) -> DeliveryQuery:
    """Read which messages of a webhook to list.

    Raises InvalidRequest.
    """
    said = list(params)
    found = {name: text.strip() for name, text in said if name in {"status", "type"} and text.strip()}
    return DeliveryQuery(
        paging=list_query(said, DELIVERY_SORTS),
        status=DeliveryStatus(fields.word("status", found["status"], DeliveryStatus)) if "status" in found else None,
        kind=str(fields.word("type", found["type"], KINDS)) if "type" in found else None,
    )


def wanted_webhook(body: bytes) -> NewWebhook:
    """Read what a new webhook is to be.

    Raises InvalidRequest.
    """
    said = bodies.json_object(body)
    return NewWebhook(
        url=_url("url", said.get("url")),
        description=bodies.text(DESCRIPTION_LIMIT)("description", said.get("description")),
        events=_events("events", said.get("events")),
        enabled=bodies.boolean("enabled", said.get("enabled", True)),
        headers=_headers("headers", said.get("headers")),
    )


def webhook_changes(body: bytes) -> WebhookChanges:
    """Read edits to a webhook.

    Raises InvalidRequest.
    """
    said = bodies.json_object(body)
    return WebhookChanges(
        url=bodies.optional(said, "url", _url),
        description=bodies.optional(said, "description", bodies.text(DESCRIPTION_LIMIT)),
        events=bodies.optional(said, "events", _events),
        enabled=bodies.optional(said, "enabled", bodies.boolean),
        headers=bodies.optional(said, "headers", _headers),
    )


def webhook_overlap(body: bytes) -> timedelta:
    """Read for how long messages carry the signature of the secret before, too; nothing said is a day.

    Raises InvalidRequest.
    """
    said = bodies.json_object(body).get("overlapSeconds") if body.strip() else None
    seconds = bodies.whole_or_none(0, OVERLAP_SECONDS)("overlapSeconds", said)
    return timedelta(seconds=DEFAULT_OVERLAP_SECONDS if seconds is None else seconds)


def webhook_json(webhook: Webhook, secret: str | None = None) -> dict[str, object]:
    """Show a webhook; `secret` is there once. Of custom headers only the names are shown: values are credentials."""
    shown_once = {"secret": secret} if secret is not None else {}
    until = webhook.previous_secret_until
    return {
        "id": webhook.id,
        "organization": webhook.organization_id,
        "application": webhook.app_id,
        "url": webhook.url,
        "description": webhook.description,
        "events": [kind.value for kind in webhook.events],
        "enabled": webhook.enabled,
        **shown_once,
        "headerNames": list(webhook.header_names),
        "failingSince": timestamp(webhook.failing_since) if webhook.failing_since else None,
        "disabledReason": webhook.disabled_reason,
        "previousSecretUntil": timestamp(until) if until else None,
        "createdAt": timestamp(webhook.created_at),
        "updatedAt": timestamp(webhook.updated_at),
    }


def delivery_json(delivery: Delivery) -> dict[str, object]:
    """Show a message as lists do: how it went, without its body."""
    return {
        "id": delivery.id,
        "webhook": delivery.webhook_id,
        "webhookId": delivery.message_id,
        "type": delivery.kind,
        "status": delivery.status.value,
        "attempts": delivery.attempts,
        "responseStatus": delivery.response_status,
        "error": delivery.error,
        "nextAttemptAt": timestamp(delivery.next_attempt_at) if delivery.next_attempt_at else None,
        "createdAt": timestamp(delivery.created_at),
        "finishedAt": timestamp(delivery.finished_at) if delivery.finished_at else None,
    }


def delivery_details_json(delivery: Delivery, attempts: Sequence[Attempt]) -> dict[str, object]:
    """Show a message with its body, and every attempt at it."""
    return delivery_json(delivery) | {
        "payload": delivery.payload,
        "attemptLog": [_attempt(attempt) for attempt in attempts],
    }


@dataclass(frozen=True, slots=True)
class Messages:
    """Writes messages; `links` are those of everybody, as there is no request whose host could be answered."""

    links: Links

    def event(self, happening: Happening) -> str:
        """Write what happened."""
        event = happening.event
        data = _place(happening.organization, happening.application, self.links)
        if happening.build is not None:
            data["build"] = build_json(happening.build, self.links)
        if happening.download is not None:
            data["download"] = download_json(happening.download)
        if event.kind is EventKind.CERTIFICATE_EXPIRING:
            data["expiration"] = _expiring(event)
        if event.kind is EventKind.FEEDBACK_CREATED:
            data["feedback"] = _feedback(event.subject, event.facts)
        return _message(event.kind.value, event.at, data)

    def test(self, organization: Organization, app: ApplicationInfo | None, webhook: Webhook, at: datetime) -> str:
        """Write that messages arrive."""
        data = _place(organization, app, self.links)
        return _message(TEST_KIND, at, data | {"webhook": {"id": webhook.id, "description": webhook.description}})


def _message(kind: str, at: datetime, data: Mapping[str, object]) -> str:
    return encode({"type": kind, "timestamp": timestamp(at), "data": data}).decode()


def _place(organization: Organization, app: ApplicationInfo | None, links: Links) -> dict[str, object]:
    named = {"id": organization.id, "name": organization.name, "slug": organization.slug}
    if app is None:
        return {"organization": named, "app": None}
    picture = links.picture(app.picture)
    return {"organization": named, "app": {"id": app.id, "name": app.name, "slug": app.slug, "picture": picture}}


def _expiring(event: Event) -> dict[str, object]:
    found = event.facts["expiration"]
    assert isinstance(found, Expiration)
    return ending_json(found, event.at) | {"threshold": event.facts["threshold"]}


def _feedback(feedback_id: str, facts: Mapping[str, object]) -> dict[str, object]:
    said = {key: facts.get(key) or "" for key in ("type", "message", "author", "device", "build", "buildId")}
    has = {key: bool(facts.get(key)) for key in ("hasScreenshot", "hasVideo")}
    return {"id": feedback_id, **said, **has}


def _attempt(attempt: Attempt) -> dict[str, object]:
    return {
        "number": attempt.number,
        "startedAt": timestamp(attempt.started_at),
        "durationMs": attempt.duration_ms,
        "request": {"method": "POST", "url": attempt.url, "headers": _pairs(attempt.request_headers)},
        "response": None
        if attempt.response_status is None
        else {
            "status": attempt.response_status,
            "address": attempt.address,
            "headers": _pairs(attempt.response_headers),
            "body": attempt.response_body,
            "truncated": attempt.is_cut,
        },
        "error": attempt.error,
    }


def _pairs(headers: Sequence[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in headers]


def _url(name: str, value: object) -> str:
    said = bodies.line(URL_LIMIT)(name, value)
    if not said:
        raise InvalidRequest({name: "is required"})
    return said


def _events(name: str, value: object) -> tuple[EventKind, ...]:
    rule = f"must be an array of at least one of {', '.join(EventKind)}"
    if not isinstance(value, list) or not value:
        raise InvalidRequest({name: rule})
    if not all(isinstance(one, str) and one in set(EventKind) for one in value):
        raise InvalidRequest({name: rule})
    return tuple(dict.fromkeys(EventKind(one) for one in value))


def _headers(name: str, value: object) -> dict[str, str]:
    if value is None:
        return {}
    if not isinstance(value, dict) or not all(isinstance(one, str) for one in value.values()):
        raise InvalidRequest({name: "must be an object of texts, or null for none"})
    return dict(value)
