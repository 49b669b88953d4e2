"""Webhooks: who is told of what happens, by which requests, and how those went."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from seatrial.domain.app import Organization
from seatrial.domain.build import UNSET, ApplicationInfo, Build, Unset
from seatrial.domain.download import Download
from seatrial.domain.event import Event, EventKind
from seatrial.domain.ids import AppId, DeliveryId, OrganizationId, WebhookId
from seatrial.domain.listing import ListQuery

TEST_KIND = "webhook.test"
"""What a message is called that only says that messages arrive; nothing else subscribes to it."""
MOST_WEBHOOKS = 100
"""Of one app, and of one organization beside those of its apps."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """A receiver of an organization's or of one app's events, without its secret."""

    id: WebhookId
    organization_id: OrganizationId
    app_id: AppId | None
    """`None` for all apps of the organization."""
    url: str
    description: str
    events: tuple[EventKind, ...]
    enabled: bool
    header_names: tuple[str, ...]
    """Of the headers that go with each request; their values may be credentials, and are never shown."""
    failing_since: datetime | None
    """Of the first failure after the last success."""
    disabled_reason: str
    """Why the server itself switched it off; empty where it did not."""
    previous_secret_until: datetime | None
    """Until then, each message is signed with the secret before the last rotation, too."""
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class NewWebhook:
    """A webhook to be made."""

    url: str
    description: str
    events: tuple[EventKind, ...]
    enabled: bool = True
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookChanges:
    """Edits to a webhook; `UNSET` leaves a value as it is."""

    url: str | Unset = UNSET
    description: str | Unset = UNSET
    events: tuple[EventKind, ...] | Unset = UNSET
    enabled: bool | Unset = UNSET
    headers: Mapping[str, str] | Unset = field(default=UNSET, repr=False)
    """Replaced as a whole."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """An event with everything that a message about it says, as it was at that moment."""

    event: Event
    organization: Organization
    application: ApplicationInfo
    build: Build | None = None
    download: Download | None = None


class DeliveryStatus(StrEnum):
    """How far a message has come."""

    PENDING = "pending"
    """It is being sent, or waits for its next attempt."""
    DELIVERED = "delivered"
    FAILED = "failed"
    """Every attempt failed, or its webhook was switched off; it can be replayed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One message for one webhook."""

    id: DeliveryId
    webhook_id: WebhookId
    kind: str
    payload: str
    """The body to the byte, made when it happened."""
    status: DeliveryStatus
    attempts: int
    response_status: int | None
    """Of the last answer; `None` where there was none."""
    error: str
    """Why it is not delivered (yet), as a sentence."""
    next_attempt_at: datetime | None
    created_at: datetime
    finished_at: datetime | None

    @property
    def message_id(self) -> str:
        """The `webhook-id` of every attempt, by which receivers tell a repetition."""
        return f"msg_{self.id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One request for a delivery, and what came of it; custom headers' values are blacked out."""

    id: str
    number: int
    url: str
    request_headers: tuple[tuple[str, str], ...]
    address: str
    """The network address that was connected to; empty where it did not come to that."""
    response_status: int | None
    response_headers: tuple[tuple[str, str], ...]
    response_body: str
    is_cut: bool
    """Whether the answer was longer than what is kept of it."""
    duration_ms: int | None
    """`None` while it runs, and where the server ended in the middle of it."""
    error: str
    started_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryQuery:
    """One page of a webhook's deliveries."""

    paging: ListQuery
    status: DeliveryStatus | None = None
    kind: str | None = None
