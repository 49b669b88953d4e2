"""What happens to builds and apps that others want to hear of."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from seatrial.domain.ids import AppId, OrganizationId


class EventKind(StrEnum):
    """The names that webhooks subscribe to."""

    BUILD_UPLOADED = "build.uploaded"
    BUILD_PROCESSED = "build.processed"
    BUILD_FAILED = "build.failed"
    BUILD_DOWNLOADED = "build.downloaded"
    CERTIFICATE_EXPIRING = "certificate.expiring"
    FEEDBACK_CREATED = "feedback.created"


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One thing that happened, in the same transaction as the thing itself."""

    kind: EventKind
    organization_id: OrganizationId
    app_id: AppId
    subject: str
    """The id of what it happened to: a build, or a piece of feedback."""
    at: datetime
    facts: Mapping[str, object] = field(default_factory=dict)
    """What the subject itself does not say: who downloaded it, which certificate ends when."""
