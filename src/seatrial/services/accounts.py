"""What people do with their own accounts: names, password, sessions."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from seatrial.db import member_sessions, sessions, users
from seatrial.db.engine import Database
from seatrial.domain.app import User
from seatrial.domain.errors import Conflict, EntityNotFound, InvalidRequest, WrongCredentials
from seatrial.domain.ids import SessionId, is_entity_id
from seatrial.domain.member import PersonChanges, Session
from seatrial.domain.membership import MemberKind
from seatrial.services.identity import SignedIn
from seatrial.services.login_limits import LoginLimits
from seatrial.services.own_records import record_own
from seatrial.services.passwords import check_password, hash_password, matches
from seatrial.services.post import Addressee, Letter, Post

T = TypeVar("T")
NO_PASSWORD = "This account has no password; POST /v1/auth/forgot sends a link to choose one."  # noqa: S105  # a sentence


@dataclass(frozen=True, slots=True)
class Accounts:
    """What a session may do with the account that it is of."""

    db: Database
    post: Post
    limits: LoginLimits
    now: Callable[[], datetime]

    def update(self, me: SignedIn, changes: PersonChanges) -> User:
        """Change one's own names and language."""
        with self.db.transaction() as tx:
            users.update_person(tx, me.user.id, changes, self.now())
            record_own(tx, me.user, "user.updateSelf", self.now())
            user = users.find(tx, me.user.id)
        assert user is not None, "whoever has a session has an account"
        return user

    def prove(self, me: SignedIn, password: str, address: str) -> str:
        """Make sure that it is the person who asks, and not somebody at their open screen.

        Who signs in without a password has nothing to prove here. Gives the hash that was compared.

        Raises WrongCredentials, TooManyRequests.
        """
        with self.db.read() as tx:
            known = users.find_login(tx, me.user.email)
        if known is None:
            raise WrongCredentials
        if not known.password_hash:
            return ""
        attempt = self.limits.count(me.user.email, address)
        if not matches(known.password_hash, password):
            raise WrongCredentials
        with self.db.transaction() as tx:
            self.limits.forgive(tx, attempt)
        return known.password_hash

    def has_password(self, me: SignedIn) -> bool:
        """Tell whether this account signs in with a password, too."""
        with self.db.read() as tx:
            known = users.find_login(tx, me.user.email)
        return known is not None and bool(known.password_hash)

    def guarded(self, me: SignedIn, address: str, act: Callable[[], T]) -> Callable[[], T]:
        """Make an act that takes a code count as an attempt to sign in, so that codes cannot be guessed here either.

        The act then raises TooManyRequests, too.
        """

        def counted() -> T:
            attempt = self.limits.count(me.user.email, address)
            done = act()
            with self.db.transaction() as tx:
                self.limits.forgive(tx, attempt)
            return done

        return counted

    def change_password(self, me: SignedIn, old: str, new: str, address: str) -> None:
        """Choose another password; every other session of the person ends.

        Raises WrongCredentials, TooManyRequests, InvalidRequest, and Conflict for an account without a password.
        """
        try:
            check_password(new)
        except InvalidRequest as error:
            raise InvalidRequest({"newPassword": error.fields["password"]}) from None
        before = self.prove(me, old, address)
        if not before:
            raise Conflict(NO_PASSWORD)
        password_hash, now = hash_password(new), self.now()
        with self.db.transaction() as tx:
            current = users.find_login(tx, me.user.email, hold=True)
            if current is None or current.password_hash != before:
                raise WrongCredentials
            users.set_password(tx, me.user.id, password_hash, now)
            sessions.revoke_others(tx, me.user.id, me.session.id, now)
            member_sessions.revoke_all(tx, MemberKind.USER, me.user.id, now)
            record_own(tx, me.user, "user.changePassword", now)
            to = Addressee(email=me.user.email, name=me.user.first_name, language=me.user.language)
            self.post.write(tx, Letter.PASSWORD_CHANGED, to, {"address": address, "at": now})

    def sessions(self, me: SignedIn) -> list[Session]:
        """Give one's own sessions that go on, newest first."""
        with self.db.read() as tx:
            return sessions.list_open(tx, me.user.id, self.now())

    def end_session(self, me: SignedIn, session_id: str) -> None:
        """End one of one's own sessions.

        Raises EntityNotFound.
        """
        now = self.now()
        with self.db.transaction() as tx:
            mine = {session.id for session in sessions.list_open(tx, me.user.id, now)}
            if not is_entity_id(session_id) or session_id.lower() not in mine:
                raise EntityNotFound
            ended = SessionId(session_id.lower())
            sessions.revoke(tx, ended, now)
            record_own(tx, me.user, "session.revoke", now, ended)

    def end_other_sessions(self, me: SignedIn) -> int:
        """End every session of one's own but this one; gives how many."""
        now = self.now()
        with self.db.transaction() as tx:
            ended = sessions.revoke_others(tx, me.user.id, me.session.id, now)
            record_own(tx, me.user, "session.revokeOthers", now, detail={"sessions": ended})
        return ended
