"""Signing in where builds are installed: with a password, or by the word of an app."""

from dataclasses import replace

import pyotp
import pytest
from sqlalchemy import select, update

from seatrial.db import tables
from seatrial.domain.access import MemberRole
from seatrial.domain.app import OrganizationChanges
from seatrial.domain.errors import (
    ApiDisabled,
    SecondFactorNeeded,
    SignInRefused,
    TooManyRequests,
    WrongCredentials,
)
from seatrial.domain.membership import MemberKind, MemberOrigin
from seatrial.services.member_logins import MemberLogin, NamedMember
from seatrial.services.organizations import Organizations
from tests.db.sample_rows import add_app
from tests.services.door import PASSWORD, Door, add_group, door, employee
from tests.services.rooms import Rooms


@pytest.fixture
def at(rooms: Rooms) -> Door:
    return door(rooms)


def request(at: Door, email: str = "Bo@Example.com", password: str = PASSWORD, code: str = "") -> MemberLogin:
    return MemberLogin(
        organization_id=at.rooms.scope.organization_id,
        app_id=at.rooms.scope.app_id,
        email=email,
        password=password,
        code=code,
        origin=MemberOrigin.SDK,
        address="192.0.2.7",
        user_agent="a phone",
    )


def test_employees_and_users_sign_in_and_are_told_apart(at: Door) -> None:
    bo = employee(at.rooms, password=PASSWORD, groups=("QA",))
    at.user("ada@example.com", MemberRole.UNASSIGNED)
    opened = at.logins.login(request(at))
    assert (opened.member.id, opened.member.kind, opened.member.groups) == (
        bo.id,
        MemberKind.EMPLOYEE,
        frozenset({"QA"}),
    )
    assert at.member_sessions.find(opened.secret) == opened.member
    assert at.logins.login(request(at, "ada@example.com")).member.kind is MemberKind.USER
    with at.rooms.db.read() as tx:
        assert tx.execute(select(tables.employees.c.last_seen_at)).scalar_one() == at.rooms.now()


def test_nobody_else_gets_in_and_guessing_ends(at: Door) -> None:
    bo = employee(at.rooms, password=PASSWORD)
    employee(at.rooms, "cy@example.com", "custom", password=PASSWORD)
    employee(at.rooms, "di@example.com")
    with at.rooms.db.transaction() as tx:
        elsewhere = add_app(tx)
    with pytest.raises(WrongCredentials):
        at.logins.login(replace(request(at), organization_id=elsewhere.organization_id))
    for email in ("cy@example.com", "di@example.com", "nobody@example.com"):
        with pytest.raises(WrongCredentials):
            at.logins.login(request(at, email))
    with at.rooms.db.transaction() as tx:
        tx.execute(update(tables.employees).where(tables.employees.c.id == bo.id).values(disabled=True))
    with pytest.raises(WrongCredentials):
        at.logins.login(request(at))
    with pytest.raises(TooManyRequests):
        at.logins.login(request(at))


def test_a_users_second_factor_is_asked_for_here_too(at: Door) -> None:
    ada = at.user()
    begun = at.factors.begin(ada.user)
    code = pyotp.TOTP(begun.secret)
    recovery = at.factors.confirm(ada.user, code.at(int(at.rooms.now().timestamp())), "")
    with pytest.raises(SecondFactorNeeded):
        at.logins.login(request(at, "ada@example.com"))
    at.logins.login(request(at, "ada@example.com", code=recovery[0]))


def test_an_organization_of_an_identity_provider_takes_no_passwords_but_its_owners(at: Door) -> None:
    employee(at.rooms, password=PASSWORD)
    at.user("ada@example.com", MemberRole.ADMIN)
    at.user("own@example.com", MemberRole.OWNER)
    with at.rooms.db.transaction() as tx:
        tx.execute(update(tables.organizations).values(password_sign_in=False))
    for email in ("bo@example.com", "ada@example.com"):
        with pytest.raises(SignInRefused):
            at.logins.login(request(at, email))
    at.logins.login(request(at, "own@example.com"))


def test_an_app_names_members_who_count_in_no_group(at: Door) -> None:
    with at.rooms.db.transaction() as tx:
        add_group(tx, at.rooms.scope.organization_id, "Testers")
    named = NamedMember(email="Eve@Example.com", first_name="Eve", tags=("TESTERS", "no such group"))
    opened = at.logins.named_by_app(at.rooms.scope, named, "192.0.2.7", "a phone")
    assert (opened.member.email, opened.member.first_name) == ("eve@example.com", "Eve")
    assert (opened.member.is_verified, opened.member.groups) == (False, frozenset())
    again = at.logins.named_by_app(at.rooms.scope, NamedMember(email="eve@example.com", last_name="Lee"), "", "")
    assert (again.member.id, again.member.full_name) == (opened.member.id, "Eve Lee")
    with at.rooms.db.read() as tx:
        joined = tx.execute(select(tables.employee_groups.c.source)).scalars().all()
        assert joined == ["sdk"]
        assert tx.execute(select(tables.employees.c.type, tables.employees.c.origin)).one() == ("custom", "sdk")
    at.logins.named_by_app(at.rooms.scope, NamedMember(email="eve@example.com", tags=()), "", "")
    with at.rooms.db.read() as tx:
        assert tx.execute(select(tables.employee_groups)).all() == []


def test_nobody_who_is_known_otherwise_can_be_named(at: Door) -> None:
    at.user()
    employee(at.rooms)
    employee(at.rooms, "cy@example.com", "oidc")
    gone = employee(at.rooms, "di@example.com", "custom")
    with at.rooms.db.transaction() as tx:
        tx.execute(update(tables.employees).where(tables.employees.c.id == gone.id).values(disabled=True))
    for email in ("ada@example.com", "BO@example.com", "cy@example.com", "di@example.com"):
        with pytest.raises(WrongCredentials):
            at.logins.named_by_app(at.rooms.scope, NamedMember(email=email), "192.0.2.7", "")
    Organizations(at.rooms.db, at.rooms.now).update(at.rooms.scope, OrganizationChanges(custom_login_enabled=False))
    with pytest.raises(ApiDisabled):
        at.logins.named_by_app(at.rooms.scope, NamedMember(email="new@example.com"), "192.0.2.7", "")


def test_how_many_members_an_apps_token_makes_is_bounded(at: Door) -> None:
    for number in range(5):
        at.logins.named_by_app(at.rooms.scope, NamedMember(email=f"{number}@example.com"), "192.0.2.7", "")
    with pytest.raises(TooManyRequests):
        at.logins.named_by_app(at.rooms.scope, NamedMember(email="one.more@example.com"), "192.0.2.7", "")
    at.logins.named_by_app(at.rooms.scope, NamedMember(email="0@example.com"), "192.0.2.7", "")
