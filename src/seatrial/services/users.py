"""People in an organization: who they are there, and how they get in."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from seatrial.db import audit_log, member_sessions, sessions, users
from seatrial.db.engine import Database
from seatrial.domain.access import MemberRole, OrganizationScope, Permission
from seatrial.domain.app import User
from seatrial.domain.build import Page, Unset
from seatrial.domain.email import checked_email
from seatrial.domain.errors import Conflict, InvalidRequest
from seatrial.domain.ids import UserId, new_entity_id
from seatrial.domain.listing import ListQuery
from seatrial.domain.member import Member, MemberChanges, NewMember
from seatrial.domain.membership import MemberKind
from seatrial.services.passwords import check_password, hash_password

LAST_OWNER = "An organization needs an owner, and this is the last one."
ELSEWHERE = "This person belongs to other organizations too; names and password are theirs to change."


def add_user(tx: Connection, scope: OrganizationScope, new: NewMember, password_hash: str, now: datetime) -> User:
    """Make a person and a member of the organization in the caller's transaction.

    Raises InvalidRequest.
    """
    user = User(
        id=UserId(new_entity_id()),
        email=checked_email(new.email),
        first_name=new.first_name,
        last_name=new.last_name,
        picture="",
        created_at=now,
        updated_at=now,
    )
    users.insert_user(tx, user, password_hash)
    users.join(tx, user.id, scope.organization_id, new.role.value, now, new.tags)
    return user


@dataclass(frozen=True, slots=True)
class Users:
    """What callers may do with an organization's people."""

    db: Database
    now: Callable[[], datetime]

    def create(self, scope: OrganizationScope, new: NewMember) -> Member:
        """Take a person in; whoever has an account on this server already keeps it, with its name and password.

        Raises Forbidden, InvalidRequest, Conflict for a member.
        """
        scope.require(Permission.COLLABORATOR_CREATE)
        if new.role is MemberRole.OWNER:
            scope.require(Permission.OWNER_UPDATE)
        email = checked_email(new.email)
        password_hash = None if new.password is None else hash_password(check_password(new.password))
        now = self.now()
        try:
            with self.db.transaction() as tx:
                known = users.find_by_email(tx, email)
                if known is not None:
                    users.join(tx, known.id, scope.organization_id, new.role.value, now, new.tags)
                elif password_hash is None:
                    raise InvalidRequest({"password": "is required for a person without an account"})
                else:
                    known = add_user(tx, scope, new, password_hash, now)
                audit_log.record(tx, scope, "user.create", known.id, now, {"role": new.role.value})
                return users.get_member(tx, scope, known.id)
        except IntegrityError as error:
            raise Conflict(f"{new.email} is a member already.") from error

    def search(self, scope: OrganizationScope, query: ListQuery) -> Page[Member]:
        """Give one page of an organization's people.

        Raises Forbidden.
        """
        scope.require(Permission.COLLABORATOR_LIST)
        with self.db.read() as tx:
            return users.search_members(tx, scope, query)

    def get(self, scope: OrganizationScope, user_id: str) -> Member:
        """Give one member.

        Raises Forbidden, EntityNotFound.
        """
        scope.require(Permission.COLLABORATOR_LIST)
        with self.db.read() as tx:
            return users.get_member(tx, scope, user_id)

    def update(self, scope: OrganizationScope, user_id: str, changes: MemberChanges) -> Member:
        """Give a member another role, other tags, another name or password; a new password ends their sessions.

        Raises Forbidden, EntityNotFound, InvalidRequest, Conflict for the last owner, and for the name and password
        of a person who belongs to other organizations too.
        """
        scope.require(Permission.COLLABORATOR_UPDATE)
        password = changes.password
        password_hash = None if isinstance(password, Unset) else hash_password(check_password(password))
        now = self.now()
        with self.db.transaction() as tx:
            owners = users.count_owners(tx, scope)
            member = users.get_member(tx, scope, user_id)
            _guard_owners(scope, owners, member, changes.role)
            if any(not isinstance(said, Unset) for said in (password, changes.first_name, changes.last_name)):
                _guard_account(tx, member)
            users.update_member(tx, member, changes, now)
            if password_hash is not None:
                users.set_password(tx, member.user.id, password_hash, now)
                sessions.revoke_all(tx, member.user.id, now)
                member_sessions.revoke_all(tx, MemberKind.USER, member.user.id, now)
            after = users.get_member(tx, scope, user_id)
            detail: dict[str, object] = {"role": after.role.value, "password": password_hash is not None}
            audit_log.record(tx, scope, "user.update", after.user.id, now, detail)
        return after

    def remove(self, scope: OrganizationScope, user_id: str) -> None:
        """End a membership; a person without any other one loses the account and its sessions.

        Raises Forbidden, EntityNotFound, Conflict for the last owner.
        """
        scope.require(Permission.COLLABORATOR_DELETE)
        with self.db.transaction() as tx:
            owners = users.count_owners(tx, scope)
            member = users.get_member(tx, scope, user_id)
            _guard_owners(scope, owners, member, None)
            users.leave(tx, scope, member.user.id)
            audit_log.record(tx, scope, "user.remove", member.user.id, self.now(), {"email": member.user.email})


def _guard_owners(scope: OrganizationScope, owners: int, member: Member, wanted: MemberRole | Unset | None) -> None:
    """Let only those who may touch owners, and never the last one; `None` means that the member goes."""
    is_owner = member.role is MemberRole.OWNER
    if is_owner or wanted is MemberRole.OWNER:
        scope.require(Permission.OWNER_UPDATE)
    stays = wanted is MemberRole.OWNER or isinstance(wanted, Unset)
    if is_owner and owners == 1 and not stays:
        raise Conflict(LAST_OWNER)


def _guard_account(tx: Connection, member: Member) -> None:
    if len(users.organizations_of(tx, member.user.id)) > 1:
        raise Conflict(ELSEWHERE)
