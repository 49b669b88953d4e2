"""Letters to an app's collaborators about feedback, where the app wants them."""

from dataclasses import dataclass

from sqlalchemy import Connection

from seatrial.db import addresses, apps, organizations, recipients
from seatrial.domain.event import Event, EventKind
from seatrial.services.post import Addressee, Letter, Post


@dataclass(frozen=True, slots=True)
class FeedbackLetters:
    """Listens to events, and writes in the transaction in which feedback is kept."""

    post: Post
    public_url: str = ""
    """The base of links as the operator set it; without one, where a server was last seen to listen."""

    def note(self, tx: Connection, event: Event) -> None:
        """Write to everybody who is to hear of feedback; nothing for other events, and for apps that want none."""
        if event.kind is not EventKind.FEEDBACK_CREATED:
            return
        app = apps.find(tx, event.organization_id, event.app_id)
        if app is None or not app.notify_feedback:
            return
        organization = organizations.get(tx, event.organization_id)
        base = self.public_url or addresses.find(tx) or ""
        page = f"{base}/dashboard/{organization.slug}/apps/{app.slug}/feedback/{event.subject}"
        facts = {**event.facts, "organization": organization.name, "app": app.name, "link": page if base else ""}
        for one in recipients.collaborators_of_app(tx, event.organization_id, event.app_id):
            to = Addressee(email=one.email, name=one.full_name, language=one.language)
            self.post.write(tx, Letter.FEEDBACK_CREATED, to, facts, event.organization_id)
