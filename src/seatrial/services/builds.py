"""Builds that are there: look, edit, delete."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from seatrial.db import audit_log, build_progress, builds
from seatrial.db.engine import Database
from seatrial.domain.access import AppScope, Permission
from seatrial.domain.build import ApplicationInfo, Build, BuildChanges, BuildQuery, BuildRef, Page, Progress
from seatrial.domain.errors import EntityNotFound
from seatrial.domain.ids import BuildId
from seatrial.services.loose_blobs import LooseBlobs
from seatrial.services.pins import check_free

T = TypeVar("T")
Load = Callable[[Sequence[BuildId]], Mapping[BuildId, Build]]
Show = Callable[[ApplicationInfo, Sequence[BuildRef], Load], Sequence[T]]
"""From the app, what is on a page, and a way to read builds whole, all of one state of the database, to items."""


class _MoreWanted(Exception):
    """What a page shows is not all kept from before."""


def _nothing_more(_wanted: Sequence[BuildId]) -> Mapping[BuildId, Build]:
    raise _MoreWanted


@dataclass(frozen=True, slots=True)
class Builds:
    """What callers may do with an app's builds."""

    db: Database
    loose: LooseBlobs
    now: Callable[[], datetime]

    def search(self, scope: AppScope, query: BuildQuery, show: Show[T]) -> Page[T]:
        """Give one page of an app's builds, each as `show` makes it.

        Raises Forbidden, EntityNotFound when the app is gone.
        """
        scope.require(Permission.BUILD_LIST)
        with self.db.look_up() as tx:
            app, page = builds.search(tx, scope, query)
        try:
            items = show(app, page.items, _nothing_more)
        except _MoreWanted:
            with self.db.read() as tx:
                app, page = builds.search(tx, scope, query)
                items = show(app, page.items, lambda wanted: builds.load(tx, scope, app, wanted))
        return Page(items, page.total, page.page, page.limit)

    def neighbours(self, scope: AppScope, query: BuildQuery) -> list[Build]:
        """Give one page of an app's builds whole, for people who look for another one.

        Raises Forbidden, EntityNotFound when the app is gone.
        """
        scope.require(Permission.BUILD_LIST)
        with self.db.read() as tx:
            app, page = builds.search(tx, scope, query)
            found = builds.load(tx, scope, app, [ref.id for ref in page.items])
        return [found[ref.id] for ref in page.items]

    def get(self, scope: AppScope, build_id: str) -> Build:
        """Give one build.

        Raises Forbidden, EntityNotFound.
        """
        scope.require(Permission.BUILD_GET)
        with self.db.read() as tx:
            return builds.get(tx, scope, build_id)

    def progress_of(self, scope: AppScope, build_id: str) -> tuple[BuildId, Progress]:
        """Tell how far one build is, and its id as it is written here.

        Raises Forbidden, EntityNotFound.
        """
        build = self.get(scope, build_id)
        found = self.progress([build.id]).get(build.id)
        if found is None:
            raise EntityNotFound
        return build.id, found

    def progress(self, build_ids: Collection[str]) -> Mapping[str, Progress]:
        """Tell how far builds are that somebody waits for who was let in; those that are gone are missing."""
        with self.db.look_up() as tx:
            return build_progress.of(tx, build_ids)

    def update(self, scope: AppScope, build_id: str, changes: BuildChanges) -> Build:
        """Edit a build in any state; what a change does not name stays.

        Raises Forbidden, EntityNotFound.
        """
        scope.require(Permission.BUILD_UPDATE)
        with self.db.transaction() as tx:
            build = builds.update_build(tx, scope, build_id, changes, self.now())
            audit_log.record(tx, scope, "build.update", build.id, build.updated_at)
        return build

    def delete(self, scope: AppScope, build_id: str) -> None:
        """Delete a build and its files for good, in any state.

        Raises Forbidden, EntityNotFound, Conflict for a build that somebody has pinned.
        """
        scope.require(Permission.BUILD_DELETE)
        with self.db.transaction() as tx:
            check_free(tx, builds.get(tx, scope, build_id, hold=True).id)
            build, places = builds.delete_build(tx, scope, build_id)
            loose_id = self.loose.give_up(tx, places)
            audit_log.record(tx, scope, "build.delete", build.id, self.now(), {"versionName": build.version_name})
        self.loose.discard(loose_id)
