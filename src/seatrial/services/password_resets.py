"""Another password for who lost theirs: by a link that works once, to the address that is known already."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy import Connection

from seatrial.db import audit_log, member_sessions, members, password_resets, sessions, users
from seatrial.db.engine import Database
from seatrial.db.password_resets import PasswordReset
from seatrial.domain.errors import EntityNotFound
from seatrial.domain.ids import UserId
from seatrial.domain.membership import MemberIdentity, MemberKind, MemberRef
from seatrial.domain.tokens import TokenKind, digest, mint
from seatrial.services.login_limits import LoginLimits
from seatrial.services.own_records import own_scope, record_own
from seatrial.services.passwords import check_password, hash_password
from seatrial.services.post import Addressee, Letter, Post

log = structlog.get_logger()

KIND = "reset-"
"""The kind of the count of these requests."""
FORGET_AFTER = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class PasswordResets:
    """Sends links, and lets their holders choose another password."""

    db: Database
    post: Post
    limits: LoginLimits
    life: timedelta
    now: Callable[[], datetime]

    def admit(self, email: str, address: str) -> None:
        """Count a request, for a known address as for an unknown one.

        Raises TooManyRequests.
        """
        self.limits.count(email, address, KIND)

    def send(self, email: str, address: str, link_to: Callable[[str], str]) -> None:
        """Write to whoever has this e-mail address: a user, and an employee of each organization.

        Whoever asked is not to be kept waiting for it: that it takes longer would tell them that somebody has it.
        """
        now = self.now()
        with self.db.transaction() as tx:
            user = users.find_by_email(tx, email)
            if user is not None:
                reset = PasswordReset(kind=MemberKind.USER, member_id=user.id, organization_id=None)
                to = Addressee(email=user.email, name=user.first_name, language=user.language)
                self._write(tx, reset, to, address, link_to, now)
            for employee in members.traditional_employees(tx, email):
                self._write(tx, _of_employee(employee), _addressee(employee), address, link_to, now)

    def check(self, secret: str) -> None:
        """Let only the holder of a link that is still good go on.

        Raises EntityNotFound.
        """
        with self.db.read() as tx:
            if password_resets.find(tx, digest(secret), self.now()) is None:
                raise EntityNotFound

    def reset(self, secret: str, password: str, address: str) -> None:
        """Choose another password; the link and every session of the person end.

        Raises EntityNotFound, InvalidRequest.
        """
        check_password(password)
        self.check(secret)
        password_hash, now, key = hash_password(password), self.now(), digest(secret)
        with self.db.transaction() as tx:
            found = password_resets.find(tx, key, now)
            if found is None or not password_resets.spend(tx, key, now):
                raise EntityNotFound
            if found.kind is MemberKind.USER:
                to = _reset_user(tx, UserId(found.member_id), password_hash, now)
            else:
                to = _reset_employee(tx, found, password_hash, now)
            member_sessions.revoke_all(tx, found.kind, found.member_id, now)
            self.post.write(tx, Letter.PASSWORD_CHANGED, to, {"address": address, "at": now}, found.organization_id)

    def forget_old(self) -> None:
        """Remove links that ended long ago."""
        with self.db.transaction() as tx:
            password_resets.delete_before(tx, self.now() - FORGET_AFTER)

    def _write(
        self,
        tx: Connection,
        reset: PasswordReset,
        to: Addressee,
        address: str,
        link_to: Callable[[str], str],
        now: datetime,
    ) -> None:
        minted, expires_at = mint(TokenKind.PASSWORD_RESET), now + self.life
        password_resets.insert_reset(tx, reset, minted.digest, expires_at, now)
        facts = {"link": link_to(minted.secret), "expires": expires_at, "address": address}
        self.post.write(tx, Letter.PASSWORD_RESET, to, facts, reset.organization_id)


def _of_employee(employee: MemberIdentity) -> PasswordReset:
    return PasswordReset(kind=MemberKind.EMPLOYEE, member_id=employee.id, organization_id=employee.organization_id)


def _addressee(member: MemberIdentity) -> Addressee:
    return Addressee(email=member.email, name=member.first_name, language=member.language)


def _reset_user(tx: Connection, user_id: UserId, password_hash: str, now: datetime) -> Addressee:
    user = users.find(tx, user_id)
    if user is None:
        raise EntityNotFound
    users.set_password(tx, user_id, password_hash, now)
    sessions.revoke_all(tx, user_id, now)
    record_own(tx, user, "user.resetPassword", now)
    return Addressee(email=user.email, name=user.first_name, language=user.language)


def _reset_employee(tx: Connection, reset: PasswordReset, password_hash: str, now: datetime) -> Addressee:
    assert reset.organization_id is not None, "an employee's reset names the organization"
    ref = MemberRef(organization_id=reset.organization_id, kind=MemberKind.EMPLOYEE, id=reset.member_id)
    employee = members.get(tx, ref)
    if employee is None:
        raise EntityNotFound
    members.set_password(tx, ref, password_hash, now)
    scope = own_scope(reset.organization_id, employee.id, employee.email)
    audit_log.record(tx, scope, "employee.resetPassword", employee.id, now)
    return _addressee(employee)
