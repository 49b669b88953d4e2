"""Rules of retention: what they would do, and the doing of it, by one and the same judgement."""

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice

import structlog
from sqlalchemy import Connection

from seatrial.db import apps, audit_log, retention
from seatrial.db.engine import Database
from seatrial.db.retention import Mark, Published, Subject
from seatrial.domain.access import AppScope, OrganizationScope, Permission, Person, Principal, PrincipalKind
from seatrial.domain.app import App
from seatrial.domain.build import MAX_LIMIT, Page
from seatrial.domain.ids import BuildId
from seatrial.domain.listing import ListQuery
from seatrial.domain.retention import (
    EffectiveRule,
    Judged,
    Preview,
    RetentionQuery,
    Rule,
    Run,
    Totals,
    TrashReason,
    Verdict,
    effective,
)
from seatrial.services.schedules import Schedules, latest_night
from seatrial.services.trash import throw_away

log = structlog.get_logger()

NIGHTLY = "retention"
_AT_ONCE = 500
"""Builds that are found to go, and worked off, before the next ones are looked for."""

SERVER = Principal(
    kind=PrincipalKind.SERVER,
    id="retention",
    person=Person(id="", email="", first_name="Retention"),
    permissions=frozenset(Permission),
)


@dataclass(frozen=True, slots=True)
class Retention:
    """What rules would do, and what they do."""

    db: Database
    published: Published
    now: Callable[[], datetime]

    def preview(self, scope: AppScope, query: RetentionQuery) -> Preview:
        """Say for an app's builds which stay and which go, and why.

        Raises Forbidden, EntityNotFound.
        """
        scope.require(Permission.RETENTION_LIST)
        with self.db.read() as tx:
            app = apps.get(tx, scope)
            default = retention.default_rule(tx, scope.organization_id)
            rule = effective(retention.own_rule(app), default, query.tried)
            return self._preview(tx, [app], default, rule, query)

    def preview_all(self, scope: OrganizationScope, query: RetentionQuery) -> Preview:
        """Say it for the builds of all of an organization's apps, app by app in the order of their names.

        Raises Forbidden.
        """
        scope.require(Permission.RETENTION_LIST)
        with self.db.read() as tx:
            default = retention.default_rule(tx, scope.organization_id)
            rule = effective(Rule(), default, query.tried)
            return self._preview(tx, _every_app(tx, scope), default, rule, query)

    def run(self, scope: AppScope, tried: Rule | None = None, stopping: threading.Event | None = None) -> Run:
        """Apply an app's rule now, or the one that is tried.

        Raises Forbidden, EntityNotFound.
        """
        scope.require(Permission.RETENTION_UPDATE)
        scope.require(Permission.BUILD_DELETE)
        with self.db.read() as tx:
            app = apps.get(tx, scope)
            default = retention.default_rule(tx, scope.organization_id)
        rule = effective(retention.own_rule(app), default, tried)
        subject = Subject(scope.organization_id, app.id, rule)
        run, _ = self.apply(scope, subject, None, stopping or threading.Event())
        return run

    def apply(
        self, scope: AppScope, subject: Subject, night: datetime | None, stopping: threading.Event
    ) -> tuple[Run, bool]:
        """Put into the trash what a rule takes; tells whether it came to the end of the app's builds.

        A build a transaction, so that nobody waits for long; each is judged again in the one that removes it, because
        people pin and publish meanwhile.
        """
        started = self.now()
        builds = size = 0
        after: Mark | None = None
        rule = subject.rule.rule
        while rule.is_set:
            with self.db.read() as tx:
                step = list(islice(self._leaving(tx, subject, started, after), _AT_ONCE))
            for verdict in step:
                if not stopping.is_set():
                    freed = self._remove(scope, subject, verdict.facts.id, started)
                    builds, size = builds + (freed is not None), size + (freed or 0)
            if stopping.is_set() or len(step) < _AT_ONCE:
                break
            after = Mark(step[-1].facts.created_at, step[-1].facts.id)
        run = Run(started_at=started, finished_at=self.now(), builds=builds, bytes=size)
        ended = not stopping.is_set()
        with self.db.transaction() as tx:
            retention.record(tx, scope, run, night if ended else None)
            if builds:
                detail: dict[str, object] = {"builds": builds, "bytes": size, **_said(rule)}
                audit_log.record(tx, scope, "retention.run", scope.app_id, run.finished_at, detail)
        return run, ended

    def _remove(self, scope: AppScope, subject: Subject, build_id: BuildId, now: datetime) -> int | None:
        """Put a build into the trash if it still has to go; gives what that will free."""
        with self.db.transaction() as tx:
            verdict = retention.verdict_of(tx, self.published, subject, build_id, now)
            if verdict is None or not verdict.goes:
                return None
            return throw_away(tx, scope, build_id, self.now(), TrashReason.RETENTION, verdict.sentence).bytes

    def _preview(
        self, tx: Connection, of: Sequence[App], default: Rule, rule: EffectiveRule, query: RetentionQuery
    ) -> Preview:
        now = self.now()
        subjects = [
            (app, Subject(app.organization_id, app.id, effective(retention.own_rule(app), default, query.tried)))
            for app in of
        ]
        sums, picked = Totals(), list[tuple[App, Verdict]]()
        for app, subject in subjects:
            found = self._leaving(tx, subject, now)
            for leaving, size in _in_steps(tx, found):
                if query.goes:
                    picked += _on_page(query, sums.goes, [(app, verdict) for verdict in leaving])
                sums = Totals(sums.goes + len(leaving), sums.bytes + size)
        total = sum(retention.count(tx, app.id) for app, _ in subjects)
        sums = Totals(sums.goes, sums.bytes, total - sums.goes)
        if not query.goes:
            everything = (
                (app, verdict)
                for app, subject in subjects
                for verdict in retention.verdicts(tx, self.published, subject, now)
                if query.goes is None or not verdict.goes
            )
            picked = list(islice(everything, query.offset, query.offset + query.limit))
        matches = {None: total, True: sums.goes, False: sums.stays}[query.goes]
        return Preview(Page(_judged(tx, picked), matches, query.page, query.limit), sums, rule)

    def _leaving(self, tx: Connection, subject: Subject, now: datetime, after: Mark | None = None) -> Iterator[Verdict]:
        rule = subject.rule.rule
        if not rule.is_set:
            return iter(())
        walk = retention.verdicts(tx, self.published, subject, now, until=rule.cutoff(now), after=after)
        return (verdict for verdict in walk if verdict.goes)


@dataclass(frozen=True, slots=True)
class NightlyRetention:
    """Applies the rules of all apps once a night, on one of all servers; a night that was missed is made up for."""

    db: Database
    retention: Retention
    schedules: Schedules
    hour: int
    """Of the day, in UTC."""
    now: Callable[[], datetime]
    stopping: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        """Do what this night has to be done and has not; what a death or an end cut off is gone on with.

        Raises RuntimeError where the rules of some apps could not be applied; those are tried again by the next call.
        """
        night = latest_night(self.now(), self.hour)
        with self.db.read() as tx:
            if not self.schedules.is_open(tx, NIGHTLY, night):
                return
        with self.db.transaction() as tx:
            if not self.schedules.claim(tx, NIGHTLY, night):
                return
        failed = self._apply_all(night)
        if self.stopping.is_set():
            return
        if failed:
            raise RuntimeError(f"the rules of {failed} apps could not be applied tonight")
        with self.db.transaction() as tx:
            self.schedules.finish(tx, NIGHTLY, night)

    def stop(self) -> None:
        """Leave what is left of the night to the next server that looks."""
        self.stopping.set()

    def _apply_all(self, night: datetime) -> int:
        failed, after = 0, ""
        while not self.stopping.is_set():
            with self.db.read() as tx:
                subjects = retention.due(tx, night, after, _AT_ONCE)
            if not subjects:
                break
            for subject in subjects:
                after = subject.app_id
                failed += not self._apply(subject, night)
        return failed

    def _apply(self, subject: Subject, night: datetime) -> bool:
        if self.stopping.is_set():
            return True
        scope = AppScope(organization_id=subject.organization_id, app_id=subject.app_id, principal=SERVER)
        try:
            run, _ = self.retention.apply(scope, subject, night, self.stopping)
        except Exception:
            # One app's trouble is no reason to keep the builds of all others.
            log.exception("retention_failed", app_id=subject.app_id)
            return False
        log.info("retention_applied", app_id=subject.app_id, builds=run.builds, bytes=run.bytes)
        return True


def _every_app(tx: Connection, scope: OrganizationScope) -> list[App]:
    found: list[App] = []
    while True:
        number = len(found) // MAX_LIMIT + 1
        page = apps.search(tx, scope, ListQuery(sort="name", descending=False, page=number, limit=MAX_LIMIT))
        found += page.items
        if len(page.items) < MAX_LIMIT:
            return found


def _in_steps(tx: Connection, walk: Iterator[Verdict]) -> Iterator[tuple[list[Verdict], int]]:
    while step := list(islice(walk, _AT_ONCE)):
        yield step, sum(retention.sizes(tx, [verdict.facts.id for verdict in step]).values())


def _on_page(query: RetentionQuery, before: int, found: list[tuple[App, Verdict]]) -> list[tuple[App, Verdict]]:
    """Take what lies on the page of what was found after so many others."""
    first, last = query.offset - before, query.offset + query.limit - before
    return found[max(0, first) : max(0, last)]


def _judged(tx: Connection, picked: Sequence[tuple[App, Verdict]]) -> list[Judged]:
    ids = [verdict.facts.id for _, verdict in picked]
    sizes, versions = retention.sizes(tx, ids), retention.versions(tx, ids)
    return [
        Judged(
            verdict=verdict,
            app_id=app.id,
            app_slug=app.slug,
            version_name=versions[verdict.facts.id][0],
            version_code=versions[verdict.facts.id][1],
            bytes=sizes.get(verdict.facts.id, 0),
        )
        for app, verdict in picked
    ]


def _said(rule: Rule) -> dict[str, object]:
    return {"buildRetentionDays": rule.days, "buildsRetainedPerPublication": rule.per_publication}
