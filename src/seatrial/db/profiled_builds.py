"""Builds whose provisioning profile names devices: those that publications give now, and each app's newest."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, Select, select

from seatrial.db import expirations
from seatrial.db.build_lanes import NEWEST_FIRST, in_lane
from seatrial.db.recipients import in_parts
from seatrial.db.tables import apps, build_counts, builds
from seatrial.domain.build import BuildStatus
from seatrial.domain.buildinfo import Os
from seatrial.domain.ids import BuildId, OrganizationId
from seatrial.domain.known_device import ProfiledBuild
from seatrial.domain.publication import FilterType

SYSTEMS = (Os.IOS.value, Os.TVOS.value, Os.VISIONOS.value)


@dataclass(frozen=True, slots=True)
class _Profile:
    name: str | None = None
    devices: tuple[str, ...] | None = None
    all_devices: bool = False


@dataclass(frozen=True, slots=True)
class _Signing:
    profile: _Profile | None = None


@dataclass(frozen=True, slots=True)
class _Signed:
    """The part of a build's info that says which devices it is for; the rest is not even read."""

    signing: _Signing | None = None


_decoder = msgspec.json.Decoder(_Signed)


def profiled(tx: Connection, organization_id: OrganizationId, now: datetime) -> list[ProfiledBuild]:
    """Read an organization's builds that name devices, by app and age; those that name none are left out."""
    wanted = set(expirations.published_builds(tx, now, organization_id)) | set(_newest(tx, organization_id))
    found: list[ProfiledBuild] = []
    for part in in_parts(sorted(wanted)):
        rows = tx.execute(
            select(
                *(builds.c.id, builds.c.version_name, builds.c.version_code, builds.c.info, builds.c.created_at),
                *(apps.c.id.label("app_id"), apps.c.name, apps.c.slug),
            )
            .join(apps, apps.c.id == builds.c.app_id)
            .where(builds.c.id.in_(part), builds.c.os.in_(SYSTEMS), builds.c.info.is_not(None))
            .order_by(apps.c.name, builds.c.created_at.desc())
        )
        for row in rows:
            signing = _decoder.decode(row.info).signing
            profile = signing.profile if signing else None
            if profile is not None and profile.devices is not None and not profile.all_devices:
                found.append(
                    ProfiledBuild(
                        id=row.id,
                        app_id=row.app_id,
                        app_name=row.name,
                        app_slug=row.slug,
                        version_name=row.version_name,
                        version_code=row.version_code,
                        profile=profile.name or "",
                        devices=frozenset(one.casefold() for one in profile.devices),
                    )
                )
    return sorted(found, key=lambda one: one.app_name)


def _newest(tx: Connection, organization_id: OrganizationId) -> list[BuildId]:
    statement = _newest_of_apps(apps.c.organization_id == organization_id)
    return [row.build_id for row in tx.execute(statement) if row.build_id is not None]


def _newest_of_apps(which: ColumnElement[bool]) -> Select[Any]:
    lane = in_lane(apps.c.id, FilterType.LAST.value, "", build_counts.c.os)
    newest = lane.order_by(*NEWEST_FIRST).limit(1).correlate(apps, build_counts).scalar_subquery()
    return select(newest.label("build_id")).where(
        which,
        build_counts.c.app_id == apps.c.id,
        build_counts.c.os.in_(SYSTEMS),
        build_counts.c.status == BuildStatus.PROCESSED.value,
    )
