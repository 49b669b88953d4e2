"""Reminders: before the end of what people can get, once each, whichever server is first; and the calendar."""

import threading
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Connection

from seatrial.db import expirations as expirations_db
from seatrial.db import tables
from seatrial.domain.access import AppScope, MemberRole, OrganizationScope
from seatrial.domain.build import BuildChanges
from seatrial.domain.buildinfo import BuildInfo, Certificate, Format, Os, ProvisioningProfile, Signing
from seatrial.domain.errors import Forbidden
from seatrial.domain.event import Event
from seatrial.domain.expiration import THRESHOLDS, ExpirationQuery
from seatrial.domain.ids import OrganizationId, new_entity_id
from seatrial.domain.listing import ListQuery
from seatrial.domain.publication import BuildFilter, FilterType, PublicationSettings, Security, Visibility
from seatrial.services.events import Events
from seatrial.services.expirations import Expirations
from seatrial.services.post import Addressee, Letter
from seatrial.services.publications import Publications
from tests.db.sample_rows import START, add_app
from tests.services.rooms import Reader, Rooms

END = START + timedelta(days=100)


class Letters:
    """The mail room's twin; like rows, what is written in a transaction that fails is not kept by these tests."""

    def __init__(self) -> None:
        self.written: list[tuple[str, Mapping[str, object]]] = []

    def write(
        self,
        tx: Connection,
        letter: Letter,
        to: Addressee,
        facts: Mapping[str, object],
        organization_id: OrganizationId | None = None,
    ) -> None:
        assert letter is Letter.CERTIFICATE_EXPIRING
        self.written.append((to.email, facts))


class House:
    """One server's reminders."""

    def __init__(self, rooms: Rooms) -> None:
        self.rooms = rooms
        self.letters = Letters()
        self.told: list[Event] = []
        self.publications = Publications(rooms.db, rooms.now)
        self.service = self.another()

    def another(self) -> Expirations:
        events = Events([lambda _tx, event: self.told.append(event)])
        return Expirations(self.rooms.db, self.letters, events, self.rooms.now, "https://builds.example.com")

    def person(self, role: MemberRole, scope: AppScope | None = None) -> str:
        user, email = new_entity_id(), f"{role.value}@example.com"
        where = scope or self.rooms.scope
        with self.rooms.db.transaction() as tx:
            tx.execute(
                tables.users.insert().values(
                    id=user,
                    email=email,
                    first_name="Ada",
                    last_name="",
                    password_hash="",
                    created_at=START,
                    updated_at=START,
                )
            )
            tx.execute(
                tables.memberships.insert().values(
                    user_id=user, organization_id=where.organization_id, role=role.value, created_at=START
                )
            )
        return email

    def build(self, info: BuildInfo) -> str:
        made = self.rooms.upload()
        self.rooms.processing(Reader(info)).run(made.id, 1)
        return made.id

    def publish(self, slug: str = "wallet", **more: object) -> None:
        settings = PublicationSettings(
            slug=slug,
            filter=BuildFilter(type=FilterType.LAST),
            security=Security.PUBLIC,
            visibility=Visibility.ACTIVE,
        )
        self.publications.create(self.rooms.scope, replace(settings, **more))  # type: ignore[arg-type]

    def given(self) -> list[int]:
        return [int(str(event.facts["threshold"])) for event in self.told]

    def at(self, days_before: float) -> None:
        self.rooms.time = END - timedelta(days=days_before)


def signed(uuid: str = "U-1", ends: datetime = END, certificate_ends: datetime | None = None) -> BuildInfo:
    profile = ProvisioningProfile(uuid=uuid, name="Acme In-House", expires=ends)
    signer = Certificate(
        subject="CN=Acme", issuer="CN=Apple", serial="7", sha1="1" * 40, sha256="a" * 64, not_after=certificate_ends
    )
    return BuildInfo(
        format=Format.IPA,
        os=Os.IOS,
        identifier="com.acme.wallet",
        version_name="1.2",
        version_code="12",
        signing=Signing(profile=profile, certificates=(signer,)),
    )


@pytest.fixture
def house(rooms: Rooms) -> House:
    return House(rooms)


def test_every_reminder_is_given_once_on_its_day(house: House) -> None:
    owner = house.person(MemberRole.OWNER)
    house.person(MemberRole.VIEWER)
    build = house.build(signed())
    house.publish()
    for day in (61, 60, 59.9, 45, 30.1, 30, 14, 7, 6, 1, 0.5, -1):
        house.at(day)
        house.service.remind()
        house.service.remind()
    assert house.given() == list(THRESHOLDS)
    assert [email for email, _ in house.letters.written] == [owner] * len(THRESHOLDS)
    facts = house.letters.written[-1][1]
    assert facts["items"] == [
        {
            "build": "1.2 (12)",
            "what": "profile",
            "name": "Acme In-House",
            "days": 1,
            "expires": END,
            "link": "https://builds.example.com/wallet",
        }
    ]
    assert {event.subject for event in house.told} == {build}


def test_after_a_time_without_a_server_only_the_nearest_is_given(house: House) -> None:
    house.person(MemberRole.OWNER)
    house.build(signed())
    house.publish()
    for days in (80, 40, 39, 6, 5, -1):
        house.at(days)
        house.service.remind()
    assert house.given() == [45, 7]


def test_what_nobody_can_get_is_not_reminded_of(house: House) -> None:
    house.build(signed())
    house.at(30)
    house.service.remind()
    house.publish("closed", visibility=Visibility.INACTIVE)
    house.publish("over", expires_at=house.rooms.time + timedelta(minutes=1))
    house.rooms.later(120)
    house.service.remind()
    assert house.given() == []
    house.publish("link-only", visibility=Visibility.UNLISTED)
    house.service.remind()
    assert house.given() == [30]


def test_another_build_with_the_same_profile_is_no_new_reminder_and_another_profile_is(house: House) -> None:
    house.person(MemberRole.ADMIN)
    house.build(signed())
    house.publish()
    house.publish("again")
    house.at(20)
    house.service.remind()
    house.build(signed())
    house.service.remind()
    assert house.given() == [30]
    house.build(signed("U-2", ends=END + timedelta(days=1)))
    house.service.remind()
    assert house.given() == [30, 30]


def test_all_of_an_app_goes_into_one_letter(house: House) -> None:
    house.person(MemberRole.OWNER)
    house.build(signed(certificate_ends=END + timedelta(days=2)))
    house.publish()
    house.at(10)
    house.service.remind()
    [(_, facts)] = house.letters.written
    assert [(item["what"], item["days"]) for item in facts["items"]] == [("profile", 10), ("certificate", 12)]  # type: ignore[attr-defined]
    assert house.given() == [14, 14]


def test_two_servers_at_once_remind_once(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house.person(MemberRole.OWNER)
    house.build(signed())
    house.publish()
    house.at(7)
    # Both have looked before either has written.
    monkeypatch.setattr(expirations_db, "given", lambda _tx, _apps: set())
    together = threading.Barrier(2)

    def remind(service: Expirations) -> None:
        together.wait()
        service.remind()

    threads = [threading.Thread(target=remind, args=(house.another(),)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert house.given() == [7]
    assert len(house.letters.written) == 1


def test_a_failure_in_the_middle_leaves_the_reminder_to_be_given(house: House) -> None:
    house.build(signed())
    house.publish()
    house.at(7)

    def fail(_tx: Connection, _event: Event) -> None:
        raise OSError("the database is away")

    broken = Expirations(house.rooms.db, house.letters, Events([fail]), house.rooms.now)
    with pytest.raises(OSError):
        broken.remind()
    house.service.remind()
    assert house.given() == [7]


def test_it_is_looked_at_once_an_hour(house: House) -> None:
    house.build(signed())
    house.at(7)
    house.service.remind_hourly()
    house.publish()
    house.rooms.later(3599)
    house.service.remind_hourly()
    assert house.given() == []
    house.rooms.later(1)
    house.service.remind_hourly()
    assert house.given() == [7]


def query(within: int | None = None, **paging: object) -> ExpirationQuery:
    return ExpirationQuery(paging=ListQuery(**{"sort": "expiresAt", "descending": False} | paging), within_days=within)  # type: ignore[arg-type]


def test_the_calendar_shows_what_is_published_now(house: House) -> None:
    scope = house.rooms.scope
    organization = OrganizationScope(organization_id=scope.organization_id, principal=scope.principal)
    build = house.build(signed(certificate_ends=END + timedelta(days=300)))
    assert house.service.search(organization, query()).total == 0
    house.publish()
    house.at(-1)
    page = house.service.search(organization, query())
    assert [(one.ending.kind, one.days_left(house.rooms.time)) for one in page.items] == [
        ("profile", -1),
        ("certificate", 299),
    ]
    assert page.items[0].application.id == scope.app_id
    assert [one.id for one in page.items[0].builds] == [build]
    assert house.service.search(organization, query(within=60)).total == 1
    second = house.service.search(organization, query(page=2, limit=1))
    assert (second.total, [one.ending.kind for one in second.items]) == (2, ["certificate"])
    assert house.service.search(organization, query(descending=True)).items[0].ending.kind == "certificate"
    assert house.service.search(organization, query(sort="name")).items[0].ending.name == "Acme In-House"
    with house.rooms.db.transaction() as tx:
        stranger = add_app(tx)
    assert house.service.search(stranger, query()).total == 0
    nobody = replace(organization, principal=replace(organization.principal, permissions=frozenset()))
    with pytest.raises(Forbidden):
        house.service.search(nobody, query())
    house.rooms.builds.update(scope, build, BuildChanges(disabled=True))
    assert house.service.search(organization, query()).total == 0
