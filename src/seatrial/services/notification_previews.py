"""Who would be told of a build, and why, before anything is sent."""

from collections.abc import Mapping
from dataclasses import dataclass

from seatrial.db import apps, builds, candidates
from seatrial.db.engine import Database
from seatrial.domain.access import AppScope, Permission
from seatrial.domain.app import App
from seatrial.domain.build import Notification, Page
from seatrial.domain.listing import ListQuery
from seatrial.domain.mail import Candidate, Wanted


@dataclass(frozen=True, slots=True)
class Preview:
    """Who would be told, in which words."""

    page: Page[Candidate]
    wanted: Wanted
    languages: Mapping[str, str]
    """By address."""
    can_send: bool
    """Whether this server has a mail server to hand mails to."""


@dataclass(frozen=True, slots=True)
class NotificationPreviews:
    """Looks into the future, and changes nothing."""

    db: Database
    can_send: bool = True
    language: str = "en"

    def preview(self, scope: AppScope, said: Notification, build_id: str | None, query: ListQuery) -> Preview:
        """Find who would be told now, and of a build who was told already; nothing is sent.

        Raises Forbidden, EntityNotFound.
        """
        scope.require(Permission.NOTIFICATION_LIST)
        with self.db.read() as tx:
            build = builds.get(tx, scope, build_id) if build_id else None
            app = apps.get(tx, scope)
            wanted = resolved(app, said)
            news = candidates.News(
                organization_id=scope.organization_id,
                app_id=scope.app_id,
                build_id=build.id if build else None,
                wanted=wanted,
                unreachable_too=True,
            )
            found = candidates.page(tx, news, offset=query.offset, limit=query.limit)
            page = Page(found, candidates.count(tx, news), query.page, query.limit)
        default = app.notification_language or self.language
        languages = {each.email: wanted.language or each.language or default for each in found}
        return Preview(page, wanted, languages, self.can_send)


def resolved(app: App, said: Notification) -> Wanted:
    """Fill the app's defaults in where nothing was said (decision 8)."""
    return Wanted(
        collaborators=app.notify_collaborators if said.collaborators is None else said.collaborators,
        employees=app.notify_employees if said.employees is None else said.employees,
        message=said.message or app.new_build_message,
        language=said.language,
        groups=said.groups,
    )
