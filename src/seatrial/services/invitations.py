"""Invitations: a link by mail that makes somebody a member, once and for a while."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from seatrial.db import app_collaborators, apps, audit_log, employees, invitations, organizations, users
from seatrial.db.engine import Database
from seatrial.domain.access import (
    APP_ROLE_PERMISSIONS,
    MEMBER_PERMISSIONS,
    MemberRole,
    OrganizationScope,
    Permission,
    PrincipalKind,
)
from seatrial.domain.build import Page
from seatrial.domain.email import checked_email
from seatrial.domain.errors import Conflict, EntityNotFound, Forbidden, InvalidRequest, WrongCredentials
from seatrial.domain.ids import AppId, InvitationId, new_entity_id
from seatrial.domain.invitation import Acceptance, Invitation, InvitationStatus, NewInvitation, OpenInvitation
from seatrial.domain.listing import ListQuery
from seatrial.domain.member import NewMember
from seatrial.domain.membership import MemberKind
from seatrial.domain.tokens import TokenKind, digest, mint
from seatrial.services.employees import let_in
from seatrial.services.login_limits import LoginLimits
from seatrial.services.own_records import own_scope
from seatrial.services.passwords import check_password, hash_password, matches
from seatrial.services.post import Addressee, Letter, Post
from seatrial.services.users import add_user

OVER = {
    InvitationStatus.ACCEPTED: "This invitation was accepted already.",
    InvitationStatus.REVOKED: "This invitation was taken back, or a newer one was sent.",
    InvitationStatus.EXPIRED: "This invitation has expired. Ask for another one.",
}
LinkTo = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Invitations:
    """What callers may do with invitations, and what their holders may."""

    db: Database
    post: Post
    limits: LoginLimits
    life: timedelta
    now: Callable[[], datetime]

    def create(self, scope: OrganizationScope, new: NewInvitation, link_to: LinkTo) -> tuple[Invitation, str]:
        """Invite somebody; gives the invitation and its link, which is shown once. What was sent before is over.

        Raises Forbidden also for more than the caller has, InvalidRequest, Conflict for who is there already.
        """
        scope.require(Permission.INVITATION_CREATE)
        email, now, minted = checked_email(new.email), self.now(), mint(TokenKind.INVITATION)
        is_user = new.kind is MemberKind.USER
        with self.db.transaction() as tx:
            app_id = _check_roles(tx, scope, new) if is_user else None
            _check_new(tx, scope, new.kind, email)
            invitations.revoke_pending(tx, scope, new.kind, email, now)
            made = Invitation(
                id=InvitationId(new_entity_id()),
                organization_id=scope.organization_id,
                kind=new.kind,
                email=email,
                first_name=new.first_name,
                last_name=new.last_name,
                role=new.role if is_user else None,
                app_id=app_id,
                app_role=new.app_role if is_user else None,
                tags=new.tags,
                language=new.language,
                invited_by=scope.principal.id if scope.principal.kind is PrincipalKind.SESSION else None,
                expires_at=now + self.life,
                accepted_at=None,
                revoked_at=None,
                created_at=now,
            )
            invitations.insert_invitation(tx, made, minted.digest)
            link = link_to(minted.secret)
            self._write(tx, scope, made, link)
            audit_log.record(tx, scope, "invitation.create", made.id, now, {"email": email, "kind": new.kind.value})
        return made, link

    def resend(self, scope: OrganizationScope, invitation_id: str, link_to: LinkTo) -> tuple[Invitation, str]:
        """Send a new link, which is shown once; the old one is over, the time begins anew.

        Raises Forbidden also for more than the caller has, EntityNotFound, Conflict for who is there already.
        """
        scope.require(Permission.INVITATION_CREATE)
        now, minted = self.now(), mint(TokenKind.INVITATION)
        with self.db.transaction() as tx:
            before = invitations.get(tx, scope, invitation_id, hold=True)
            if before.accepted_at is not None:
                raise Conflict(OVER[InvitationStatus.ACCEPTED])
            _check_role(scope, before.role)
            _check_new(tx, scope, before.kind, before.email)
            invitations.revoke_pending(tx, scope, before.kind, before.email, now)
            invitations.renew(tx, before.id, minted.digest, now + self.life)
            after, link = invitations.get(tx, scope, before.id), link_to(minted.secret)
            self._write(tx, scope, after, link)
            audit_log.record(tx, scope, "invitation.resend", after.id, now)
        return after, link

    def search(self, scope: OrganizationScope, query: ListQuery) -> Page[Invitation]:
        """Give one page of an organization's invitations, those that are over, too.

        Raises Forbidden.
        """
        scope.require(Permission.INVITATION_LIST)
        with self.db.read() as tx:
            return invitations.search(tx, scope, query)

    def get(self, scope: OrganizationScope, invitation_id: str) -> Invitation:
        """Give one invitation.

        Raises Forbidden, EntityNotFound.
        """
        scope.require(Permission.INVITATION_LIST)
        with self.db.read() as tx:
            return invitations.get(tx, scope, invitation_id)

    def revoke(self, scope: OrganizationScope, invitation_id: str) -> None:
        """Take an invitation back; once more does not matter.

        Raises Forbidden, EntityNotFound, Conflict for one that was accepted.
        """
        scope.require(Permission.INVITATION_DELETE)
        now = self.now()
        with self.db.transaction() as tx:
            found = invitations.get(tx, scope, invitation_id, hold=True)
            if found.accepted_at is not None:
                raise Conflict(OVER[InvitationStatus.ACCEPTED])
            if found.revoked_at is None:
                invitations.revoke(tx, found.id, now)
                audit_log.record(tx, scope, "invitation.delete", found.id, now)

    def look(self, secret: str) -> OpenInvitation:
        """Show an invitation to whoever has its link, whatever became of it.

        Raises EntityNotFound.
        """
        with self.db.read() as tx:
            found = invitations.find_by_digest(tx, digest(secret))
            if found is None:
                raise EntityNotFound
            known = users.find_by_email(tx, found.email) if found.kind is MemberKind.USER else None
            return OpenInvitation(
                invitation=found,
                organization=organizations.get(tx, found.organization_id).name,
                status=found.status(self.now()),
                has_account=known is not None,
            )

    def accept(self, secret: str, said: Acceptance, address: str) -> OpenInvitation:
        """Make the holder of a link what it says; the link is over with it.

        Whoever has an account on this server keeps it, and shows by its password that it is theirs.

        Raises EntityNotFound, InvalidRequest, Conflict for a link that is over and for who is there already,
        WrongCredentials, TooManyRequests.
        """
        seen = self.look(secret)
        if seen.status is not InvitationStatus.PENDING:
            raise Conflict(OVER[seen.status])
        password_hash = None
        if seen.has_account:
            self._check_account(seen.invitation.email, said.password, address)
        else:
            password_hash = hash_password(check_password(said.password))
        now = self.now()
        with self.db.transaction() as tx:
            found = invitations.find_by_digest(tx, digest(secret), hold=True)
            if found is None or not invitations.accept(tx, found.id, now):
                raise Conflict(OVER[InvitationStatus.ACCEPTED])
            if found.kind is MemberKind.USER:
                member_id = _become_user(tx, found, said, password_hash, now)
            else:
                member_id = let_in(tx, found, said, password_hash, now)
            own = own_scope(found.organization_id, member_id, found.email)
            audit_log.record(tx, own, "invitation.accept", found.id, now)
        return replace(seen, status=InvitationStatus.ACCEPTED)

    def _check_account(self, email: str, password: str, address: str) -> None:
        attempt = self.limits.count(email, address)
        with self.db.read() as tx:
            login = users.find_login(tx, email)
        if not matches(login.password_hash if login else None, password):
            raise WrongCredentials
        with self.db.transaction() as tx:
            self.limits.forgive(tx, attempt)

    def _write(self, tx: Connection, scope: OrganizationScope, invitation: Invitation, link: str) -> None:
        organization, person = organizations.get(tx, scope.organization_id).name, scope.principal.person
        facts: dict[str, object] = {
            "organization": organization,
            "inviter": f"{person.first_name} {person.last_name}".strip() or person.email or organization,
            "link": link,
            "expires": invitation.expires_at,
        }
        letter = Letter.INVITATION_EMPLOYEE
        if invitation.role is not None:
            letter = Letter.INVITATION_USER
            facts["role"] = (invitation.app_role or invitation.role).value
        name = f"{invitation.first_name} {invitation.last_name}".strip()
        to = Addressee(email=invitation.email, name=name, language=invitation.language)
        self.post.write(tx, letter, to, facts, invitation.organization_id)


def _check_role(scope: OrganizationScope, role: MemberRole | None) -> None:
    """Let nobody give more than they have.

    Raises Forbidden.
    """
    if role is MemberRole.OWNER:
        scope.require(Permission.OWNER_UPDATE)
    missing = MEMBER_PERMISSIONS[role] - scope.principal.permissions if role else frozenset[Permission]()
    if missing:
        raise Forbidden(min(missing).value)


def _check_roles(tx: Connection, scope: OrganizationScope, new: NewInvitation) -> AppId | None:
    _check_role(scope, new.role)
    if not new.app and new.app_role is None:
        return None
    if not new.app or new.app_role is None:
        raise InvalidRequest({"appRole" if new.app else "app": "is required beside the other"})
    app = apps.find(tx, scope.organization_id, new.app)
    if app is None:
        raise InvalidRequest({"app": f"names {new.app!r}, which is not here"})
    missing = APP_ROLE_PERMISSIONS[new.app_role] - scope.in_app(app.id).principal.permissions
    if missing:
        raise Forbidden(min(missing).value)
    return app.id


def _check_new(tx: Connection, scope: OrganizationScope, kind: MemberKind, email: str) -> None:
    if kind is MemberKind.USER:
        user = users.find_by_email(tx, email)
        is_there = user is not None and scope.organization_id in dict(users.organizations_of(tx, user.id))
    else:
        # Who was imported has no password yet: a link is how they choose one.
        is_there = employees.has_password(tx, scope, email)
    if is_there:
        raise Conflict(f"{email} is {'a member' if kind is MemberKind.USER else 'an employee'} already.")


def _become_user(tx: Connection, found: Invitation, said: Acceptance, password_hash: str | None, now: datetime) -> str:
    role = found.role or MemberRole.UNASSIGNED
    scope = own_scope(found.organization_id, found.id, found.email)
    known = users.find_by_email(tx, found.email)
    if known is None and password_hash is None:
        raise WrongCredentials
    if known is not None:
        if password_hash is not None:  # somebody made the account at this moment: its password was not asked for
            raise Conflict(f"{found.email} has an account now. Open the link again.")
        if found.organization_id in dict(users.organizations_of(tx, known.id)):
            raise Conflict(f"{found.email} is a member already.")
        users.join(tx, known.id, found.organization_id, role.value, now, found.tags)
    else:
        new = NewMember(
            email=found.email,
            role=role,
            first_name=said.first_name or found.first_name,
            last_name=said.last_name or found.last_name,
            tags=found.tags,
        )
        known = add_user(tx, scope, new, password_hash or "", now)
    if found.app_id is not None and found.app_role is not None:
        app_collaborators.insert_collaborator(
            tx, scope.in_app(found.app_id), new_entity_id(), known.id, found.app_role, found.invited_by, now
        )
    return known.id
