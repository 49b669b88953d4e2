"""What people wish to hear of: set by themselves, signed in or by the link in a mail."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from seatrial.db import apps, audit_log, mail_preferences, organizations
from seatrial.db.engine import Database
from seatrial.domain.access import OrganizationScope, Person, Principal, PrincipalKind
from seatrial.domain.app import App, Organization
from seatrial.domain.errors import EntityNotFound, InvalidToken
from seatrial.domain.ids import AppId, OrganizationId
from seatrial.domain.mail import Delivery, Preference
from seatrial.domain.membership import MemberIdentity
from seatrial.services.unsubscribing import Subscriber, UnsubscribeTokens


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the holder of a link may choose, and has chosen."""

    subscriber: Subscriber
    organization: Organization
    app: App | None
    for_app: Delivery
    for_all: Delivery


@dataclass(frozen=True, slots=True)
class NamedPreference:
    """A wish with the names of what it is about."""

    organization: Organization
    app: App | None
    delivery: Delivery
    updated_at: datetime | None
    """`None` where nothing was said."""


@dataclass(frozen=True, slots=True)
class MailPreferences:
    """Reads and writes wishes."""

    db: Database
    tokens: UnsubscribeTokens
    now: Callable[[], datetime]

    def of_link(self, token: str) -> Wishes:
        """Read what the holder of a link has chosen.

        Raises EntityNotFound for a link that is none, or whose organization is gone.
        """
        subscriber = self.tokens.open(token)
        with self.db.read() as tx:
            return self._wishes(tx, subscriber)

    def link_of(self, member: MemberIdentity) -> str:
        """Give the token of a link at which a member chooses for all apps of their organization."""
        return self.tokens.seal(
            organization_id=member.organization_id, app_id="", email=member.email.lower(), language=member.language
        )

    def choose(self, token: str, delivery: Delivery, *, everything: bool) -> Wishes:
        """Write down what the holder of a link chooses, for the app whose mail it was in, or for all of them.

        Raises EntityNotFound.
        """
        subscriber = self.tokens.open(token)
        with self.db.transaction() as tx:
            before = self._wishes(tx, subscriber)
            app_id = None if everything or before.app is None else before.app.id
            self._put(tx, before.organization.id, subscriber.email, app_id, delivery, "link")
            return self._wishes(tx, subscriber)

    def of_person(self, scopes: Sequence[OrganizationScope]) -> list[NamedPreference]:
        """Read what a signed-in person has chosen in each of their organizations, and the default where nothing.

        Raises InvalidToken for anybody but a person.
        """
        found: list[NamedPreference] = []
        with self.db.read() as tx:
            for scope in scopes:
                _require_person(scope)
                organization = organizations.get(tx, scope.organization_id)
                said = mail_preferences.of(tx, scope.principal.person.email.lower(), scope.organization_id)
                if all(each.app_id is not None for each in said):
                    found.append(NamedPreference(organization, None, Delivery.ALL, None))
                for each in said:
                    app = apps.find(tx, scope.organization_id, each.app_id) if each.app_id else None
                    if app is not None or each.app_id is None:
                        found.append(NamedPreference(organization, app, each.delivery, each.updated_at))
        return found

    def set_of_person(self, scope: OrganizationScope, app: str | None, delivery: Delivery) -> NamedPreference:
        """Write down what a signed-in person chooses for an app, by id or slug, or for all of an organization.

        Raises InvalidToken for anybody but a person, EntityNotFound for an unknown app.
        """
        _require_person(scope)
        with self.db.transaction() as tx:
            organization = organizations.get(tx, scope.organization_id)
            found = apps.find(tx, scope.organization_id, app) if app is not None else None
            if app is not None and found is None:
                raise EntityNotFound
            email = scope.principal.person.email.lower()
            now = self._put(tx, organization.id, email, found.id if found else None, delivery, "session")
        return NamedPreference(organization, found, delivery, now)

    def _wishes(self, tx: Connection, subscriber: Subscriber) -> Wishes:
        organization = organizations.find(tx, subscriber.organization_id)
        if organization is None:
            raise EntityNotFound
        app = apps.find(tx, organization.id, subscriber.app_id) if subscriber.app_id else None
        now = self.now()
        at_all = mail_preferences.at(tx, organization.id, subscriber.email, None, now)
        at_app = mail_preferences.at(tx, organization.id, subscriber.email, app.id if app else None, now)
        return Wishes(subscriber, organization, app, at_app.delivery, at_all.delivery)

    def _put(
        self,
        tx: Connection,
        organization_id: OrganizationId,
        email: str,
        app_id: AppId | None,
        delivery: Delivery,
        by: str,
    ) -> datetime:
        now = self.now()
        preference = Preference(
            organization_id=organization_id, email=email, app_id=app_id, delivery=delivery, updated_at=now
        )
        mail_preferences.put(tx, preference)
        person = Person(id="", email=email)
        principal = Principal(kind=PrincipalKind.SESSION, id="", person=person, permissions=frozenset())
        scope = OrganizationScope(organization_id=organization_id, principal=principal)
        detail: dict[str, object] = {"delivery": delivery.value, "by": by, "email": email}
        audit_log.record(tx, scope, "mailPreference.update", app_id or organization_id, now, detail)
        return now


def _require_person(scope: OrganizationScope) -> None:
    if scope.principal.kind is not PrincipalKind.SESSION:
        raise InvalidToken
