"""App tokens: made, listed, revoked."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from seatrial.db import tables
from seatrial.domain.access import MemberRole, TokenScope
from seatrial.domain.errors import EntityNotFound, Forbidden, InvalidRequest, InvalidToken, TokenExpired
from seatrial.domain.listing import ListQuery
from seatrial.domain.member import NewMember
from seatrial.services.app_tokens import AppTokens, NewAppToken
from seatrial.services.identity import Identity
from seatrial.services.users import Users
from tests.db.sample_rows import add_app
from tests.services.rooms import Rooms
from tests.services.scopes import with_role


@pytest.fixture
def tokens(rooms: Rooms) -> AppTokens:
    return AppTokens(rooms.db, rooms.now)


def test_a_token_works_until_it_expires_or_is_revoked(rooms: Rooms, tokens: AppTokens) -> None:
    identity = Identity(rooms.db, "localhost", rooms.now)
    token, secret = tokens.create(rooms.scope, NewAppToken(expires_at=rooms.time + timedelta(hours=1)))
    assert identity.app(secret).app_id == rooms.scope.app_id
    rooms.later(3600)
    with pytest.raises(TokenExpired):
        identity.app(secret)
    assert tokens.get(rooms.scope, token.id.upper()).id == token.id
    tokens.revoke(rooms.scope, token.id.upper())
    with pytest.raises(InvalidToken):
        identity.app(secret)
    with pytest.raises(EntityNotFound):
        tokens.get(rooms.scope, token.id)
    with pytest.raises(EntityNotFound):
        tokens.revoke(rooms.scope, token.id)
    assert tokens.search(rooms.scope, ListQuery()).total == 0
    with rooms.db.read() as tx:
        actions = tx.execute(select(tables.audit_log.c.action, tables.audit_log.c.target_id)).all()
    assert actions == [("appToken.create", token.id), ("appToken.revoke", token.id)]


@pytest.mark.parametrize(
    ("field", "changes"),
    [("description", {"description": "x" * 1001}), ("scopes", {"scopes": ()}), ("expiresAt", {"expires_at": "now"})],
)
def test_what_makes_no_token(rooms: Rooms, tokens: AppTokens, field: str, changes: dict[str, object]) -> None:
    said = {key: rooms.time if value == "now" else value for key, value in changes.items()}
    with pytest.raises(InvalidRequest) as refused:
        tokens.create(rooms.scope, NewAppToken(**said))  # type: ignore[arg-type]  # of the table above
    assert list(refused.value.fields) == [field]
    assert tokens.search(rooms.scope, ListQuery()).total == 0


def test_a_token_made_by_a_program_counts_as_the_owners(rooms: Rooms, tokens: AppTokens) -> None:
    """Decision 41: its builds show a person."""
    people = Users(rooms.db, rooms.now)
    owners = []
    for name in ("first", "second"):
        rooms.later(1)
        new = NewMember(email=f"{name}@example.com", role=MemberRole.OWNER, password="long enough by far")
        owners.append(people.create(rooms.scope, new).user.id)
    assert tokens.create(rooms.scope, NewAppToken())[0].created_by == owners[0]


def test_lists_show_the_newest_first_and_only_the_apps_own(rooms: Rooms, tokens: AppTokens) -> None:
    with rooms.db.transaction() as tx:
        sibling = add_app(tx, rooms.scope.organization_id)
    for number in range(5):
        rooms.later(1)
        scopes = (TokenScope.SDK,) if number % 2 else (TokenScope.SDK, TokenScope.UPLOAD)
        tokens.create(rooms.scope, NewAppToken(description=str(number), scopes=scopes))
    foreign, _ = tokens.create(sibling, NewAppToken())
    page = tokens.search(rooms.scope, ListQuery(limit=2, page=2))
    assert ([one.description for one in page.items], page.total) == (["2", "1"], 5)
    assert page.items[1].scopes == (TokenScope.SDK,)
    for nobodys in (foreign.id, "f" * 24, "x", "a\0b"):
        with pytest.raises(EntityNotFound):
            tokens.get(rooms.scope, nobodys)
        with pytest.raises(EntityNotFound):
            tokens.revoke(rooms.scope, nobodys)


def test_a_viewer_sees_and_makes_none(rooms: Rooms, tokens: AppTokens) -> None:
    token, _ = tokens.create(rooms.scope, NewAppToken())
    viewer = with_role(rooms.scope, MemberRole.VIEWER)
    for call in (
        lambda: tokens.search(viewer, ListQuery()),
        lambda: tokens.get(viewer, token.id),
        lambda: tokens.create(viewer, NewAppToken()),
        lambda: tokens.revoke(viewer, token.id),
    ):
        with pytest.raises(Forbidden):
            call()


def test_a_rotated_secret_is_good_beside_the_new_one_for_the_overlap(rooms: Rooms, tokens: AppTokens) -> None:
    identity = Identity(rooms.db, "localhost", rooms.now)
    token, first = tokens.create(rooms.scope, NewAppToken(expires_at=rooms.time + timedelta(days=30)))
    same, second = tokens.rotate(rooms.scope, token.id, timedelta(hours=1))
    assert (same.id, identity.app(first).principal.id, identity.app(second).principal.id) == (token.id,) * 3
    rooms.later(3599)
    assert identity.app(first).app_id == rooms.scope.app_id
    rooms.later(1)
    with pytest.raises(TokenExpired):
        identity.app(first)
    _, third = tokens.rotate(rooms.scope, token.id, timedelta(days=7))
    with pytest.raises(InvalidToken):  # never more than two are good
        identity.app(first)
    assert identity.app(second).principal.id == token.id
    _, fourth = tokens.rotate(rooms.scope, token.id)
    for gone in (second, third):
        with pytest.raises(InvalidToken):
            identity.app(gone)
    assert identity.app(fourth).principal.id == token.id
    _, fifth = tokens.rotate(rooms.scope, token.id, timedelta(days=7))
    rooms.later(30 * 24 * 3600)
    for ended in (fourth, fifth):
        with pytest.raises(TokenExpired):
            identity.app(ended)
    tokens.revoke(rooms.scope, token.id)
    for ended in (fourth, fifth):
        with pytest.raises(InvalidToken):
            identity.app(ended)


def test_who_may_not_make_a_token_may_not_rotate_one(rooms: Rooms, tokens: AppTokens) -> None:
    token, _ = tokens.create(rooms.scope, NewAppToken())
    with pytest.raises(Forbidden):
        tokens.rotate(with_role(rooms.scope, MemberRole.VIEWER), token.id)
    for overlap in (timedelta(seconds=-1), timedelta(days=7, seconds=1)):
        with pytest.raises(InvalidRequest):
            tokens.rotate(rooms.scope, token.id, overlap)
    with pytest.raises(EntityNotFound):
        tokens.rotate(rooms.scope, "f" * 24)
