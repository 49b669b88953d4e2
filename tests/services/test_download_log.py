"""The log of downloads: read, taken away whole, and made to forget people."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import insert, select

from seatrial.db import tables
from seatrial.domain.access import MemberRole
from seatrial.domain.app import OrganizationChanges
from seatrial.domain.device import Visitor
from seatrial.domain.download import DownloadQuery, DownloadType
from seatrial.domain.errors import EntityNotFound, Forbidden
from seatrial.domain.ids import new_entity_id
from seatrial.services import download_log
from seatrial.services.apps import Apps
from seatrial.services.download_log import DownloadLog
from seatrial.services.organizations import Organizations
from seatrial.services.sdk import Sdk
from tests.db.sample_rows import add_app
from tests.services.rooms import Rooms
from tests.services.scopes import downloads_of, powerless, with_role
from tests.services.test_sdk import PIXEL, member, processed

ADA, VISITOR = "ada@example.com", Visitor("203.0.113.77", "curl/8")


@pytest.fixture
def log(rooms: Rooms) -> DownloadLog:
    return DownloadLog(rooms.db, 30, rooms.now)


def download(rooms: Rooms, build: str, times: int = 1) -> None:
    downloads = downloads_of(rooms)
    for _ in range(times):
        rooms.later(1)
        downloads.redeem(downloads.issue(rooms.scope, build, None, DownloadType.FILE).secret, VISITOR)


def emails(log: DownloadLog, rooms: Rooms) -> list[str]:
    return [one.member.email for one in log.search(rooms.scope, None, DownloadQuery()).items]


def test_an_app_has_the_downloads_of_its_builds_and_no_others(rooms: Rooms, log: DownloadLog) -> None:
    first, second = processed(rooms), processed(rooms)
    download(rooms, first)
    download(rooms, second, 2)
    assert log.search(rooms.scope, first, DownloadQuery()).total == 1
    page = log.search(rooms.scope, None, DownloadQuery(limit=2))
    assert (page.total, [one.build_id for one in page.items]) == (3, [second, second])
    with rooms.db.transaction() as tx:
        other = add_app(tx, rooms.scope.organization_id)
    assert log.search(other, None, DownloadQuery()).total == 0
    with pytest.raises(EntityNotFound):
        log.search(other, first, DownloadQuery())
    for call in (
        lambda: log.search(powerless(rooms.scope), None, DownloadQuery()),
        lambda: log.begin_export(powerless(rooms.scope), None),
        lambda: log.erase(with_role(rooms.scope, MemberRole.EDITOR), ADA),
    ):
        with pytest.raises(Forbidden):
            call()


@pytest.mark.parametrize("descending", [True, False])
def test_all_of_it_comes_in_batches_of_which_none_is_lost_or_doubled(
    rooms: Rooms, log: DownloadLog, descending: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(download_log, "EXPORT_ROWS", 3)
    build = processed(rooms)
    download(rooms, build)
    with rooms.db.transaction() as tx:  # several of one moment
        row = tx.execute(select(tables.downloads)).one()._mapping
        tx.execute(insert(tables.downloads), [{**row, "id": new_entity_id()} for _ in range(8)])
    query = DownloadQuery(descending=descending)
    batches = list(log.batches(rooms.scope, log.begin_export(rooms.scope, build), query))
    assert [len(batch) for batch in batches] == [3, 3, 3]
    ids = [one.id for batch in batches for one in batch]
    assert ids == sorted(set(ids), reverse=descending)
    assert list(log.batches(rooms.scope, None, DownloadQuery(email="nobody@example.com"))) == []


def test_after_its_days_the_log_names_nobody_and_counts_on(
    rooms: Rooms, log: DownloadLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(download_log, "BLANK_ROWS", 2)
    build = processed(rooms)
    download(rooms, build, 3)
    rooms.time += timedelta(days=30)
    download(rooms, build)
    assert log.forget_people() == 3
    assert log.forget_people() == 0
    assert emails(log, rooms) == [ADA, "", "", ""]
    old = log.search(rooms.scope, build, DownloadQuery()).items[-1]
    assert (old.member_type, old.address, old.user_agent, old.origin) == ("anonymous", "", "", "integrationApi")
    assert Apps(rooms.db, rooms.blobs.provider, rooms.now).get(rooms.scope).app.downloads == 4


def test_an_organization_chooses_its_own_days(rooms: Rooms, log: DownloadLog) -> None:
    organizations = Organizations(rooms.db, rooms.now)
    download(rooms, processed(rooms))
    organizations.update(rooms.scope, OrganizationChanges(download_log_days=0))
    rooms.time += timedelta(days=9999)
    assert log.forget_people() == 0
    organizations.update(rooms.scope, OrganizationChanges(download_log_days=1))
    assert log.forget_people() == 1
    assert replace(log, keep_days=0).forget_people() == 0


def test_a_person_is_erased_from_what_was_and_from_what_is_to_come(rooms: Rooms, log: DownloadLog) -> None:
    build, downloads = processed(rooms), downloads_of(rooms)
    download(rooms, build, 2)
    sdk = Sdk(rooms.db, downloads, rooms.now)
    rooms.later(1)
    downloads.redeem(sdk.issue(rooms.scope, build, PIXEL, member(rooms.scope)).secret, VISITOR)
    waiting = downloads.issue(rooms.scope, build, None, DownloadType.FILE).secret
    assert log.erase(rooms.scope, "ADA@example.com") == download_log.Erasure(downloads=2, feedbacks=0)
    rooms.later(1)
    downloads.redeem(waiting, VISITOR)
    assert emails(log, rooms) == ["", "Eve@example.com", "", ""]
    with rooms.db.read() as tx:
        record = tx.execute(select(tables.audit_log).where(tables.audit_log.c.action == "person.erase")).one()
    assert "ada@" not in str(record).lower()
