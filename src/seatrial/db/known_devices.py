"""Testers' devices of an organization, and the challenges that were answered."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, delete, func, insert, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from seatrial.db.recipients import in_parts
from seatrial.db.tables import apps, device_challenges, employees, known_devices, users
from seatrial.domain.apple_products import NAMES
from seatrial.domain.build import Page
from seatrial.domain.ids import KnownDeviceId, OrganizationId, is_entity_id
from seatrial.domain.known_device import DeviceQuery, DeviceState, KnownDevice
from seatrial.domain.membership import MemberKind

_T, _E, _U = known_devices.c, employees.c, users.c
_SHOWN = [
    *known_devices.c,
    func.coalesce(_E.email, _U.email, "").label("email"),
    func.coalesce(_E.first_name, _U.first_name, "").label("first_name"),
    func.coalesce(_E.last_name, _U.last_name, "").label("last_name"),
]
_ORDER = (_T.created_at.desc(), _T.id.desc())


def insert_device(tx: Connection, device: KnownDevice) -> None:
    """Add a device."""
    tx.execute(
        insert(known_devices).values(
            id=device.id,
            organization_id=device.organization_id,
            udid=device.udid,
            product=device.product,
            os_build=device.os_build,
            os_version=device.os_version,
            serial=device.serial,
            name=device.name,
            app_id=device.app_id,
            is_proven=device.is_proven,
            last_seen_at=device.last_seen_at,
            created_at=device.created_at,
            **owner_columns(device.kind, device.member_id),
        )
    )


def owner_columns(kind: MemberKind | None, member_id: str) -> dict[str, str | None]:
    """Give the columns that say whose a device is."""
    return {
        "employee_id": member_id if kind is MemberKind.EMPLOYEE else None,
        "user_id": member_id if kind is MemberKind.USER else None,
    }


def update_device(tx: Connection, device_id: KnownDeviceId, values: Mapping[str, object]) -> None:
    """Change columns of a device."""
    tx.execute(update(known_devices).where(_T.id == device_id).values(dict(values)))


def find(tx: Connection, organization_id: OrganizationId, device_id: str) -> KnownDevice | None:
    """Find a device of an organization."""
    if not is_entity_id(device_id):
        return None
    row = tx.execute(_select().where(_of(organization_id), _T.id == device_id.lower())).one_or_none()
    return _device(row) if row else None


def find_by_udid(tx: Connection, organization_id: OrganizationId, udid: str) -> KnownDevice | None:
    """Find a device by what Apple knows it by."""
    row = tx.execute(_select().where(_of(organization_id), _T.udid == udid)).one_or_none()
    return _device(row) if row else None


def of_member(tx: Connection, organization_id: OrganizationId, kind: MemberKind, member_id: str) -> list[KnownDevice]:
    """List the devices of one person, who came last first."""
    column = _T.employee_id if kind is MemberKind.EMPLOYEE else _T.user_id
    rows = tx.execute(_select().where(_of(organization_id), column == member_id).order_by(*_ORDER))
    return [_device(row) for row in rows]


def search(
    tx: Connection, organization_id: OrganizationId, query: DeviceQuery, profiled: Collection[str]
) -> Page[KnownDevice]:
    """Read one page of an organization's devices; `profiled` are the UDIDs, case-folded, that profiles name."""
    statement = _select(_T.id, _T.udid).where(_of(organization_id), *_conditions(query)).order_by(*_ORDER)
    ids = [row.id for row in tx.execute(statement) if _fits(row.udid, query.state, profiled)]
    page = ids[query.offset : query.offset + query.limit]
    return Page(_loaded(tx, page), len(ids), query.page, query.limit)


def added_since(tx: Connection, organization_id: OrganizationId, moment: datetime) -> int:
    """Count the devices that became known after a moment."""
    wanted = (_of(organization_id), _T.created_at > moment)
    return tx.execute(select(func.count()).select_from(known_devices).where(*wanted)).scalar_one()


def delete_device(tx: Connection, organization_id: OrganizationId, device_id: str) -> bool:
    """Forget a device; tells whether there was one."""
    if not is_entity_id(device_id):
        return False
    where = (_of(organization_id), _T.id == device_id.lower())
    return tx.execute(delete(known_devices).where(*where)).rowcount == 1


def delete_of_person(tx: Connection, organization_id: OrganizationId, email: str) -> int:
    """Forget the devices of who has an e-mail address, in any case; gives how many there were."""
    theirs = or_(
        _T.employee_id.in_(select(_E.id).where(_E.organization_id == organization_id, _E.email == email.lower())),
        _T.user_id.in_(select(_U.id).where(_U.email == email.lower())),
    )
    return tx.execute(delete(known_devices).where(_of(organization_id), theirs)).rowcount


def spend(tx: Connection, digest: str, udid: str, expires_at: datetime) -> str:
    """Note by which device a challenge was answered; gives the UDID of the one that was first."""
    insertion = postgresql.insert if tx.dialect.name == "postgresql" else sqlite.insert
    values = {"digest": digest, "udid": udid, "expires_at": expires_at}
    tx.execute(insertion(device_challenges).values(**values).on_conflict_do_nothing())
    first = select(device_challenges.c.udid).where(device_challenges.c.digest == digest)
    return str(tx.execute(first).scalar_one())


def forget_challenges(tx: Connection, now: datetime) -> None:
    """Remove challenges that are over, and good for nobody any more."""
    tx.execute(delete(device_challenges).where(device_challenges.c.expires_at <= now))


def _loaded(tx: Connection, ids: list[KnownDeviceId]) -> list[KnownDevice]:
    found: dict[str, KnownDevice] = {}
    for part in in_parts(ids):
        found |= {row.id: _device(row) for row in tx.execute(_select().where(_T.id.in_(part)))}
    return [found[one] for one in ids if one in found]


def _select(*columns: ColumnElement[Any]) -> Select[Any]:
    joined = known_devices.outerjoin(employees, _E.id == _T.employee_id).outerjoin(users, _U.id == _T.user_id)
    return select(*(columns or _SHOWN)).select_from(joined)


def _of(organization_id: OrganizationId) -> ColumnElement[bool]:
    return _T.organization_id == organization_id


def _conditions(query: DeviceQuery) -> list[ColumnElement[bool]]:
    where: list[ColumnElement[bool]] = []
    if query.text is not None:
        text = query.text.strip()
        products = [product for product, name in NAMES.items() if text.casefold() in name.casefold()]
        shown: list[ColumnElement[Any]] = [_T.udid, _T.product, _T.name, _E.email, _U.email]
        shown += [_E.first_name + " " + _E.last_name, _U.first_name + " " + _U.last_name]
        where.append(or_(*(column.icontains(text, autoescape=True) for column in shown), _T.product.in_(products)))
    if query.app is not None:
        named = query.app.lower()
        where.append(_T.app_id.in_(select(apps.c.id).where(or_(apps.c.id == named, apps.c.slug == named))))
    return where


def _fits(udid: str, state: DeviceState | None, profiled: Collection[str]) -> bool:
    return state is None or (udid.casefold() in profiled) is (state is DeviceState.PRESENT)


def _device(row: Row[Any]) -> KnownDevice:
    kind = MemberKind.EMPLOYEE if row.employee_id else MemberKind.USER if row.user_id else None
    return KnownDevice(
        id=row.id,
        organization_id=row.organization_id,
        udid=row.udid,
        product=row.product,
        os_build=row.os_build,
        os_version=row.os_version,
        serial=row.serial,
        name=row.name,
        kind=kind,
        member_id=row.employee_id or row.user_id or "",
        email=row.email,
        first_name=row.first_name,
        last_name=row.last_name,
        app_id=row.app_id,
        is_proven=row.is_proven,
        last_seen_at=row.last_seen_at,
        created_at=row.created_at,
    )
