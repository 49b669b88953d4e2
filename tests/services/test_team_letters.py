"""Letters to administrators: of new devices, and of credentials that end soon; each once, and never a flood."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, cast

import pytest
from sqlalchemy import Connection

from seatrial.db import known_devices
from seatrial.domain.access import MemberRole, Role, TokenScope
from seatrial.domain.ids import KnownDeviceId, OrganizationId, new_entity_id
from seatrial.domain.known_device import KnownDevice
from seatrial.services.app_tokens import AppTokens, NewAppToken
from seatrial.services.post import Addressee, Letter
from seatrial.services.schedules import Schedules
from seatrial.services.service_accounts import NewServiceAccount, ServiceAccounts
from seatrial.services.team_letters import MOST_DEVICES_AN_HOUR, CredentialReminders, TeamLetters
from tests.db.sample_rows import START
from tests.services.rooms import Rooms
from tests.services.test_publication_access import user

BASE = "https://builds.example.com"


class Letters:
    """The mail room's twin."""

    def __init__(self) -> None:
        self.written: list[tuple[Letter, str, Mapping[str, object]]] = []

    def write(
        self,
        tx: Connection,
        letter: Letter,
        to: Addressee,
        facts: Mapping[str, object],
        organization_id: OrganizationId | None = None,
    ) -> None:
        self.written.append((letter, to.email, facts))


@pytest.fixture
def admin(rooms: Rooms) -> str:
    user(rooms, MemberRole.VIEWER)
    return user(rooms, MemberRole.ADMIN).email


def test_administrators_hear_of_new_devices_and_not_of_a_flood(rooms: Rooms, admin: str) -> None:
    letters = Letters()
    team = TeamLetters(letters, BASE)
    for number in range(MOST_DEVICES_AN_HOUR + 3):
        made = KnownDevice(
            id=KnownDeviceId(new_entity_id()), organization_id=rooms.scope.organization_id, udid=f"{number:040}",
            product="iPhone15,4", os_build="", os_version="", serial="", name="Eve", kind=None, member_id="", email="",
            first_name="", last_name="", app_id=None, is_proven=True, last_seen_at=START, created_at=START,
        )  # fmt: skip
        with rooms.db.transaction() as tx:
            known_devices.insert_device(tx, made)
            team.device_added(tx, made, START)
    assert [email for _, email, _ in letters.written] == [admin] * MOST_DEVICES_AN_HOUR
    letter, _, facts = letters.written[0]
    assert (letter, facts["author"], facts["device"]) == (Letter.DEVICE_ADDED, "Eve", "iPhone 15")
    assert str(facts["link"]).startswith(f"{BASE}/dashboard/")


@dataclass
class Night:
    """Tokens that end, and what is written of them at night."""

    rooms: Rooms
    letters: Letters

    def token(self, name: str, days: float) -> None:
        end = self.rooms.now() + timedelta(days=days)
        new = NewAppToken(description=name, scopes=(TokenScope.UPLOAD,), expires_at=end)
        AppTokens(self.rooms.db, self.rooms.now).create(self.rooms.scope, new)

    def named(self) -> list[str]:
        """Let a server run for a moment, and name what it reminds of."""
        self.letters.written.clear()
        schedules = Schedules("executor-one", self.rooms.now)
        CredentialReminders(self.rooms.db, TeamLetters(self.letters, BASE), schedules, 3, self.rooms.now).run()
        return [one["name"] for _, _, facts in self.letters.written for one in cast("list[Any]", facts["items"])]


@pytest.mark.usefixtures("admin")
def test_what_came_near_while_no_server_ran_is_made_up_for_once(rooms: Rooms) -> None:
    night = Night(rooms, Letters())
    assert night.named() == []
    for name, days in (("ended", 10.5), ("both", 16.5), ("last", 23.5), ("later", 40.5)):
        night.token(name, days)
    rooms.later(15 * 24 * 3600)
    assert night.named() == ["both", "last"]
    found = []
    for _ in range(30):
        rooms.later(24 * 3600)
        found += night.named()
    assert found == ["last", "later", "later"]


@pytest.mark.usefixtures("admin")
def test_a_server_s_first_night_reminds_of_what_is_near_already(rooms: Rooms) -> None:
    night = Night(rooms, Letters())
    for name, days in (("soon", 2.5), ("near", 8.5), ("far", 20.5)):
        night.token(name, days)
    assert night.named() == ["soon", "near"]
    assert night.named() == []


def test_of_what_ends_soon_administrators_hear_twice(rooms: Rooms, admin: str) -> None:
    letters, tokens, accounts = Letters(), AppTokens(rooms.db, rooms.now), ServiceAccounts(rooms.db, rooms.now)
    end = rooms.now() + timedelta(days=20)
    tokens.create(rooms.scope, NewAppToken(description="CI", scopes=(TokenScope.UPLOAD,), expires_at=end))
    tokens.create(rooms.scope, NewAppToken(description="for ever", scopes=(TokenScope.UPLOAD,)))
    accounts.create(rooms.scope, NewServiceAccount(name="robot", role=Role.VIEWER, expires_at=end))
    gone, _ = accounts.create(rooms.scope, NewServiceAccount(name="gone", role=Role.VIEWER, expires_at=end))
    accounts.revoke(rooms.scope, gone.id)
    rooms.register("two")
    nights = [
        CredentialReminders(rooms.db, TeamLetters(letters, BASE), Schedules(name, rooms.now), 3, rooms.now)
        for name in ("executor-one", "two")
    ]
    days = []
    for _ in range(22):
        for night in (*nights, *nights):
            before = len(letters.written)
            night.run()
            days += [(end - rooms.now()).days] * (len(letters.written) - before)
        rooms.later(24 * 3600)
    assert [email for _, email, _ in letters.written] == [admin, admin]
    assert [(day in {13, 14}, day in {2, 3}) for day in days] == [(True, False), (False, True)]
    items = letters.written[0][2]["items"]
    assert isinstance(items, list)
    assert [(one["name"], bool(one["app"])) for one in items] == [("CI", True), ("robot", False)]
