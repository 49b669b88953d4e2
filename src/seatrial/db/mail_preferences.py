"""What people wish to hear of, by organization and app."""

from datetime import datetime

from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from seatrial.db.tables import mail_preferences
from seatrial.domain.ids import AppId, OrganizationId
from seatrial.domain.mail import Delivery, Preference

_ANY_APP = ""


def put(tx: Connection, preference: Preference) -> None:
    """Write down a wish; one for the whole organization puts an end to those for single apps."""
    app_id = preference.app_id or _ANY_APP
    if app_id == _ANY_APP:
        tx.execute(
            delete(mail_preferences).where(
                mail_preferences.c.organization_id == preference.organization_id,
                mail_preferences.c.email == preference.email,
            )
        )
    make = sqlite_insert if tx.dialect.name == "sqlite" else postgresql_insert
    values = {"delivery": preference.delivery.value, "updated_at": preference.updated_at}
    tx.execute(
        make(mail_preferences)
        .values(organization_id=preference.organization_id, email=preference.email, app_id=app_id, **values)
        .on_conflict_do_update(index_elements=["organization_id", "email", "app_id"], set_=values)
    )


def of(tx: Connection, email: str, organization_id: OrganizationId | None = None) -> list[Preference]:
    """Read the wishes of a person, of one organization or of all."""
    where = [mail_preferences.c.email == email]
    if organization_id is not None:
        where.append(mail_preferences.c.organization_id == organization_id)
    rows = tx.execute(
        select(mail_preferences).where(*where).order_by(mail_preferences.c.organization_id, mail_preferences.c.app_id)
    )
    return [
        Preference(
            organization_id=row.organization_id,
            email=row.email,
            app_id=AppId(row.app_id) if row.app_id else None,
            delivery=Delivery(row.delivery),
            updated_at=row.updated_at,
        )
        for row in rows
    ]


def at(tx: Connection, organization_id: OrganizationId, email: str, app_id: str | None, now: datetime) -> Preference:
    """Read what holds for an app, or for all apps of an organization; who said nothing hears of everything."""
    found = {each.app_id: each for each in of(tx, email, organization_id)}
    default = Preference(
        organization_id=organization_id,
        email=email,
        app_id=None,
        delivery=Delivery.ALL,
        updated_at=now,
    )
    return found.get(AppId(app_id) if app_id else None) or found.get(None) or default
