"""Apps by id or slug inside one organization."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec
from sqlalchemy import Connection, Row, bindparam, func, insert, or_, select, update

from seatrial.db.paging import page_of
from seatrial.db.tables import apps, build_counts
from seatrial.domain.access import AppScope, OrganizationScope
from seatrial.domain.app import App, AppSettings
from seatrial.domain.build import ApplicationInfo, Page, Unset
from seatrial.domain.buildinfo import Os
from seatrial.domain.errors import EntityNotFound
from seatrial.domain.ids import AppId, FileId, OrganizationId, may_name
from seatrial.domain.listing import ListQuery
from seatrial.domain.sdk import SdkRules, merged_rules

_SORTED_BY = {"createdAt": apps.c.created_at, "name": apps.c.name, "slug": apps.c.slug}
_AS_GIVEN = (
    "name",
    "slug",
    "description",
    "notify_collaborators",
    "notify_employees",
    "notify_otp_users",
    "notify_feedback",
    "new_build_message",
    "notification_language",
    "build_retention_days",
    "builds_retained_per_publication",
    "metadata",
)


@dataclass(frozen=True, slots=True)
class BuildSum:
    """What an app's builds add up to."""

    builds: int = 0
    platforms: tuple[str, ...] = ()


def insert_app(tx: Connection, app: App) -> None:
    """Add an app."""
    tx.execute(
        insert(apps).values(
            id=app.id,
            organization_id=app.organization_id,
            name=app.name,
            slug=app.slug,
            description=app.description,
            picture=app.picture,
            notify_collaborators=app.notify_collaborators,
            notify_employees=app.notify_employees,
            created_at=app.created_at,
            updated_at=app.updated_at,
            notify_otp_users=app.notify_otp_users,
            notify_feedback=app.notify_feedback,
            new_build_message=app.new_build_message,
            notification_language=app.notification_language,
            build_retention_days=app.build_retention_days,
            builds_retained_per_publication=app.builds_retained_per_publication,
            metadata=app.metadata,
            default_scripts=app.default_scripts,
            sdk=_rules_json(app.sdk),
            storage_provider_id=app.storage_provider_id,
        )
    )


def find(tx: Connection, organization_id: OrganizationId, id_or_slug: str) -> App | None:
    """Find an app of an organization by its id, in either case, or its slug."""
    if not may_name(id_or_slug):
        return None
    name = id_or_slug.lower()
    row = tx.execute(
        select(apps).where(apps.c.organization_id == organization_id, or_(apps.c.id == name, apps.c.slug == name))
    ).one_or_none()
    return _app(row) if row else None


def get(tx: Connection, scope: AppScope) -> App:
    """Read the scope's app.

    Raises EntityNotFound when it is gone.
    """
    row = tx.execute(
        select(apps).where(apps.c.id == scope.app_id, apps.c.organization_id == scope.organization_id)
    ).one_or_none()
    if row is None:
        raise EntityNotFound
    return _app(row)


def by_id(tx: Connection, ids: Sequence[str]) -> dict[str, App]:
    """Read apps, a page of them at most."""
    rows = tx.execute(select(apps).where(apps.c.id.in_(sorted(set(ids)))))
    return {row.id: _app(row) for row in rows}


def search(tx: Connection, scope: OrganizationScope, query: ListQuery) -> Page[App]:
    """Read one page of an organization's apps."""
    where = [apps.c.organization_id == scope.organization_id]
    if scope.visible_apps is not None:
        where.append(apps.c.id.in_(scope.visible_apps))
    if query.name is not None:
        where.append(apps.c.name.icontains(query.name, autoescape=True))
    if query.slug is not None:
        where.append(apps.c.slug == query.slug)
    return page_of(tx, select(apps).where(*where), (_SORTED_BY[query.sort], apps.c.id), query, _app)


def build_sums(tx: Connection, found: Sequence[App]) -> dict[AppId, BuildSum]:
    """Add up the counters of several apps' builds."""
    rows = tx.execute(
        select(build_counts.c.app_id, build_counts.c.os, func.sum(build_counts.c.builds).label("builds"))
        .where(build_counts.c.app_id.in_([app.id for app in found]))
        .group_by(build_counts.c.app_id, build_counts.c.os)
        .order_by(build_counts.c.app_id, build_counts.c.os)
    )
    sums = {app.id: BuildSum() for app in found}
    for row in rows:
        before = sums[row.app_id]
        platforms = (*before.platforms, row.os) if row.os else before.platforms
        sums[row.app_id] = BuildSum(before.builds + int(row.builds), platforms)
    return sums


def slugs_like(tx: Connection, organization_id: OrganizationId, slug: str) -> set[str]:
    """Read the slugs of an organization's apps that begin like this one."""
    return set(
        tx.execute(
            select(apps.c.slug).where(apps.c.organization_id == organization_id, apps.c.slug.startswith(slug))
        ).scalars()
    )


def update_app(tx: Connection, scope: AppScope, settings: AppSettings, now: datetime) -> App:
    """Edit an app.

    Raises EntityNotFound.
    """
    before = get(tx, scope)
    said = {column: getattr(settings, column) for column in _AS_GIVEN}
    values = {column: value for column, value in said.items() if not isinstance(value, Unset)}
    if not isinstance(settings.default_scripts, Unset):
        merged = before.default_scripts | settings.default_scripts
        values["default_scripts"] = {key: script for key, script in merged.items() if script}
    if not isinstance(settings.storage_provider, Unset):
        values["storage_provider_id"] = settings.storage_provider
    if settings.sdk:
        values["sdk"] = _rules_json(merged_rules(before.sdk, settings.sdk))
    tx.execute(update(apps).where(apps.c.id == before.id).values(values | {"updated_at": now}))
    return get(tx, scope)


def set_picture(tx: Connection, scope: AppScope, file_id: FileId, build_id: str, now: datetime) -> None:
    """Name the file with an app's picture, and the build that it was taken from."""
    tx.execute(
        update(apps)
        .where(apps.c.id == scope.app_id, apps.c.organization_id == scope.organization_id)
        .values(picture=file_id, picture_source=build_id, updated_at=now)
    )


def count_download(tx: Connection, app_id: str) -> None:
    """Count one more download of an app's builds."""
    tx.execute(update(apps).where(apps.c.id == app_id).values(downloads=apps.c.downloads + 1))


def count_feedback(tx: Connection, app_id: str, by: int) -> None:
    """Count feedback in, or out."""
    tx.execute(update(apps).where(apps.c.id == app_id).values(feedbacks=apps.c.feedbacks + by))


def note_processed(tx: Connection, app_id: str, now: datetime) -> None:
    """Remember when a build of an app was last processed."""
    tx.execute(update(apps).where(apps.c.id == app_id).values(last_build_processed_at=now))


_APPLICATION_INFO = select(apps.c.id, apps.c.name, apps.c.slug, apps.c.picture).where(
    apps.c.id == bindparam("app_id"), apps.c.organization_id == bindparam("organization_id")
)


def application_info(tx: Connection, scope: AppScope) -> ApplicationInfo | None:
    """Read what a build shows of its app."""
    row = tx.execute(
        _APPLICATION_INFO, {"app_id": scope.app_id, "organization_id": scope.organization_id}
    ).one_or_none()
    return ApplicationInfo(id=row.id, name=row.name, slug=row.slug, picture=row.picture) if row else None


def _app(row: Row[tuple[object, ...]]) -> App:
    columns = dict(row._mapping)  # noqa: SLF001  # SQLAlchemy's public name for a row as a mapping
    return App(**columns | {"sdk": msgspec.convert(columns["sdk"], dict[Os, SdkRules])})


def _rules_json(rules: Mapping[Os, SdkRules]) -> dict[str, object]:
    return {system.value: msgspec.to_builtins(one) for system, one in rules.items()}
