"""App tokens: the credentials of one app's pipelines, and of the SDK inside it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection

from seatrial.db import app_tokens, audit_log, users
from seatrial.db.engine import Database
from seatrial.domain.access import AppScope, Permission, TokenScope
from seatrial.domain.app import AppToken
from seatrial.domain.build import Page
from seatrial.domain.errors import Conflict, EntityNotFound, InvalidRequest
from seatrial.domain.ids import AppTokenId, TrustedPublisherId, UserId, new_entity_id
from seatrial.domain.listing import ListQuery
from seatrial.domain.tokens import TokenKind, mint

LONGEST_DESCRIPTION = 1000
LONGEST_OVERLAP = timedelta(days=7)
"""For which the secret before a rotation stays good."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAppToken:
    """A token to be made."""

    description: str = ""
    scopes: tuple[TokenScope, ...] = (TokenScope.UPLOAD,)
    expires_at: datetime | None = None
    publisher_id: TrustedPublisherId | None = None
    vouched: Mapping[str, str] = field(default_factory=dict)


def add_token(
    tx: Connection, scope: AppScope, new: NewAppToken, created_by: UserId | None, now: datetime
) -> tuple[AppToken, str]:
    """Make an app token in the caller's transaction; gives it and its secret, which is shown once.

    Raises InvalidRequest.
    """
    if len(new.description) > LONGEST_DESCRIPTION:
        raise InvalidRequest({"description": f"must be at most {LONGEST_DESCRIPTION} characters"})
    if not new.scopes:
        raise InvalidRequest({"scopes": f"must be at least one of {', '.join(TokenScope)}"})
    if new.expires_at is not None and new.expires_at <= now:
        raise InvalidRequest({"expiresAt": "must be in the future"})
    minted = mint(TokenKind.APP)
    token = AppToken(
        id=AppTokenId(new_entity_id()),
        organization_id=scope.organization_id,
        app_id=scope.app_id,
        description=new.description,
        scopes=new.scopes,
        created_by=created_by,
        expires_at=new.expires_at,
        revoked_at=None,
        last_used_at=None,
        created_at=now,
        publisher_id=new.publisher_id,
        vouched=new.vouched,
    )
    app_tokens.insert_token(tx, token, minted.digest)
    return token, minted.secret


def check_overlap(overlap: timedelta) -> None:
    """Bound how long two secrets of one credential are good side by side.

    Raises InvalidRequest.
    """
    if not timedelta() <= overlap <= LONGEST_OVERLAP:
        raise InvalidRequest(
            {"overlapSeconds": f"must be an integer from 0 to {LONGEST_OVERLAP // timedelta(seconds=1)}"}
        )


@dataclass(frozen=True, slots=True)
class AppTokens:
    """What callers may do with an app's tokens."""

    db: Database
    now: Callable[[], datetime]

    def create(self, scope: AppScope, new: NewAppToken) -> tuple[AppToken, str]:
        """Make an app token; gives it and its secret, which is shown once.

        Made by a program, it counts as the longest-standing owner's: its builds show a person (decision 41).

        Raises Forbidden, InvalidRequest.
        """
        scope.require(Permission.APP_TOKEN_CREATE)
        with self.db.transaction() as tx:
            maker = users.find(tx, scope.principal.person.id) or users.find_owner(tx, scope)
            made = add_token(tx, scope, new, maker.id if maker else None, self.now())
            audit_log.record(tx, scope, "appToken.create", made[0].id, made[0].created_at)
        return made

    def search(self, scope: AppScope, query: ListQuery) -> Page[AppToken]:
        """Give one page of an app's tokens, expired ones too, without their secrets.

        Raises Forbidden.
        """
        scope.require(Permission.APP_TOKEN_LIST)
        with self.db.read() as tx:
            return app_tokens.search(tx, scope, query, self.now())

    def get(self, scope: AppScope, token_id: str) -> AppToken:
        """Give one token without its secret.

        Raises Forbidden, EntityNotFound.
        """
        scope.require(Permission.APP_TOKEN_LIST)
        with self.db.read() as tx:
            return app_tokens.get(tx, scope, token_id)

    def rotate(self, scope: AppScope, token_id: str, overlap: timedelta = timedelta()) -> tuple[AppToken, str]:
        """Give an app token another secret, shown once; the old one ends at once, or after the overlap.

        A secret from the rotation before ends at once in any case: never more than two are good.

        Raises Forbidden, EntityNotFound, InvalidRequest, Conflict for one that an identity token was traded in for.
        """
        scope.require(Permission.APP_TOKEN_CREATE)
        check_overlap(overlap)
        minted, now = mint(TokenKind.APP), self.now()
        with self.db.transaction() as tx:
            token = app_tokens.get(tx, scope, token_id)
            if token.publisher_id is not None:
                raise Conflict("This token lives for minutes and is not rotated; its pipeline gets another one.")
            app_tokens.rotate(tx, token, minted.digest, now + overlap if overlap else None)
            detail: dict[str, object] = {"overlapSeconds": overlap // timedelta(seconds=1)}
            audit_log.record(tx, scope, "appToken.rotate", token.id, now, detail)
        return token, minted.secret

    def revoke(self, scope: AppScope, token_id: str) -> None:
        """End an app token at once and for good.

        Raises Forbidden, EntityNotFound.
        """
        scope.require(Permission.APP_TOKEN_DELETE)
        now = self.now()
        with self.db.transaction() as tx:
            if not app_tokens.revoke(tx, scope, token_id, now):
                raise EntityNotFound
            audit_log.record(tx, scope, "appToken.revoke", token_id.lower(), now)
