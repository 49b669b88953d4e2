"""Rules of trusted publishing: who may upload to an app without a secret of its own."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from seatrial.db import app_tokens, audit_log, trusted_publishers
from seatrial.db.engine import Database
from seatrial.domain.access import AppScope, Permission
from seatrial.domain.build import Page, said_or
from seatrial.domain.errors import InvalidRequest
from seatrial.domain.ids import TrustedPublisherId, new_entity_id
from seatrial.domain.listing import ListQuery
from seatrial.domain.trusted_publisher import (
    PRESETS,
    CiSystem,
    TrustedPublisher,
    TrustedPublisherSettings,
    wrong_conditions,
)
from seatrial.tools.oidc import IssuerUnavailable, check_url


@dataclass(frozen=True, slots=True)
class TrustedPublishers:
    """What callers may do with an app's rules; a rule is a way to tokens, so the permissions are those of tokens."""

    db: Database
    allows_loopback: bool
    """Whether an issuer on this machine may be named without TLS."""
    now: Callable[[], datetime]

    def create(self, scope: AppScope, settings: TrustedPublisherSettings) -> TrustedPublisher:
        """Make a rule; its issuer is not asked yet.

        Raises Forbidden, InvalidRequest.
        """
        scope.require(Permission.APP_TOKEN_CREATE)
        now = self.now()
        blank = TrustedPublisher(
            id=TrustedPublisherId(new_entity_id()),
            organization_id=scope.organization_id,
            app_id=scope.app_id,
            name="",
            system=CiSystem.OTHER,
            issuer="",
            audience="",
            conditions={},
            last_used_at=None,
            created_at=now,
            updated_at=now,
        )
        made = self._applied(blank, settings)
        with self.db.transaction() as tx:
            trusted_publishers.save(tx, made)
            audit_log.record(tx, scope, "trustedPublisher.create", made.id, now, _told(made))
        return made

    def search(self, scope: AppScope, query: ListQuery) -> Page[TrustedPublisher]:
        """Give one page of an app's rules.

        Raises Forbidden.
        """
        scope.require(Permission.APP_TOKEN_LIST)
        with self.db.read() as tx:
            return trusted_publishers.search(tx, scope, query)

    def get(self, scope: AppScope, publisher_id: str) -> TrustedPublisher:
        """Give one rule.

        Raises Forbidden, EntityNotFound.
        """
        scope.require(Permission.APP_TOKEN_LIST)
        with self.db.read() as tx:
            return trusted_publishers.get(tx, scope, publisher_id)

    def update(self, scope: AppScope, publisher_id: str, settings: TrustedPublisherSettings) -> TrustedPublisher:
        """Edit a rule; tokens that it has given out end.

        Raises Forbidden, EntityNotFound, InvalidRequest.
        """
        scope.require(Permission.APP_TOKEN_CREATE)
        with self.db.transaction() as tx:
            after = self._applied(trusted_publishers.get(tx, scope, publisher_id), settings)
            trusted_publishers.save(tx, after)
            app_tokens.revoke_of_publisher(tx, after.id, after.updated_at)
            audit_log.record(tx, scope, "trustedPublisher.update", after.id, after.updated_at, _told(after))
        return after

    def remove(self, scope: AppScope, publisher_id: str) -> None:
        """Forget a rule; tokens that it has given out end.

        Raises Forbidden, EntityNotFound.
        """
        scope.require(Permission.APP_TOKEN_DELETE)
        now = self.now()
        with self.db.transaction() as tx:
            gone = trusted_publishers.get(tx, scope, publisher_id)
            trusted_publishers.remove(tx, gone)
            app_tokens.revoke_of_publisher(tx, gone.id, now)
            audit_log.record(tx, scope, "trustedPublisher.delete", gone.id, now, {"name": gone.name})

    def _applied(self, before: TrustedPublisher, said: TrustedPublisherSettings) -> TrustedPublisher:
        system = said_or(said.system, before.system)
        preset = PRESETS[system]
        after = replace(
            before,
            system=system,
            name=said_or(said.name, before.name) or preset.label,
            issuer=said_or(said.issuer, before.issuer) or preset.issuer,
            audience=said_or(said.audience, before.audience),
            conditions=said_or(said.conditions, before.conditions),
            updated_at=self.now(),
        )
        missing = {
            name: "is required" for name, value in (("issuer", after.issuer), ("audience", after.audience)) if not value
        }
        if missing:
            raise InvalidRequest(missing)
        wrong = wrong_conditions(system, after.conditions)
        if wrong:
            raise InvalidRequest({"conditions": wrong})
        if after.issuer != before.issuer:
            try:
                check_url(after.issuer, allows_loopback=self.allows_loopback)
            except IssuerUnavailable as error:
                raise InvalidRequest({"issuer": f"cannot be used: {error}"}) from error
        return after


def _told(publisher: TrustedPublisher) -> dict[str, object]:
    return {
        "name": publisher.name,
        "issuer": publisher.issuer,
        "audience": publisher.audience,
        "conditions": {name: list(patterns) for name, patterns in publisher.conditions.items()},
    }
