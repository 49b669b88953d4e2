"""Signing in by an identity provider, against a real one: who gets in, and what is refused."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import flask
import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import OctKey
from sqlalchemy import insert, select, update

from seatrial.db import tables
from seatrial.domain.access import MemberRole, OrganizationScope, Permission
from seatrial.domain.errors import EntityNotFound, InvalidRequest, ServiceUnavailable, SignInRefused, SignInRule
from seatrial.domain.identity_provider import IdentityProvider, IdentityProviderSettings
from seatrial.domain.membership import MemberKind
from seatrial.domain.sign_in import Arrival, SignInTarget
from seatrial.services.identity_providers import IdentityProviders
from seatrial.services.member_logins import NamedMember
from seatrial.services.oidc import Oidc
from seatrial.services.oidc_members import OidcMembers
from seatrial.services.sessions import LoginRequest
from seatrial.tools.oidc import Issuers
from tests.db.sample_rows import add_app
from tests.issuer import Claims, Issuer, new_key, serving
from tests.services.door import PASSWORD, SEALER, Door, add_group, door, employee
from tests.services.rooms import Rooms

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of what the provider is made of
BACK = "https://builds.example.com/v1/auth/oidc/x/callback"


@pytest.fixture(scope="module")
def provider_process() -> Iterator[Issuer]:
    with serving() as issuer:
        yield issuer


@pytest.fixture
def issuer(provider_process: Issuer) -> Issuer:
    fresh = Issuer()
    provider_process.key, provider_process.asked = new_key("one"), []
    provider_process.change, provider_process.answers = fresh.change, fresh.answers
    provider_process.sign = lambda claims: jwt.encode(
        {"alg": "ES256", "kid": str(provider_process.key.kid)}, claims, provider_process.key
    )
    provider_process.user("ada", email="Ada@Example.com", email_verified=True, given_name="Ada", family_name="Marsh")
    return provider_process


@dataclass
class Way:
    """A provider of the organization, and who travels by it."""

    at: Door
    issuer: Issuer
    providers: IdentityProviders
    oidc: Oidc
    provider: IdentityProvider
    seconds: float = 0

    def set(self, **said: object) -> None:
        settings = IdentityProviderSettings(**said)  # type: ignore[arg-type]  # each test names what it sets
        self.provider = self.providers.update(self.at.rooms.scope, self.provider.id, settings)

    def go(self, subject: str = "ada", target: SignInTarget = SignInTarget.STORE) -> Arrival:
        url, kept = self.oidc.begin(self.provider.id, BACK, target)
        code, state = self.issuer.consent(url, subject)
        return self.oidc.finish(self.oidc.opened(kept, state), self.provider.id, code, "a browser")

    def refused(self, subject: str = "ada", target: SignInTarget = SignInTarget.STORE) -> str:
        with pytest.raises(SignInRefused) as error:
            self.go(subject, target)
        return error.value.reason


@pytest.fixture
def way(rooms: Rooms, issuer: Issuer) -> Iterator[Way]:
    rooms.time = datetime.now(UTC)  # the provider has no other clock
    at = door(rooms)
    with httpx.Client(timeout=5) as http:
        made: list[Way] = []
        issuers = Issuers(http, allows_loopback=True, clock=lambda: time.monotonic() + made[0].seconds if made else 0.0)
        providers = IdentityProviders(rooms.db, SEALER, issuers, rooms.now)
        oidc = Oidc(rooms.db, SEALER, issuers, OidcMembers(rooms.now), at.sessions, at.member_sessions, rooms.now)
        settings = IdentityProviderSettings(
            name="Harbour ID", issuer=issuer.url, client_id="seatrial", client_secret="s3cret:+ü", allow_sign_up=True
        )
        made.append(Way(at, issuer, providers, oidc, providers.create(rooms.scope, settings)))
        yield made[0]


def test_somebody_new_becomes_what_the_provider_says(way: Way) -> None:
    opened = way.go().member_session
    assert opened is not None
    assert (opened.member.kind, opened.member.email) == (MemberKind.EMPLOYEE, "ada@example.com")
    assert (opened.member.full_name, opened.member.is_verified) == ("Ada Marsh", True)
    way.set(kind=MemberKind.USER, default_role=MemberRole.EDITOR)
    way.issuer.user("bo", email="bo@example.com", email_verified=True)
    session = way.go("bo", SignInTarget.API).session
    assert session is not None
    assert session.role is MemberRole.EDITOR
    again = way.go("bo", SignInTarget.DASHBOARD).session
    assert again is not None
    assert again.user.id == session.user.id
    with way.at.rooms.db.read() as tx:
        methods = tx.execute(select(tables.sessions.c.method)).scalars().all()
    assert methods == ["oidc", "oidc"]
    assert "NOBODY" not in way.refused("ada", SignInTarget.DASHBOARD)  # an employee has no dashboard


def test_the_subject_counts_and_the_address_links_the_first_time_only(way: Way) -> None:
    bo = employee(way.at.rooms, "ada@example.com")
    first = way.go().member_session
    assert first is not None
    assert first.member.id == bo.id
    way.issuer.user("ada", email="moved@example.com", email_verified=True)
    second = way.go().member_session
    assert second is not None
    assert second.member.id == bo.id
    way.issuer.user("eve", email="ada@example.com", email_verified=True)
    assert "already" in way.refused("eve")


@pytest.mark.parametrize("verified", [False, "false"])
def test_an_address_that_is_not_verified_is_nobodys(way: Way, verified: object) -> None:
    way.issuer.user("eve", email="eve@example.com", email_verified=verified)
    assert "yours" in way.refused("eve")


def test_an_issuer_that_says_nothing_of_addresses_is_believed_for_named_domains_only(way: Way) -> None:
    employee(way.at.rooms, "eve@example.com")
    way.issuer.user("eve", email="eve@example.com")
    assert "yours" in way.refused("eve")
    way.set(allowed_domains=("example.com",))
    assert way.go("eve").member_session is not None
    way.issuer.user("mal", email="mal@evil.example", email_verified=True)
    assert "domain" in way.refused("mal")


def test_sign_up_is_a_choice(way: Way) -> None:
    way.set(allow_sign_up=False)
    assert "not known" in way.refused()
    employee(way.at.rooms, "ada@example.com")
    way.go()
    way.issuer.user("nomail")
    assert "e-mail" in way.refused("nomail")


def test_who_was_switched_off_stays_out(way: Way) -> None:
    way.go()
    with way.at.rooms.db.transaction() as tx:
        tx.execute(update(tables.employees).values(disabled=True))
    assert "closed" in way.refused()


def test_groups_follow_the_claim_and_leave_others_alone(way: Way) -> None:
    way.set(groups_claim="realm.roles")
    rooms = way.at.rooms

    def groups(*said: str) -> frozenset[str]:
        way.issuer.user("ada", email="ada@example.com", email_verified=True, realm={"roles": list(said)})
        opened = way.go().member_session
        assert opened is not None
        return opened.member.groups

    assert groups("QA", " Beta  testers ", "", "x" * 200) == {"QA", "Beta testers"}
    with rooms.db.transaction() as tx:
        mine = tx.execute(select(tables.employees.c.id)).scalar_one()
        manual = add_group(tx, rooms.scope.organization_id, "By hand")
        for group_id in (
            manual,
            tx.execute(select(tables.groups.c.id).where(tables.groups.c.key == "qa")).scalar_one(),
        ):
            tx.execute(insert(tables.employee_groups).values(employee_id=mine, group_id=group_id, source="manual"))
    assert groups("beta TESTERS") == {"Beta testers", "By hand", "QA"}
    way.set(group_mapping={"role-7": "Sailors"})
    assert groups("role-7", "beta testers") == {"Sailors", "By hand", "QA"}
    way.set(groups_claim="", group_mapping=None)
    assert groups("anything") == {"Sailors", "By hand", "QA"}  # no business of the provider any more


def tampered(issuer: Issuer, **said: object) -> None:
    def change(claims: Claims) -> Claims:
        return {name: value for name, value in (claims | said).items() if value is not None}

    issuer.change = change


def test_what_the_issuer_did_not_say_to_us_now_is_refused(way: Way) -> None:
    now = int(time.time())
    cases: list[tuple[str, dict[str, object]]] = [
        ("another sign-in", {"nonce": "other"}),
        ("another sign-in", {"nonce": None}),
        ("somebody else", {"aud": "other"}),
        ("somebody else", {"aud": ["seatrial", "other"]}),
        ("somebody else", {"aud": ["seatrial", "other"], "azp": "other"}),
        ("another issuer", {"iss": "https://evil.example"}),
        ("expired", {"exp": now - 61}),
        ("expired", {"exp": None}),
        ("future", {"iat": now + 120}),
        ("nobody", {"sub": ""}),
    ]
    for reason, said in cases:
        tampered(way.issuer, **said)
        assert reason in way.refused(), said
    tampered(way.issuer, exp=now - 30, aud=["seatrial", "other"], azp="seatrial")
    way.go()


def test_only_the_issuers_own_signature_counts(way: Way) -> None:
    other, secret = new_key("one"), OctKey.import_key("s3cret:+ü" * 8)
    ways = {
        "no key": lambda claims: jwt.encode({"alg": "ES256", "kid": "one"}, claims, other),
        "proves nothing": lambda claims: jwt.encode({"alg": "HS256", "kid": "one"}, claims, secret),
        "no token": lambda _claims: "a.b",
    }
    for reason, sign in ways.items():
        way.issuer.sign = sign
        assert reason in way.refused()
    way.issuer.sign = lambda _: "eyJhbGciOiJub25lIn0.e30."
    assert "proves nothing" in way.refused()


def test_keys_that_rotate_are_asked_for_again_but_not_time_and_again(way: Way) -> None:
    way.go()
    way.issuer.key = new_key("two")
    assert "no key" in way.refused()  # asked a moment ago: odd tokens must not flood the issuer
    assert way.issuer.asked.count("/jwks") == 1
    way.seconds += 11
    way.go()
    assert way.issuer.asked.count("/jwks") == 2


def test_claims_that_are_missing_come_from_userinfo(way: Way) -> None:
    way.issuer.change = lambda claims: {name: value for name, value in claims.items() if "email" not in name}
    opened = way.go().member_session
    assert opened is not None
    assert opened.member.email == "ada@example.com"
    way.issuer.answers = lambda path: flask.make_response({"sub": "eve"}) if path == "/userinfo" else None
    assert "somebody else" in way.refused()


def test_only_who_set_out_comes_back_and_once(way: Way) -> None:
    url, kept = way.oidc.begin(way.provider.id, BACK, SignInTarget.STORE)
    code, state = way.issuer.consent(url, "ada")
    other = way.oidc.begin(way.provider.id, BACK, SignInTarget.STORE)[1]
    for wrong in (other, "", kept[:-4] + "AAAA"):
        with pytest.raises(SignInRefused):
            way.oidc.opened(wrong, state)
    voyage = way.oidc.opened(kept, state)
    with pytest.raises(SignInRefused):
        way.oidc.finish(voyage, "0" * 24, code, "")
    way.oidc.finish(voyage, way.provider.id, code, "")
    with pytest.raises(SignInRefused) as error:
        way.oidc.finish(voyage, way.provider.id, code, "")
    assert "over already" in error.value.reason
    way.at.rooms.time += timedelta(minutes=10)
    with pytest.raises(SignInRefused):
        way.oidc.opened(kept, state)
    way.at.rooms.time += timedelta(minutes=21)
    way.oidc.forget_old()
    url, kept = way.oidc.begin(way.provider.id, BACK, SignInTarget.STORE)
    code, state = way.issuer.consent(url, "ada")
    stolen = replace(way.oidc.opened(kept, state), verifier="guessed" * 8)
    with pytest.raises(SignInRefused) as error:  # the code alone is worth nothing (RFC 7636)
        way.oidc.finish(stolen, way.provider.id, code, "")
    assert "invalid_grant" in error.value.reason


def test_an_issuer_that_is_down_or_odd_is_said_to_be(way: Way) -> None:
    def unavailable() -> str:
        with pytest.raises(ServiceUnavailable) as error:
            way.go()
        return error.value.message

    way.issuer.answers = lambda path: flask.make_response("<html>", 502) if path == "/oauth2/token" else None
    assert "Harbour ID cannot be used now: it answered 502" in unavailable()
    way.issuer.answers = lambda path: flask.make_response(b"x" * 2_000_000) if path == "/oauth2/token" else None
    assert "without end" in unavailable()
    way.issuer.answers = lambda path: (
        flask.make_response({"issuer": "http://localhost"}) if "well-known" in path else None
    )
    way.seconds += 601
    assert "another name" in unavailable()
    way.set(issuer="http://localhost:9")
    assert "cannot be reached" in unavailable()
    way.set(enabled=False)
    with pytest.raises(EntityNotFound):
        way.oidc.begin(way.provider.id, BACK, SignInTarget.STORE)
    for wrong in ("http://idp.example.com", "ftp://localhost", "https://user@idp.example.com"):
        with pytest.raises(InvalidRequest):
            way.set(issuer=wrong)


def test_nobody_but_an_owners_word_says_who_an_owner_is(way: Way) -> None:
    """An administrator could set up an issuer of their own, and be whoever they like."""
    way.at.user("ada@example.com", MemberRole.OWNER)
    by_administrator(way, "other")
    assert "owner" in way.refused()
    way.set(name="Ours")
    session = way.go("ada", SignInTarget.DASHBOARD).session
    assert session is not None
    assert session.role is MemberRole.OWNER
    by_administrator(way, "third")
    assert "owner" in way.refused()


def by_administrator(way: Way, client_id: str) -> None:
    scope = way.at.rooms.scope
    lesser = replace(scope.principal, permissions=frozenset(Permission) - {Permission.OWNER_UPDATE})
    within = OrganizationScope(organization_id=scope.organization_id, principal=lesser)
    way.provider = way.providers.update(within, way.provider.id, IdentityProviderSettings(client_id=client_id))


def test_who_belongs_to_other_organizations_too_is_not_one_issuers_to_name(way: Way) -> None:
    ada = way.at.user("ada@example.com")
    with way.at.rooms.db.transaction() as tx:
        elsewhere = add_app(tx)
        tx.execute(
            insert(tables.memberships).values(
                user_id=ada.user.id,
                organization_id=elsewhere.organization_id,
                role="admin",
                created_at=way.at.rooms.time,
            )
        )
    assert "other organization" in way.refused()


def test_whom_an_app_named_is_who_the_issuer_says_from_then_on(way: Way) -> None:
    named = way.at.logins.named_by_app(
        way.at.rooms.scope, NamedMember(email="ada@example.com", first_name="Mallory"), "", ""
    )
    opened = way.go().member_session
    assert opened is not None
    assert (opened.member.id, opened.member.first_name, opened.member.is_verified) == (named.member.id, "Ada", True)
    with pytest.raises(Exception, match="Invalid Token"):
        way.at.member_sessions.find(named.secret)


def test_a_provider_can_be_the_only_way_in(way: Way) -> None:
    way.at.user("ada@example.com", MemberRole.ADMIN)
    way.at.user("own@example.com", MemberRole.OWNER)
    login = LoginRequest(email="ada@example.com", password=PASSWORD, address="", user_agent="")
    before = way.at.sessions.login(login).access_token
    way.set(only=True)
    within = way.at.rooms.scope.organization_id
    with pytest.raises(SignInRefused):
        way.at.sessions.login(login)
    with pytest.raises(SignInRule) as error:
        way.at.identity.organization(before, within)
    assert error.value.rule == "identityProvider"
    own = way.at.sessions.login(replace(login, email="own@example.com")).access_token
    way.at.identity.organization(own, within)
    opened = way.go("ada", SignInTarget.DASHBOARD).session
    assert opened is not None
    way.at.identity.organization(opened.access_token, within)
    way.providers.remove(way.at.rooms.scope, way.provider.id)
    way.at.identity.organization(before, within)


def test_the_clients_secret_is_sealed(way: Way) -> None:
    with way.at.rooms.db.read() as tx:
        kept = tx.execute(select(tables.identity_providers.c.client_secret)).scalar_one()
    assert "s3cret" not in kept
    assert "s3cret" not in repr(way.provider)
    way.set(client_secret="")
    assert not way.provider.sealed_secret
