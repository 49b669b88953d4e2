"""The trash: gone for everybody, and back to the letter."""

import threading
from typing import Any

import pytest
from sqlalchemy import func, select, text

from seatrial.db import snapshots, tables, trash
from seatrial.domain.access import MemberRole
from seatrial.domain.app import OrganizationChanges
from seatrial.domain.build import BuildChanges, BuildQuery, FileType
from seatrial.domain.download import DownloadQuery, DownloadType
from seatrial.domain.errors import BuildNotProcessed, Conflict, EntityNotFound, Forbidden
from seatrial.domain.listing import ListQuery
from seatrial.domain.retention import TrashReason, read_back
from seatrial.services.download_log import DownloadLog
from seatrial.services.organizations import Organizations
from seatrial.services.pins import Pins
from seatrial.services.trash import BROUGHT_BACK, Trash, throw_away
from seatrial.web.locale import language
from seatrial.wire.builds import build_json
from seatrial.wire.links import Links
from tests.db.sample_rows import add_app
from tests.services.rooms import Rooms
from tests.services.scopes import downloads_of, with_role

DAY = 24 * 3600
LINKS = Links(api="http://a", upload="http://a", download="http://a", sdk="http://a")
QUERY = ListQuery(sort="trashedAt")


@pytest.fixture
def bin_(rooms: Rooms) -> Trash:
    return Trash(rooms.db, rooms.loose, rooms.now)


def full_build(rooms: Rooms) -> str:
    """Make a build with everything that hangs on one: tags, an attachment, metadata, downloads, a pin of before."""
    build = rooms.processed(b"PK the bytes")
    rooms.attach(build.id, b"a report")
    changes = BuildChanges(tags=("b", "a"), metadata={"z": 1.0, "a": [None, 2**62]}, changelog="né\u2028w")
    rooms.builds.update(rooms.scope, build.id, changes)
    downloads = downloads_of(rooms)
    for _ in range(3):
        token = downloads.issue(rooms.scope, build.id, None, DownloadType.AUTO)
        downloads.redeem(token.secret)
    return build.id


def everything(rooms: Rooms) -> dict[str, list[Any]]:
    """Read every row of the tables that hang on builds, and their counters, as the database has them."""
    with rooms.db.read() as tx:
        found = {}
        for table in [*snapshots.tables(), tables.build_counts, tables.build_version_counts]:
            columns = ", ".join(f'CAST("{column.name}" AS TEXT)' for column in table.c)
            rows = tx.execute(text(f'SELECT {columns} FROM "{table.name}" ORDER BY 1, 2, 3')).all()
            found[table.name] = [tuple(row) for row in rows]
    return found


def counted(rooms: Rooms) -> dict[tuple[str, str], int]:
    with rooms.db.read() as tx:
        kinds = (tables.builds.c.status, tables.builds.c.os)
        rows = tx.execute(select(*kinds, func.count()).group_by(*kinds))
        return {(row[0], row[1]): row[2] for row in rows}


def kept_count(rooms: Rooms) -> dict[tuple[str, str], int]:
    with rooms.db.read() as tx:
        rows = tx.execute(select(tables.build_counts))
        return {(row.status, row.os): row.builds for row in rows}


def test_a_build_comes_back_to_the_letter(rooms: Rooms, bin_: Trash) -> None:
    other = rooms.processed(b"PK another")
    build_id = full_build(rooms)
    before, shown = everything(rooms), build_json(rooms.get(build_id), LINKS)
    original = rooms.get(build_id).file(FileType.ORIGINAL)
    assert original is not None
    size = sum({file.key: file.size for file in rooms.get(build_id).files}.values())
    trashed = bin_.put(rooms.scope, build_id)
    # The package is the same object as the original: what it frees is counted once.
    assert trashed.bytes == size
    assert (kept_count(rooms), rooms.has(original.key)) == (counted(rooms), True)
    bin_.restore(rooms.scope, build_id)
    assert everything(rooms) == before
    assert build_json(rooms.get(build_id), LINKS) == shown
    assert kept_count(rooms) == counted(rooms)
    downloads = downloads_of(rooms)
    assert DownloadLog(rooms.db, 0, rooms.now).search(rooms.scope, build_id, DownloadQuery()).total == 3
    downloads.redeem(downloads.issue(rooms.scope, build_id, None, DownloadType.AUTO).secret)
    with rooms.blobs.open(original.key) as file:
        assert file.read() == b"PK the bytes"
    assert rooms.get(other.id).id == other.id


def test_what_is_in_the_trash_exists_for_nobody(rooms: Rooms, bin_: Trash) -> None:
    build_id = full_build(rooms)
    token = downloads_of(rooms).issue(rooms.scope, build_id, None, DownloadType.AUTO)
    file_id = rooms.get(build_id).files[0].id
    bin_.put(rooms.scope, build_id.upper())
    with rooms.db.read() as tx:
        for table in snapshots.tables():
            assert tx.execute(select(func.count()).select_from(table)).scalar_one() == 0, table.name
    assert rooms.builds.search(rooms.scope, BuildQuery(), lambda _app, refs, _load: list(refs)).total == 0
    for call in (
        lambda: rooms.get(build_id),
        lambda: rooms.builds.delete(rooms.scope, build_id),
        lambda: bin_.put(rooms.scope, build_id),
        lambda: downloads_of(rooms).redeem(token.secret),
        lambda: rooms.attach(build_id, b"late"),
        lambda: downloads_of(rooms).read_as(rooms.scope, file_id),
    ):
        with pytest.raises(EntityNotFound):
            call()
    page = bin_.search(rooms.scope, QUERY)
    assert [(one.build_id, one.reason, one.trashed_by.email) for one in page.items] == [
        (build_id, TrashReason.PERSON, "ada@example.com")
    ]


def test_a_build_that_waits_or_is_pinned_stays(rooms: Rooms, bin_: Trash) -> None:
    with pytest.raises(BuildNotProcessed):
        bin_.put(rooms.scope, rooms.upload().id)
    build = rooms.processed(b"PK pinned")
    Pins(rooms.db, rooms.now).put(rooms.scope, build.id, "golden")
    with pytest.raises(Conflict, match="golden"):
        bin_.put(rooms.scope, build.id)


def test_what_a_rule_took_comes_back_pinned(rooms: Rooms, bin_: Trash) -> None:
    build = rooms.processed()
    with rooms.db.transaction() as tx:
        throw_away(tx, rooms.scope, build.id, rooms.time, TrashReason.RETENTION, "goes: 45 days old")
    assert bin_.search(rooms.scope, QUERY).items[0].sentence == "goes: 45 days old"
    bin_.restore(rooms.scope, build.id)
    assert Pins(rooms.db, rooms.now).get(rooms.scope, build.id).reason == BROUGHT_BACK


def test_its_time_over_it_goes_for_good(rooms: Rooms, bin_: Trash) -> None:
    Organizations(rooms.db, rooms.now).update(rooms.scope, OrganizationChanges(trash_days=7))
    build = rooms.processed()
    keys = {file.key for file in build.files}
    bin_.put(rooms.scope, build.id)
    rooms.later(7 * DAY - 1)
    going_on = threading.Event()
    assert (bin_.empty(going_on), all(map(rooms.has, keys))) == (0, True)
    rooms.later(1)
    assert (bin_.empty(going_on), any(map(rooms.has, keys)), rooms.reservations()) == (1, False, [])
    with rooms.db.read() as tx:
        for table in (tables.trash, tables.trash_rows, tables.trash_keys):
            assert tx.execute(select(func.count()).select_from(table)).scalar_one() == 0
    for call in (bin_.restore, bin_.purge):
        with pytest.raises(EntityNotFound):
            call(rooms.scope, build.id)


def test_a_death_between_rows_and_bytes_leaves_bytes_to_the_sweep(rooms: Rooms, bin_: Trash) -> None:
    build = rooms.processed()
    keys = {file.key for file in build.files}
    bin_.put(rooms.scope, build.id)
    rooms.loose.sweep()
    assert all(map(rooms.has, keys)), "what is in the trash has an owner"
    rooms.register("executor-two")
    with rooms.db.transaction() as tx:
        # What `purge` does in its transaction, after which it would remove the bytes.
        rooms.loose.give_up(tx, trash.purge(tx, build.id) or [])
    assert all(map(rooms.has, keys))
    rooms.loose_of("executor-two").sweep(rooms.loose.executor_id)
    assert not any(map(rooms.has, keys))


def test_who_may_not_does_not(rooms: Rooms, bin_: Trash) -> None:
    build = rooms.processed()
    viewer = with_role(rooms.scope, MemberRole.VIEWER)
    with pytest.raises(Forbidden):
        bin_.put(viewer, build.id)
    bin_.put(rooms.scope, build.id)
    with rooms.db.transaction() as tx:
        foreign = add_app(tx)
    for call in (bin_.restore, bin_.purge):
        with pytest.raises(Forbidden):
            call(viewer, build.id)
        for scope, name in ((foreign, build.id), (rooms.scope, "f" * 24), (rooms.scope, "x")):
            with pytest.raises(EntityNotFound):
                call(scope, name)
    assert bin_.search(viewer, QUERY).total == 1
    with pytest.raises(Forbidden):
        bin_.search(with_role(rooms.scope, MemberRole.UNASSIGNED), QUERY)
    with rooms.db.read() as tx:
        actions = set(tx.execute(select(tables.audit_log.c.action)).scalars())
    assert "build.restore" not in actions


def test_what_hangs_on_builds_points_at_nothing_that_may_go_meanwhile() -> None:
    """A row that comes back needs what it refers to: only what takes the trash along may be referred to."""
    hanging = set(snapshots.tables())
    assert {"builds", "build_tags", "build_files", "downloads", "build_pins"} <= {table.name for table in hanging}
    outside = {
        foreign.column.table.name
        for table in hanging
        for foreign in table.foreign_keys
        if foreign.column.table not in hanging
    }
    assert outside <= {"organizations", "apps"}
    loosely = {
        table.name
        for table in tables.metadata.sorted_tables
        for foreign in table.foreign_keys
        if foreign.column.table in hanging and foreign.ondelete != "CASCADE"
    }
    assert loosely == set(), "what a removal would only cut off would not be tied again"


@pytest.mark.parametrize(
    ("text", "spanish"),
    [
        ("goes: 45 days old, kept by no publication", "45 días"),
        ("goes: 1 day old, kept by no publication", "1 día"),
        ("goes: beyond the newest 3 of beta, nightly", "beta, nightly"),
        ("goes: {0} in words of an older version", ""),
    ],
)
def test_why_a_build_is_there_is_said_in_other_languages(text: str, spanish: str) -> None:
    sentence = read_back(text)
    assert (sentence is None) == (not spanish)
    if sentence is not None:
        assert str(sentence) == text
        told = language("es").tell(sentence)
        assert spanish in told
        assert not told.startswith("goes")
