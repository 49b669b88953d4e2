"""Employees of the store: take in, look, change, forget; by hand, one at a time."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from seatrial.db import audit_log, employees, group_members, member_sessions
from seatrial.db.engine import Database
from seatrial.domain.access import OrganizationScope, Permission
from seatrial.domain.build import Page, Unset
from seatrial.domain.email import checked_email
from seatrial.domain.employee import Employee, EmployeeChanges, EmployeeOrigin, EmployeeType, NewEmployee
from seatrial.domain.errors import Conflict, EntityNotFound
from seatrial.domain.ids import EmployeeId, new_entity_id
from seatrial.domain.invitation import Acceptance, Invitation
from seatrial.domain.listing import ListQuery
from seatrial.domain.membership import MemberKind
from seatrial.services.own_records import own_scope
from seatrial.services.passwords import check_password, hash_password

_AS_GIVEN = ("first_name", "last_name", "picture", "language", "disabled")


def add_employee(
    tx: Connection, scope: OrganizationScope, new: NewEmployee, password_hash: str | None, now: datetime
) -> Employee:
    """Take somebody into the store in the caller's transaction.

    Raises InvalidRequest, sqlalchemy.exc.IntegrityError for an address that is there already.
    """
    made = Employee(
        id=EmployeeId(new_entity_id()),
        organization_id=scope.organization_id,
        email=checked_email(new.email),
        first_name=new.first_name,
        last_name=new.last_name,
        picture=new.picture,
        origin=new.origin,
        type=EmployeeType.TRADITIONAL,
        language=new.language,
        disabled=new.disabled,
        tags=(),
        last_seen_at=None,
        created_at=now,
        updated_at=now,
    )
    employees.insert_employees(tx, [(made, password_hash)])
    group_members.replace(tx, group_members.EMPLOYEES, scope.organization_id, {made.id: new.tags}, now)
    return employees.get(tx, scope, made.id)


def let_in(
    tx: Connection, invitation: Invitation, said: Acceptance, password_hash: str | None, now: datetime
) -> EmployeeId:
    """Make an employee of who accepted an invitation; who was one without a password gets theirs, and the tags.

    Raises Conflict for who has a password by now.
    """
    scope = own_scope(invitation.organization_id, invitation.id, invitation.email)
    first_name = said.first_name or invitation.first_name
    last_name = said.last_name or invitation.last_name
    known = employees.find_by_email(tx, scope, invitation.email)
    if known is None:
        new = NewEmployee(
            email=invitation.email,
            first_name=first_name,
            last_name=last_name,
            language=invitation.language,
            tags=invitation.tags,
            origin=EmployeeOrigin.INVITATION,
        )
        return add_employee(tx, scope, new, password_hash, now).id
    if employees.has_password(tx, scope, known.email):
        raise _taken(known.email)
    values = {
        "password_hash": password_hash,
        "type": EmployeeType.TRADITIONAL.value,
        "first_name": first_name or known.first_name,
        "last_name": last_name or known.last_name,
        "language": known.language or invitation.language,
    }
    employees.update_employee(tx, known.id, values, now)
    ids = group_members.ensure(tx, scope.organization_id, invitation.tags, now)
    for group_id in sorted(ids.values()):
        group_members.add(tx, group_members.EMPLOYEES, group_id, [known.id])
    return known.id


@dataclass(frozen=True, slots=True)
class Employees:
    """What callers may do with an organization's employees."""

    db: Database
    now: Callable[[], datetime]

    def create(self, scope: OrganizationScope, new: NewEmployee) -> Employee:
        """Take somebody into the store.

        Raises Forbidden, InvalidRequest, Conflict for an address that is there already.
        """
        scope.require(Permission.EMPLOYEE_CREATE)
        password_hash = None if new.password is None else hash_password(check_password(new.password))
        now = self.now()
        try:
            with self.db.transaction() as tx:
                made = add_employee(tx, scope, new, password_hash, now)
                audit_log.record(tx, scope, "employee.create", made.id, now, {"origin": made.origin.value})
        except IntegrityError as error:
            raise _taken(new.email) from error
        return made

    def search(self, scope: OrganizationScope, query: ListQuery) -> Page[Employee]:
        """Give one page of an organization's employees.

        Raises Forbidden.
        """
        scope.require(Permission.EMPLOYEE_LIST)
        with self.db.read() as tx:
            return employees.search(tx, scope, query)

    def get(self, scope: OrganizationScope, employee_id: str) -> Employee:
        """Give one employee.

        Raises Forbidden, EntityNotFound.
        """
        scope.require(Permission.EMPLOYEE_LIST)
        with self.db.read() as tx:
            return employees.get(tx, scope, employee_id)

    def update(self, scope: OrganizationScope, employee_id: str, changes: EmployeeChanges) -> Employee:
        """Change what is known of an employee; another password, or none, ends their sessions, as switching off does.

        Raises Forbidden, EntityNotFound, InvalidRequest, Conflict for an address that somebody else has.
        """
        scope.require(Permission.EMPLOYEE_UPDATE)
        values = {name: getattr(changes, name) for name in _AS_GIVEN}
        if not isinstance(changes.email, Unset):
            values["email"] = checked_email(changes.email)
        if isinstance(changes.password, str):
            values |= {"password_hash": hash_password(check_password(changes.password)), "type": "traditional"}
        elif changes.password is None:
            values["password_hash"] = None
        said = {column: value for column, value in values.items() if not isinstance(value, Unset)}
        now = self.now()
        try:
            with self.db.transaction() as tx:
                before = employees.get(tx, scope, employee_id)
                employees.update_employee(tx, before.id, said, now)
                if not isinstance(changes.tags, Unset):
                    tags: dict[str, tuple[str, ...]] = {before.id: changes.tags}
                    group_members.replace(tx, group_members.EMPLOYEES, scope.organization_id, tags, now)
                if "password_hash" in said or said.get("disabled"):
                    member_sessions.revoke_all(tx, MemberKind.EMPLOYEE, before.id, now)
                after = employees.get(tx, scope, before.id)
                audit_log.record(tx, scope, "employee.update", after.id, now, {"password": "password_hash" in said})
        except IntegrityError as error:
            raise _taken(str(said.get("email", ""))) from error
        return after

    def delete(self, scope: OrganizationScope, employee_id: str) -> None:
        """Forget an employee and end their sessions.

        Raises Forbidden, EntityNotFound.
        """
        scope.require(Permission.EMPLOYEE_DELETE)
        now = self.now()
        with self.db.transaction() as tx:
            if not employees.delete_employee(tx, scope, employee_id):
                raise EntityNotFound
            member_sessions.revoke_all(tx, MemberKind.EMPLOYEE, employee_id.lower(), now)
            audit_log.record(tx, scope, "employee.delete", employee_id.lower(), now)


def _taken(email: str) -> Conflict:
    return Conflict(f"{email} is an employee already.")
