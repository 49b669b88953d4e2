"""Devices that become known, and what the team sees of them; on both databases."""

import plistlib
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from seatrial.domain.access import MEMBER_PERMISSIONS, MemberRole
from seatrial.domain.buildinfo import ProvisioningProfile, Signing, SigningKind
from seatrial.domain.errors import EntityNotFound, Forbidden, InvalidRequest, TooManyRequests
from seatrial.domain.ids import AppId
from seatrial.domain.known_device import DeviceQuery, DeviceState
from seatrial.domain.membership import MemberIdentity
from seatrial.domain.publication import FilterType
from seatrial.services.download_log import DownloadLog
from seatrial.services.employees import Employees
from seatrial.services.enrolments import ChallengeOver, Enrolment, Enrolments
from seatrial.services.known_devices import KnownDevices
from seatrial.services.login_limits import LoginLimits
from seatrial.services.publications import Publications
from seatrial.services.users import Users
from seatrial.storage.sealing import Sealer
from tests.apple_devices import OLD_UDID, UDID, AppleDevice, Authority
from tests.services.rooms import Rooms
from tests.services.test_publication_access import employee, user
from tests.services.test_publications import IPA, build, settings

URL = "https://builds.example.com/profile/device"
HERE = "192.0.2.1"


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority()


@pytest.fixture(scope="module")
def phone(authority: Authority) -> AppleDevice:
    return AppleDevice(authority)


@pytest.fixture
def enrolments(rooms: Rooms, authority: Authority) -> Enrolments:
    limits = LoginLimits(rooms.db, 3, 11, timedelta(minutes=15), rooms.now)
    return Enrolments(
        rooms.db, Sealer([b"k" * 32]), limits, timedelta(hours=1), rooms.now, authorities=(authority.der,)
    )


@pytest.fixture
def devices(rooms: Rooms) -> KnownDevices:
    return KnownDevices(rooms.db, rooms.now)


@pytest.fixture
def challenge(rooms: Rooms, enrolments: Enrolments) -> Callable[..., str]:
    def ask(member: MemberIdentity | None = None, name: str = "", **more: AppId) -> str:
        scope = rooms.scope
        wanted = Enrolment(
            organization_id=scope.organization_id, organization="Acme", place="/beta", member=member, name=name,
            app_id=more.get("app_id", scope.app_id),
        )  # fmt: skip
        profile = plistlib.loads(enrolments.ask(wanted, URL, "Title", "Text"))
        assert profile["PayloadType"] == "Profile Service"
        assert profile["PayloadContent"]["DeviceAttributes"] == ["UDID", "PRODUCT", "VERSION"]
        assert profile["PayloadContent"]["URL"] == URL
        said: str = profile["PayloadContent"]["Challenge"]
        return said

    return ask


def profiled(*udids: str) -> Signing:
    profile = ProvisioningProfile(name="QA", devices=udids)
    return Signing(kind=SigningKind.AD_HOC, profile=profile)


def test_a_device_is_known_from_its_answer_on(
    rooms: Rooms, enrolments: Enrolments, devices: KnownDevices, phone: AppleDevice, challenge: Callable[..., str]
) -> None:
    person = employee(rooms)
    welcome = enrolments.take(phone.answer(challenge(person), SERIAL="C39"), HERE)
    owner = rooms.scope.organization_id
    assert welcome.place == "/beta"
    assert enrolments.arrive(owner, "/other", welcome.ticket) is None
    assert enrolments.arrive(owner, "/beta", welcome.ticket[:-2]) is None
    kept = enrolments.arrive(owner, "/beta", welcome.ticket)
    assert kept is not None
    found = enrolments.known(owner, kept)
    assert found is not None
    assert (found.udid, found.product_name, found.serial, found.is_proven) == (UDID, "iPhone 15", "", True)
    assert (found.member_id, found.email) == (person.id, person.email)
    assert [one.id for one in devices.of_member(person)] == [found.id]
    for wrong in ("", "nothing", welcome.ticket, kept[:-2]):
        assert enrolments.known(owner, wrong) is None
    enrolments.see(found, "17.1.2")
    rooms.later(960)
    assert enrolments.arrive(owner, "/beta", welcome.ticket) is None
    seen = enrolments.known(owner, kept)
    assert seen is not None
    assert seen.os_version == "17.1.2"
    devices.delete(rooms.scope, found.id)
    assert enrolments.known(owner, kept) is None
    with pytest.raises(EntityNotFound):
        devices.delete(rooms.scope, found.id)


def test_challenges_are_for_one_device_and_a_while(
    rooms: Rooms, enrolments: Enrolments, authority: Authority, phone: AppleDevice, challenge: Callable[..., str]
) -> None:
    said = challenge(name="Ada")
    first = enrolments.take(phone.answer(said), HERE)
    again = enrolments.take(phone.answer(said), HERE)  # its connection broke before it saw the answer
    assert first.place == again.place
    other = AppleDevice(authority, OLD_UDID, "iPhone10,6")
    for written in (said, f"{said[:9]}!{said[9:]}"):
        with pytest.raises(InvalidRequest, match="another device"):
            enrolments.take(other.answer(written), HERE)
    forged = Sealer([b"other" * 8]).seal(b'{"for": "challenge"}')
    for wrong in ("", "forged", forged, first.ticket, "A" * 5000):
        with pytest.raises(InvalidRequest, match="CHALLENGE"):
            enrolments.take(phone.answer(wrong), HERE)
    with pytest.raises(InvalidRequest, match="UDID"):
        enrolments.take(phone.answer(challenge(), UDID="FFFF"), HERE)
    with pytest.raises(InvalidRequest, match="gone"):
        enrolments.take(phone.answer(challenge(app_id=AppId("0" * 24)), UDID="f" * 40), HERE)
    with pytest.raises(TooManyRequests):
        enrolments.take(b"", HERE)
    rooms.later(3700)
    with pytest.raises(ChallengeOver, match="old") as over:
        enrolments.take(phone.answer(said), HERE)
    assert over.value.place == "/beta"


def test_whose_it_is_changes_with_who_signs_in_and_goes_with_them(
    rooms: Rooms, enrolments: Enrolments, devices: KnownDevices, phone: AppleDevice, challenge: Callable[..., str]
) -> None:
    ada, grace = employee(rooms), user(rooms, "viewer")

    def owner() -> str:
        return next(one.device.owner for one in devices.search(rooms.scope, DeviceQuery()).items)

    enrolments.take(phone.answer(challenge(name=" Some\0body\u202e ")), HERE)
    assert owner() == "Somebody"
    enrolments.take(phone.answer(challenge(ada)), HERE)
    enrolments.take(phone.answer(challenge(name="Mallory")), HERE)
    enrolments.take(phone.answer(challenge(replace(grace, is_verified=False))), HERE)
    assert owner() == ada.email
    enrolments.take(phone.answer(challenge(grace)), HERE)
    assert owner() == grace.email
    assert devices.search(rooms.scope, DeviceQuery(text=grace.email[:20])).total == 1
    Users(rooms.db, rooms.now).remove(rooms.scope, grace.id)
    assert devices.search(rooms.scope, DeviceQuery()).total == 0
    enrolments.take(phone.answer(challenge(ada)), HERE)
    assert DownloadLog(rooms.db, 0, rooms.now).erase(rooms.scope, ada.email.upper()).devices == 1
    enrolments.take(phone.answer(challenge(ada)), HERE)
    Employees(rooms.db, rooms.now).delete(rooms.scope, ada.id)
    assert devices.search(rooms.scope, DeviceQuery()).total == 0


def test_the_team_sees_in_which_profiles_a_device_is(
    rooms: Rooms, enrolments: Enrolments, devices: KnownDevices, authority: Authority, phone: AppleDevice,
    challenge: Callable[..., str],
) -> None:  # fmt: skip
    old = build(rooms, branch="main", info=replace(IPA, signing=profiled(OLD_UDID.upper())))
    new = build(rooms, info=replace(IPA, signing=profiled("another")))
    publications = Publications(rooms.db, rooms.now)
    publications.create(rooms.scope, settings("p-main", FilterType.GIT_BRANCH, "main"))
    for device in (phone, AppleDevice(authority, OLD_UDID, "iPhone99,9")):
        enrolments.take(device.answer(challenge(name=device.product)), HERE)
    found = devices.search(rooms.scope, DeviceQuery()).items
    assert [(one.device.udid, [given.id for given in one.builds]) for one in found] == [
        (OLD_UDID, [old.id]),
        (UDID, []),
    ]
    assert new.id not in {given.id for one in found for given in one.builds}
    for query, expected in (
        (DeviceQuery(state=DeviceState.MISSING), [UDID]),
        (DeviceQuery(state=DeviceState.PRESENT), [OLD_UDID]),
        (DeviceQuery(text="iphone 15"), [UDID]),
        (DeviceQuery(text="0012345a"), [UDID]),
        (DeviceQuery(text="%"), []),
        (DeviceQuery(app="nothing"), []),
        (DeviceQuery(limit=1, page=2), [UDID]),
    ):
        assert [one.device.udid for one in devices.search(rooms.scope, query).items] == expected
    assert [len(batch) for batch in devices.every(rooms.scope, DeviceQuery(limit=1))] == [2]
    viewer = replace(rooms.scope.principal, permissions=MEMBER_PERMISSIONS[MemberRole.VIEWER])
    for call in (
        lambda: devices.search(replace(rooms.scope, principal=viewer), DeviceQuery()),
        lambda: devices.every(replace(rooms.scope, principal=viewer), DeviceQuery()),
        lambda: devices.delete(replace(rooms.scope, principal=viewer), found[0].device.id),
    ):
        with pytest.raises(Forbidden):
            call()
