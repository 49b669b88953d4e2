"""The password first and then the code: what the browser keeps between them is good for one person and for a while."""

from dataclasses import replace
from datetime import timedelta

import pyotp
import pytest

from seatrial.domain.errors import SecondFactorNeeded, TooManyRequests, WrongCredentials
from seatrial.domain.member import OpenedSession
from seatrial.services.sessions import LoginRequest
from seatrial.services.sign_in_steps import LIFE, SignInSteps
from tests.services.door import PASSWORD, SEALER, Door, door
from tests.services.rooms import Rooms

ADA = LoginRequest(email="Ada@example.com", password=PASSWORD, address="192.0.2.7", user_agent="a browser")


@pytest.fixture
def at(rooms: Rooms) -> Door:
    return door(rooms)


@pytest.fixture
def steps(at: Door) -> SignInSteps:
    return SignInSteps(at.sessions, SEALER, at.rooms.now)


def enrol(at: Door) -> tuple[str, list[str]]:
    """Give Ada an account with a second factor: its secret and the recovery codes."""
    ada = at.user()
    begun = at.factors.begin(ada.user)
    codes = at.factors.confirm(ada.user, code(at, begun.secret), "192.0.2.7")
    at.rooms.later(30)
    return begun.secret, codes


def code(at: Door, secret: str) -> str:
    return pyotp.TOTP(secret).at(int(at.rooms.now().timestamp()))


def begun(steps: SignInSteps) -> str:
    kept = steps.begin(ADA)
    assert isinstance(kept, str)
    return kept


def finish(steps: SignInSteps, kept: str, said: str) -> OpenedSession:
    return steps.finish(kept, said, "192.0.2.7", "a browser")


def test_without_a_second_factor_there_is_one_step(at: Door, steps: SignInSteps) -> None:
    at.user()
    opened = steps.begin(ADA)
    assert isinstance(opened, OpenedSession)
    assert opened.user.email == "ada@example.com"


def test_the_code_opens_the_session_of_who_had_the_password(at: Door, steps: SignInSteps) -> None:
    secret, _ = enrol(at)
    kept = begun(steps)
    at.rooms.later(LIFE.total_seconds() - 31)
    said = code(at, secret)
    assert finish(steps, kept, said).user.email == "ada@example.com"
    with pytest.raises(SecondFactorNeeded):
        finish(steps, kept, said)  # each code counts once


def test_a_wrong_password_never_reaches_the_second_step(at: Door, steps: SignInSteps) -> None:
    _, codes = enrol(at)
    for request in (replace(ADA, password="wrong", code=codes[0]), replace(ADA, email="nobody@example.com")):
        with pytest.raises(WrongCredentials):
            steps.begin(request)


def test_what_the_browser_keeps_ends_with_time_and_with_the_password(at: Door, steps: SignInSteps) -> None:
    secret, codes = enrol(at)
    late = begun(steps)
    at.rooms.later(LIFE.total_seconds())
    with pytest.raises(WrongCredentials):
        finish(steps, late, code(at, secret))
    changed = begun(steps)
    me = at.identity.person(finish(steps, begun(steps), codes[1]).access_token)
    at.accounts.change_password(me, PASSWORD, "another long password", "192.0.2.7")
    with pytest.raises(WrongCredentials):
        finish(steps, changed, codes[0])


def test_nothing_else_that_is_sealed_passes_for_it(at: Door, steps: SignInSteps) -> None:
    _, codes = enrol(at)
    ends = (at.rooms.now() + timedelta(hours=1)).isoformat()
    foreign = (
        "",
        "{}",
        "[]",
        "5",
        "null",
        f'["oidc", "ada@example.com", "", "{ends}"]',
        '["sign-in step", "a", "b", "c"]',
    )
    for kept in ("", "guessed", *(SEALER.seal(text.encode()) for text in foreign)):
        with pytest.raises(WrongCredentials):
            finish(steps, kept, codes[0])


def test_wrong_codes_count_as_wrong_passwords_do_and_asking_for_one_does_not(at: Door, steps: SignInSteps) -> None:
    _, codes = enrol(at)
    for _ in range(at.sessions.rules.failures_per_account + 1):
        begun(steps)
    kept = begun(steps)
    for _ in range(at.sessions.rules.failures_per_account):
        with pytest.raises(SecondFactorNeeded):
            finish(steps, kept, "000000")
    with pytest.raises(TooManyRequests):
        finish(steps, kept, codes[0])
    with pytest.raises(TooManyRequests):
        steps.begin(ADA)
