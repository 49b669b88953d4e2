"""Letters to an app's collaborators about feedback, where the app wants them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from seatrial.db import apps, organizations
from seatrial.domain.app import App
from seatrial.domain.event import Event, EventKind
from seatrial.services.post import Addressee, Letter, Post

Readers = Callable[[Connection, App], Sequence[Addressee]]
"""Finds whom to write to about an app."""


@dataclass(frozen=True, slots=True)
class FeedbackLetters:
    """Listens to events, and writes in the transaction in which feedback is kept."""

    post: Post
    readers: Readers

    def note(self, tx: Connection, event: Event) -> None:
        """Write to everybody who is to hear of feedback; nothing for other events, and for apps that want none."""
        if event.kind is not EventKind.FEEDBACK_CREATED:
            return
        app = apps.find(tx, event.organization_id, event.app_id)
        if app is None or not app.notify_feedback:
            return
        organization = organizations.get(tx, event.organization_id)
        facts = {**event.facts, "organization": organization.name, "app": app.name, "link": ""}
        for reader in self.readers(tx, app):
            self.post.write(tx, Letter.FEEDBACK_CREATED, reader, facts, event.organization_id)
