"""The record of who did what as JSON."""

import json
import re
from collections.abc import Iterable
from datetime import datetime

from seatrial.domain.audit import AuditEntry, AuditQuery, Head, Link, Verification, canonical
from seatrial.domain.errors import InvalidRequest
from seatrial.domain.ids import AppId, OrganizationId
from seatrial.wire import fields
from seatrial.wire.queries import Params, filters_of, paging_of
from seatrial.wire.timestamps import read_timestamp, timestamp

TEXT_LIMIT = 128
_HEAD = re.compile(r"([0-9]{1,15}):([0-9a-f]{64})")


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
        "sequence": entry.sequence,
        "hash": entry.hash or "",
    }


def verification_query(params: Params) -> Head | None:
    """Read a head that was kept elsewhere: `NUMBER:HASH`.

    Raises InvalidRequest.
    """
    said = filters_of(params, ("head",)).get("head")
    return None if said is None else kept_head("head", said)


def kept_head(name: str, text: str) -> Head:
    """Read a head as it was written down: `NUMBER:HASH`.

    Raises InvalidRequest.
    """
    found = _HEAD.fullmatch(text.strip().lower())
    if found is None:
        raise InvalidRequest({name: "must be a number, a colon and a hash of 64 hexadecimal digits"})
    return Head(int(found[1]), found[2])


def export_query(params: Params) -> int:
    """Read behind which entry to begin.

    Raises InvalidRequest.
    """
    return fields.whole("after", filters_of(params, ("after",)).get("after", "0"), 0, 2**53)


def verification_json(found: Verification) -> dict[str, object]:
    """Show what came of a look through the chain."""
    return {
        "verified": found.is_good,
        "entries": found.entries,
        "head": str(found.head),
        "problems": [{"sequence": one.sequence, "id": one.id, "problem": one.text} for one in found.problems],
    }


def export_lines(batch: Iterable[tuple[str, Link]]) -> bytes:
    """Write entries as lines of canonical JSON, each with the hash before it and its own."""
    return b"".join(
        (canonical(link.content(previous) | {"hash": link.hash}) + "\n").encode("utf-8", "replace")
        for previous, link in batch
    )


def exported_link(line: bytes) -> tuple[str, Link]:
    """Read a line that `export_lines` wrote.

    Raises ValueError, KeyError, TypeError for one that is none.
    """
    said = json.loads(line)
    link = Link(
        sequence=int(said["sequence"]),
        id=str(said["id"]),
        organization_id=OrganizationId(said["organization"]),
        app_id=AppId(said["application"]) if said["application"] else None,
        principal_kind=said["principal"]["type"],
        principal_id=said["principal"]["id"],
        action=said["action"],
        target_id=said["target"],
        detail=said["detail"],
        created_at=datetime.fromisoformat(said["createdAt"]),
        hash=str(said["hash"]),
    )
    return str(said["previousHash"]), link


def _text(given: dict[str, str], name: str) -> str | None:
    return fields.bounded(name, given[name], TEXT_LIMIT) if name in given else None
