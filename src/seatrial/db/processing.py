"""What processing does to a build. No scope here: a job works for the server, not for a caller."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

import msgspec
from sqlalchemy import Connection, select, update

from seatrial.db import apps, build_counts, build_files, build_lanes, build_search
from seatrial.db.build_counts import Counted
from seatrial.db.tables import builds
from seatrial.domain.build import BuildFile, BuildStatus, FileType, Stage
from seatrial.domain.buildinfo import BuildInfo
from seatrial.domain.errors import ProcessingCode
from seatrial.domain.ids import AppId, BuildId, FileId, OrganizationId
from seatrial.domain.place import Place
from seatrial.domain.sdk import update_identifier

_OPEN = (BuildStatus.PENDING.value, BuildStatus.IN_PROGRESS.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A build that was taken to be processed, with what its uploader said of it."""

    build_id: BuildId
    organization_id: OrganizationId
    app_id: AppId
    build_platform: str
    package_name: str
    package_version: str
    claims: int
    """How often the build was begun in this attempt, this time included."""
    parser_deaths: int
    original: BuildFile
    submitted_icon: BuildFile | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """How processing ended."""

    status: BuildStatus
    info: BuildInfo | None = None
    os: str | None = None
    build_platform: str | None = None
    version_name: str | None = None
    """The package's own, shown where the uploader gave none."""
    version_code: str = ""
    warnings: Sequence[str] = ()
    error: str = ""
    error_code: ProcessingCode | None = None
    files: Sequence[BuildFile] = ()
    mimetypes: Mapping[FileId, str] = field(default_factory=dict)
    """Better media types of files that are there already."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """Whose build was finished, and the keys of files that an earlier attempt had made of it."""

    organization_id: OrganizationId
    app_id: AppId
    stale_places: Sequence[Place]


def claim(tx: Connection, build_id: BuildId, attempt: int, now: datetime) -> Claim | None:
    """Take a build to process it; `None` when it is gone, done, or begun anew by a later attempt."""
    row = tx.execute(
        select(builds)
        .where(builds.c.id == build_id, builds.c.attempt == attempt, builds.c.status.in_(_OPEN))
        .with_for_update()
    ).one_or_none()
    if row is None:
        return None
    first = row.status == BuildStatus.PENDING.value
    claims = row.claims + 1
    values: dict[str, object] = {"status": BuildStatus.IN_PROGRESS.value, "claims": claims}
    values["stage"] = Stage.READING.value
    if first:
        values |= {
            "claimed_at": now,
            "queued_ms": max(0, _milliseconds(row.queued_at or row.created_at, now)),
            "revision": row.revision + 1,
            "updated_at": now,
        }
        before = Counted(row.app_id, row.version_name, row.status, row.os)
        build_counts.move(tx, before, replace(before, status=BuildStatus.IN_PROGRESS.value))
    tx.execute(update(builds).where(builds.c.id == build_id).values(values))
    if first:
        build_search.refresh(tx, build_id)
    files = build_files.of_builds(tx, [build_id])[build_id]
    return Claim(
        build_id=build_id,
        organization_id=row.organization_id,
        app_id=row.app_id,
        build_platform=row.build_platform,
        package_name=row.package_name,
        package_version=row.package_version,
        claims=claims,
        parser_deaths=row.parser_deaths,
        original=next(file for file in files if file.type is FileType.ORIGINAL),
        submitted_icon=next((file for file in files if file.type is FileType.SUBMITTED_ICON), None),
    )


def enter(tx: Connection, build_id: BuildId, stage: Stage, now: datetime) -> None:
    """Note what is being done to a build, for those who watch."""
    tx.execute(
        update(builds)
        .where(builds.c.id == build_id)
        .values(stage=stage.value, revision=builds.c.revision + 1, updated_at=now)
    )


def uncharge(tx: Connection, build_id: BuildId, attempt: int) -> None:
    """Take one claim back, but never the first, which tells that there was one."""
    mine = (builds.c.id == build_id) & (builds.c.attempt == attempt) & (builds.c.claims > 1)
    tx.execute(update(builds).where(mine).values(claims=builds.c.claims - 1))


def charge_parser_death(tx: Connection, build_id: BuildId) -> int:
    """Count one more death of the process that read this build; gives how many there were."""
    tx.execute(update(builds).where(builds.c.id == build_id).values(parser_deaths=builds.c.parser_deaths + 1))
    return tx.execute(select(builds.c.parser_deaths).where(builds.c.id == build_id)).scalar_one_or_none() or 0


def reopen(tx: Connection, build_id: BuildId, now: datetime) -> int | None:
    """Have a finished build wait for another attempt, and tell which; `None` for one that is not finished.

    What is known of it, and what was made of it, stays until the attempt's own outcome takes its place.
    """
    row = tx.execute(select(builds).where(builds.c.id == build_id).with_for_update()).one()
    if row.status in _OPEN:
        return None
    attempt: int = row.attempt + 1
    pending = BuildStatus.PENDING.value
    tx.execute(
        update(builds)
        .where(builds.c.id == build_id)
        .values(
            status=pending,
            attempt=attempt,
            claims=0,
            parser_deaths=0,
            claimed_at=None,
            queued_at=now,
            place=0,
            queued_ms=0,
            process_ms=0,
            error="",
            error_code="",
            stage="",
            revision=row.revision + 1,
            updated_at=now,
        )
    )
    before = Counted(row.app_id, row.version_name, row.status, row.os)
    build_counts.move(tx, before, replace(before, status=pending))
    build_lanes.draw(tx, build_id)
    build_search.refresh(tx, build_id)
    return attempt


def finish(
    tx: Connection, build_id: BuildId, attempt: int, verdict: Verdict, now: datetime, took_ms: int | None = None
) -> Outcome | None:
    """Write the outcome, and tell whose it is; `None` where there is no longer a build to write it to.

    `took_ms` is how long it took by a clock that nobody sets; without it the difference of two times counts.
    """
    row = tx.execute(
        select(
            builds.c.organization_id,
            builds.c.app_id,
            builds.c.status,
            builds.c.version_name,
            builds.c.os,
            builds.c.build_platform,
            builds.c.claimed_at,
            builds.c.info,
        )
        .where(builds.c.id == build_id, builds.c.attempt == attempt, builds.c.status.in_(_OPEN))
        .with_for_update()
    ).one_or_none()
    if row is None:
        return None
    label = "" if verdict.version_name and _is_the_packages(row.version_name, row.info) else row.version_name
    after = Counted(row.app_id, label or (verdict.version_name or ""), verdict.status.value, verdict.os or row.os)
    if took_ms is None and row.claimed_at is not None:
        took_ms = _milliseconds(row.claimed_at, now)
    tx.execute(
        update(builds)
        .where(builds.c.id == build_id)
        .values(
            status=after.status,
            version_name=after.version_name,
            version_code=verdict.version_code,
            os=after.os,
            build_platform=verdict.build_platform or row.build_platform,
            info=msgspec.json.encode(verdict.info).decode() if verdict.info else None,
            warnings=list(verdict.warnings),
            error=verdict.error,
            error_code=verdict.error_code.value if verdict.error_code else "",
            update_identifier=update_identifier(
                verdict.info if verdict.status is BuildStatus.PROCESSED else None,
                is_converted=any(file.type is FileType.PACKAGE for file in verdict.files),
            ),
            process_ms=max(0, took_ms or 0),
            claims=0,
            parser_deaths=0,
            stage="",
            revision=builds.c.revision + 1,
            updated_at=now,
        )
    )
    build_counts.move(tx, Counted(row.app_id, row.version_name, row.status, row.os), after)
    build_lanes.draw(tx, build_id)
    build_search.refresh(tx, build_id)
    stale = build_files.delete_derived(tx, build_id)
    build_files.insert_files(tx, verdict.files)
    for file_id, mimetype in verdict.mimetypes.items():
        build_files.set_mimetype(tx, file_id, mimetype)
    if verdict.status is BuildStatus.PROCESSED:
        apps.note_processed(tx, row.app_id, now)
    return Outcome(row.organization_id, row.app_id, stale)


def _is_the_packages(version_name: str, info: str | None) -> bool:
    """Whether a build shows the version that an earlier attempt found in it, rather than what its uploader said."""
    found = msgspec.json.decode(info).get("version_name") if info else None
    return bool(version_name) and isinstance(found, str) and found[: len(version_name)] == version_name


def _milliseconds(start: datetime, end: datetime) -> int:
    return round((end - start).total_seconds() * 1000)
