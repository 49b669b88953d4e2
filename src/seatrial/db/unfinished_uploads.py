"""Uploads whose bytes come bit by bit: how far each one is, and what became of it."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Row, case, delete, func, insert, select, update

from seatrial.db import idempotency_keys
from seatrial.db.tables import unfinished_uploads as uploads
from seatrial.domain.access import AppScope
from seatrial.domain.errors import EntityNotFound
from seatrial.domain.ids import AppId, BuildId, OrganizationId, is_entity_id
from seatrial.domain.upload import Claim, Concatenation, NewUpload, UnfinishedUpload


def insert_upload(
    tx: Connection, scope: AppScope, upload_id: str, new: NewUpload, now: datetime, until: datetime
) -> None:
    """Announce an upload."""
    tx.execute(
        insert(uploads).values(
            id=upload_id,
            organization_id=scope.organization_id,
            app_id=scope.app_id,
            principal_kind=scope.principal.kind.value,
            principal_id=scope.principal.id,
            length=new.length,
            received=0,
            description=new.metadata,
            concatenation=new.concatenation.value,
            parts=new.parts,
            claims=[[claim.header, claim.sha256] for claim in new.promise.claims],
            created_at=now,
            expires_at=until,
        )
    )


def get(tx: Connection, scope: AppScope, upload_id: str, now: datetime) -> UnfinishedUpload:
    """Read an upload of the one who announced it.

    Raises EntityNotFound, also for one whose time is over and for an id that is none.
    """
    if not is_entity_id(upload_id):
        raise EntityNotFound
    row = tx.execute(
        select(uploads).where(uploads.c.id == upload_id.lower(), uploads.c.expires_at > now, *_mine(scope))
    ).one_or_none()
    if row is None:
        raise EntityNotFound
    return _upload(row)


def find(tx: Connection, upload_id: str) -> UnfinishedUpload | None:
    """Read an upload, also one whose time is over."""
    row = tx.execute(select(uploads).where(uploads.c.id == upload_id)).one_or_none()
    return None if row is None else _upload(row)


def count_open(tx: Connection, scope: AppScope, now: datetime) -> int:
    """Count the uploads that somebody has begun and not finished."""
    opened = select(func.count()).where(*_mine(scope), uploads.c.build_id.is_(None), uploads.c.expires_at > now)
    return tx.execute(opened).scalar_one()


def announced(tx: Connection, organization_id: OrganizationId, app_id: AppId | None) -> tuple[int, int]:
    """Add up what is announced and not complete, of an app or of all: bytes, and the builds that it is to become.

    Pieces become one build together; what joins them has no bytes beside theirs.
    """
    kind = uploads.c.concatenation
    octets = func.sum(case((kind == Concatenation.FINAL.value, 0), else_=uploads.c.length))
    builds = func.sum(case((kind == Concatenation.PARTIAL.value, 0), else_=1))
    mine = [uploads.c.organization_id == organization_id, uploads.c.build_id.is_(None)]
    if app_id is not None:
        mine.append(uploads.c.app_id == app_id)
    row = tx.execute(select(func.coalesce(octets, 0), func.coalesce(builds, 0)).where(*mine)).one()
    return int(row[0]), int(row[1])


def advance(tx: Connection, upload: UnfinishedUpload, offset: int, until: datetime) -> bool:
    """Note how far an upload is; False where somebody else has noted something meanwhile, or it is gone."""
    return (
        tx.execute(update(uploads).where(*_unchanged(upload)).values(received=offset, expires_at=until)).rowcount == 1
    )


def claim(tx: Connection, upload: UnfinishedUpload, offset: int, parts: str) -> bool:
    """Note that somebody makes a build of an upload, and by which reservation; False as for `advance`."""
    values = {"received": offset, "parts": parts}
    return tx.execute(update(uploads).where(*_unchanged(upload)).values(values)).rowcount == 1


def finish(tx: Connection, upload: UnfinishedUpload, build_id: BuildId, until: datetime) -> bool:
    """Note what an upload has become; False as for `advance`."""
    values = {"received": upload.length, "build_id": build_id, "expires_at": until}
    return tx.execute(update(uploads).where(*_unchanged(upload)).values(values)).rowcount == 1


def remove(tx: Connection, upload_ids: Collection[str]) -> None:
    """Forget uploads, and the keys under which unfinished ones were announced."""
    idempotency_keys.forget_subjects(tx, upload_ids)
    tx.execute(delete(uploads).where(uploads.c.id.in_(upload_ids)))


def remove_unfinished(tx: Connection, upload_id: str) -> None:
    """Forget an upload that has not become a build, and the key under which it was announced."""
    gone = delete(uploads).where(uploads.c.id == upload_id, uploads.c.build_id.is_(None))
    if tx.execute(gone).rowcount:
        idempotency_keys.forget_subjects(tx, [upload_id])


def place(tx: Connection, upload_id: str) -> tuple[OrganizationId, AppId]:
    """Tell whose an upload is, for those who have its id alone."""
    row = tx.execute(select(uploads.c.organization_id, uploads.c.app_id).where(uploads.c.id == upload_id)).one()
    return row.organization_id, row.app_id


def expired(tx: Connection, now: datetime, limit: int = 500) -> Sequence[UnfinishedUpload]:
    """List uploads whose time is over."""
    return [_upload(row) for row in tx.execute(select(uploads).where(uploads.c.expires_at <= now).limit(limit))]


def under_way(tx: Connection, kind: Concatenation) -> Sequence[tuple[OrganizationId, AppId, str]]:
    """Give whose the uploads of a kind are that have not become builds, and what is noted of their parts."""
    noted = select(uploads.c.organization_id, uploads.c.app_id, uploads.c.parts)
    rows = tx.execute(noted.where(uploads.c.concatenation == kind.value, uploads.c.build_id.is_(None)))
    return [(row.organization_id, row.app_id, row.parts) for row in rows]


def known(tx: Connection, upload_ids: Collection[str]) -> set[str]:
    """Tell which of these are there and not finished: only those need their bytes."""
    rows = tx.execute(select(uploads.c.id).where(uploads.c.id.in_(upload_ids), uploads.c.build_id.is_(None)))
    return set(rows.scalars())


def _mine(scope: AppScope) -> tuple[ColumnElement[bool], ...]:
    return (
        uploads.c.app_id == scope.app_id,
        uploads.c.organization_id == scope.organization_id,
        uploads.c.principal_kind == scope.principal.kind.value,
        uploads.c.principal_id == scope.principal.id,
    )


def _unchanged(upload: UnfinishedUpload) -> tuple[ColumnElement[bool], ...]:
    return (uploads.c.id == upload.id, uploads.c.received == upload.offset, uploads.c.build_id.is_(None))


def _upload(row: Row[tuple[object, ...]]) -> UnfinishedUpload:
    return UnfinishedUpload(
        id=row.id,
        length=row.length,
        offset=row.received,
        metadata=row.description,
        concatenation=Concatenation(row.concatenation),
        parts=row.parts,
        claims=tuple(Claim(header, sha256) for header, sha256 in row.claims),
        build_id=row.build_id,
        created_at=row.created_at,
        expires_at=row.expires_at,
    )
