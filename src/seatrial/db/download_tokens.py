"""Download tokens: the database decides who redeems one."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection, Row, delete, insert, select, update

from seatrial.db import devices, persons
from seatrial.db.tables import download_tokens
from seatrial.domain.access import Person
from seatrial.domain.device import Device
from seatrial.domain.download import NOBODY, DownloaderType, DownloadType
from seatrial.domain.ids import AppId, BuildId, OrganizationId


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenRow:
    """What a token was issued for and by whom."""

    digest: str
    organization_id: OrganizationId
    app_id: AppId
    build_id: BuildId
    file_id: str | None
    type: DownloadType
    origin: str
    member_type: str
    member: Person
    expires_at: datetime
    used_at: datetime | None
    created_at: datetime
    device: Device = field(default_factory=Device)
    recorded_at: datetime | None = None
    """When its download was noted without the token being used."""


def insert_token(tx: Connection, token: TokenRow) -> None:
    """Add a token."""
    tx.execute(
        insert(download_tokens).values(
            digest=token.digest,
            organization_id=token.organization_id,
            app_id=token.app_id,
            build_id=token.build_id,
            file_id=token.file_id,
            type=token.type.value,
            origin=token.origin,
            member_type=token.member_type,
            member=persons.to_json(token.member),
            expires_at=token.expires_at,
            created_at=token.created_at,
            device=devices.to_json(token.device),
        )
    )


def find(tx: Connection, digest: str) -> TokenRow | None:
    """Find a token by its digest, whatever its state."""
    row = tx.execute(select(download_tokens).where(download_tokens.c.digest == digest)).one_or_none()
    return _token(row) if row else None


def use(tx: Connection, digest: str, now: datetime) -> bool:
    """Use a token up, if it is unused and not expired; exactly one of any number of callers gets True."""
    used = tx.execute(
        update(download_tokens)
        .where(
            download_tokens.c.digest == digest,
            download_tokens.c.used_at.is_(None),
            download_tokens.c.expires_at > now,
        )
        .values(used_at=now)
    )
    return used.rowcount == 1


def note(tx: Connection, digest: str, now: datetime) -> bool:
    """Remember that the download of an unused token was noted; exactly one of any number of callers gets True."""
    noted = tx.execute(
        update(download_tokens)
        .where(
            download_tokens.c.digest == digest,
            download_tokens.c.used_at.is_(None),
            download_tokens.c.recorded_at.is_(None),
        )
        .values(recorded_at=now)
    )
    return noted.rowcount == 1


def of_person(tx: Connection, organization_id: OrganizationId, email: str) -> list[str]:
    """Find the digests of an organization's tokens that were made for a person: all are read, those of 30 days."""
    rows = tx.execute(
        select(download_tokens.c.digest, download_tokens.c.member).where(
            download_tokens.c.organization_id == organization_id
        )
    )
    return [row.digest for row in rows if str(row.member.get("email", "")).lower() == email.lower()]


def blank(tx: Connection, digests: Sequence[str]) -> None:
    """Take whom they were made for out of tokens."""
    values = {"member": persons.to_json(NOBODY), "member_type": DownloaderType.ANONYMOUS.value, "device": {}}
    tx.execute(update(download_tokens).where(download_tokens.c.digest.in_(digests)).values(**values))


def delete_expired(tx: Connection, before: datetime) -> int:
    """Forget tokens that expired long ago; until then a late caller learns that the token is expired, not unknown."""
    return tx.execute(delete(download_tokens).where(download_tokens.c.expires_at < before)).rowcount


def _token(row: Row[tuple[object, ...]]) -> TokenRow:
    return TokenRow(
        digest=row.digest,
        organization_id=row.organization_id,
        app_id=row.app_id,
        build_id=row.build_id,
        file_id=row.file_id,
        type=DownloadType(row.type),
        origin=row.origin,
        member_type=row.member_type,
        member=persons.from_json(row.member),
        expires_at=row.expires_at,
        used_at=row.used_at,
        created_at=row.created_at,
        device=devices.from_json(row.device),
        recorded_at=row.recorded_at,
    )
