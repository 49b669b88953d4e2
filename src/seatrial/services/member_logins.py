"""Signing in to the store and to apps' SDKs: with a password, or by the word of the app alone."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

import structlog
from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from seatrial.db import audit_log, member_groups, members, organizations, users
from seatrial.db.engine import Database
from seatrial.domain.access import AppScope, MemberRole
from seatrial.domain.errors import ApiDisabled, Conflict, SecondFactorNeeded, SignInRefused, WrongCredentials
from seatrial.domain.ids import AppId, OrganizationId
from seatrial.domain.membership import MemberKind, MemberOrigin, MemberRef, OpenedMemberSession
from seatrial.services.login_limits import LoginLimits
from seatrial.services.member_sessions import MemberSessions
from seatrial.services.own_records import own_scope
from seatrial.services.passwords import matches, rehashed
from seatrial.services.second_factors import SecondFactors
from seatrial.services.sessions import PROVIDER_ONLY

log = structlog.get_logger()

NAMED_BY_APP = "custom-"
"""The kind of the count that bounds how many members an app's token can make from one network."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberLogin:
    """Who wants in where builds are installed, and from where."""

    organization_id: OrganizationId
    email: str
    password: str = field(repr=False)
    code: str = field(default="", repr=False)
    origin: MemberOrigin
    app_id: AppId | None = None
    address: str
    user_agent: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedMember:
    """Whom an app says its user is."""

    email: str
    first_name: str | None = None
    last_name: str | None = None
    tags: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class MemberLogins:
    """Opens sessions of members for who proves, or claims, to be one."""

    db: Database
    sessions: MemberSessions
    factors: SecondFactors
    limits: LoginLimits
    now: Callable[[], datetime]

    def login(self, request: MemberLogin) -> OpenedMemberSession:
        """Open a session for a user or an employee; an unknown address and a wrong password look and take the same.

        Raises WrongCredentials, TooManyRequests, SecondFactorNeeded, SignInRefused where only an identity provider
        lets this person in.
        """
        attempt = self.limits.count(request.email, request.address)
        with self.db.read() as tx:
            known = members.find_login(tx, request.organization_id, request.email)
        if not matches(known.password_hash if known else None, request.password) or known is None:
            log.warning("login refused", client=request.address)
            raise WrongCredentials
        better = rehashed(known.password_hash or "", request.password)
        try:
            with self.db.transaction() as tx:
                self.limits.forgive(tx, attempt)
                if members.find_login(tx, request.organization_id, request.email) != known:
                    raise WrongCredentials  # the account went, or got another password, while we were computing
                if known.member.kind is MemberKind.USER:
                    user = users.find(tx, known.member.id)
                    assert user is not None, "it was just found"
                    self.factors.verify(tx, user, request.code)
                _check_ways_in(tx, known.member)
                if better is not None:
                    members.rehash_password(tx, known, better)
                members.note_seen(tx, known.member, self.now())
                opened = self.sessions.open_in(tx, known.member, request.origin, request.user_agent, request.app_id)
                scope = own_scope(request.organization_id, known.member.id, opened.member.email)
                audit_log.record(
                    tx, scope, "memberSession.create", known.member.id, self.now(), {"origin": request.origin.value}
                )
        except SecondFactorNeeded:
            if not request.code.strip():
                with self.db.transaction() as tx:
                    self.limits.take_back(tx, attempt)
            raise
        return opened

    def named_by_app(self, scope: AppScope, named: NamedMember, address: str, user_agent: str) -> OpenedMemberSession:
        """Open a session for whom the app names, without any proof: an app's token is in everybody's hands.

        Such a member is marked as `custom`, counts in no group where access is decided, and is never somebody who is
        known otherwise. Tags are groups that exist; others are left out.

        Raises WrongCredentials for the address of a user, of another kind of employee, and of one who is switched off;
        ApiDisabled, TooManyRequests, and Conflict where two make the same member at the same moment.
        """
        try:
            return self._named(scope, named, address, user_agent)
        except IntegrityError as error:
            raise Conflict("Another request has just made this member; ask once more.") from error

    def _named(self, scope: AppScope, named: NamedMember, address: str, user_agent: str) -> OpenedMemberSession:
        organization_id, now = scope.organization_id, self.now()
        with self.db.read() as tx:
            if not organizations.get(tx, organization_id).custom_login_enabled:
                raise ApiDisabled("customLogin")
            is_new = members.find_employee(tx, organization_id, named.email) is None
        if is_new:
            self.limits.count_address(address, NAMED_BY_APP)
        with self.db.transaction() as tx:
            if members.find_login(tx, organization_id, named.email) is not None:
                raise WrongCredentials
            known = members.find_employee(tx, organization_id, named.email)
            if known is None:
                member = members.insert_employee(tx, _as_employee(organization_id, named), now)
                audit_log.record(tx, scope, "employee.create", member.id, now, {"type": members.CUSTOM})
            elif known.disabled or known.type != members.CUSTOM:
                raise WrongCredentials
            else:
                member = known.member
            said = {"first_name": named.first_name, "last_name": named.last_name}
            values = {column: value for column, value in said.items() if value is not None}
            members.update_employee(tx, member, now, **values)
            if named.tags is not None:
                found = member_groups.named(tx, organization_id, named.tags)
                member_groups.replace(tx, member, member_groups.SDK, found)
            members.note_seen(tx, member, now)
            return self.sessions.open_in(tx, member, MemberOrigin.SDK, user_agent, scope.app_id)


def _check_ways_in(tx: Connection, member: MemberRef) -> None:
    organization = organizations.get(tx, member.organization_id)
    roles = dict(users.organizations_of(tx, member.id)) if member.kind is MemberKind.USER else {}
    if not organization.password_sign_in and roles.get(member.organization_id) is not MemberRole.OWNER:
        raise SignInRefused(PROVIDER_ONLY)


def _as_employee(organization_id: OrganizationId, named: NamedMember) -> members.NewEmployee:
    return members.NewEmployee(
        organization_id=organization_id,
        email=named.email,
        first_name=named.first_name or "",
        last_name=named.last_name or "",
        origin="sdk",
        type=members.CUSTOM,
    )
