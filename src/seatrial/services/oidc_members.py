"""From the claims of an identity provider to a member of the organization, and to their groups."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from seatrial.db import (
    audit_log,
    identity_providers,
    member_groups,
    member_sessions,
    members,
    users,
)
from seatrial.domain.access import MemberRole
from seatrial.domain.app import User
from seatrial.domain.errors import SignInRefused
from seatrial.domain.group import LONGEST_GROUP
from seatrial.domain.identity_provider import IdentityProvider, claim
from seatrial.domain.ids import UserId, new_entity_id
from seatrial.domain.membership import MemberKind, MemberRef
from seatrial.services.own_records import own_scope
from seatrial.tools.oidc import Claims

LONGEST_EMAIL = 256
LONGEST_NAME = 255
MOST_GROUPS = 200
"""How many groups a provider may put one person into; more are left out."""

UNVERIFIED = "the identity provider does not say that this e-mail address is yours"
NO_EMAIL = "the identity provider tells no e-mail address; ask for the scope email"
OUTSIDE = "addresses of this domain do not sign in here"
NOBODY_NEW = "this address is not known here, and this identity provider brings nobody new"
GONE = "your account here was closed"
ELSEWHERE = "this address has an account in another organization of this server; ask to be invited"
OWNERS = "an owner has to save this identity provider once before owners can sign in with it"


@dataclass(frozen=True, slots=True)
class _Told:
    """What an issuer tells of somebody, within bounds."""

    subject: str
    email: str
    is_verified: bool | None
    """`None` where the issuer does not say."""
    first_name: str
    last_name: str


@dataclass(frozen=True, slots=True)
class OidcMembers:
    """Finds, links and makes members."""

    now: Callable[[], datetime]

    def resolve(self, tx: Connection, provider: IdentityProvider, claims: Claims) -> tuple[MemberRef, User | None]:
        """Find whom the claims mean, and put them into the groups that the claims name.

        By the issuer's subject; the first time by an e-mail address that the issuer vouches for. Raises SignInRefused.
        """
        told = _told(claims)
        if told.is_verified is False:
            raise SignInRefused(UNVERIFIED)
        if provider.allowed_domains and told.email.rpartition("@")[2] not in provider.allowed_domains:
            raise SignInRefused(OUTSIDE)
        member = identity_providers.linked(tx, provider, told.subject)
        if member is not None and not self._exists(tx, member):
            member = None  # closed here, and perhaps invited again since
        if member is None:
            member = self._first_time(tx, provider, told)
        user = self._admit(tx, provider, member)
        if provider.groups_claim:
            names = group_names(provider, claim(claims, provider.groups_claim))
            found = member_groups.ensure(tx, provider.organization_id, names, self.now())
            member_groups.replace(tx, member, member_groups.OIDC, found)
        members.note_seen(tx, member, self.now())
        return member, user

    def _exists(self, tx: Connection, member: MemberRef) -> bool:
        if members.get(tx, member) is not None:
            return True
        if member.kind is MemberKind.EMPLOYEE and members.is_employee(tx, member):
            raise SignInRefused(GONE)  # switched off here: the identity provider does not bring them back
        return False

    def _first_time(self, tx: Connection, provider: IdentityProvider, told: _Told) -> MemberRef:
        if not told.email:
            raise SignInRefused(NO_EMAIL)
        known = self._known(tx, provider, told)
        if known is not None:
            # An issuer that does not say whose address it is, as some do, is believed for domains that were named.
            if not told.is_verified and not provider.allowed_domains:
                raise SignInRefused(UNVERIFIED)
            linked = identity_providers.subject_of(tx, provider, known)
            if linked is not None and linked != told.subject:
                raise SignInRefused("another account of the identity provider is you here already")
        elif not provider.allow_sign_up:
            raise SignInRefused(NOBODY_NEW)
        elif not told.is_verified and not provider.allowed_domains:
            raise SignInRefused(UNVERIFIED)
        member = known or self._made(tx, provider, told)
        self._admit(tx, provider, member)
        identity_providers.link(tx, provider, told.subject, member, self.now())
        scope = own_scope(provider.organization_id, member.id, told.email)
        detail: dict[str, object] = {"provider": provider.id, "new": known is None, "kind": member.kind.value}
        audit_log.record(tx, scope, "identity.link", member.id, self.now(), detail)
        return member

    def _known(self, tx: Connection, provider: IdentityProvider, told: _Told) -> MemberRef | None:
        user = users.find_by_email(tx, told.email)
        if user is not None:
            places = [organization_id for organization_id, _ in users.organizations_of(tx, user.id)]
            if provider.organization_id in places:
                if len(places) > 1:
                    # A session opens all of them: what one organization believes must not open another.
                    raise SignInRefused(ELSEWHERE)
                return MemberRef(organization_id=provider.organization_id, kind=MemberKind.USER, id=user.id)
            if provider.kind is MemberKind.USER:
                raise SignInRefused(ELSEWHERE)
        employee = members.find_employee(tx, provider.organization_id, told.email)
        if employee is None:
            return None
        if employee.disabled:
            raise SignInRefused(GONE)
        if employee.type != members.OIDC:
            self._adopt(tx, employee, told)
        return employee.member

    def _adopt(self, tx: Connection, employee: members.Employee, told: _Told) -> None:
        """Let somebody sign in by the provider from now on; what an app said of them ends."""
        if employee.type != members.CUSTOM:
            return
        now = self.now()
        members.update_employee(
            tx, employee.member, now, type=members.OIDC, first_name=told.first_name, last_name=told.last_name
        )
        member_groups.replace(tx, employee.member, member_groups.SDK, ())
        member_sessions.revoke_all(tx, MemberKind.EMPLOYEE, employee.member.id, now)

    def _made(self, tx: Connection, provider: IdentityProvider, told: _Told) -> MemberRef:
        now = self.now()
        if provider.kind is MemberKind.EMPLOYEE:
            new = members.NewEmployee(
                organization_id=provider.organization_id,
                email=told.email,
                first_name=told.first_name,
                last_name=told.last_name,
                origin="oidc",
                type=members.OIDC,
            )
            return members.insert_employee(tx, new, now)
        user = User(
            id=UserId(new_entity_id()),
            email=told.email,
            first_name=told.first_name,
            last_name=told.last_name,
            picture="",
            created_at=now,
            updated_at=now,
        )
        users.insert_user(tx, user, "")
        users.join(tx, user.id, provider.organization_id, provider.default_role.value, now)
        return MemberRef(organization_id=provider.organization_id, kind=MemberKind.USER, id=user.id)

    def _admit(self, tx: Connection, provider: IdentityProvider, member: MemberRef) -> User | None:
        """Keep who is no owner from saying, by an issuer of their own, who an owner is; gives the user."""
        if member.kind is not MemberKind.USER:
            return None
        roles = dict(users.organizations_of(tx, member.id))
        if roles.get(provider.organization_id) is MemberRole.OWNER and not provider.vouched:
            raise SignInRefused(OWNERS)
        if len(roles) > 1:
            raise SignInRefused(ELSEWHERE)
        return users.find(tx, member.id)


def group_names(provider: IdentityProvider, said: object) -> list[str]:
    """Read the names of groups out of a claim: one text or a list of them, mapped where the provider maps."""
    values = [said] if isinstance(said, str) else said if isinstance(said, list) else []
    texts = [value for value in values if isinstance(value, str)]
    if provider.group_mapping is not None:
        texts = [provider.group_mapping[value] for value in texts if value in provider.group_mapping]
    clean = (" ".join(text.replace("\0", "").split()) for text in texts)
    return list(dict.fromkeys(text for text in clean if 0 < len(text) <= LONGEST_GROUP))[:MOST_GROUPS]


def _told(claims: Claims) -> _Told:
    email = claims.get("email")
    email = email.strip().lower() if isinstance(email, str) else ""
    name, at, host = email.rpartition("@")
    is_address = bool(name and at and host) and len(email) <= LONGEST_EMAIL and email.isprintable() and " " not in email
    verified = claims.get("email_verified")
    return _Told(
        subject=claims["sub"],
        email=email if is_address else "",
        # Some issuers write it as a text.
        is_verified=None if verified is None else verified is True or verified == "true",
        first_name=_name(claims.get("given_name") or claims.get("name")),
        last_name=_name(claims.get("family_name")),
    )


def _name(said: object) -> str:
    return "".join(letter for letter in said if letter.isprintable())[:LONGEST_NAME] if isinstance(said, str) else ""
