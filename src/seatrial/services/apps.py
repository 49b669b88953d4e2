"""Apps: make, list, look, edit."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import count

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from seatrial.db import apps, audit_log, retention, sdk, storage_providers
from seatrial.db.engine import Database
from seatrial.domain.access import AppScope, OrganizationScope, Permission
from seatrial.domain.app import App, AppOverview, AppSettings, AppStorage
from seatrial.domain.build import UNSET, Page, StorageProvider, Unset, said_or
from seatrial.domain.errors import EntityNotFound, InvalidRequest, SlugTaken
from seatrial.domain.ids import AppId, new_entity_id
from seatrial.domain.listing import ListQuery
from seatrial.domain.retention import Rule, effective
from seatrial.domain.sdk import SDK_SYSTEMS, SdkRules, SdkState, merged_rules
from seatrial.domain.slugs import LONGEST_SLUG, check_slug, slug_from
from seatrial.domain.storage_provider import Bucket, KeptProvider
from seatrial.services.names import checked_name

MOST_TRIES = 5
"""How often a slug is drawn anew when somebody else takes it at the same moment."""


def add_app(tx: Connection, scope: OrganizationScope, settings: AppSettings, now: datetime) -> App:
    """Make an app in the caller's transaction; a slug that is not given is drawn from the name.

    Raises InvalidRequest, SlugTaken.
    """
    name = checked_name(said_or(settings.name, ""))
    slug = said_or(settings.slug, "")
    if slug:
        check_slug(slug)
        if apps.find(tx, scope.organization_id, slug):
            raise SlugTaken
    scripts = said_or(settings.default_scripts, {})
    app = App(
        id=AppId(new_entity_id()),
        organization_id=scope.organization_id,
        name=name,
        slug=slug or _free_slug(tx, scope, slug_from(name)),
        description=said_or(settings.description, ""),
        picture="",
        notify_collaborators=said_or(settings.notify_collaborators, False),
        notify_employees=said_or(settings.notify_employees, False),
        created_at=now,
        updated_at=now,
        notify_otp_users=said_or(settings.notify_otp_users, False),
        notify_feedback=said_or(settings.notify_feedback, False),
        new_build_message=said_or(settings.new_build_message, ""),
        notification_language=said_or(settings.notification_language, ""),
        build_retention_days=said_or(settings.build_retention_days, None),
        builds_retained_per_publication=said_or(settings.builds_retained_per_publication, None),
        metadata=said_or(settings.metadata, {}),
        default_scripts={key: script for key, script in scripts.items() if script},
        sdk=merged_rules({}, settings.sdk),
        storage_provider_id=said_or(settings.storage_provider, ""),
    )
    apps.insert_app(tx, app)
    return app


@dataclass(frozen=True, slots=True)
class Apps:
    """What callers may do with an organization's apps."""

    db: Database
    provider: StorageProvider
    """The server's own, for whoever chose none."""
    now: Callable[[], datetime]
    bucket: Bucket | None = None
    """Of the server's own provider; `None` for its disk."""

    def create(self, scope: OrganizationScope, settings: AppSettings) -> AppOverview:
        """Make an app.

        Raises Forbidden, InvalidRequest, SlugTaken for a slug that was asked for; one that is drawn from the name
        gets a number where it is taken.
        """
        scope.require(Permission.APP_CREATE)
        for attempt in count(1):
            try:
                with self.db.transaction() as tx:
                    app = add_app(tx, scope, self._placed(tx, scope, settings), self.now())
                    audit_log.record(tx, scope, "app.create", app.id, app.created_at)
                    return self._overviews(tx, [app])[0]
            except IntegrityError as error:
                # Somebody took the slug at the same moment: a drawn one is drawn again.
                if said_or(settings.slug, "") or attempt == MOST_TRIES:
                    raise SlugTaken from error
        raise SlugTaken

    def search(self, scope: OrganizationScope, query: ListQuery) -> Page[AppOverview]:
        """Give one page of an organization's apps.

        Raises Forbidden.
        """
        scope.require(Permission.APP_LIST)
        with self.db.read() as tx:
            page = apps.search(tx, scope, query)
            return Page(self._overviews(tx, page.items), page.total, page.page, page.limit)

    def get(self, scope: AppScope) -> AppOverview:
        """Give one app.

        Raises Forbidden, EntityNotFound.
        """
        scope.require(Permission.APP_GET)
        with self.db.read() as tx:
            return self._overviews(tx, [apps.get(tx, scope)])[0]

    def update(self, scope: AppScope, settings: AppSettings) -> AppOverview:
        """Edit an app; what the settings do not name stays.

        Raises Forbidden, EntityNotFound, InvalidRequest, SlugTaken.
        """
        scope.require(Permission.APP_UPDATE)
        if not isinstance(settings.name, Unset):
            checked_name(settings.name)
        try:
            with self.db.transaction() as tx:
                if not isinstance(settings.slug, Unset):
                    _check_free(tx, scope, settings.slug)
                _check_rule(tx, scope, settings)
                placed = self._placed(tx, scope, settings, apps.get(tx, scope))
                app = apps.update_app(tx, scope, placed, self.now())
                audit_log.record(tx, scope, "app.update", app.id, app.updated_at)
                return self._overviews(tx, [app])[0]
        except IntegrityError as error:
            raise SlugTaken from error

    def scope_of(self, scope: OrganizationScope, id_or_slug: str) -> AppScope:
        """Narrow a scope to one app.

        Raises EntityNotFound.
        """
        with self.db.read() as tx:
            app = apps.find(tx, scope.organization_id, id_or_slug)
        if app is None:
            raise EntityNotFound(f"There is no app {id_or_slug!r}.")
        return scope.in_app(app.id)

    def _overviews(self, tx: Connection, found: Sequence[App]) -> list[AppOverview]:
        sums = apps.build_sums(tx, found)
        defaults = {one: retention.default_rule(tx, one) for one in {app.organization_id for app in found}}
        ids = [app.id for app in found]
        runs = retention.last_runs(tx, ids)
        kept = storage_providers.of_organizations(tx, list(defaults))
        last, seen = sdk.last_builds(tx, ids), sdk.sightings(tx, ids)
        return [
            AppOverview(
                app=app,
                builds=sums[app.id].builds,
                platforms=sums[app.id].platforms,
                storage=self._storage(app, kept[app.organization_id]),
                retention=effective(retention.own_rule(app), defaults[app.organization_id]),
                last_run=runs.get(app.id),
                sdk={
                    system: SdkState(
                        rules=app.sdk.get(system, SdkRules()),
                        last=last.get((app.id, system)),
                        seen=seen.get((app.id, system)),
                    )
                    for system in SDK_SYSTEMS
                },
            )
            for app in found
        ]

    def _storage(self, app: App, kept: Sequence[KeptProvider]) -> AppStorage:
        chosen = next((one for one in kept if one.id == app.storage_provider_id), None)
        if chosen is None and not app.storage_provider_id:
            chosen = next((one for one in kept if one.is_default), None)
        if chosen is None:
            return AppStorage(self.provider, self.bucket)
        return AppStorage(chosen.shown, chosen.bucket)

    def _placed(
        self, tx: Connection, scope: OrganizationScope, settings: AppSettings, before: App | None = None
    ) -> AppSettings:
        """Hold the wish for a storage provider to those that there are; one that is shown already changes nothing."""
        wanted = settings.storage_provider
        if isinstance(wanted, Unset) or not wanted:
            return settings
        wanted = wanted.lower()
        kept = storage_providers.of_organizations(tx, [scope.organization_id])[scope.organization_id]
        if before is not None and wanted == self._storage(before, kept).provider.id:
            return replace(settings, storage_provider=UNSET)
        choices = [self.provider.id, *(one.id for one in kept)]
        if wanted not in choices:
            raise InvalidRequest({"configuration.storageProvider": f"must be one of {', '.join(choices)}"})
        return replace(settings, storage_provider=wanted)


def _free_slug(tx: Connection, scope: OrganizationScope, slug: str) -> str:
    taken = apps.slugs_like(tx, scope.organization_id, slug[: LONGEST_SLUG - 8])
    if slug not in taken:
        return slug
    numbered = (f"{slug[: LONGEST_SLUG - 1 - len(str(number))].rstrip('-')}-{number}" for number in count(2))
    return next(one for one in numbered if one not in taken)


def _check_free(tx: Connection, scope: AppScope, slug: str) -> None:
    owner = apps.find(tx, scope.organization_id, check_slug(slug))
    if owner is not None and owner.id != scope.app_id:
        raise SlugTaken


def _check_rule(tx: Connection, scope: AppScope, settings: AppSettings) -> None:
    """Let whoever may edit an app send it back as it was shown, but not change its rule without the right to."""
    before = retention.own_rule(apps.get(tx, scope))
    after = Rule(
        said_or(settings.build_retention_days, before.days),
        said_or(settings.builds_retained_per_publication, before.per_publication),
    )
    if after != before:
        scope.require(Permission.RETENTION_RULE_UPDATE)
