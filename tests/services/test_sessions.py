"""Sessions: who gets in, how they go on, and how guessing ends."""

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from seatrial.db import tables
from seatrial.domain.access import MemberRole, Permission, PrincipalKind
from seatrial.domain.app import OrganizationChanges
from seatrial.domain.errors import (
    ApiDisabled,
    EntityNotFound,
    InvalidToken,
    TokenExpired,
    TooManyRequests,
    WrongCredentials,
)
from seatrial.domain.member import Member, MemberChanges, NewMember, OpenedSession
from seatrial.services import passwords
from seatrial.services.identity import Identity
from seatrial.services.organizations import Organizations
from seatrial.services.sessions import LoginRequest, SessionRules, Sessions
from seatrial.services.users import Users
from tests.db.sample_rows import add_app
from tests.services.door import door
from tests.services.rooms import Rooms

PASSWORD = "long enough by far"
RULES = SessionRules(
    access_life=timedelta(hours=12),
    refresh_life=timedelta(days=30),
    failures_per_account=3,
    failures_per_address=5,
    failure_window=timedelta(minutes=15),
)
ADA = LoginRequest(email="Ada@Example.com", password=PASSWORD, address="192.0.2.7", user_agent="a browser")


@pytest.fixture
def sessions(rooms: Rooms) -> Sessions:
    return door(rooms, RULES).sessions


@pytest.fixture
def identity(rooms: Rooms) -> Identity:
    return Identity(rooms.db, "localhost", rooms.now)


@pytest.fixture
def ada(rooms: Rooms) -> Member:
    said = NewMember(email="ada@example.com", role=MemberRole.EDITOR, password=PASSWORD, first_name="Ada")
    return Users(rooms.db, rooms.now).create(rooms.scope, said)


def fail(sessions: Sessions, request: LoginRequest = ADA) -> None:
    with pytest.raises(WrongCredentials):
        sessions.login(replace(request, password="a wrong password"))


def is_dead(rooms: Rooms, identity: Identity, opened: OpenedSession) -> bool:
    try:
        identity.organization(opened.access_token, rooms.scope.organization_id)
    except InvalidToken:
        return True
    return False


def test_a_session_works_by_the_persons_role(rooms: Rooms, sessions: Sessions, identity: Identity, ada: Member) -> None:
    opened = sessions.login(ADA)
    assert (opened.user, opened.role) == (ada.user, MemberRole.EDITOR)
    scope = identity.app_of(opened.access_token, rooms.scope.organization_id, rooms.scope.app_id)
    assert scope.principal.kind is PrincipalKind.SESSION
    assert (scope.principal.person.id, scope.principal.person.first_name) == (ada.user.id, "Ada")
    scope.require(Permission.BUILD_CREATE)
    assert Permission.COLLABORATOR_LIST not in scope.principal.permissions
    Users(rooms.db, rooms.now).update(rooms.scope, ada.user.id, MemberChanges(role=MemberRole.UNASSIGNED))
    assert not identity.organization(opened.access_token, rooms.scope.organization_id).principal.permissions


def test_a_session_sees_the_persons_organizations_only(
    rooms: Rooms, sessions: Sessions, identity: Identity, ada: Member
) -> None:
    with rooms.db.transaction() as tx:
        second, foreign = add_app(tx), add_app(tx)
    Users(rooms.db, rooms.now).create(second, NewMember(email=ada.user.email))
    token = sessions.login(ADA).access_token
    assert {scope.organization_id for scope in identity.organizations(token)} == {
        rooms.scope.organization_id,
        second.organization_id,
    }
    assert identity.anyone(token, second.organization_id).organization_id == second.organization_id
    for stranger in (foreign.organization_id, None):
        with pytest.raises(EntityNotFound):
            identity.anyone(token, stranger)
    with pytest.raises(EntityNotFound):
        identity.organization(token, foreign.organization_id)
    with pytest.raises(InvalidToken):
        identity.app(token)


def test_who_switched_the_workspace_off_can_switch_it_on(
    rooms: Rooms, sessions: Sessions, identity: Identity, ada: Member
) -> None:
    """Decision 40."""
    token, own = sessions.login(ADA).access_token, rooms.scope.organization_id
    Organizations(rooms.db, rooms.now).update(rooms.scope, OrganizationChanges(workspace_enabled=False))
    calls: list[Callable[[], object]] = [
        lambda: identity.organization(token, own),
        lambda: identity.app_of(token, own, rooms.scope.app_id),
        lambda: identity.anyone(token, rooms.scope.organization_id),
    ]
    for call in calls:
        with pytest.raises(ApiDisabled):
            call()
    assert identity.organization(token, own, even_switched_off=True).organization_id == own
    assert [scope.organization_id for scope in identity.organizations(token)] == [own]


def test_an_access_token_ends_and_the_session_goes_on(
    rooms: Rooms, sessions: Sessions, identity: Identity, ada: Member
) -> None:
    opened = sessions.login(ADA)
    assert opened.access_expires_at == rooms.time + timedelta(hours=12)
    rooms.later(12 * 3600)
    with pytest.raises(TokenExpired):
        identity.organization(opened.access_token, rooms.scope.organization_id)
    with pytest.raises(TokenExpired):
        sessions.logout(opened.access_token)
    renewed = sessions.refresh(opened.refresh_token)
    assert renewed.refresh_expires_at == rooms.time + timedelta(days=30)
    identity.organization(renewed.access_token, rooms.scope.organization_id)
    rooms.later(30 * 24 * 3600)
    with pytest.raises(TokenExpired):
        sessions.refresh(renewed.refresh_token)


def test_a_refresh_ends_the_old_pair(rooms: Rooms, sessions: Sessions, identity: Identity, ada: Member) -> None:
    opened = sessions.login(ADA)
    renewed = sessions.refresh(opened.refresh_token)
    assert is_dead(rooms, identity, opened)
    assert not is_dead(rooms, identity, renewed)


def test_a_refresh_token_that_comes_back_ends_the_session(
    rooms: Rooms, sessions: Sessions, identity: Identity, ada: Member
) -> None:
    other = sessions.login(ADA)
    opened = sessions.login(ADA)
    second = sessions.refresh(opened.refresh_token)
    third = sessions.refresh(second.refresh_token)
    with pytest.raises(InvalidToken):
        sessions.refresh(opened.refresh_token)
    assert is_dead(rooms, identity, third)
    with pytest.raises(InvalidToken):
        sessions.refresh(third.refresh_token)
    assert not is_dead(rooms, identity, other)


def test_of_two_who_refresh_at_once_one_gets_in_and_the_session_ends(
    rooms: Rooms, sessions: Sessions, ada: Member
) -> None:
    opened = sessions.login(ADA)
    together, outcomes = threading.Barrier(2), list[OpenedSession | Exception]()

    def refresh() -> None:
        together.wait()
        try:
            outcomes.append(sessions.refresh(opened.refresh_token))
        except InvalidToken as error:
            outcomes.append(error)

    threads = [threading.Thread(target=refresh) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (winner,) = [outcome for outcome in outcomes if isinstance(outcome, OpenedSession)]
    with pytest.raises(InvalidToken):
        sessions.refresh(winner.refresh_token)


@pytest.mark.parametrize("secret", ["", "str_unknown", "a\0b", "\udcff"])
def test_an_unknown_token_opens_nothing(sessions: Sessions, ada: Member, secret: str) -> None:
    opened = sessions.login(ADA)
    for call, token in (
        (sessions.refresh, secret),
        (sessions.refresh, opened.access_token),
        (sessions.logout, secret),
        (sessions.logout, opened.refresh_token),
    ):
        with pytest.raises(InvalidToken):
            call(token)


def test_a_logout_ends_both_tokens(rooms: Rooms, sessions: Sessions, identity: Identity, ada: Member) -> None:
    opened = sessions.login(ADA)
    sessions.logout(opened.access_token)
    assert is_dead(rooms, identity, opened)
    for call, token in ((sessions.refresh, opened.refresh_token), (sessions.logout, opened.access_token)):
        with pytest.raises(InvalidToken):
            call(token)


def test_a_new_password_and_a_removal_end_every_session(
    rooms: Rooms, sessions: Sessions, identity: Identity, ada: Member
) -> None:
    users = Users(rooms.db, rooms.now)
    first, second = sessions.login(ADA), sessions.login(ADA)
    users.update(rooms.scope, ada.user.id, MemberChanges(password="another long password"))
    assert is_dead(rooms, identity, first)
    assert is_dead(rooms, identity, second)
    third = sessions.login(replace(ADA, password="another long password"))
    users.remove(rooms.scope, ada.user.id)
    assert is_dead(rooms, identity, third)
    with pytest.raises(InvalidToken):
        sessions.refresh(third.refresh_token)


def test_an_unknown_address_costs_the_same_work(
    sessions: Sessions, ada: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Counted, not timed: one comparison with a hash of the same kind, whoever asks."""
    compared: list[str] = []

    class Counting:
        def verify(self, stored: str, password: str) -> bool:
            compared.append(stored.rsplit("$", 2)[0])
            return real.verify(stored, password)

        def hash(self, password: str) -> str:
            return real.hash(password)

    real = passwords._hasher
    monkeypatch.setattr(passwords, "_hasher", Counting())
    fail(sessions)
    fail(sessions, replace(ADA, email="nobody@example.com"))
    assert len(compared) == 2
    assert compared[0] == compared[1]


def test_guessing_one_account_ends_soon(rooms: Rooms, sessions: Sessions, ada: Member) -> None:
    for number in range(3):
        fail(sessions, replace(ADA, address=f"192.0.2.{number}"))
    rooms.later(60)
    with pytest.raises(TooManyRequests) as refused:  # the right password too, else it could be told
        sessions.login(ADA)
    assert refused.value.retry_after == 14 * 60
    rooms.later(14 * 60)
    sessions.login(ADA)


def test_guessing_from_one_address_ends_soon(rooms: Rooms, sessions: Sessions, ada: Member) -> None:
    for number in range(5):
        fail(sessions, replace(ADA, email=f"{number}@example.com", address=f"2001:db8::{number}"))
    with pytest.raises(TooManyRequests):
        sessions.login(replace(ADA, address="2001:db8::ffff"))
    sessions.login(replace(ADA, address="2001:db8:0:1::1"))


def test_logins_that_work_count_for_nothing(sessions: Sessions, ada: Member) -> None:
    for _ in range(7):
        sessions.login(ADA)
    for _ in range(2):
        fail(sessions)
    sessions.login(ADA)
    for _ in range(2):
        fail(sessions)
    sessions.login(ADA)


def test_many_guesses_at_once_gain_nothing(rooms: Rooms, ada: Member) -> None:
    sessions = door(rooms, replace(RULES, failures_per_address=1000)).sessions
    outcomes: list[str] = []

    def guess() -> None:
        try:
            sessions.login(replace(ADA, password="a wrong password"))
        except (WrongCredentials, TooManyRequests) as error:
            outcomes.append(type(error).__name__)

    threads = [threading.Thread(target=guess) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes.count("WrongCredentials") == 3
    assert outcomes.count("TooManyRequests") == 5


def test_what_is_over_is_forgotten(rooms: Rooms, sessions: Sessions, ada: Member) -> None:
    sessions.refresh(sessions.login(ADA).refresh_token)
    sessions.logout(sessions.login(ADA).access_token)
    fail(sessions)
    rooms.later(29 * 24 * 3600)
    sessions.forget_old()
    assert counts(rooms) == {"sessions": 2, "spent_refresh_tokens": 1, "login_attempts": 0}
    rooms.later(32 * 24 * 3600)
    sessions.forget_old()
    assert counts(rooms) == {"sessions": 0, "spent_refresh_tokens": 0, "login_attempts": 0}


def test_logins_and_logouts_are_on_record(rooms: Rooms, sessions: Sessions, ada: Member) -> None:
    sessions.logout(sessions.login(ADA).access_token)
    with rooms.db.read() as tx:
        rows = tx.execute(select(tables.audit_log.c.action, tables.audit_log.c.principal_id)).all()
    assert rows[1:] == [("session.create", ada.user.id), ("session.revoke", ada.user.id)]


def test_no_secret_is_at_rest(rooms: Rooms, sessions: Sessions, ada: Member) -> None:
    opened = sessions.refresh(sessions.login(ADA).refresh_token)
    with rooms.db.read() as tx:
        everything = repr([tx.execute(select(table)).all() for table in tables.metadata.sorted_tables])
    for secret in (opened.access_token, opened.refresh_token, PASSWORD, ADA.address):
        assert secret[4:] not in everything


def counts(rooms: Rooms) -> dict[str, int]:
    with rooms.db.read() as tx:
        return {
            name: tx.execute(select(func.count()).select_from(tables.metadata.tables[name])).scalar_one()
            for name in ("sessions", "spent_refresh_tokens", "login_attempts")
        }
