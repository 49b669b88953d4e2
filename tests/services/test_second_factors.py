"""Second factors: asked for, used once, and no way around them."""

from dataclasses import replace

import pyotp
import pytest

from seatrial.domain.access import MemberRole
from seatrial.domain.app import OrganizationChanges
from seatrial.domain.errors import Conflict, EntityNotFound, SecondFactorNeeded, SignInRule, TooManyRequests
from seatrial.domain.member import Member
from seatrial.services.organizations import Organizations
from seatrial.services.post import Letter
from seatrial.services.second_factors import SecondFactors
from seatrial.services.sessions import LoginRequest
from seatrial.storage.sealing import Sealer
from tests.services.door import PASSWORD, Door, door
from tests.services.rooms import Rooms

ADA = LoginRequest(email="ada@example.com", password=PASSWORD, address="192.0.2.7", user_agent="a browser")


@pytest.fixture
def at(rooms: Rooms) -> Door:
    return door(rooms)


def code(at: Door, secret: str, seconds: float = 0) -> str:
    return pyotp.TOTP(secret).at(int(at.rooms.now().timestamp() + seconds))


def enrolled(at: Door) -> tuple[Member, str, list[str]]:
    ada = at.user()
    begun = at.factors.begin(ada.user)
    recovery = at.factors.confirm(ada.user, code(at, begun.secret), "192.0.2.7")
    at.rooms.later(30)
    return ada, begun.secret, recovery


def refused(at: Door, said: str) -> dict[str, object] | None:
    with pytest.raises(SecondFactorNeeded) as error:
        at.sessions.login(replace(ADA, code=said))
    return error.value.data


def test_an_enrolment_can_be_scanned_typed_and_is_asked_for_once_confirmed(at: Door) -> None:
    ada = at.user()
    begun = at.factors.begin(ada.user)
    assert begun.uri == f"otpauth://totp/Seatrial:ada%40example.com?secret={begun.secret}&issuer=Seatrial"
    assert begun.qr_code.startswith("data:image/svg+xml;charset=utf-8,")
    at.sessions.login(ADA)
    with pytest.raises(SecondFactorNeeded):
        at.factors.confirm(ada.user, "000000", "")
    at.sessions.login(ADA)
    again = at.factors.begin(ada.user)
    with pytest.raises(SecondFactorNeeded):
        at.factors.confirm(ada.user, code(at, begun.secret), "")
    codes = at.factors.confirm(ada.user, code(at, again.secret), "192.0.2.7")
    assert len(set(codes)) == 10
    assert at.factors.state(ada.user).enabled
    assert at.letters.kinds() == [(Letter.SECOND_FACTOR_CHANGED, "ada@example.com")]
    assert refused(at, "") == {"reason": SecondFactorNeeded().reason, "twoFactor": True}
    for call in (lambda: at.factors.begin(ada.user), lambda: at.factors.confirm(ada.user, "123456", "")):
        with pytest.raises(Conflict):
            call()


def test_a_code_counts_once_and_a_clock_may_be_off_by_half_a_minute(at: Door) -> None:
    _, secret, _ = enrolled(at)
    at.sessions.login(replace(ADA, code=code(at, secret)))
    refused(at, code(at, secret))
    refused(at, code(at, secret, -30))  # before the one that was used
    at.sessions.login(replace(ADA, code=f" {code(at, secret, 30)[:3]} {code(at, secret, 30)[3:]} "))
    at.rooms.later(3600)
    for seconds in (-60, 60):
        refused(at, code(at, secret, seconds))
    at.rooms.later(3600)
    at.sessions.login(replace(ADA, code=code(at, secret, -30)))


def test_a_clock_that_was_ahead_locks_nobody_out_when_it_is_set_back(at: Door) -> None:
    _, secret, _ = enrolled(at)
    at.rooms.later(86_400)
    at.sessions.login(replace(ADA, code=code(at, secret)))
    at.rooms.later(-86_400 + 300)
    at.sessions.login(replace(ADA, code=code(at, secret)))
    refused(at, code(at, secret))
    at.rooms.later(86_400)
    for _ in range(3):
        refused(at, "000000")
    with pytest.raises(TooManyRequests):
        at.sessions.login(replace(ADA, code=code(at, secret)))
    at.rooms.later(-86_400)
    at.sessions.login(replace(ADA, code=code(at, secret, 30)))


def test_a_recovery_code_counts_once(at: Door) -> None:
    ada, _, recovery = enrolled(at)
    at.sessions.login(replace(ADA, code=recovery[0].upper()))
    refused(at, recovery[0])
    at.sessions.login(replace(ADA, code=recovery[1].replace("-", "")))
    assert at.factors.state(ada.user).recovery_codes_left == 8
    fresh = at.factors.regenerate(ada.user, recovery[2])
    refused(at, recovery[3])
    at.sessions.login(replace(ADA, code=fresh[0]))


def test_codes_cannot_be_guessed_and_asking_for_one_is_no_guess(at: Door) -> None:
    _, secret, _ = enrolled(at)
    for _ in range(7):
        refused(at, "")
    for _ in range(3):
        refused(at, "000000")
    for said in ("", code(at, secret)):
        with pytest.raises(TooManyRequests):
            at.sessions.login(replace(ADA, code=said))
    at.rooms.later(15 * 60)
    at.sessions.login(replace(ADA, code=code(at, secret)))


def test_disabling_takes_a_code(at: Door) -> None:
    ada, secret, _ = enrolled(at)
    for said in ("", "000000"):
        with pytest.raises(SecondFactorNeeded):
            at.factors.disable(ada.user, said, "")
    at.factors.disable(ada.user, code(at, secret), "")
    assert at.letters.written[-1][2]["enabled"] is False
    assert at.factors.state(ada.user).recovery_codes_left == 0
    at.sessions.login(ADA)


def test_an_operator_helps_who_lost_everything(at: Door) -> None:
    enrolled(at)
    with pytest.raises(EntityNotFound):
        at.factors.reset(at.rooms.scope, "nobody@example.com")
    assert at.factors.reset(at.rooms.scope, "Ada@Example.com")
    assert not at.factors.reset(at.rooms.scope, "ada@example.com")
    at.sessions.login(ADA)


def test_the_secret_is_sealed_and_a_lost_key_leaves_the_recovery_codes(at: Door) -> None:
    _, secret, recovery = enrolled(at)
    with at.rooms.db.read() as tx:
        everything = repr(
            [tx.exec_driver_sql(f"SELECT * FROM {name}").all() for name in ("second_factors", "recovery_codes")]
        )
    assert secret not in everything
    assert recovery[0].replace("-", "") not in everything
    other = replace(at.sessions, factors=SecondFactors(at.rooms.db, Sealer([b"o" * 32]), at.letters, at.rooms.now))
    with pytest.raises(SecondFactorNeeded):
        other.login(replace(ADA, code=code(at, secret)))
    other.login(replace(ADA, code=recovery[0]))


def test_an_organization_can_ask_everybody_for_one(at: Door) -> None:
    ada, owner = at.user(), at.user("own@example.com", MemberRole.OWNER)
    token = at.sessions.login(ADA).access_token
    within = at.rooms.scope.organization_id
    Organizations(at.rooms.db, at.rooms.now).update(at.rooms.scope, OrganizationChanges(require_two_factor=True))
    own = at.sessions.login(replace(ADA, email=owner.user.email)).access_token
    for secret in (token, own):
        for call in (
            lambda: at.identity.organization(secret, within, even_switched_off=True),  # noqa: B023
            lambda: at.identity.app_of(secret, within, at.rooms.scope.app_id),  # noqa: B023
            lambda: at.identity.organizations(secret),  # noqa: B023
            lambda: at.identity.anyone(secret, within),  # noqa: B023
        ):
            with pytest.raises(SignInRule) as error:
                call()
            assert error.value.rule == "twoFactor"
    me = at.identity.person(token)
    at.factors.confirm(me.user, code(at, at.factors.begin(me.user).secret), "")
    assert at.identity.organization(token, within).principal.id == ada.user.id
