"""Service accounts and app tokens that end within a time."""

from datetime import datetime

from sqlalchemy import Connection, literal, select, union_all

from seatrial.db.tables import app_tokens, apps, service_accounts
from seatrial.domain.expiration import EndingCredential
from seatrial.domain.ids import OrganizationId


def between(
    tx: Connection, since: datetime, until: datetime, organization_id: OrganizationId | None = None
) -> list[EndingCredential]:
    """Find those that nobody revoked and that end after one moment, and not after the other; the next ones first.

    Without those of trusted publishing, which live for minutes anyway.
    """
    statements = []
    for table, name, app, slug in (
        (service_accounts, service_accounts.c.name, literal(""), literal("")),
        (app_tokens, app_tokens.c.description, apps.c.name, apps.c.slug),
    ):
        wanted = [table.c.expires_at > since, table.c.expires_at <= until, table.c.revoked_at.is_(None)]
        if organization_id is not None:
            wanted.append(table.c.organization_id == organization_id)
        shown = select(
            table.c.organization_id, name.label("name"), app.label("app"), slug.label("slug"), table.c.expires_at
        )
        if table is app_tokens:
            shown = shown.join(apps, apps.c.id == app_tokens.c.app_id)
            wanted.append(app_tokens.c.publisher_id.is_(None))
        statements.append(shown.where(*wanted))
    found = union_all(*statements).subquery()
    rows = tx.execute(select(found).order_by(found.c.expires_at, found.c.name))
    return [EndingCredential(row.organization_id, row.name, row.app, row.slug, row.expires_at) for row in rows]
