"""Webhooks of an organization and of an app, and the log of what was sent."""

from dataclasses import dataclass

from seatrial.domain import errors
from seatrial.domain.access import AppScope, OrganizationScope, Permission
from seatrial.domain.event import EventKind
from seatrial.domain.webhook import MOST_WEBHOOKS, DeliveryStatus
from seatrial.services.webhook_targets import HEADER_VALUE_LIMIT, MOST_HEADERS
from seatrial.web.openapi import examples, webhook_schemas
from seatrial.web.openapi.builds import DELETED
from seatrial.web.openapi.errors import CHANGING, SCOPED
from seatrial.web.openapi.faces import ORGANIZATION, WORKSPACE, WORKSPACE_TOKEN
from seatrial.web.openapi.lists import paging
from seatrial.web.openapi.notation import (
    Json,
    Operation,
    array,
    boolean,
    json_body,
    nullable,
    number,
    parameter,
    ref,
    shared,
    string,
    success,
)
from seatrial.web.openapi.webhook_schemas import DELIVERY, DETAILS, SECRET, TYPES, WEBHOOK
from seatrial.wire.webhooks import (
    DEFAULT_OVERLAP_SECONDS,
    DELIVERY_SORTS,
    DESCRIPTION_LIMIT,
    OVERLAP_SECONDS,
    SORTS,
    URL_LIMIT,
)

TAG = "Webhooks"

_EVENTS = array(
    string(enum=[kind.value for kind in EventKind]),
    "What it is told of; see the section `webhooks` for the messages.",
    minItems=1,
)
_URL = string(
    "`https://`, or `http://` where the operator allows it; no user name, port 80, 443 or from 1024. Its host must not "
    "lead to the inside of a network, which is looked at again for every connection.",
    maxLength=URL_LIMIT,
)
_HEADERS = {
    "type": ["object", "null"],
    "description": f"At most {MOST_HEADERS} headers of one's own, such as `Authorization`. Kept encrypted, and never "
    "shown again.",
    "maxProperties": MOST_HEADERS,
    "additionalProperties": string(minLength=1, maxLength=HEADER_VALUE_LIMIT),
}
_WANTED = {
    "url": _URL,
    "description": nullable(string(maxLength=DESCRIPTION_LIMIT)),
    "events": _EVENTS,
    "enabled": boolean(default=True),
    "headers": _HEADERS,
}


def schemas() -> dict[str, Json]:
    """Give the schemas of webhooks and their log."""
    return webhook_schemas.schemas()


def operations() -> list[Operation]:
    """Describe the routes of webhooks, those of an organization first."""
    return [operation for place in _PLACES for operation in place.operations()]


@dataclass(frozen=True, slots=True)
class _Place:
    """Where webhooks belong: to an organization, or to one of its apps."""

    name: str
    path: str
    whose: str
    parameters: tuple[Json, ...]
    scope: type[OrganizationScope]

    def operations(self) -> list[Operation]:
        return [
            self._operation(
                "list",
                "s",
                "get",
                "",
                f"List the webhooks of {self.whose}",
                "list",
                parameters=paging(*SORTS),
                answers=_answer("A page.", "WebhookPageAnswer", "WebhookPage", examples.page(WEBHOOK)),
                errors=(*SCOPED, errors.InvalidRequest),
            ),
            self._operation(
                "create",
                "",
                "post",
                "",
                f"Make a webhook of {self.whose}",
                "create",
                f"At most {MOST_WEBHOOKS}. This answer is the only one with its secret.",
                body=json_body(
                    "WantedWebhook",
                    _WANTED,
                    {"url": WEBHOOK["url"], "events": ["build.processed", "build.failed"]},
                    required=["url", "events"],
                ),
                answers=_answer("The webhook.", "NewWebhookAnswer", "NewWebhook", WEBHOOK | SECRET),
                errors=(*CHANGING, errors.Conflict),
            ),
            self._one("show", "get", "", "Show a webhook without its secret", "list", errors=SCOPED),
            self._one(
                "update",
                "put",
                "",
                "Change a webhook",
                "update",
                "Only the keys that are sent change; `headers` as a whole; the secret stays.",
                body=json_body("WebhookChanges", _WANTED, {"enabled": False}),
                errors=CHANGING,
            ),
            self._one(
                "remove",
                "delete",
                "",
                "Remove a webhook with its log",
                "delete",
                "What waits to be sent is not sent any more.",
                answers={200: success("It is gone.", "DeletedAnswer", DELETED, {"deleted": True})},
                errors=SCOPED,
            ),
            self._rotate(),
            self._one(
                "test",
                "post",
                "/test",
                "Send a test message",
                "update",
                "Of the type `webhook.test`, also to a webhook that is switched off. Sent at once by a worker; look "
                "at the delivery to see what came of it.",
                answers=_details("The delivery, not sent yet."),
                errors=SCOPED,
            ),
            *self._log(),
        ]

    def _rotate(self) -> Operation:
        seconds = number(
            "For how long messages carry the signature of the secret before, too.",
            maximum=OVERLAP_SECONDS,
            default=DEFAULT_OVERLAP_SECONDS,
        )
        body = json_body("WebhookRotation", {"overlapSeconds": nullable(seconds)}, {"overlapSeconds": 3600})
        return self._one(
            "rotate",
            "post",
            "/rotate",
            "Give a webhook another secret",
            "update",
            body=body | {"required": False},
            answers=_answer("With its new secret.", "NewWebhookAnswer", "NewWebhook", WEBHOOK | SECRET),
            errors=CHANGING,
        )

    def _log(self) -> list[Operation]:
        status = parameter(
            "status", "query", string(enum=[one.value for one in DeliveryStatus]), "Only those in this state."
        )
        kind = parameter("type", "query", string(enum=TYPES), "Only those of this type.")
        shown = examples.page(DELIVERY)
        return [
            self._one(
                "list",
                "get",
                "/deliveries",
                "List what was sent",
                "list",
                "Newest first.",
                of="Deliveries",
                parameters=(status, kind, *paging(*DELIVERY_SORTS)),
                answers=_answer("A page.", "WebhookDeliveryPageAnswer", "WebhookDeliveryPage", shown),
                errors=(*SCOPED, errors.InvalidRequest),
            ),
            self._one(
                "show",
                "get",
                "/deliveries/{deliveryId}",
                "Show a message and every attempt at it",
                "list",
                of="Delivery",
                parameters=(shared("deliveryId"),),
                answers=_details("The delivery."),
                errors=SCOPED,
            ),
            self._one(
                "replay",
                "post",
                "/deliveries/{deliveryId}/replay",
                "Send a message once more",
                "update",
                "The same to the byte, with the same `webhook-id`, and a new signature. Failing, it is retried as if "
                "it were new. 409 while it is being sent, and where the webhook is switched off.",
                of="Delivery",
                parameters=(shared("deliveryId"),),
                answers=_details("The delivery, to be sent."),
                errors=(*SCOPED, errors.Conflict),
            ),
        ]

    def _one(
        self,
        verb: str,
        method: str,
        path: str,
        summary: str,
        right: str,
        description: str = "",
        *,
        of: str = "",
        parameters: tuple[Json, ...] = (),
        answers: dict[int, Json] | None = None,
        body: Json | None = None,
        errors: tuple[type[errors.SeatrialError], ...] = (),
    ) -> Operation:
        return self._operation(
            verb,
            of,
            method,
            f"/{{webhookId}}{path}",
            summary,
            right,
            description,
            parameters=(shared("webhookId"), *parameters),
            answers=answers or _answer("The webhook.", "WebhookAnswer", "Webhook", WEBHOOK),
            body=body,
            errors=errors,
        )

    def _operation(
        self,
        verb: str,
        of: str,
        method: str,
        path: str,
        summary: str,
        right: str,
        description: str = "",
        *,
        parameters: tuple[Json, ...] = (),
        answers: dict[int, Json],
        body: Json | None = None,
        errors: tuple[type[errors.SeatrialError], ...] = (),
    ) -> Operation:
        name = f"APP_WEBHOOK_{right.upper()}" if self.scope is AppScope else f"WEBHOOK_{right.upper()}"
        return Operation(
            id=f"{verb}{self.name}Webhook{of}",
            method=method,
            path=f"{self.path}/webhooks{path}",
            tag=TAG,
            summary=summary,
            description=description,
            credentials=WORKSPACE_TOKEN,
            permission=Permission[name],
            parameters=(*self.parameters, *parameters),
            body=body,
            answers=answers,
            errors=errors,
        )


def _answer(description: str, title: str, schema: str, example: Json) -> dict[int, Json]:
    return {200: success(description, title, ref(schema), example)}


def _details(description: str) -> dict[int, Json]:
    return _answer(description, "WebhookDeliveryAnswer", "WebhookDeliveryDetails", DETAILS)


_PLACES = (
    _Place("Organization", ORGANIZATION, "an organization", (shared("organizationId"),), OrganizationScope),
    _Place("App", WORKSPACE.prefix, "an app", WORKSPACE.parameters, AppScope),
)
