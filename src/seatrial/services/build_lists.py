"""Lists of builds as people work with them: found by words, kept as filters, changed many at a time."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from seatrial.db import apps, audit_log, build_lines, build_search, builds, saved_filters
from seatrial.db.engine import Database
from seatrial.domain.access import AppScope, OrganizationScope, Permission
from seatrial.domain.app import App
from seatrial.domain.build import BuildChanges
from seatrial.domain.errors import EntityNotFound, InvalidRequest
from seatrial.domain.ids import BuildId
from seatrial.domain.search import BuildFilter, BuildLine, Choices, Lines, SavedFilter

LONGEST_NAME = 64
LONGEST_QUERY = 2000
MOST_FILTERS = 50
MOST_CHANGED = 200
EVERYWHERE = 50
TAGS_OF_A_BUILD = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchChange:
    """What to do to each of several builds."""

    add_tags: tuple[str, ...] = ()
    remove_tags: tuple[str, ...] = ()
    disabled: bool | None = None
    """Left as it is for `None`."""


@dataclass(frozen=True, slots=True)
class BuildLists:
    """What people do with lists of builds."""

    db: Database
    now: Callable[[], datetime]

    def find(self, scope: AppScope, wanted: BuildFilter) -> Lines:
        """Give one page of an app's builds.

        Raises Forbidden.
        """
        scope.require(Permission.BUILD_LIST)
        with self.db.read() as tx:
            return build_search.find(tx, scope, wanted)

    def find_everywhere(self, scope: OrganizationScope, words: str) -> list[tuple[App, BuildLine]]:
        """Give the newest builds that the words find in all apps that the caller sees, each with its app.

        Raises Forbidden.
        """
        if scope.visible_apps is None:
            scope.require(Permission.BUILD_LIST)
        else:
            scope.require(Permission.APP_LIST)  # each role in an app lists its builds
        with self.db.read() as tx:
            lines = build_search.find_everywhere(tx, scope, words, scope.visible_apps, EVERYWHERE)
            owners = {one: apps.find(tx, scope.organization_id, one) for one in {line.app_id for line in lines}}
        return [(app, line) for line in lines if (app := owners[line.app_id])]

    def choices(self, scope: AppScope) -> Choices:
        """Name what an app's builds can be narrowed to.

        Raises Forbidden.
        """
        scope.require(Permission.BUILD_LIST)
        with self.db.read() as tx:
            return build_search.choices(tx, scope.app_id)

    def lines(self, scope: AppScope, build_ids: Sequence[BuildId]) -> list[BuildLine]:
        """Give some builds of an app as lists show them.

        Raises Forbidden.
        """
        scope.require(Permission.BUILD_LIST)
        with self.db.read() as tx:
            return [line for line in build_lines.load(tx, build_ids) if line.app_id == scope.app_id]

    def changed_since(self, scope: AppScope, since: datetime, limit: int) -> dict[BuildId, int]:
        """Name the builds of an app that changed since a moment, with their revisions.

        Raises Forbidden.
        """
        scope.require(Permission.BUILD_LIST)
        with self.db.look_up() as tx:
            return build_lines.changed_since(tx, scope.app_id, since, limit)

    def change(self, scope: AppScope, build_ids: Sequence[str], change: BatchChange) -> int:
        """Change several builds, all or none; those that are gone are passed over. Gives how many there were.

        Raises Forbidden, InvalidRequest for too many builds at once, or a build that would have too many tags.
        """
        scope.require(Permission.BUILD_UPDATE)
        check_count(build_ids)
        changed = 0
        with self.db.transaction() as tx:
            # In one order, so that two people who change the same builds wait for each other and not for ever.
            for build_id in sorted(set(build_ids)):
                try:
                    before = builds.get(tx, scope, build_id, hold=True)
                except EntityNotFound:
                    continue
                tags = tuple(dict.fromkeys((*before.tags, *change.add_tags)))
                tags = tuple(tag for tag in tags if tag not in change.remove_tags)
                if len(tags) > max(TAGS_OF_A_BUILD, len(before.tags)):
                    raise InvalidRequest({"tags": f"must be at most {TAGS_OF_A_BUILD} tags"})
                edits = BuildChanges(
                    tags=tags, disabled=before.disabled if change.disabled is None else change.disabled
                )
                if edits.tags == before.tags and edits.disabled == before.disabled:
                    continue
                after = builds.update_build(tx, scope, build_id, edits, self.now())
                audit_log.record(tx, scope, "build.update", after.id, after.updated_at)
                changed += 1
        return changed

    def saved(self, scope: AppScope) -> list[SavedFilter]:
        """Give the caller's own filters of an app.

        Raises Forbidden.
        """
        scope.require(Permission.BUILD_LIST)
        with self.db.read() as tx:
            return saved_filters.of_user(tx, scope, scope.principal.id)

    def save(self, scope: AppScope, name: str, query: str) -> None:
        """Keep a filter for the caller, in the place of one of the same name.

        Raises Forbidden, InvalidRequest.
        """
        scope.require(Permission.BUILD_LIST)
        name = name.strip()
        if not name or len(name) > LONGEST_NAME:
            raise InvalidRequest({"name": f"must be 1 to {LONGEST_NAME} characters"})
        if len(query) > LONGEST_QUERY:
            raise InvalidRequest({"query": f"must be at most {LONGEST_QUERY} characters"})
        with self.db.transaction() as tx:
            mine = saved_filters.of_user(tx, scope, scope.principal.id)
            if len(mine) >= MOST_FILTERS and name not in {one.name for one in mine}:
                raise InvalidRequest({"name": f"there are {MOST_FILTERS} filters already; remove one first"})
            saved_filters.keep(tx, scope, scope.principal.id, name, query, self.now())

    def forget(self, scope: AppScope, filter_id: str) -> None:
        """Forget one of the caller's filters.

        Raises Forbidden.
        """
        scope.require(Permission.BUILD_LIST)
        with self.db.transaction() as tx:
            saved_filters.remove(tx, scope, scope.principal.id, filter_id)


def check_count(build_ids: Sequence[str]) -> None:
    """Hold what is changed at once to a size.

    Raises InvalidRequest.
    """
    if len(build_ids) > MOST_CHANGED:
        raise InvalidRequest({"chosen": f"must be at most {MOST_CHANGED} builds at once"})
