"""An app's picture: a copy of an icon that outlives its build."""

from collections.abc import Sequence

import pytest
from sqlalchemy import select

from seatrial.db import apps, tables
from seatrial.domain.app import PictureFile
from seatrial.domain.buildinfo import BuildInfo, Format, Os
from seatrial.domain.errors import BuildNotProcessed, EntityNotFound, Forbidden, InvalidRequest, ServiceUnavailable
from seatrial.domain.ids import OrganizationId
from seatrial.domain.place import Place
from seatrial.services.app_pictures import AppPictures
from seatrial.services.downloads import Downloads
from tests.db.sample_rows import add_app
from tests.services.rooms import PNG, Reader, Rooms
from tests.services.scopes import downloads_of, powerless


@pytest.fixture
def pictures(rooms: Rooms) -> AppPictures:
    return AppPictures(rooms.db, rooms.blobs, rooms.loose, rooms.quotas, rooms.idempotency, rooms.now)


@pytest.fixture
def downloads(rooms: Rooms) -> Downloads:
    return downloads_of(rooms)


def picture_of(rooms: Rooms) -> str:
    with rooms.db.read() as tx:
        info = apps.application_info(tx, rooms.scope)
    assert info is not None
    return info.picture


def kept_keys(rooms: Rooms) -> list[str]:
    with rooms.db.read() as tx:
        return list(tx.execute(select(tables.app_files.c.key)).scalars())


def has(rooms: Rooms, key: str) -> bool:
    try:
        rooms.blobs.open(key).close()
    except FileNotFoundError:
        return False
    return True


def test_the_picture_outlives_its_build(rooms: Rooms, pictures: AppPictures, downloads: Downloads) -> None:
    build = rooms.processed()
    pictures.take_from_build(rooms.scope, build.id.upper())
    rooms.builds.delete(rooms.scope, build.id)
    assert rooms.loose.sweep() == 0
    found = downloads.read_as(rooms.scope, picture_of(rooms))
    assert found.open().read() == PNG
    assert isinstance(found.file, PictureFile)
    assert (found.file.mimetype, found.file.size, found.is_picture) == ("image/png", len(PNG), True)
    assert rooms.reservations() == []


def test_builds_show_it_at_once(rooms: Rooms, pictures: AppPictures) -> None:
    build = rooms.processed()
    assert build.application.picture == ""
    pictures.take_from_build(rooms.scope, build.id)
    assert rooms.get(build.id).application.picture == picture_of(rooms) != ""
    with rooms.db.read() as tx:
        assert apps.get(tx, rooms.scope).picture_source == build.id


def test_a_new_picture_takes_the_old_ones_bytes_away(rooms: Rooms, pictures: AppPictures, downloads: Downloads) -> None:
    first, second = rooms.processed(b"PK one"), rooms.processed(b"PK two")
    pictures.take_from_build(rooms.scope, first.id)
    before = picture_of(rooms)
    (old_key,) = kept_keys(rooms)
    pictures.take_from_build(rooms.scope, second.id)
    assert picture_of(rooms) != before
    with pytest.raises(EntityNotFound):
        downloads.read_as(rooms.scope, before)
    (new_key,) = kept_keys(rooms)
    assert not has(rooms, old_key)
    assert has(rooms, new_key)
    assert rooms.reservations() == []


def test_only_a_build_with_an_icon_has_a_picture(rooms: Rooms, pictures: AppPictures) -> None:
    plain = rooms.processed(reader=Reader(BuildInfo(format=Format.APK, os=Os.ANDROID, identifier="com.acme")))
    with pytest.raises(InvalidRequest) as refused:
        pictures.take_from_build(rooms.scope, plain.id)
    assert list(refused.value.fields) == ["buildId"]
    with pytest.raises(BuildNotProcessed):
        pictures.take_from_build(rooms.scope, rooms.upload().id)
    for nothing in ("f" * 24, "x", "a\0b"):
        with pytest.raises(EntityNotFound):
            pictures.take_from_build(rooms.scope, nothing)


def test_a_copy_that_loses_its_reservation_leaves_nothing(rooms: Rooms, pictures: AppPictures) -> None:
    """Others took this process for dead while it copied."""
    build = rooms.processed()

    class Robbed:
        places: Sequence[Place] = ()

        def __getattr__(self, name: str) -> object:
            return getattr(rooms.loose, name)

        def reserve(self, places: Sequence[Place]) -> str:
            self.places = places
            return rooms.loose.reserve(places)

        def adopt(self, *_: object) -> None:
            raise ServiceUnavailable

    loose = Robbed()
    robbed = AppPictures(rooms.db, rooms.blobs, loose, rooms.quotas, rooms.idempotency, rooms.now)  # type: ignore[arg-type]  # all that it needs of one
    with pytest.raises(ServiceUnavailable):
        robbed.take_from_build(rooms.scope, build.id)
    assert [has(rooms, place.key) for place in loose.places] == [False]
    assert picture_of(rooms) == ""
    assert rooms.reservations() == []


def test_nobody_elses_picture_can_be_read_or_set(rooms: Rooms, pictures: AppPictures, downloads: Downloads) -> None:
    build = rooms.processed()
    pictures.take_from_build(rooms.scope, build.id)
    with rooms.db.transaction() as tx:
        foreign, sibling = add_app(tx), add_app(tx, OrganizationId(rooms.scope.organization_id))
    for scope in (foreign, sibling):
        with pytest.raises(EntityNotFound):
            downloads.read_as(scope, picture_of(rooms))
        with pytest.raises(EntityNotFound):
            pictures.take_from_build(scope, build.id)
    assert downloads.organization_of(picture_of(rooms)) == rooms.scope.organization_id
    assert downloads.organization_of("no-such-file") is None
    with pytest.raises(Forbidden):
        pictures.take_from_build(powerless(rooms.scope), build.id)
