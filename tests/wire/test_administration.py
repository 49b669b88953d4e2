"""What the bodies of administration say, and how its things are shown (contract 2.2, 2.3, 2.5)."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from seatrial.domain.access import MemberRole, Role, TokenScope
from seatrial.domain.app import App, AppOverview, AppSettings, AppStorage, AppToken, Organization, ServiceAccount, User
from seatrial.domain.build import UNSET, StorageProvider
from seatrial.domain.ids import AppId, AppTokenId, OrganizationId, ServiceAccountId, UserId
from seatrial.domain.member import Member, MemberChanges, OpenedSession
from seatrial.domain.sdk import SDK_SYSTEMS, SdkState
from seatrial.wire.app_tokens import app_token_json, wanted_token
from seatrial.wire.apps import app_json, app_settings, apps_query, picture_source
from seatrial.wire.links import Links
from seatrial.wire.organizations import organization_changes, organization_json
from seatrial.wire.service_accounts import (
    overlap,
    service_account_changes,
    service_account_json,
    wanted_service_account,
)
from seatrial.wire.sessions import credentials, refresh_token, session_json
from seatrial.wire.users import member_changes, member_json, members_query, new_member
from tests.wire.refusals import refusal

THEN = datetime(2026, 3, 1, 12, 0, 0, 446000, tzinfo=UTC)
SHOWN = "2026-03-01T12:00:00.446Z"
LINKS = Links(*["https://builds.example.com"] * 4)
ORGANIZATION = OrganizationId("a" * 24)
ADA = User(
    id=UserId("c" * 24),
    email="ada@example.com",
    first_name="Ada",
    last_name="",
    picture="",
    created_at=THEN,
    updated_at=THEN,
)
PROVIDER = StorageProvider(id="b" * 24, name="local", region="local", bucket="local")


def an_app(**over: object) -> App:
    values: dict[str, object] = {
        "id": AppId("d" * 24),
        "organization_id": ORGANIZATION,
        "name": "Wallet",
        "slug": "wallet",
        "description": "",
        "picture": "",
        "notify_collaborators": False,
        "notify_employees": False,
        "created_at": THEN,
        "updated_at": THEN,
    }
    return App(**(values | over))  # type: ignore[arg-type]  # a row as keyword arguments


def shown(app: App, *platforms: str) -> dict[str, object]:
    sdk = {system: SdkState() for system in SDK_SYSTEMS}
    overview = AppOverview(app=app, builds=3, platforms=platforms, storage=AppStorage(PROVIDER, None), sdk=sdk)
    return app_json(overview, LINKS)


def body(**said: object) -> bytes:
    return json.dumps(said).encode()


def test_what_is_not_said_about_an_app_is_left_alone() -> None:
    assert app_settings(b"{}") == AppSettings()
    assert app_settings(body(id="x", counts={}, picture="x", notifications=None, configuration={})) == AppSettings()


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"name": "  Wallet "}, AppSettings(name="Wallet")),
        ({"description": None}, AppSettings(description="")),
        ({"description": " two\nlines "}, AppSettings(description=" two\nlines ")),
        ({"notifications": {"newBuildNotifyOtpUsers": True}}, AppSettings(notify_otp_users=True)),
        ({"notifications": {"newFeedbackNotifyCollaborators": True}}, AppSettings(notify_feedback=True)),
        ({"configuration": {"notificationLanguage": "GE"}}, AppSettings(notification_language="de")),
        ({"configuration": {"notificationLanguage": None}}, AppSettings(notification_language="")),
        ({"configuration": {"buildRetentionDays": None}}, AppSettings(build_retention_days=None)),
        ({"configuration": {"buildsRetainedPerPublication": 5}}, AppSettings(builds_retained_per_publication=5)),
        ({"configuration": {"storageProvider": "b"}}, AppSettings(storage_provider="b")),
        ({"configuration": {"storageProvider": {"id": "b", "name": "x"}}}, AppSettings(storage_provider="b")),
        ({"defaultScripts": {"audit": None}}, AppSettings(default_scripts={"audit": ""})),
        ({"defaultScripts.audit": "x"}, AppSettings(default_scripts={"audit": "x"})),
        ({"metadata": {"a": [1]}}, AppSettings(metadata={"a": [1]})),
    ],
)
def test_what_is_said_about_an_app(said: dict[str, object], expected: AppSettings) -> None:
    assert app_settings(json.dumps(said).encode()) == expected


def test_an_app_shows_systems_apart_from_platforms() -> None:
    app = shown(an_app(), "android", "ios", "ps5")
    assert (app["oss"], app["buildPlatforms"]) == (["android", "ios"], ["android", "ios", "ps5"])
    assert app["counts"] == {"builds": 3, "downloads": 0, "feedbacks": 0}


def test_a_picture_is_a_url_that_needs_credentials() -> None:
    """As decision 34 has it for files: no signature in it."""
    app = shown(an_app(picture="2SWkDbddHBNUaVImZINcZzVN", picture_source="e" * 24, last_build_processed_at=THEN))
    assert app["picture"] == "https://builds.example.com/v1/files/2SWkDbddHBNUaVImZINcZzVN/picture.png"
    assert (app["pictureSource"], app["lastBuildProcessedDate"]) == ("e" * 24, SHOWN)
    assert shown(an_app())["picture"] == ""


def test_an_organization_is_shown_with_its_switches() -> None:
    organization = Organization(
        id=ORGANIZATION,
        name="Acme",
        slug="acme",
        integrations_enabled=True,
        workspace_enabled=False,
        created_at=THEN,
        updated_at=THEN,
    )
    shown = organization_json(organization)
    assert {
        "id": ORGANIZATION,
        "name": "Acme",
        "slug": "acme",
        "integrationsEnabled": True,
        "workspaceEnabled": False,
        "buildRetentionDays": None,
        "buildsRetainedPerPublication": None,
        "trashDays": 30,
        "downloadLogDays": None,
        "createdAt": SHOWN,
        "updatedAt": SHOWN,
    }.items() <= shown.items()
    changes = organization_changes(body(workspaceEnabled=True))
    assert (changes.name, changes.integrations_enabled, changes.workspace_enabled) == (UNSET, UNSET, True)


def test_a_tokens_secret_is_shown_once() -> None:
    token = AppToken(
        id=AppTokenId("e" * 24),
        organization_id=ORGANIZATION,
        app_id=AppId("d" * 24),
        description="ci",
        scopes=(TokenScope.SDK,),
        created_by=None,
        expires_at=None,
        revoked_at=None,
        last_used_at=THEN,
        created_at=THEN,
    )
    expected = {
        "id": "e" * 24,
        "organization": ORGANIZATION,
        "application": "d" * 24,
        "description": "ci",
        "scopes": ["sdk"],
        "expiresAt": None,
        "lastUsedAt": SHOWN,
        "trustedPublisher": None,
        "createdAt": SHOWN,
    }
    assert app_token_json(token) == expected
    assert app_token_json(token, "sta_x") == expected | {"bearer": "sta_x"}


def test_a_token_is_for_uploads_where_nothing_is_said() -> None:
    """Decision 48."""
    wanted = wanted_token(b"{}")
    assert (wanted.description, wanted.scopes, wanted.expires_at) == ("", (TokenScope.UPLOAD,), None)
    wanted = wanted_token(body(scopes=["sdk", "upload", "sdk"], expiresAt="2027-01-31T00:00:00+01:00"))
    assert wanted.scopes == (TokenScope.SDK, TokenScope.UPLOAD)
    assert wanted.expires_at == datetime(2027, 1, 30, 23, tzinfo=UTC)


@pytest.mark.parametrize("word", ["Developer", "developer", " DEVELOPER "])
def test_a_role_is_read_in_any_case(word: str) -> None:
    assert wanted_service_account(body(name="x", role=word)).role is Role.DEVELOPER
    assert service_account_changes(body(role=word)).role is Role.DEVELOPER


def test_a_service_account_is_shown_in_lower_case() -> None:
    account = ServiceAccount(
        id=ServiceAccountId("e" * 24),
        organization_id=ORGANIZATION,
        name="robot",
        role=Role.ADMIN,
        expires_at=THEN,
        revoked_at=None,
        last_used_at=None,
        created_at=THEN,
    )
    assert service_account_json(account, "who", "sts_x") == {
        "id": "e" * 24,
        "organization": ORGANIZATION,
        "name": "robot",
        "role": "admin",
        "identity": "who",
        "bearer": "sts_x",
        "expiresAt": SHOWN,
        "lastUsedAt": None,
        "createdAt": SHOWN,
    }


def test_an_end_can_be_taken_away_or_left_alone() -> None:
    assert service_account_changes(b"{}").expires_at is UNSET
    assert service_account_changes(body(expiresAt=None)).expires_at is None
    assert service_account_changes(body(expiresAt=SHOWN)).expires_at == THEN


@pytest.mark.parametrize(
    ("said", "seconds"),
    [(b"", 0), (b" \n", 0), (b"{}", 0), (body(overlapSeconds=None), 0), (body(overlapSeconds=9), 9)],
)
def test_an_overlap_need_not_be_said(said: bytes, seconds: int) -> None:
    assert overlap(said) == timedelta(seconds=seconds)


def test_a_member_is_shown_as_the_vendor_does() -> None:
    member = Member(
        user=ADA,
        organization_id=ORGANIZATION,
        role=MemberRole.EDITOR,
        tags=("a",),
        created_at=THEN,
        updated_at=THEN,
    )
    assert member_json(member) == {
        "id": "c" * 24,
        "organization": ORGANIZATION,
        "role": "editor",
        "user": {
            "id": "c" * 24,
            "email": "ada@example.com",
            "firstName": "Ada",
            "lastName": "",
            "picture": "",
            "role": "editor",
            "ssoUser": False,
        },
        "tags": ["a"],
        "createdAt": SHOWN,
        "updatedAt": SHOWN,
    }


def test_a_member_is_read() -> None:
    member = new_member(body(email=" Ada@Example.com ", password=" with blanks ", tags="a, b", lastName=None))
    assert (member.email, member.password, member.role) == ("Ada@Example.com", " with blanks ", MemberRole.VIEWER)
    assert (member.tags, member.last_name) == (("a", "b"), "")
    assert new_member(body(email="ada@example.com", password=None)).password is None
    assert member_changes(b"{}") == MemberChanges()
    assert member_changes(body(role="Owner", tags=[])) == MemberChanges(role=MemberRole.OWNER, tags=())


def test_a_session_is_shown_as_the_vendor_does() -> None:
    opened = OpenedSession(
        access_token="stu_x",
        access_expires_at=THEN,
        refresh_token="str_x",
        refresh_expires_at=THEN,
        user=ADA,
        role=None,
    )
    assert session_json(opened) == {
        "accessToken": {"token": "stu_x", "expireAt": SHOWN},
        "refreshToken": {"token": "str_x", "expireAt": SHOWN},
        "user": {
            "id": "c" * 24,
            "email": "ada@example.com",
            "firstName": "Ada",
            "lastName": "",
            "picture": "",
            "fullName": "Ada",
            "role": "",
            "createdAt": SHOWN,
        },
    }


def test_decision_32_the_sdks_login_is_told_by_its_body() -> None:
    said = credentials(body(provider="traditional", payload={"email": " a@b ", "password": " p "}, language="es"))
    assert (said.email, said.password) == ("a@b", " p ")
    assert credentials(body(payload={"email": "a@b", "password": "p"})).email == "a@b"
    assert not said.is_sdk
    assert credentials(body(provider="traditional", payload={"user": "a@b", "password": "p"})).is_sdk


@pytest.mark.parametrize(
    ("read", "said", "fields"),
    [
        (app_settings, b"[]", {"body"}),
        (app_settings, b"", {"body"}),
        (app_settings, b'{"name": "\\u0000"}', {"name"}),
        (app_settings, body(slug=1), {"slug"}),
        (app_settings, body(configuration={"storageProvider": {"id": 1}}), {"configuration.storageProvider"}),
        (app_settings, body(configuration={"buildRetentionDays": 1.5}), {"configuration.buildRetentionDays"}),
        (picture_source, b"{}", {"buildId"}),
        (picture_source, body(buildId=7), {"buildId"}),
        (organization_changes, body(integrationsEnabled=1), {"integrationsEnabled"}),
        (organization_changes, body(name="x" * 256), {"name"}),
        (wanted_token, body(scopes=[1]), {"scopes"}),
        (wanted_token, body(description=[]), {"description"}),
        (wanted_service_account, body(name="x", role=1), {"role"}),
        (wanted_service_account, body(name="x"), {"role"}),
        (overlap, body(overlapSeconds=-1), {"overlapSeconds"}),
        (overlap, body(overlapSeconds=True), {"overlapSeconds"}),
        (overlap, b"nonsense", {"body"}),
        (new_member, b"{}", {"email"}),
        (new_member, body(email="a@b", password=1), {"password"}),
        (new_member, body(email="a@b", tags=[1]), {"tags.0"}),
        (member_changes, body(role=None), {"role"}),
        (credentials, b"{}", {"payload.email", "payload.password"}),
        (credentials, body(payload=[]), {"payload"}),
        (credentials, body(provider="github", payload={}), {"provider"}),
        (refresh_token, b"{}", {"refreshToken"}),
        (refresh_token, body(refreshToken="x" * 129), {"refreshToken"}),
    ],
)
def test_what_is_wrong_is_named(read: Callable[[bytes], object], said: bytes, fields: set[str]) -> None:
    refused = refusal(lambda: read(said))
    assert refused is not None
    assert set(refused) == fields


def test_lists_know_their_own_filters_and_orders() -> None:
    query = apps_query([("name", " wal "), ("email", "ignored"), ("sort", "slug:asc"), ("limit", "7")])
    assert (query.name, query.email, query.sort, query.descending, query.limit) == ("wal", None, "slug", False, 7)
    assert members_query([("email", "A@b"), ("name", "ignored")]).name is None
    assert refusal(lambda: members_query([("sort", "name:asc")])) is not None
