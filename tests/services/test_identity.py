"""From a credential to a scope: who is let in, as whom, and what they are told otherwise."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import update

from seatrial.db import app_tokens, service_accounts, tables, users
from seatrial.domain.access import AppScope, Permission, PrincipalKind, Role, TokenScope
from seatrial.domain.app import AppToken, ServiceAccount, User
from seatrial.domain.errors import ApiDisabled, EntityNotFound, Forbidden, InvalidToken, TokenExpired
from seatrial.domain.ids import AppTokenId, ServiceAccountId, UserId, new_entity_id
from seatrial.domain.tokens import TokenKind, digest, mint
from seatrial.services.identity import Identity
from tests.db.sample_rows import add_app
from tests.services.rooms import Rooms

HOST = "apps.example.com"
UPLOAD = (TokenScope.UPLOAD,)


@pytest.fixture
def identity(rooms: Rooms) -> Identity:
    return Identity(rooms.db, HOST, rooms.now)


def app_token(
    rooms: Rooms,
    *,
    life: timedelta | None = None,
    scopes: tuple[TokenScope, ...] = UPLOAD,
    created_by: UserId | None = None,
) -> str:
    minted = mint(TokenKind.APP)
    token = AppToken(
        id=AppTokenId(new_entity_id()),
        organization_id=rooms.scope.organization_id,
        app_id=rooms.scope.app_id,
        description="ci",
        scopes=scopes,
        created_by=created_by,
        expires_at=None if life is None else rooms.time + life,
        revoked_at=None,
        last_used_at=None,
        created_at=rooms.time,
    )
    with rooms.db.transaction() as tx:
        app_tokens.insert_token(tx, token, minted.digest)
    return minted.secret


def account(rooms: Rooms, role: Role = Role.ADMIN, *, life: timedelta | None = None) -> str:
    minted = mint(TokenKind.SERVICE_ACCOUNT)
    made = ServiceAccount(
        id=ServiceAccountId(new_entity_id()),
        organization_id=rooms.scope.organization_id,
        name="robot",
        role=role,
        expires_at=None if life is None else rooms.time + life,
        revoked_at=None,
        last_used_at=None,
        created_at=rooms.time,
    )
    with rooms.db.transaction() as tx:
        service_accounts.insert_account(tx, made, minted.digest)
    return minted.secret


def revoke(rooms: Rooms, secret: str) -> None:
    with rooms.db.transaction() as tx:
        found = app_tokens.find_by_digest(tx, digest(secret))
        if found is not None:
            assert app_tokens.revoke(tx, rooms.scope, found.token.id, rooms.time)
            return
        robot = service_accounts.find_by_digest(tx, digest(secret))
        assert robot is not None
        assert service_accounts.revoke(tx, rooms.scope, robot.id, rooms.time)


def switch(rooms: Rooms, **switches: bool) -> None:
    with rooms.db.transaction() as tx:
        tx.execute(
            update(tables.organizations)
            .where(tables.organizations.c.id == rooms.scope.organization_id)
            .values(**switches)
        )


def last_used(rooms: Rooms, secret: str) -> object:
    with rooms.db.read() as tx:
        found = app_tokens.find_by_digest(tx, digest(secret))
    assert found is not None
    return found.token.last_used_at


def test_an_app_token_opens_its_app_and_no_other(rooms: Rooms, identity: Identity) -> None:
    scope = identity.app(app_token(rooms))
    assert (scope.organization_id, scope.app_id) == (rooms.scope.organization_id, rooms.scope.app_id)
    assert scope.principal.kind is PrincipalKind.APP_TOKEN
    scope.require(Permission.BUILD_CREATE)
    with pytest.raises(Forbidden):
        scope.require(Permission.APP_TOKEN_CREATE)


def test_a_service_account_finds_apps_by_id_and_slug_in_either_case(rooms: Rooms, identity: Identity) -> None:
    secret, organization, app = account(rooms), rooms.scope.organization_id, rooms.scope.app_id
    for name in (organization, organization.upper(), f"acme-{organization}"):
        assert identity.organization(secret, name).organization_id == organization
        for app_name in (app, app.upper(), f"wallet-{app}"):
            assert identity.app_of(secret, name, app_name).app_id == app


def test_what_belongs_to_others_does_not_exist(rooms: Rooms, identity: Identity) -> None:
    """Decision 13: 404, so that nobody learns what there is."""
    with rooms.db.transaction() as tx:
        foreign = add_app(tx)
    secret, own = account(rooms), rooms.scope.organization_id
    for organization, app in (
        (foreign.organization_id, foreign.app_id),
        (own, foreign.app_id),
        (foreign.organization_id, rooms.scope.app_id),
        ("no-such", rooms.scope.app_id),
        (own, "no-such"),
    ):
        with pytest.raises(EntityNotFound):
            identity.app_of(secret, organization, app)


@pytest.mark.parametrize("secret", ["", "sta_unknown", "sts_unknown", "x" * 5000, "\udcff", "a\0b"])
def test_an_unknown_credential_is_invalid(rooms: Rooms, identity: Identity, secret: str) -> None:
    for call in (identity.app, identity.anyone):
        with pytest.raises(InvalidToken):
            call(secret)
    with pytest.raises(InvalidToken):
        identity.app_of(secret, rooms.scope.organization_id, rooms.scope.app_id)


def test_each_face_takes_its_own_kind_of_credential(rooms: Rooms, identity: Identity) -> None:
    """Decisions 14 and 37."""
    with pytest.raises(InvalidToken):
        identity.app(account(rooms))
    with pytest.raises(InvalidToken):
        identity.app_of(app_token(rooms), rooms.scope.organization_id, rooms.scope.app_id)
    with pytest.raises(InvalidToken):
        identity.organization(app_token(rooms), rooms.scope.organization_id)
    assert isinstance(identity.anyone(app_token(rooms)), AppScope)
    assert not isinstance(identity.anyone(account(rooms)), AppScope)


def test_expired_is_told_apart_from_revoked(rooms: Rooms, identity: Identity) -> None:
    """Decision 12: the one is 3002, the other 4004; revoked wins over expired."""
    secret, robot = app_token(rooms, life=timedelta(hours=1)), account(rooms, life=timedelta(hours=1))
    rooms.later(3599.999)
    identity.app(secret)
    identity.organization(robot, rooms.scope.organization_id)
    rooms.later(0.001)
    for call in (identity.app, identity.anyone):
        with pytest.raises(TokenExpired):
            call(secret)
    with pytest.raises(TokenExpired):
        identity.anyone(robot)
    with pytest.raises(TokenExpired):
        identity.organization(robot, rooms.scope.organization_id)
    revoke(rooms, secret)
    with pytest.raises(InvalidToken):
        identity.app(secret)


def test_a_revoked_credential_is_dead_at_once(rooms: Rooms, identity: Identity) -> None:
    secret, robot = app_token(rooms), account(rooms)
    identity.app(secret)
    revoke(rooms, secret)
    revoke(rooms, robot)
    with pytest.raises(InvalidToken):
        identity.app(secret)
    with pytest.raises(InvalidToken):
        identity.anyone(robot)


@pytest.mark.parametrize(
    ("role", "may", "may_not"),
    [
        (Role.ADMIN, set(Permission), set[Permission]()),
        (Role.DEVELOPER, {Permission.BUILD_CREATE, Permission.APP_TOKEN_CREATE}, {Permission.SERVICE_ACCOUNT_CREATE}),
        (
            Role.VIEWER,
            {Permission.BUILD_LIST, Permission.BUILD_GET},
            {Permission.BUILD_CREATE, Permission.APP_TOKEN_LIST},
        ),
    ],
)
def test_a_role_is_what_a_service_account_may_do(
    rooms: Rooms, identity: Identity, role: Role, may: set[Permission], may_not: set[Permission]
) -> None:
    scope = identity.organization(account(rooms, role), rooms.scope.organization_id)
    for permission in may:
        scope.require(permission)
    for permission in may_not:
        with pytest.raises(Forbidden) as refused:
            scope.require(permission)
        assert refused.value.data == {"permission": permission.value}


def test_a_token_for_the_sdk_may_neither_upload_nor_list(rooms: Rooms, identity: Identity) -> None:
    """Decision 48."""
    assert identity.app(app_token(rooms, scopes=(TokenScope.SDK,))).principal.permissions == {Permission.SDK_USE}
    both = identity.app(app_token(rooms, scopes=(TokenScope.SDK, TokenScope.UPLOAD)))
    both.require(Permission.BUILD_CREATE)


def test_an_organization_can_switch_each_face_off(rooms: Rooms, identity: Identity) -> None:
    """Decision 40."""
    secret, robot = app_token(rooms), account(rooms)
    switch(rooms, integrations_enabled=False)
    with pytest.raises(ApiDisabled) as refused:
        identity.app(secret)
    assert refused.value.data == {"api": "integrations"}
    identity.app_of(robot, rooms.scope.organization_id, rooms.scope.app_id)
    switch(rooms, integrations_enabled=True, workspace_enabled=False)
    identity.app(secret)
    calls: list[Callable[[], object]] = [
        lambda: identity.app_of(robot, rooms.scope.organization_id, rooms.scope.app_id),
        lambda: identity.organization(robot, rooms.scope.organization_id),
        lambda: identity.anyone(robot),
    ]
    for call in calls:
        with pytest.raises(ApiDisabled):
            call()


def test_builds_say_who_uploaded_them(rooms: Rooms, identity: Identity) -> None:
    """Decision 41."""
    robot = identity.organization(account(rooms), rooms.scope.organization_id).principal.person
    assert robot.email == f"{robot.id}@{rooms.scope.organization_id}.iam.{HOST}"
    assert (robot.first_name, robot.last_name, robot.picture) == ("robot", "", "")


def test_a_tokens_builds_are_those_of_the_user_who_made_it(rooms: Rooms, identity: Identity) -> None:
    ada = User(
        id=UserId(new_entity_id()),
        email="ada@example.com",
        first_name="Ada",
        last_name="Lovelace",
        picture="",
        created_at=rooms.time,
        updated_at=rooms.time,
    )
    with rooms.db.transaction() as tx:
        users.insert_user(tx, ada, "$argon2id$")
    person = identity.app(app_token(rooms, created_by=ada.id)).principal.person
    assert (person.id, person.email, person.first_name, person.last_name) == (
        ada.id,
        "ada@example.com",
        "Ada",
        "Lovelace",
    )


def test_the_last_use_is_known_to_the_minute(rooms: Rooms, identity: Identity) -> None:
    secret = app_token(rooms)
    assert last_used(rooms, secret) is None
    identity.app(secret)
    first = rooms.time
    rooms.later(59)
    identity.app(secret)
    assert last_used(rooms, secret) == first
    rooms.later(1)
    identity.app(secret)
    assert last_used(rooms, secret) == rooms.time


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)  # PostgreSQL has no lock that stops every writer
def test_a_locked_database_keeps_nobody_out(rooms: Rooms, identity: Identity) -> None:
    """Only the note of the last use needs to write."""
    secret, robot = app_token(rooms), account(rooms)
    with rooms.db.transaction():  # the only writer is taken, for longer than anybody waits
        assert identity.app(secret).app_id == rooms.scope.app_id
        identity.organization(robot, rooms.scope.organization_id)
    assert last_used(rooms, secret) is None
