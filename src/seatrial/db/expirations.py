"""What ends in builds that people can get now, and which reminders of it were given."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

import msgspec
from sqlalchemy import Connection, or_, select
from sqlalchemy.dialects import postgresql, sqlite

from seatrial.db import resolution
from seatrial.db.tables import apps, builds, expiry_reminders, publications
from seatrial.domain.build import ApplicationInfo
from seatrial.domain.buildinfo import Signing
from seatrial.domain.expiration import Expiration, PublishedBuild, endings
from seatrial.domain.ids import BuildId, OrganizationId
from seatrial.domain.publication import FilterType, Visibility

_AT_ONCE = 500
Reminder = tuple[str, str, str, datetime, int]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Signed:
    """The part of a build's info that says what ends; the rest is not even read."""

    signing: Signing | None = None


_decoder = msgspec.json.Decoder(_Signed)


def published(tx: Connection, now: datetime, organization_id: OrganizationId | None = None) -> list[PublishedBuild]:
    """Find the builds that open publications give now, each once; of one organization or of all."""
    return _builds(tx, published_builds(tx, now, organization_id))


def published_builds(
    tx: Connection, now: datetime, organization_id: OrganizationId | None = None
) -> dict[BuildId, str]:
    """Find the same builds by their ids alone, each with the slug of a publication that gives it."""
    where = [
        publications.c.visibility != Visibility.INACTIVE.value,
        or_(publications.c.expires_at.is_(None), publications.c.expires_at > now),
    ]
    if organization_id is not None:
        where.append(publications.c.organization_id == organization_id)
    rows = tx.execute(
        select(publications.c.id, publications.c.slug, publications.c.filter_type, publications.c.systems)
        .where(*where)
        .order_by(publications.c.created_at, publications.c.id)
    ).all()
    slugs: dict[BuildId, str] = {}
    for part in _in_parts(rows):
        wanted = [resolution.Candidate(row.id, FilterType(row.filter_type), tuple(row.systems)) for row in part]
        given = resolution.resolve(tx, wanted)
        for row in part:
            for build in given[row.id]:
                slugs.setdefault(build.id, row.slug)
    return slugs


def given(tx: Connection, app_ids: Iterable[str]) -> set[Reminder]:
    """Name the reminders that were given in these apps."""
    found: set[Reminder] = set()
    for part in _in_parts(sorted(set(app_ids))):
        rows = tx.execute(select(expiry_reminders).where(expiry_reminders.c.app_id.in_(part)))
        found |= {(row.app_id, row.kind, row.identifier, row.expires_at, row.threshold) for row in rows}
    return found


def reminder(expiration: Expiration, threshold: int) -> Reminder:
    """Name a reminder."""
    ending = expiration.ending
    return (expiration.application.id, ending.kind.value, ending.identifier, ending.expires_at, threshold)


def claim(tx: Connection, wanted: Reminder, now: datetime) -> bool:
    """Win the right to give a reminder: of all servers that try, one does; lost again if the caller rolls back."""
    insertion = postgresql.insert if tx.dialect.name == "postgresql" else sqlite.insert
    names = ("app_id", "kind", "identifier", "expires_at", "threshold")
    values = dict(zip(names, wanted, strict=True)) | {"created_at": now}
    added = insertion(expiry_reminders).values(**values).on_conflict_do_nothing()
    return tx.execute(added.returning(expiry_reminders.c.app_id)).one_or_none() is not None


def _builds(tx: Connection, slugs: dict[BuildId, str]) -> list[PublishedBuild]:
    found: list[PublishedBuild] = []
    for part in _in_parts(sorted(slugs)):
        rows = tx.execute(
            select(
                *(builds.c.id, builds.c.organization_id, builds.c.version_name, builds.c.version_code, builds.c.os),
                *(builds.c.info, apps.c.id.label("app_id"), apps.c.name, apps.c.slug, apps.c.picture),
            )
            .join(apps, apps.c.id == builds.c.app_id)
            .where(builds.c.id.in_(part))
            .order_by(builds.c.id)
        )
        found += [
            PublishedBuild(
                id=row.id,
                organization_id=row.organization_id,
                application=ApplicationInfo(id=row.app_id, name=row.name, slug=row.slug, picture=row.picture),
                version_name=row.version_name,
                version_code=row.version_code,
                os=row.os,
                slug=slugs[row.id],
                endings=tuple(endings(_decoder.decode(row.info).signing)) if row.info else (),
            )
            for row in rows
        ]
    return found


def _in_parts(values: Sequence[T]) -> Iterator[Sequence[T]]:
    for start in range(0, len(values), _AT_ONCE):
        yield values[start : start + _AT_ONCE]
