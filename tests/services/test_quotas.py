"""Quotas: counted exactly, whatever happens to a build, and held where two want the last room."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from seatrial.db import usage
from seatrial.domain.build import Submission
from seatrial.domain.download import DownloadType
from seatrial.domain.errors import DownloadsExhausted, QuotaExceeded, SeatrialError
from seatrial.domain.quota import UNLIMITED, Item, counter
from seatrial.services import numbers
from seatrial.services.downloads import Downloads
from seatrial.services.events import Events
from seatrial.services.quotas import FORM_BYTES, Quotas
from seatrial.services.trash import Trash
from seatrial.services.uploads import BUILD_PART
from tests.db.sample_rows import add_app
from tests.services.rooms import ANDROID, Rooms
from tests.services.scopes import downloads_of
from tests.services.test_numbers import whole
from tests.services.test_side_by_side import together

ICON = len(ANDROID.icon_png or b"")


def used(rooms: Rooms, item: Item) -> tuple[int, int]:
    """Give what is counted for the app and for its organization."""
    app, organization = rooms.quotas.of_app(rooms.scope), rooms.quotas.of_organization(whole(rooms.scope))
    return tuple(next(one.used or 0 for one in found if one.item is item) for found in (app, organization))  # type: ignore[return-value]


def test_everything_that_is_stored_counts_until_it_is_gone(rooms: Rooms) -> None:
    trash = Trash(rooms.db, rooms.loose, rooms.now)
    build = rooms.processed(b"x" * 1000)
    rooms.attach(build.id, b"y" * 50)
    assert used(rooms, Item.STORAGE) == (1050 + ICON,) * 2
    trash.put(rooms.scope, build.id)
    assert (used(rooms, Item.STORAGE), used(rooms, Item.BUILDS)) == ((1050 + ICON,) * 2, (1, 1))
    trash.restore(rooms.scope, build.id)
    other = rooms.upload(b"z" * 10)
    assert (used(rooms, Item.STORAGE), used(rooms, Item.BUILDS)) == ((1060 + ICON,) * 2, (2, 2))
    rooms.builds.delete(rooms.scope, other.id)
    trash.put(rooms.scope, build.id)
    trash.purge(rooms.scope, build.id)
    assert (used(rooms, Item.STORAGE), used(rooms, Item.BUILDS)) == ((0, 0), (0, 0))


def test_the_tighter_of_what_was_granted_and_what_was_chosen_counts(rooms: Rooms) -> None:
    quotas = Quotas(rooms.db, rooms.now, {Item.BUILDS: 10}, {Item.STORAGE: 500})
    organization = whole(rooms.scope)

    def limits() -> tuple[int | None, int | None]:
        return (
            next(one.limit for one in quotas.of_organization(organization) if one.item is Item.BUILDS),
            next(one.limit for one in quotas.of_app(rooms.scope) if one.item is Item.STORAGE),
        )

    assert limits() == (10, 500)
    quotas.choose_for_organization(organization, {Item.BUILDS: 3})
    quotas.choose_for_app(rooms.scope, {Item.STORAGE: 900})
    assert limits() == (3, 500)
    quotas.grant(organization, {Item.BUILDS: 2})
    quotas.grant(rooms.scope, {Item.STORAGE: UNLIMITED})
    assert limits() == (2, 900)
    quotas.choose_for_app(rooms.scope, {Item.STORAGE: None})
    quotas.grant(organization, {Item.BUILDS: None})
    assert limits() == (3, None)


ANNOUNCED: list[tuple[Item, int, int | None, int]] = [
    (Item.STORAGE, 1000, FORM_BYTES + 1001, 1001),
    (Item.UPLOAD_SIZE, 1000, FORM_BYTES + 1001, 1001),
    (Item.BUILDS, 0, None, 1),
    (Item.STORAGE, 0, None, 1),
]


def test_what_is_announced_is_refused_before_it_comes(rooms: Rooms) -> None:
    for scope in (rooms.scope, whole(rooms.scope)):
        for item, limit, announced, num in ANNOUNCED:
            rooms.quotas.grant(scope, {item: limit})
            with pytest.raises(QuotaExceeded) as refused:
                rooms.uploads.begin(rooms.scope, announced)
            assert refused.value.data == {"limit": limit, "num": num, "itemName": item.value}
            rooms.quotas.grant(scope, {item: None})
    assert rooms.blobs.holds_nothing()
    rooms.upload()


def test_what_was_not_announced_is_refused_when_it_is_too_much(rooms: Rooms) -> None:
    rooms.quotas.grant(rooms.scope, {Item.UPLOAD_SIZE: 1000})
    intake = rooms.uploads.begin(rooms.scope, None)
    writer = intake.open(BUILD_PART, "app.apk")
    assert writer is not None
    writer.write(bytes(1000))
    with pytest.raises(QuotaExceeded) as refused:
        writer.write(b"x")
    assert refused.value.data == {"limit": 1000, "num": 1001, "itemName": "uploadSize"}
    rooms.uploads.abandon(intake)
    assert rooms.blobs.holds_nothing()


def test_of_two_uploads_for_which_there_is_room_for_one_one_is_refused(rooms: Rooms) -> None:
    with rooms.db.transaction() as tx:
        neighbour = add_app(tx, rooms.scope.organization_id)
    rooms.quotas.grant(whole(rooms.scope), {Item.STORAGE: 1500})

    def intake_of(scope_of_app: object) -> object:
        intake = rooms.uploads.begin(scope_of_app, 1000)  # type: ignore[arg-type]
        writer = intake.open(BUILD_PART, "app.apk")
        assert writer is not None
        writer.write(bytes(1000))
        return intake

    intakes = [intake_of(rooms.scope), intake_of(neighbour)]
    results = together([lambda one=one: rooms.uploads.accept(one, Submission()) for one in intakes])  # type: ignore[misc]
    failed = [one for one in results if isinstance(one, SeatrialError)]
    assert [one.data for one in failed] == [{"limit": 1500, "num": 2000, "itemName": "storage"}]
    assert used(rooms, Item.STORAGE)[1] == 1000


def test_downloads_are_counted_by_month_and_a_refused_one_leaves_its_token(rooms: Rooms) -> None:
    downloads: Downloads = replace(downloads_of(rooms), events=Events([numbers.note]))
    build = rooms.processed()
    rooms.quotas.grant(rooms.scope, {Item.DOWNLOADS: 1})
    first, second = (downloads.issue(rooms.scope, build.id, None, DownloadType.AUTO).secret for _ in range(2))
    downloads.redeem(first)
    with pytest.raises(DownloadsExhausted):
        downloads.redeem(second)
    with pytest.raises(DownloadsExhausted) as refused:
        downloads.redeem(second)
    name = counter(Item.DOWNLOADS, rooms.now())
    assert refused.value.data == {"limit": 1, "num": 2, "itemName": name}
    assert refused.value.retry_after > 0
    assert used(rooms, Item.DOWNLOADS) == (1, 1)
    rooms.quotas.grant(rooms.scope, {Item.DOWNLOADS: 2})
    downloads.redeem(second)


def test_downloads_begin_anew_each_month() -> None:
    moment = datetime(2026, 12, 31, 23, 59, 59, tzinfo=UTC)
    assert counter(Item.DOWNLOADS, moment) == "downloadsByMonth.202612"
    assert counter(Item.DOWNLOADS, moment + timedelta(seconds=1)) == "downloadsByMonth.202701"
    assert counter(Item.STORAGE, moment) == "storage"


def test_a_count_that_an_older_node_left_wrong_is_corrected(rooms: Rooms) -> None:
    rooms.processed(b"x" * 1000)
    assert rooms.quotas.check() == 0
    with rooms.db.transaction() as tx:
        usage.shift(tx, rooms.scope.organization_id, rooms.scope.app_id, {Item.STORAGE.value: 77})
    assert rooms.quotas.check() == 0  # it was looked at a moment ago
    rooms.later(86_401)
    assert rooms.quotas.check() == 1
    assert used(rooms, Item.STORAGE) == (1000 + ICON,) * 2
