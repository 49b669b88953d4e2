"""The one narrow door to the mail room: what rules say when somebody is to be written to."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

import structlog
from sqlalchemy import Connection

from seatrial.domain.ids import OrganizationId

log = structlog.get_logger()


class Letter(StrEnum):
    """The letters that this house writes; each has a template for every language."""

    INVITATION_USER = "invitation_user"
    """Facts: organization, inviter, role, link, expires (a datetime)."""
    INVITATION_EMPLOYEE = "invitation_employee"
    """Facts: organization, inviter, link, expires (a datetime)."""
    PASSWORD_RESET = "password_reset"  # noqa: S105  # the name of a letter
    """Facts: link, expires (a datetime), address (where the request came from)."""
    PASSWORD_CHANGED = "password_changed"  # noqa: S105  # the name of a letter
    """Facts: address, at (a datetime)."""
    SECOND_FACTOR_CHANGED = "second_factor_changed"
    """Facts: enabled (a bool), address, at (a datetime)."""
    CERTIFICATE_EXPIRING = "certificate_expiring"
    """Facts: organization, app, items: a list of {build, what, name, days, expires, link}."""
    CREDENTIAL_EXPIRING = "credential_expiring"
    """Facts: organization, link, items: a list of {name, app (empty for a service account), days, expires}."""
    DEVICE_ADDED = "device_added"
    """Facts: organization, author (whose it is), device, link."""
    FEEDBACK_CREATED = "feedback_created"
    """Facts: organization, app, type, message, author, device, build, link."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Addressee:
    """Who is written to, and in which of es en fr de it zh pt ru; empty for the server's own language."""

    email: str
    name: str = ""
    language: str = ""


class Post(Protocol):
    """Letters that are written in a transaction and sent after it."""

    def write(
        self,
        tx: Connection,
        letter: Letter,
        to: Addressee,
        facts: Mapping[str, object],
        organization_id: OrganizationId | None = None,
    ) -> None:
        """Add a letter to the caller's transaction: it is sent if and only if the caller commits.

        A server without mail settings keeps it, visible, until it has some.
        """


@dataclass(frozen=True, slots=True)
class ClosedPost:
    """A mail room that is closed: what should have been written is told in the log, without its secrets."""

    def write(
        self,
        tx: Connection,  # noqa: ARG002  # the port's
        letter: Letter,
        to: Addressee,
        facts: Mapping[str, object],  # noqa: ARG002  # the port's
        organization_id: OrganizationId | None = None,
    ) -> None:
        """Say that somebody is not written to."""
        log.warning(
            "a letter is not sent: there is no mail room",
            letter=letter.value,
            to=to.email,
            organization_id=organization_id,
        )
