"""What two servers do at the same moment, where the database alone keeps them apart."""

import threading
from collections.abc import Callable
from datetime import timedelta

from seatrial.domain.build import BuildStatus
from seatrial.domain.download import DownloadQuery, DownloadType
from seatrial.domain.errors import Conflict, DownloadTokenExpired, EntityNotFound, SeatrialError, ServiceUnavailable
from seatrial.services.download_log import DownloadLog
from seatrial.services.downloads import Downloads
from seatrial.services.workspaces import Workspaces
from seatrial.storage.signing import UrlSigner
from tests.services.rooms import ANDROID, Reader, Rooms

ROUNDS = 8


def together(calls: list[Callable[[], object]]) -> list[object]:
    """Give each call's result, or the error that it raised."""
    results: list[object] = [None] * len(calls)
    barrier = threading.Barrier(len(calls))

    def run(number: int) -> None:
        barrier.wait()
        try:
            results[number] = calls[number]()
        except Exception as error:
            results[number] = error

    threads = [threading.Thread(target=run, args=(number,)) for number in range(len(calls))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def downloads_of(rooms: Rooms) -> Downloads:
    return Downloads(
        rooms.db,
        rooms.blobs,
        UrlSigner([b"k" * 32]),
        timedelta(minutes=10),
        timedelta(minutes=15),
        rooms.quotas,
        rooms.now,
    )


def test_a_build_that_goes_while_its_token_is_redeemed(rooms: Rooms) -> None:
    downloads = downloads_of(rooms)
    for _ in range(ROUNDS):
        build = rooms.upload()
        rooms.processing(Reader(ANDROID)).run(build.id, 1)
        assert rooms.get(build.id).status is BuildStatus.PROCESSED
        token = downloads.issue(rooms.scope, build.id, None, DownloadType.FILE)
        redeemed, deleted = together(
            [lambda: downloads.redeem(token.secret), lambda: rooms.builds.delete(rooms.scope, build.id)]  # noqa: B023
        )
        if not isinstance(redeemed, ServiceUnavailable):  # SQLite's other writer took longer than these tests wait
            assert not isinstance(redeemed, Exception) or isinstance(redeemed, EntityNotFound)
        assert deleted is None or isinstance(deleted, ServiceUnavailable)


def test_one_of_many_redeems_a_token(rooms: Rooms) -> None:
    downloads = downloads_of(rooms)
    build = rooms.upload()
    rooms.processing(Reader(ANDROID)).run(build.id, 1)
    token = downloads.issue(rooms.scope, build.id, None, DownloadType.FILE)
    results = together([lambda: downloads.redeem(token.secret)] * 12)
    refused = [result for result in results if isinstance(result, SeatrialError)]
    assert len(refused) == 11
    assert all(isinstance(error, (DownloadTokenExpired, ServiceUnavailable)) for error in refused)
    assert DownloadLog(rooms.db, 0, rooms.now).search(rooms.scope, build.id, DownloadQuery()).total == 1


def test_one_of_many_makes_the_workspace(rooms: Rooms) -> None:
    with rooms.db.transaction() as tx:
        tx.exec_driver_sql("DELETE FROM organizations")
    workspaces = Workspaces(rooms.db, rooms.now)
    results = together(
        [
            lambda number=number: workspaces.create(  # type: ignore[misc]  # mypy cannot infer a default
                organization=f"Acme {number}", app="Wallet", email=f"{number}@example.com", password="correct horse"
            )
            for number in range(4)
        ]
    )
    assert sum(not isinstance(result, Exception) for result in results) == 1
    assert all(isinstance(r, (Conflict, ServiceUnavailable)) for r in results if isinstance(r, Exception)), results
