"""The record of who did what as JSON."""

from seatrial.domain.audit import AuditEntry, AuditQuery
from seatrial.wire import fields
from seatrial.wire.queries import Params, filters_of, paging_of
from seatrial.wire.timestamps import read_timestamp, timestamp

TEXT_LIMIT = 128


def audit_query(params: Params) -> AuditQuery:
    """Read which entries to list.

    Raises InvalidRequest naming the parameter and what is allowed.
    """
    given = filters_of(params, ("action", "principal", "target", "iniDate", "endDate", "page", "limit"))
    return AuditQuery(
        action=_text(given, "action"),
        principal=_text(given, "principal"),
        target=_text(given, "target"),
        since=read_timestamp("iniDate", given["iniDate"]) if "iniDate" in given else None,
        until=read_timestamp("endDate", given["endDate"], end_of_day=True) if "endDate" in given else None,
        **paging_of(given),
    )


def audit_json(entry: AuditEntry) -> dict[str, object]:
    """Show one entry."""
    return {
        "id": entry.id,
        "application": entry.app_id or "",
        "action": entry.action,
        "target": entry.target_id,
        "principal": {"type": entry.principal_kind, "id": entry.principal_id, "name": entry.principal_name},
        "detail": entry.detail,
        "createdAt": timestamp(entry.created_at),
    }


def _text(given: dict[str, str], name: str) -> str | None:
    return fields.bounded(name, given[name], TEXT_LIMIT) if name in given else None
