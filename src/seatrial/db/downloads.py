"""The record of downloads."""

from sqlalchemy import Connection, Row, func, insert, select

from seatrial.db import apps, persons
from seatrial.db.download_tokens import TokenRow
from seatrial.db.tables import downloads
from seatrial.domain.access import AppScope
from seatrial.domain.build import Page
from seatrial.domain.download import Download, DownloadQuery
from seatrial.domain.ids import BuildId, FileId


def insert_download(tx: Connection, download: Download, token: TokenRow, file_id: FileId) -> None:
    """Write down that a token was redeemed, and count it for the app."""
    tx.execute(
        insert(downloads).values(
            id=download.id,
            organization_id=token.organization_id,
            app_id=token.app_id,
            build_id=download.build_id,
            file_id=file_id,
            origin=download.origin,
            member_type=download.member_type,
            member=persons.to_json(download.member),
            member_email=download.member.email.lower(),
            created_at=download.created_at,
        )
    )
    apps.count_download(tx, token.app_id)


def search(tx: Connection, scope: AppScope, build_id: BuildId, query: DownloadQuery) -> Page[Download]:
    """Read one page of a build's downloads."""
    where = [
        downloads.c.build_id == build_id,
        downloads.c.app_id == scope.app_id,
        downloads.c.organization_id == scope.organization_id,
    ]
    if query.email is not None:
        where.append(downloads.c.member_email == query.email.lower())
    if query.since is not None:
        where.append(downloads.c.created_at >= query.since)
    if query.until is not None:
        where.append(downloads.c.created_at <= query.until)
    order = (downloads.c.created_at, downloads.c.id)
    rows = tx.execute(
        select(downloads)
        .where(*where)
        .order_by(*(column.desc() for column in order) if query.descending else order)
        .limit(query.limit)
        .offset((query.page - 1) * query.limit)
    )
    items = [_download(row) for row in rows]
    total = tx.execute(select(func.count()).select_from(downloads).where(*where)).scalar_one()
    return Page(items, total, query.page, query.limit)


def find(tx: Connection, download_id: str) -> Download | None:
    """Read one download."""
    row = tx.execute(select(downloads).where(downloads.c.id == download_id)).one_or_none()
    return _download(row) if row is not None else None


def _download(row: Row[tuple[object, ...]]) -> Download:
    return Download(
        id=row.id,
        build_id=row.build_id,
        origin=row.origin,
        member_type=row.member_type,
        member=persons.from_json(row.member),
        created_at=row.created_at,
    )
