"""Audiences: who they are is looked up at the moment of asking."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from seatrial.db import audiences, audit_log, employees
from seatrial.db.engine import Database
from seatrial.db.recipients import group_ids, in_audience, is_reachable, meant
from seatrial.domain.access import OrganizationScope, Permission
from seatrial.domain.audience import Audience, AudienceSettings
from seatrial.domain.build import Page, Unset
from seatrial.domain.employee import Employee
from seatrial.domain.errors import Conflict, InvalidRequest
from seatrial.domain.group import Conditions, group_key
from seatrial.domain.ids import AudienceId, new_entity_id
from seatrial.domain.listing import ListQuery
from seatrial.services.groups import every
from seatrial.services.names import checked_name


@dataclass(frozen=True, slots=True)
class Audiences:
    """What callers may do with an organization's audiences."""

    db: Database
    now: Callable[[], datetime]

    def create(self, scope: OrganizationScope, settings: AudienceSettings) -> Audience:
        """Make an audience.

        Raises Forbidden, InvalidRequest also for groups and people who do not exist, Conflict for a name that is taken.
        """
        scope.require(Permission.AUDIENCE_CREATE)
        now = self.now()
        made = Audience(
            id=AudienceId(new_entity_id()),
            organization_id=scope.organization_id,
            name=checked_name("" if isinstance(settings.name, Unset) else settings.name),
            description="" if isinstance(settings.description, Unset) else settings.description,
            conditions=() if isinstance(settings.conditions, Unset) else settings.conditions,
            employees=(),
            created_at=now,
            updated_at=now,
        )
        try:
            with self.db.transaction() as tx:
                _check_groups(tx, scope, made.conditions)
                audiences.insert_audience(tx, made)
                _set_people(tx, scope, made.id, settings)
                audit_log.record(tx, scope, "audience.create", made.id, now, {"name": made.name})
                return audiences.get(tx, scope, made.id)
        except IntegrityError as error:
            raise _taken(made.name) from error

    def search(self, scope: OrganizationScope, query: ListQuery) -> Page[Audience]:
        """Give one page of an organization's audiences.

        Raises Forbidden.
        """
        scope.require(Permission.AUDIENCE_LIST)
        with self.db.read() as tx:
            return audiences.search(tx, scope, query)

    def get(self, scope: OrganizationScope, audience_id: str) -> Audience:
        """Give one audience.

        Raises Forbidden, EntityNotFound.
        """
        scope.require(Permission.AUDIENCE_LIST)
        with self.db.read() as tx:
            return audiences.get(tx, scope, audience_id)

    def employees(self, scope: OrganizationScope, audience_id: str, query: ListQuery) -> Page[Employee]:
        """Give one page of who is in an audience now.

        Raises Forbidden, EntityNotFound.
        """
        scope.require(Permission.EMPLOYEE_LIST)
        with self.db.read() as tx:
            audience = audiences.get(tx, scope, audience_id)
            inside = in_audience(tx, scope.organization_id, audience.id)
            return employees.search(tx, scope, query, inside, is_reachable())

    def preview(
        self, scope: OrganizationScope, conditions: Conditions, people: Sequence[str], query: ListQuery
    ) -> Page[Employee]:
        """Give one page of who would be in an audience; groups and people who do not exist add nobody.

        Raises Forbidden.
        """
        scope.require(Permission.EMPLOYEE_LIST)
        with self.db.read() as tx:
            single = employees.named(tx, scope, people).values()
            inside = meant(tx, scope.organization_id, conditions, sorted(set(single)))
            return employees.search(tx, scope, query, inside, is_reachable())

    def update(self, scope: OrganizationScope, audience_id: str, settings: AudienceSettings) -> Audience:
        """Change an audience; what the settings do not name stays.

        Raises Forbidden, EntityNotFound, InvalidRequest, Conflict for a name that is taken.
        """
        scope.require(Permission.AUDIENCE_UPDATE)
        values: dict[str, object] = {}
        if not isinstance(settings.name, Unset):
            values["name"] = checked_name(settings.name)
        if not isinstance(settings.description, Unset):
            values["description"] = settings.description
        now = self.now()
        try:
            with self.db.transaction() as tx:
                before = audiences.get(tx, scope, audience_id)
                if not isinstance(settings.conditions, Unset):
                    _check_groups(tx, scope, settings.conditions)
                    values["conditions"] = [list(clause) for clause in settings.conditions]
                audiences.update_audience(tx, before.id, values, now)
                _set_people(tx, scope, before.id, settings)
                audit_log.record(tx, scope, "audience.update", before.id, now)
                return audiences.get(tx, scope, before.id)
        except IntegrityError as error:
            raise _taken(str(values.get("name", ""))) from error

    def delete(self, scope: OrganizationScope, audience_id: str) -> None:
        """Forget an audience; its people stay.

        Raises Forbidden, EntityNotFound.
        """
        scope.require(Permission.AUDIENCE_DELETE)
        with self.db.transaction() as tx:
            audience = audiences.get(tx, scope, audience_id)
            audiences.delete_audience(tx, audience.id)
            audit_log.record(tx, scope, "audience.delete", audience.id, self.now(), {"name": audience.name})


def _check_groups(tx: Connection, scope: OrganizationScope, conditions: Conditions) -> None:
    names = [name for clause in conditions for name in clause]
    known = group_ids(tx, scope.organization_id, names)
    unknown = next((name for name in names if group_key(name) not in known), None)
    if unknown is not None:
        raise InvalidRequest({"conditions": f"names the group {unknown!r}, which is not here"})


def _set_people(tx: Connection, scope: OrganizationScope, audience_id: AudienceId, settings: AudienceSettings) -> None:
    if not isinstance(settings.employees, Unset):
        found = employees.named(tx, scope, settings.employees)
        audiences.set_employees(tx, audience_id, every("employees", settings.employees, found))


def _taken(name: str) -> Conflict:
    return Conflict(f"There is an audience {name!r} already.")
