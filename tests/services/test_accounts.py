"""People's own accounts: what they change, and what ends with it."""

import threading
from dataclasses import replace

import argon2
import pytest
from sqlalchemy import select

from seatrial.db import tables
from seatrial.domain.errors import (
    Conflict,
    EntityNotFound,
    InvalidRequest,
    InvalidToken,
    TooManyRequests,
    WrongCredentials,
)
from seatrial.domain.member import PersonChanges
from seatrial.domain.membership import MemberKind, MemberOrigin, MemberRef
from seatrial.services import passwords
from seatrial.services.post import Letter
from seatrial.services.sessions import LoginRequest
from tests.db.sample_rows import add_app
from tests.services.door import PASSWORD, Door, door, employee
from tests.services.rooms import Rooms

ADA = LoginRequest(email="ada@example.com", password=PASSWORD, address="192.0.2.7", user_agent="a browser")
OTHER = "another long password"


@pytest.fixture
def at(rooms: Rooms) -> Door:
    return door(rooms)


def is_dead(at: Door, secret: str) -> bool:
    try:
        at.identity.person(secret)
    except InvalidToken:
        return True
    return False


def links(at: Door) -> list[str]:
    return [str(facts["link"]) for letter, _, facts in at.letters.written if letter is Letter.PASSWORD_RESET]


def test_people_change_their_names_and_language(at: Door) -> None:
    at.user()
    me = at.identity.person(at.sessions.login(ADA).access_token)
    changed = at.accounts.update(me, PersonChanges(first_name="Adelaide", language="de"))
    assert (changed.first_name, changed.last_name, changed.language) == ("Adelaide", "", "de")
    with pytest.raises(InvalidToken):
        at.identity.person("sts_no-session")


def test_another_password_needs_the_old_one_and_ends_other_sessions(at: Door) -> None:
    ada = at.user()
    mine, other = at.sessions.login(ADA).access_token, at.sessions.login(ADA).access_token
    me = at.identity.person(mine)
    in_store = at.member_sessions.open(
        MemberRef(organization_id=at.rooms.scope.organization_id, kind=MemberKind.USER, id=ada.user.id),
        MemberOrigin.STORE,
        "a browser",
    )
    with pytest.raises(InvalidRequest) as error:
        at.accounts.change_password(me, PASSWORD, "short", "")
    assert "newPassword" in error.value.fields
    for _ in range(3):
        with pytest.raises(WrongCredentials):
            at.accounts.change_password(me, "a wrong password", OTHER, "")
    with pytest.raises(TooManyRequests):
        at.accounts.change_password(me, PASSWORD, OTHER, "")
    at.rooms.later(15 * 60)
    at.accounts.change_password(me, PASSWORD, OTHER, "192.0.2.7")
    assert (is_dead(at, mine), is_dead(at, other)) == (False, True)
    with pytest.raises(InvalidToken):
        at.member_sessions.find(in_store.secret)
    assert at.letters.kinds() == [(Letter.PASSWORD_CHANGED, "ada@example.com")]
    at.sessions.login(replace(ADA, password=OTHER))


def test_people_see_and_end_their_own_sessions(at: Door) -> None:
    at.user()
    at.user("bo@example.com")
    first = at.sessions.login(replace(ADA, user_agent="an old phone")).access_token
    at.rooms.later(60)
    second, third = at.sessions.login(ADA).access_token, at.sessions.login(ADA).access_token
    stranger = at.identity.person(at.sessions.login(replace(ADA, email="bo@example.com")).access_token)
    me = at.identity.person(second)
    seen = at.accounts.sessions(me)
    assert [one.user_agent for one in seen] == ["a browser", "a browser", "an old phone"]
    assert me.session.id in {one.id for one in seen}
    for wrong in (stranger.session.id, "0" * 24, "no id"):
        with pytest.raises(EntityNotFound):
            at.accounts.end_session(me, wrong)
    at.accounts.end_session(me, seen[-1].id.upper())
    assert is_dead(at, first)
    assert at.accounts.end_other_sessions(me) == 1
    assert (is_dead(at, second), is_dead(at, third)) == (False, True)
    assert [one.id for one in at.accounts.sessions(me)] == [me.session.id]


def test_a_lost_password_is_chosen_anew_by_a_link_that_works_once(at: Door) -> None:
    at.user()
    session = at.sessions.login(ADA).access_token
    at.resets.admit("Ada@Example.com", "192.0.2.7")
    at.resets.send("Ada@Example.com", "192.0.2.7", lambda secret: secret)
    (first,) = links(at)
    at.resets.send("ada@example.com", "192.0.2.7", lambda secret: secret)
    secret = links(at)[-1]
    assert secret.startswith("stp_")
    for wrong in (first, "stp_guessed", ""):
        with pytest.raises(EntityNotFound):
            at.resets.reset(wrong, OTHER, "")
    with pytest.raises(InvalidRequest):
        at.resets.reset(secret, "short", "")
    at.resets.check(secret)
    at.resets.reset(secret, OTHER, "192.0.2.7")
    with pytest.raises(EntityNotFound):
        at.resets.reset(secret, OTHER, "")
    assert is_dead(at, session)
    assert at.letters.kinds()[-1] == (Letter.PASSWORD_CHANGED, "ada@example.com")
    at.sessions.login(replace(ADA, password=OTHER))
    with at.rooms.db.read() as tx:
        assert secret not in repr(tx.execute(select(tables.password_resets)).all())


def test_a_link_ends_and_two_who_use_it_at_once_are_one(at: Door) -> None:
    at.user()
    at.resets.send("ada@example.com", "", lambda secret: secret)
    at.rooms.later(3600)
    with pytest.raises(EntityNotFound):
        at.resets.check(links(at)[0])
    at.rooms.later(24 * 3600 + 1)
    at.resets.forget_old()
    at.resets.send("ada@example.com", "", lambda secret: secret)
    outcomes, together = list[str](), threading.Barrier(2)

    def use(password: str) -> None:
        together.wait()
        try:
            at.resets.reset(links(at)[-1], password, "")
            outcomes.append("done")
        except EntityNotFound:
            outcomes.append("refused")

    threads = [threading.Thread(target=use, args=(f"a long password {number}",)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["done", "refused"]


def test_employees_of_every_organization_are_written_to_one_by_one(at: Door) -> None:
    with at.rooms.db.transaction() as tx:
        elsewhere = add_app(tx).organization_id
    here = employee(at.rooms, "bo@example.com")
    employee(at.rooms, "bo@example.com", password=PASSWORD, organization_id=elsewhere)
    employee(at.rooms, "cy@example.com", "oidc")
    session = at.member_sessions.open(here, MemberOrigin.STORE, "a browser")
    for email in ("bo@example.com", "cy@example.com", "nobody@example.com"):
        at.resets.send(email, "", lambda secret: secret)
    assert len(links(at)) == 2
    for secret, password in zip(links(at), (OTHER, OTHER + " there"), strict=True):
        at.resets.reset(secret, password, "")
    with pytest.raises(InvalidToken):
        at.member_sessions.find(session.secret)
    with at.rooms.db.read() as tx:
        hashes = list(
            tx.execute(
                select(tables.employees.c.password_hash).where(tables.employees.c.email == "bo@example.com")
            ).scalars()
        )
    assert {passwords.matches(one, OTHER) for one in hashes} == {True, False}


def test_asking_for_links_is_bounded_whoever_is_meant(at: Door) -> None:
    at.user()
    for email in ("ada@example.com", "nobody@example.com"):
        for number in range(3):
            at.resets.admit(email, f"192.0.2.{number}")
        with pytest.raises(TooManyRequests):
            at.resets.admit(email, "192.0.2.9")
    at.sessions.login(ADA)  # the count of logins is another one


def test_an_account_without_a_password_opens_to_no_password(at: Door) -> None:
    ada = at.user()
    token = at.sessions.login(ADA).access_token
    assert at.accounts.has_password(at.identity.person(token))
    with at.rooms.db.transaction() as tx:
        tx.execute(tables.users.update().where(tables.users.c.id == ada.user.id).values(password_hash=""))
    assert not at.accounts.has_password(at.identity.person(token))
    for said in ("", "nobody has this password, because no account has this hash"):
        with pytest.raises(WrongCredentials):
            at.sessions.login(replace(ADA, password=said))
    with pytest.raises(Conflict):
        at.accounts.change_password(at.identity.person(token), "", OTHER, "")


def test_a_password_is_hashed_anew_when_the_parameters_grew(at: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    at.user()
    monkeypatch.setattr(passwords, "_hasher", argon2.PasswordHasher(time_cost=2, memory_cost=64))
    at.sessions.login(ADA)
    with at.rooms.db.read() as tx:
        (kept,) = tx.execute(select(tables.users.c.password_hash)).scalars()
    assert "t=2" in kept
    at.sessions.login(ADA)
