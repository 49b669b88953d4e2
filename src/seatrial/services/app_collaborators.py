"""Members' roles in single apps: the way in for who is nobody in the organization."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.exc import IntegrityError

from seatrial.db import app_collaborators, audit_log, groups
from seatrial.db.engine import Database
from seatrial.domain.access import AppRole, AppScope, OrganizationScope, Permission, PrincipalKind
from seatrial.domain.app_collaborator import AppCollaborator
from seatrial.domain.build import Page
from seatrial.domain.errors import Conflict, InvalidRequest
from seatrial.domain.ids import new_entity_id
from seatrial.domain.listing import ListQuery


@dataclass(frozen=True, slots=True)
class AppCollaborators:
    """What callers may do with the roles of an app."""

    db: Database
    now: Callable[[], datetime]

    def add(self, scope: AppScope, person: str, role: AppRole) -> AppCollaborator:
        """Give a member, named by id or e-mail address, a role in the app.

        Raises Forbidden, InvalidRequest for who is no member, Conflict for who has a role there.
        """
        scope.require(Permission.APP_COLLABORATOR_CREATE)
        maker = scope.principal.id if scope.principal.kind is PrincipalKind.SESSION else None
        now = self.now()
        try:
            with self.db.transaction() as tx:
                user_id = groups.users_named(tx, scope, (person,)).get(person.strip().lower())
                if user_id is None:
                    raise InvalidRequest({"user": f"{person!r} is no member of the organization; invite them"})
                app_collaborators.insert_collaborator(tx, scope, new_entity_id(), user_id, role, maker, now)
                audit_log.record(tx, scope, "appCollaborator.create", user_id, now, {"role": role.value})
                return app_collaborators.get(tx, scope, user_id)
        except IntegrityError as error:
            raise Conflict(f"{person} has a role in this app already.") from error

    def search(self, scope: OrganizationScope, query: ListQuery) -> Page[AppCollaborator]:
        """Give one page of the roles in an app, or in all apps of an organization.

        Raises Forbidden.
        """
        scope.require(Permission.APP_COLLABORATOR_LIST)
        with self.db.read() as tx:
            return app_collaborators.search(tx, scope, query)

    def get(self, scope: AppScope, user_id: str) -> AppCollaborator:
        """Give one member's role in the app.

        Raises Forbidden, EntityNotFound.
        """
        scope.require(Permission.APP_COLLABORATOR_LIST)
        with self.db.read() as tx:
            return app_collaborators.get(tx, scope, user_id)

    def update(self, scope: AppScope, user_id: str, role: AppRole) -> AppCollaborator:
        """Give a collaborator another role.

        Raises Forbidden, EntityNotFound.
        """
        scope.require(Permission.APP_COLLABORATOR_UPDATE)
        now = self.now()
        with self.db.transaction() as tx:
            before = app_collaborators.get(tx, scope, user_id)
            app_collaborators.set_role(tx, scope, before.member.user.id, role, now)
            audit_log.record(tx, scope, "appCollaborator.update", before.member.user.id, now, {"role": role.value})
            return app_collaborators.get(tx, scope, user_id)

    def remove(self, scope: AppScope, user_id: str) -> None:
        """Take a member's role in the app away; they stay a member.

        Raises Forbidden, EntityNotFound.
        """
        scope.require(Permission.APP_COLLABORATOR_DELETE)
        with self.db.transaction() as tx:
            gone = app_collaborators.get(tx, scope, user_id)
            app_collaborators.delete_collaborator(tx, scope, gone.member.user.id)
            audit_log.record(tx, scope, "appCollaborator.delete", gone.member.user.id, self.now())
