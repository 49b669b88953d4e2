"""Groups: tags on people, made by hand or on the way when somebody gets a tag that is new."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from seatrial.db import audiences, audit_log, employees, group_members, groups
from seatrial.db.engine import Database
from seatrial.domain.access import OrganizationScope, Permission
from seatrial.domain.build import Page, Unset
from seatrial.domain.errors import Conflict, InvalidRequest
from seatrial.domain.group import LONGEST_GROUP, Group, GroupChanges, GroupPeople, group_key
from seatrial.domain.ids import GroupId, new_entity_id
from seatrial.domain.listing import ListQuery
from seatrial.domain.recipient import Recipient


def checked_group_name(name: str) -> str:
    """Give a name without the blanks around it.

    Raises InvalidRequest; commas and bars would make it impossible to name in a filter like `a,b|c`.
    """
    name = name.strip()
    if not name or len(name) > LONGEST_GROUP or not name.isprintable() or any(sign in name for sign in ",|"):
        raise InvalidRequest({"name": f"must be 1 to {LONGEST_GROUP} characters without commas, bars and line breaks"})
    return name


@dataclass(frozen=True, slots=True)
class Groups:
    """What callers may do with an organization's groups."""

    db: Database
    now: Callable[[], datetime]

    def create(self, scope: OrganizationScope, name: str, description: str = "") -> Group:
        """Make a group.

        Raises Forbidden, InvalidRequest, Conflict for a name that is taken, in any case.
        """
        scope.require(Permission.GROUP_CREATE)
        now = self.now()
        made = Group(
            id=GroupId(new_entity_id()),
            organization_id=scope.organization_id,
            name=checked_group_name(name),
            description=description,
            employees=0,
            users=0,
            created_at=now,
            updated_at=now,
        )
        try:
            with self.db.transaction() as tx:
                groups.insert_group(tx, made)
                audit_log.record(tx, scope, "group.create", made.id, now, {"name": made.name})
        except IntegrityError as error:
            raise _taken(made.name) from error
        return made

    def search(self, scope: OrganizationScope, query: ListQuery) -> Page[Group]:
        """Give one page of an organization's groups.

        Raises Forbidden.
        """
        scope.require(Permission.GROUP_LIST)
        with self.db.read() as tx:
            return groups.search(tx, scope, query)

    def get(self, scope: OrganizationScope, group_id: str) -> Group:
        """Give one group.

        Raises Forbidden, EntityNotFound.
        """
        scope.require(Permission.GROUP_LIST)
        with self.db.read() as tx:
            return groups.get(tx, scope, group_id)

    def update(self, scope: OrganizationScope, group_id: str, changes: GroupChanges) -> Group:
        """Rename or describe a group; audiences that name it follow.

        Raises Forbidden, EntityNotFound, InvalidRequest, Conflict for a name that is taken.
        """
        scope.require(Permission.GROUP_UPDATE)
        values: dict[str, object] = {}
        if not isinstance(changes.name, Unset):
            values["name"] = checked_group_name(changes.name)
        if not isinstance(changes.description, Unset):
            values["description"] = changes.description
        now = self.now()
        try:
            with self.db.transaction() as tx:
                before = groups.get(tx, scope, group_id)
                groups.update_group(tx, before, values, now)
                after = groups.get(tx, scope, before.id)
                if after.name != before.name:
                    _rename_in_audiences(tx, scope, before.name, after.name, now)
                audit_log.record(tx, scope, "group.update", after.id, now, {"name": after.name})
        except IntegrityError as error:
            raise _taken(str(values.get("name", ""))) from error
        return after

    def delete(self, scope: OrganizationScope, group_id: str) -> None:
        """Forget a group; its people stay.

        Raises Forbidden, EntityNotFound, Conflict while an audience names it.
        """
        scope.require(Permission.GROUP_DELETE)
        with self.db.transaction() as tx:
            group = groups.get(tx, scope, group_id)
            used = audiences.naming(tx, scope, group.name)
            if used:
                raise Conflict(f"The audience {used[0].name!r} names this group.")
            groups.delete_group(tx, group)
            audit_log.record(tx, scope, "group.delete", group.id, self.now(), {"name": group.name})

    def members(self, scope: OrganizationScope, group_id: str, query: ListQuery) -> Page[Recipient]:
        """Give one page of who is in a group.

        Raises Forbidden, EntityNotFound.
        """
        scope.require(Permission.EMPLOYEE_LIST)
        with self.db.read() as tx:
            return groups.members(tx, groups.get(tx, scope, group_id), query)

    def add(self, scope: OrganizationScope, group_id: str, people: GroupPeople) -> Group:
        """Put people into a group, all or nobody; who is in it stays.

        Raises Forbidden, EntityNotFound, InvalidRequest naming people who do not exist.
        """
        return self._move(scope, group_id, people, group_members.add, "group.add")

    def remove(self, scope: OrganizationScope, group_id: str, people: GroupPeople) -> Group:
        """Take people out of a group; who is not in it does not matter.

        Raises Forbidden, EntityNotFound, InvalidRequest naming people who do not exist.
        """
        return self._move(scope, group_id, people, group_members.remove, "group.remove")

    def _move(
        self,
        scope: OrganizationScope,
        group_id: str,
        people: GroupPeople,
        move: Callable[[Connection, group_members.Side, str, list[str]], None],
        action: str,
    ) -> Group:
        scope.require(Permission.GROUP_UPDATE)
        now = self.now()
        with self.db.transaction() as tx:
            group = groups.get(tx, scope, group_id)
            chosen = (
                (group_members.EMPLOYEES, "employees", people.employees, employees.named(tx, scope, people.employees)),
                (group_members.USERS, "users", people.users, groups.users_named(tx, scope, people.users)),
            )
            for side, field, names, found in chosen:
                move(tx, side, group.id, every(field, names, found))
            detail: dict[str, object] = {"employees": len(people.employees), "users": len(people.users)}
            audit_log.record(tx, scope, action, group.id, now, detail)
            return groups.get(tx, scope, group.id)


def every(field: str, names: tuple[str, ...], found: Mapping[str, str]) -> list[str]:
    """Give the ids of all who are named, each once.

    Raises InvalidRequest for the first who does not exist.
    """
    missing = next((name for name in names if name.strip().lower() not in found), None)
    if missing is not None:
        raise InvalidRequest({field: f"names {missing!r}, who is not here"})
    return list(dict.fromkeys(found[name.strip().lower()] for name in names))


def _rename_in_audiences(tx: Connection, scope: OrganizationScope, old: str, new: str, now: datetime) -> None:
    for audience in audiences.naming(tx, scope, old):
        renamed = [
            [new if group_key(name) == group_key(old) else name for name in clause] for clause in audience.conditions
        ]
        audiences.update_audience(tx, audience.id, {"conditions": renamed}, now)


def _taken(name: str) -> Conflict:
    return Conflict(f"There is a group {name!r} already.")
