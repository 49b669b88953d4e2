"""How much apps and organizations may take up."""

from collections.abc import Iterable, Mapping

from sqlalchemy import Connection, select
from sqlalchemy.dialects import postgresql, sqlite

from seatrial.db.tables import quotas
from seatrial.domain.ids import OrganizationId
from seatrial.domain.quota import Allowed, Item


def read(tx: Connection, owners: Iterable[str]) -> dict[tuple[str, str], Allowed]:
    """Read what was said, by owner and item."""
    rows = tx.execute(select(quotas).where(quotas.c.owner.in_(list(owners))))
    return {(row.owner, row.item): Allowed(row.granted, row.chosen) for row in rows}


def say(
    tx: Connection, organization_id: OrganizationId, owner: str, column: str, said: Mapping[Item, int | None]
) -> None:
    """Write down what an operator grants (`granted`) or people of an organization choose (`chosen`)."""
    insert = postgresql.insert if tx.dialect.name == "postgresql" else sqlite.insert
    for item, amount in sorted(said.items()):
        row = {"owner": owner, "item": item.value, "organization_id": organization_id, column: amount}
        tx.execute(
            insert(quotas).values(row).on_conflict_do_update(index_elements=["owner", "item"], set_={column: amount})
        )
