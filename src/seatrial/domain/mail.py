"""Mails, the tellings of builds that they come from, and what people wish to hear of."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from seatrial.domain.build import Paging
from seatrial.domain.ids import AppId, BuildId, MailId, NotificationId, OrganizationId

LANGUAGES = ("en", "es", "fr", "de", "it", "zh", "pt", "ru")
"""What this house writes in."""

NOTIFICATION, DIGEST = "notification", "digest"
"""Kinds of mails beside the single letters, which have their own names."""


class MailState(StrEnum):
    """Where a mail is on its way."""

    QUEUED = "queued"
    SENDING = "sending"
    """Its bytes are on their way, or were when a process died: their answer is lost then."""
    DEFERRED = "deferred"
    """The server did not take it yet; it is tried again."""
    DIGEST = "digest"
    """Its news waits for the person's daily summary."""
    SENT = "sent"
    REFUSED = "refused"
    """The server will not have it."""
    DEAD = "dead"
    """Given up after a day of trying, or because it cannot be written."""
    UNKNOWN = "unknown"
    """Handed over twice, and no answer was heard."""
    SKIPPED = "skipped"
    """Not to be sent; the detail says why."""


RETRYABLE = frozenset({MailState.REFUSED, MailState.DEAD, MailState.UNKNOWN})
"""States in which people may ask for a mail to be sent once more."""


class NotificationState(StrEnum):
    """Where a telling is."""

    PENDING = "pending"
    """The mails are being written."""
    TOLD = "told"
    """All mails are written; each of them says what came of it."""
    SKIPPED = "skipped"
    """There was nobody to tell, or nothing any more to tell of."""


class Delivery(StrEnum):
    """How a person wants to hear of builds."""

    ALL = "all"
    NONE = "none"
    DIGEST = "digest"
    """One mail a day."""


class Reason(StrEnum):
    """Why a person is told of a build."""

    COLLABORATOR = "collaborator"
    EMPLOYEE = "employee"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Whom to tell of a build, in which words; every default resolved."""

    collaborators: bool
    employees: bool
    message: str = ""
    language: str = ""
    groups: tuple[tuple[str, ...], ...] = ()
    """Groups of employees: OR between the outer entries, AND inside one; none are all employees."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """One telling of one build: what the wire calls a notification."""

    id: NotificationId
    organization_id: OrganizationId
    app_id: AppId
    build_id: BuildId
    turn: int
    requested_by: Mapping[str, str]
    wanted: Wanted
    state: NotificationState
    reason: str
    position: str
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A person who is to be told of a build, and what decides about it."""

    email: str
    name: str
    language: str
    reason: Reason
    detail: str = ""
    """The role, or the groups that matched, with `, ` between them."""
    delivery: Delivery = Delivery.ALL
    reachable: bool = True
    """False for who is switched off, or was named by an app without proof."""
    already: str = ""
    """The state of the mail about this build that the person has already, if any."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MailStep:
    """One state that a mail was in."""

    at: datetime
    state: MailState
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """One mail to one person."""

    id: MailId
    kind: str
    email: str
    state: MailState
    created_at: datetime
    updated_at: datetime
    organization_id: OrganizationId | None = None
    app_id: AppId | None = None
    build_id: BuildId | None = None
    notification_id: NotificationId | None = None
    batch_id: str | None = None
    name: str = ""
    language: str = ""
    reason: str = ""
    detail: str = ""
    facts: str = field(default="", repr=False)
    """Sealed."""
    attempts: int = 0
    lost: int = 0
    first_tried_at: datetime | None = None
    answer: str = ""
    history: tuple[MailStep, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MailQuery(Paging):
    """One page of an organization's mails; `None` filters nothing."""

    state: MailState | None = None
    email: str | None = None
    app_id: str | None = None
    build_id: str | None = None
    notification_id: str | None = None
    descending: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Preference:
    """What a person wants of one app, or, without one, of all apps of an organization."""

    organization_id: OrganizationId
    email: str
    app_id: AppId | None
    delivery: Delivery
    updated_at: datetime
