"""The record of who did what, and the chain that holds it together.

Each entry of an organization has a number and a hash: SHA-256 of the entry's canonical text, in which the hash of the
entry before stands. So nothing can be changed, taken out or put in without changing every hash after it.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

from seatrial.domain.build import DEFAULT_LIMIT
from seatrial.domain.ids import AppId, OrganizationId

FIRST_HASH = "0" * 64
"""What stands before the first entry."""
MOST_PROBLEMS = 100
"""That are named; one alone says that the record is not to be believed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """One action, and who carried it out."""

    id: str
    app_id: AppId | None
    principal_kind: str
    principal_id: str
    principal_name: str
    """What the principal is called now: an address, a name; empty for one that is gone."""
    action: str
    target_id: str
    detail: dict[str, object]
    created_at: datetime
    sequence: int | None = None
    hash: str | None = None
    """`None` where a program of an older version has written the entry, outside of the chain."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditQuery:
    """Which entries, the newest first; `None` filters nothing."""

    action: str | None = None
    """How the action begins: `build.` for all that was done to builds."""
    principal: str | None = None
    target: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    page: int = 1
    limit: int = DEFAULT_LIMIT


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """One entry as the chain has it."""

    sequence: int
    id: str
    organization_id: OrganizationId
    app_id: AppId | None
    principal_kind: str
    principal_id: str
    action: str
    target_id: str
    detail: dict[str, object]
    created_at: datetime
    hash: str = ""

    def content(self, previous: str) -> dict[str, object]:
        """Give what is hashed, behind an entry with this hash."""
        return {
            "sequence": self.sequence,
            "id": self.id,
            "organization": self.organization_id,
            "application": self.app_id or "",
            "principal": {"type": self.principal_kind, "id": self.principal_id},
            "action": self.action,
            "target": self.target_id,
            "detail": self.detail,
            "createdAt": self.created_at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "previousHash": previous,
        }

    def hash_after(self, previous: str) -> str:
        """Give the hash that the entry has to have behind an entry with this hash."""
        return hashlib.sha256(canonical(self.content(previous)).encode("utf-8", "surrogatepass")).hexdigest()


@dataclass(frozen=True, slots=True)
class Head:
    """The end of a chain; kept elsewhere, it proves later that nothing before it was rewritten."""

    sequence: int = 0
    hash: str = FIRST_HASH

    def __str__(self) -> str:
        return f"{self.sequence}:{self.hash}"


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that is wrong with a chain, and where."""

    sequence: int | None
    id: str
    """Empty for an entry that is not there."""
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """What came of looking through a whole chain."""

    head: Head
    """The last entry that was looked at."""
    entries: int
    problems: tuple[Problem, ...] = field(default_factory=tuple)

    @property
    def is_good(self) -> bool:
        """Whether nothing is wrong."""
        return not self.problems


def canonical(value: object) -> str:
    """Write JSON in one way only: keys sorted, nothing between them, text as it is. `jq -cS` writes the same."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def verify(
    links: Iterable[Link], head: Head | None, known: Head | None = None, start: Head | None = None
) -> Verification:
    """Look through a chain from its first entry to its head, where that is known apart from the entries.

    `known` is a head that was kept elsewhere, `start` what stands before the first entry of a part of a chain.

    After an entry that is wrong the look goes on from the hash that is written down, so that each is named by itself.
    """
    last, count, problems = start or Head(), 0, list[Problem]()
    hash_then = FIRST_HASH if known and known.sequence == 0 else None
    for link in links:
        count += 1
        problems += _wrong(link, last)
        last = Head(link.sequence, link.hash)
        if known and link.sequence == known.sequence:
            hash_then = link.hash
    if head is not None and last != head:
        problems.append(
            Problem(head.sequence, "", f"the chain ends with entry {last.sequence}, not with {head.sequence}")
        )
    if known and hash_then != known.hash:
        problems.append(Problem(known.sequence, "", f"entry {known.sequence} has not the hash that was kept of it"))
    return Verification(head=last, entries=count, problems=tuple(problems[:MOST_PROBLEMS]))


def _wrong(link: Link, last: Head) -> Iterator[Problem]:
    if link.sequence != last.sequence + 1:
        first, end = last.sequence + 1, link.sequence - 1
        gone = f"entry {first} removed" if first == end else f"entries {first} to {end} removed"
        yield Problem(first, "", gone)
        return  # its hash stands on what is not there
    if link.hash_after(last.hash) != link.hash:
        yield Problem(
            link.sequence, link.id, f"entry {link.sequence} was changed, or its hash, or that of the one before"
        )
