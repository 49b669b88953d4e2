"""Quotas as JSON."""

from collections.abc import Sequence

from seatrial.domain.build import Unset
from seatrial.domain.quota import UNLIMITED, Item, Quota
from seatrial.wire import bodies


def quotas_said(body: bytes) -> dict[Item, int | None]:
    """Read how much somebody chooses; null for as much as was granted.

    Raises InvalidRequest.
    """
    said = bodies.json_object(body)
    read = {item: bodies.optional(said, item.value, bodies.whole_or_none(0, UNLIMITED)) for item in Item}
    return {item: amount for item, amount in read.items() if not isinstance(amount, Unset)}


def quotas_json(quotas: Sequence[Quota]) -> dict[str, object]:
    """Show what is used and allowed of each item."""
    return {
        one.item.value: {
            "itemName": one.name,
            "used": one.used,
            "limit": one.limit,
            "granted": one.granted,
            "chosen": one.chosen,
        }
        for one in quotas
    }
