"""What devices are told: the last build of their app, who must sign in, and that they were seen."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import event, select, text

from seatrial.db import tables
from seatrial.domain.access import TOKEN_SCOPE_PERMISSIONS, AppScope, TokenScope
from seatrial.domain.app import AppSettings
from seatrial.domain.build import BuildChanges
from seatrial.domain.buildinfo import BuildInfo, Format, Os
from seatrial.domain.device import Device, Visitor
from seatrial.domain.download import DownloadQuery
from seatrial.domain.errors import BuildDisabled, BuildNotProcessed, EntityNotFound, Forbidden, NotAuthenticated
from seatrial.domain.membership import MemberIdentity, MemberKind
from seatrial.domain.sdk import SdkChanges
from seatrial.services.apps import Apps
from seatrial.services.download_log import DownloadLog
from seatrial.services.downloads import Downloads
from seatrial.services.sdk import Sdk
from tests.db.sample_rows import START, add_app
from tests.services.rooms import ANDROID, Reader, Rooms
from tests.services.scopes import downloads_of, powerless

PIXEL = Device(
    sdk_version="ANDROID_5.0.0",
    os_name="android",
    vendor="Google",
    package_name="com.acme.wallet",
    app_version="1.1",
    package_version="11",
)
IPHONE = replace(PIXEL, sdk_version="IOS_4.5.1", os_name="iOS", vendor="Apple")
IOS = replace(ANDROID, format=Format.IPA, os=Os.IOS, version_name="1.2", version_code="120")


@pytest.fixture
def scope(rooms: Rooms) -> AppScope:
    """Give what the token inside a shipped app may do, and nothing else."""
    principal = replace(rooms.scope.principal, permissions=TOKEN_SCOPE_PERMISSIONS[TokenScope.SDK])
    return replace(rooms.scope, principal=principal)


@pytest.fixture
def downloads(rooms: Rooms) -> Downloads:
    return downloads_of(rooms)


@pytest.fixture
def sdk(rooms: Rooms, downloads: Downloads) -> Sdk:
    return Sdk(rooms.db, downloads, rooms.now)


def member(scope: AppScope, *, is_verified: bool = True) -> MemberIdentity:
    return MemberIdentity(
        organization_id=scope.organization_id,
        kind=MemberKind.EMPLOYEE,
        id="e" * 24,
        email="Eve@example.com",
        first_name="Eve",
        last_name="",
        picture="",
        language="",
        is_verified=is_verified,
        groups=frozenset(),
        created_at=START,
    )


def processed(rooms: Rooms, info: BuildInfo = ANDROID) -> str:
    rooms.later(1)
    return rooms.processed(reader=Reader(info)).id


def force_auth(rooms: Rooms, system: Os) -> None:
    apps = Apps(rooms.db, rooms.blobs.provider, rooms.now)
    apps.update(rooms.scope, AppSettings(sdk={system: SdkChanges(force_auth=True)}))


def offered(sdk: Sdk, scope: AppScope, device: Device, system: Os = Os.ANDROID) -> tuple[str, str]:
    offer = sdk.configuration(scope, device, None).offers[system]
    return offer.build_id, offer.version


def test_the_last_build_is_the_newest_that_a_device_may_have(rooms: Rooms, sdk: Sdk, scope: AppScope) -> None:
    assert offered(sdk, scope, PIXEL) == ("", "")
    first, second = processed(rooms), processed(rooms, replace(ANDROID, version_code="13"))
    rooms.later(1)
    rooms.upload()  # pending
    processed(rooms, replace(ANDROID, format=Format.AAB, version_code="99"))  # no device installs it
    assert offered(sdk, scope, PIXEL) == (second, "13")
    rooms.builds.update(rooms.scope, second, BuildChanges(disabled=True))
    assert offered(sdk, scope, PIXEL) == (first, "12")
    assert offered(sdk, scope, PIXEL, Os.IOS) == ("", "")


def test_a_build_of_another_identifier_is_no_update(rooms: Rooms, sdk: Sdk, scope: AppScope) -> None:
    own = processed(rooms)
    other = processed(rooms, replace(ANDROID, identifier="com.acme.wallet.beta", version_code="50"))
    assert offered(sdk, scope, PIXEL) == (own, "12")
    assert offered(sdk, scope, replace(PIXEL, package_name="com.acme.wallet.debug")) == ("", "")
    for unknown in ("", "no_id"):
        assert offered(sdk, scope, replace(PIXEL, package_name=unknown)) == (other, "50")
    assert offered(sdk, scope, IPHONE) == (own, "12"), "of the other system, the same identifier first"


def test_finding_it_reads_no_more_than_an_index(rooms: Rooms, sdk: Sdk, scope: AppScope) -> None:
    processed(rooms)
    statements: list[tuple[str, object]] = []

    def listen(_connection: object, _cursor: object, statement: str, parameters: object, *_: object) -> None:
        if "ORDER BY builds.created_at DESC" in statement:
            statements.append((statement, parameters))

    with rooms.db.read() as tx:
        engine = tx.engine
    event.listen(engine, "before_cursor_execute", listen)
    try:
        sdk.configuration(scope, PIXEL, None)
        Apps(rooms.db, rooms.blobs.provider, rooms.now).get(rooms.scope)
    finally:
        event.remove(engine, "before_cursor_execute", listen)
    assert len(statements) >= 3
    with rooms.db.read() as tx:
        if tx.dialect.name == "postgresql":
            tx.execute(text("SET LOCAL enable_seqscan = off"))
            tx.execute(text("SET LOCAL enable_bitmapscan = off"))
        explain = "EXPLAIN QUERY PLAN " if tx.dialect.name == "sqlite" else "EXPLAIN "
        for statement, parameters in statements:
            plan = str(tx.exec_driver_sql(explain + statement, parameters).all())  # type: ignore[arg-type]
            assert "ix_builds_updates" in plan
            assert "TEMP B-TREE" not in plan
            assert "Sort" not in plan


def test_where_only_members_may_download_one_has_to_have_signed_in(rooms: Rooms, sdk: Sdk, scope: AppScope) -> None:
    build = processed(rooms)
    sdk.issue(scope, build, PIXEL, None)
    force_auth(rooms, Os.ANDROID)
    for nobody in (None, member(scope, is_verified=False)):
        with pytest.raises(NotAuthenticated):
            sdk.issue(scope, build, PIXEL, nobody)
    sdk.issue(scope, build, PIXEL, member(scope))
    assert sdk.configuration(scope, PIXEL, None).rules[Os.ANDROID].force_auth


def test_the_sdk_for_ios_is_refused_where_it_asks_people_to_sign_in(rooms: Rooms, sdk: Sdk, scope: AppScope) -> None:
    force_auth(rooms, Os.IOS)
    with pytest.raises(NotAuthenticated):
        sdk.configuration(scope, IPHONE, None)
    assert sdk.configuration(scope, IPHONE, member(scope)).rules[Os.IOS].force_auth
    assert sdk.configuration(scope, Device(), None).rules[Os.IOS].force_auth, "who is no SDK sees all"


def test_a_token_is_refused_for_what_cannot_be_had(rooms: Rooms, sdk: Sdk, scope: AppScope) -> None:
    pending, disabled = rooms.upload().id, processed(rooms)
    rooms.builds.update(rooms.scope, disabled, BuildChanges(disabled=True))
    with rooms.db.transaction() as tx:
        foreign = replace(scope, app_id=add_app(tx, scope.organization_id).app_id)
    with pytest.raises(BuildNotProcessed):
        sdk.issue(scope, pending, PIXEL, None)
    with pytest.raises(BuildDisabled):
        sdk.issue(scope, disabled, PIXEL, None)
    with pytest.raises(EntityNotFound):
        sdk.issue(foreign, disabled, PIXEL, None)
    with pytest.raises(Forbidden):
        sdk.issue(powerless(scope), disabled, PIXEL, None)
    with pytest.raises(Forbidden):
        sdk.configuration(powerless(scope), PIXEL, None)


def test_a_download_says_who_and_with_what(rooms: Rooms, sdk: Sdk, scope: AppScope, downloads: Downloads) -> None:
    build = processed(rooms)
    token = sdk.issue(scope, build, PIXEL, member(scope))
    downloads.redeem(token.secret, Visitor("203.0.113.77", "okhttp/4.12" + "x" * 300))
    entry = (
        DownloadLog(rooms.db, 0, rooms.now).search(rooms.scope, build, DownloadQuery(email="eve@example.com")).items[0]
    )
    assert (entry.origin, entry.member_type, entry.member.email) == ("sdk", "employee", "Eve@example.com")
    assert (entry.address, entry.device) == ("203.0.113.0", PIXEL)
    assert entry.user_agent.startswith("okhttp/4.12")
    assert len(entry.user_agent) == 255


def test_reading_the_manifest_of_an_unused_token_is_its_download(
    rooms: Rooms, sdk: Sdk, scope: AppScope, downloads: Downloads
) -> None:
    build = processed(rooms, IOS)
    log = DownloadLog(rooms.db, 0, rooms.now)
    token = sdk.issue(scope, build, IPHONE, None).secret
    downloads.manifest(token)  # somebody only looked
    assert log.search(rooms.scope, None, DownloadQuery()).total == 0
    for _ in range(3):  # installers read it more than once
        downloads.manifest(token, Visitor("203.0.113.77", "com.apple.appstored"))
    assert log.search(rooms.scope, None, DownloadQuery()).total == 1
    downloads.redeem(token, Visitor())
    downloads.manifest(token, Visitor())
    assert log.search(rooms.scope, None, DownloadQuery()).total == 1


def test_sdks_are_seen_at_most_once_a_minute(rooms: Rooms, sdk: Sdk, scope: AppScope) -> None:
    processed(rooms)
    apps = Apps(rooms.db, rooms.blobs.provider, rooms.now)

    def seen(system: Os) -> tuple[str, tuple[str, ...], bool] | None:
        found = apps.get(rooms.scope).sdk[system].seen
        return (found.sdk_version, found.capabilities, found.package_known) if found else None

    sdk.configuration(scope, PIXEL, None)
    assert seen(Os.ANDROID) == ("ANDROID_5.0.0", ("updates",), True)
    assert seen(Os.IOS) is None
    newer = replace(PIXEL, sdk_version="ANDROID_5.1.0" + "x" * 100, package_name="com.other")
    sdk.configuration(scope, newer, None)
    assert seen(Os.ANDROID) == ("ANDROID_5.0.0", ("updates",), True), "not yet"
    sdk.note(scope, PIXEL, "feedback")
    assert seen(Os.ANDROID) == ("ANDROID_5.0.0", ("feedback", "updates"), True), "something new at once"
    rooms.time += timedelta(minutes=1)
    sdk.configuration(scope, newer, None)
    assert seen(Os.ANDROID) == (newer.sdk_version[:64], ("feedback", "updates"), False)
    sdk.configuration(scope, Device(os_name="android"), None)  # no SDK
    with rooms.db.read() as tx:
        assert len(tx.execute(select(tables.sdk_sightings)).all()) == 1
