"""Sessions of users and employees in the store and in apps' SDKs."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy import Connection

from seatrial.db import employees, member_sessions, members
from seatrial.db.engine import Database
from seatrial.domain.errors import InsufficientStorage, InvalidToken, ServiceUnavailable, TokenExpired
from seatrial.domain.ids import AppId, MemberSessionId, OrganizationId, new_entity_id
from seatrial.domain.membership import (
    MemberIdentity,
    MemberKind,
    MemberOrigin,
    MemberRef,
    MemberSession,
    OpenedMemberSession,
)
from seatrial.domain.tokens import TokenKind, digest, mint

log = structlog.get_logger()

LONGEST_USER_AGENT = 255
FORGET_AFTER = timedelta(days=30)
"""Until then a session that ended is told apart from one that never was."""
LAST_USE_GRAIN = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class MemberSessions:
    """Opens, recognizes and ends sessions of members; who may open one is decided before."""

    db: Database
    life: timedelta
    now: Callable[[], datetime]

    @property
    def seconds(self) -> int:
        """How long a session lives."""
        return int(self.life.total_seconds())

    def open(
        self, member: MemberRef, origin: MemberOrigin, user_agent: str, app_id: AppId | None = None
    ) -> OpenedMemberSession:
        """Open a session in a transaction of its own.

        Raises InvalidToken for a member who is none (any more).
        """
        with self.db.transaction() as tx:
            return self.open_in(tx, member, origin, user_agent, app_id)

    def open_in(
        self, tx: Connection, member: MemberRef, origin: MemberOrigin, user_agent: str, app_id: AppId | None = None
    ) -> OpenedMemberSession:
        """Open a session in the caller's transaction.

        Raises InvalidToken for a member who is none (any more).
        """
        identity = members.get(tx, member)
        if identity is None:
            raise InvalidToken
        now, minted = self.now(), mint(TokenKind.MEMBER)
        session = MemberSession(
            id=MemberSessionId(new_entity_id()),
            organization_id=member.organization_id,
            kind=member.kind,
            member_id=member.id,
            app_id=app_id,
            origin=origin,
            user_agent=user_agent[:LONGEST_USER_AGENT],
            expires_at=now + self.life,
            last_used_at=None,
            revoked_at=None,
            created_at=now,
        )
        member_sessions.insert_session(tx, session, minted.digest)
        return OpenedMemberSession(secret=minted.secret, expires_at=session.expires_at, member=identity)

    def find(self, secret: str, organization_id: OrganizationId | None = None) -> MemberIdentity:
        """Tell whose session a secret is of, with the groups of now; in one organization, where one is named.

        Raises InvalidToken, also for the session of another organization and of who left; TokenExpired.
        """
        with self.db.read() as tx:
            session = self._good(tx, secret)
            if organization_id is not None and session.organization_id != organization_id:
                raise InvalidToken
            identity = members.get(tx, member_sessions.member_of(session))
        if identity is None:
            raise InvalidToken
        if session.last_used_at is None or self.now() - session.last_used_at >= LAST_USE_GRAIN:
            self._note_use(session)
        return identity

    def revoke(self, secret: str) -> None:
        """End a session.

        Raises InvalidToken, TokenExpired.
        """
        with self.db.transaction() as tx:
            member_sessions.revoke(tx, self._good(tx, secret).id, self.now())

    def forget_old(self) -> None:
        """Remove sessions that ended long ago."""
        with self.db.transaction() as tx:
            member_sessions.delete_ended(tx, self.now() - FORGET_AFTER)

    def _good(self, tx: Connection, secret: str) -> MemberSession:
        session = member_sessions.find(tx, digest(secret))
        if session is None or session.revoked_at is not None:
            raise InvalidToken
        if session.expires_at <= self.now():
            raise TokenExpired
        return session

    def _note_use(self, session: MemberSession) -> None:
        try:
            with self.db.transaction() as tx:
                member_sessions.touch(tx, session.id, self.now())
                if session.kind is MemberKind.EMPLOYEE:
                    employees.touch(tx, session.member_id, self.now())
        except (ServiceUnavailable, InsufficientStorage) as error:
            # Reading goes on while the database is full or locked: a note in the margin must not stop it.
            log.warning("the last use of a session is not noted", reason=repr(error))
