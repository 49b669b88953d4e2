"""The record of downloads."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Row, insert, select, text, tuple_, update

from seatrial.db import apps, devices, persons
from seatrial.db.download_tokens import TokenRow
from seatrial.db.paging import page_of
from seatrial.db.tables import downloads
from seatrial.db.tables.downloads import PERSONAL
from seatrial.domain.access import AppScope
from seatrial.domain.build import Page
from seatrial.domain.download import NOBODY, Download, DownloaderType, DownloadQuery
from seatrial.domain.ids import BuildId, FileId, OrganizationId

_BLANK = {
    "member": persons.to_json(NOBODY),
    "member_type": DownloaderType.ANONYMOUS.value,
    "member_email": "",
    "address": "",
    "user_agent": "",
    "device": {},
    "personal": False,
}


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
            address=download.address,
            user_agent=download.user_agent,
            device=devices.to_json(download.device),
        )
    )
    apps.count_download(tx, token.app_id)


def search(tx: Connection, scope: AppScope, build_id: BuildId | None, query: DownloadQuery) -> Page[Download]:
    """Read one page of the downloads of an app, or of one of its builds."""
    where = _matching(scope, build_id, query)
    return page_of(tx, select(downloads).where(*where), (downloads.c.created_at, downloads.c.id), query, _download)


def find(tx: Connection, download_id: str) -> Download | None:
    """Read one download."""
    row = tx.execute(select(downloads).where(downloads.c.id == download_id)).one_or_none()
    return _download(row) if row is not None else None


def following(
    tx: Connection, scope: AppScope, build_id: BuildId | None, query: DownloadQuery, last: Download | None, most: int
) -> list[Download]:
    """Read the downloads that come after one in the order of the query, however deep in the list that is."""
    where = _matching(scope, build_id, query)
    place = tuple_(downloads.c.created_at, downloads.c.id)
    if last is not None:
        reached = tuple_(last.created_at, last.id, types=(downloads.c.created_at.type, downloads.c.id.type))
        where.append(place < reached if query.descending else place > reached)
    order = (downloads.c.created_at, downloads.c.id)
    rows = tx.execute(
        select(downloads)
        .where(*where)
        .order_by(*(column.desc() for column in order) if query.descending else order)
        .limit(most)
    )
    return [_download(row) for row in rows]


def blank_before(tx: Connection, organization_id: OrganizationId, moment: datetime, most: int) -> int:
    """Take persons, addresses and devices out of old entries, oldest first; gives how many entries."""
    ids = tx.execute(
        select(downloads.c.id)
        .where(downloads.c.organization_id == organization_id, downloads.c.created_at < moment, text(PERSONAL))
        .order_by(downloads.c.created_at)
        .limit(most)
    ).scalars()
    return _blank(tx, list(ids))


def blank_person(tx: Connection, organization_id: OrganizationId, email: str, most: int) -> int:
    """Take one person out of an organization's entries; gives how many there were, at most so many at once."""
    ids = tx.execute(
        select(downloads.c.id)
        .where(downloads.c.organization_id == organization_id, downloads.c.member_email == email.lower())
        .limit(most)
    ).scalars()
    return _blank(tx, list(ids))


def _blank(tx: Connection, ids: Iterable[str]) -> int:
    wanted = list(ids)
    if not wanted:
        return 0
    return tx.execute(update(downloads).where(downloads.c.id.in_(wanted)).values(**_BLANK)).rowcount


def _matching(scope: AppScope, build_id: BuildId | None, query: DownloadQuery) -> list[ColumnElement[bool]]:
    where = [downloads.c.app_id == scope.app_id, downloads.c.organization_id == scope.organization_id]
    if build_id is not None:
        where.append(downloads.c.build_id == build_id)
    if query.email is not None:
        where.append(downloads.c.member_email == query.email.lower())
    if query.since is not None:
        where.append(downloads.c.created_at >= query.since)
    if query.until is not None:
        where.append(downloads.c.created_at <= query.until)
    return where


def _download(row: Row[tuple[object, ...]]) -> Download:
    return Download(
        id=row.id,
        build_id=row.build_id,
        origin=row.origin,
        member_type=row.member_type,
        member=persons.from_json(row.member),
        created_at=row.created_at,
        address=row.address,
        user_agent=row.user_agent,
        device=devices.from_json(row.device),
    )
