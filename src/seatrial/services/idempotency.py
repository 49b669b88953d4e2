"""Uploads that come again: the key that a client chose leads to what the first one made."""

import hashlib
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TypeVar

import msgspec
from sqlalchemy import Connection

from seatrial.db import idempotency_keys
from seatrial.db.engine import Database
from seatrial.db.idempotency_keys import Kept, KeptAnswer
from seatrial.domain.access import AppScope, OrganizationScope
from seatrial.domain.errors import Conflict
from seatrial.domain.upload import NewUpload

T = TypeVar("T")

ANOTHER = "This idempotency key was used for something else: another file, or another thing said about it."
GONE = "What was uploaded with this idempotency key has been deleted."


class Repeated(Exception):
    """Somebody has used the key meanwhile; the transaction must not go on."""


def meaning(what: str, said: object, files: Iterable[tuple[str, str, str]]) -> str:
    """Name what a request is about, in 64 hex digits: the same for a request that is sent again, and for no other.

    `files` are the parts' names, the files' names and their SHA-256.
    """
    return hashlib.sha256(msgspec.json.encode([what, said, list(files)])).hexdigest()


def announcement(new: NewUpload) -> str:
    """Name what the announcement of an upload is about, as `meaning` does."""
    # Of a final one the pieces say how long it is, and they are gone when it comes again.
    claims = [(claim.header, claim.sha256) for claim in new.promise.claims]
    length = 0 if new.parts else new.length
    return meaning("announcement", [length, new.meant, new.concatenation.value, new.parts, claims], ())


@dataclass(frozen=True, slots=True)
class Idempotency:
    """The keys of all clients; each principal has its own in each app, and in each organization."""

    db: Database
    life: timedelta
    now: Callable[[], datetime]

    def find(self, scope: AppScope, key: str) -> Kept | None:
        """Look for what was done under a key that is not too old."""
        if not key:
            return None
        with self.db.read() as tx:
            return idempotency_keys.find(tx, scope.app_id, _digest(scope, key), self._since())

    def keep(self, tx: Connection, scope: AppScope, key: str, means: str, subject: str) -> None:
        """Write down, in the transaction that makes it, what is made under a key.

        Raises Repeated.
        """
        if not key:
            return
        kept = Kept(app_id=scope.app_id, digest=_digest(scope, key), meaning=means, subject=subject)
        if not idempotency_keys.keep(tx, kept, self._since(), self.now()):
            raise Repeated

    def subject(self, scope: AppScope, key: str, means: str) -> str:
        """Give what was made under a key by the same request.

        Raises Conflict.
        """
        kept = self.find(scope, key)
        if kept is None:
            raise Conflict(GONE)
        if kept.meaning != means:
            raise Conflict(ANOTHER)
        return kept.subject

    def once(
        self, scope: AppScope, key: str, means: str, do: Callable[[], T], again: Callable[[str], T]
    ) -> tuple[T, bool]:
        """Do what is to be done under a key unless it is done; tells whether it was.

        `do` calls `keep` in its transaction; `again` gets what was made, and shows it.

        Raises Conflict.
        """
        if self.find(scope, key) is None:
            with suppress(Repeated):
                return do(), False
        return again(self.subject(scope, key, means)), True

    def answer(self, scope: OrganizationScope, key: str, means: str) -> object | None:
        """Give what was answered to the same request under a key that is not too old.

        Raises Conflict.
        """
        if not key:
            return None
        with self.db.read() as tx:
            kept = idempotency_keys.find_answer(tx, scope.organization_id, _digest(scope, key), self._since())
        if kept is not None and kept.meaning != means:
            raise Conflict(ANOTHER)
        return None if kept is None else kept.answer

    def claim(self, tx: Connection, scope: OrganizationScope, key: str, means: str) -> Callable[[object], None]:
        """Write down, in the transaction that does it, what is done under a key; what it gives takes the answer.

        Raises Repeated.
        """
        if not key:
            return _no_answer
        kept = KeptAnswer(organization_id=scope.organization_id, digest=_digest(scope, key), meaning=means, answer={})
        if not idempotency_keys.keep_answer(tx, kept, self._since(), self.now()):
            raise Repeated
        return lambda answer: idempotency_keys.write_answer(tx, replace(kept, answer=answer))

    def forget_old(self) -> int:
        """Let old keys go."""
        with self.db.transaction() as tx:
            return idempotency_keys.forget_before(tx, self._since())

    def _since(self) -> datetime:
        return self.now() - self.life


def _no_answer(_answer: object) -> None:
    """Keep nothing."""


def _digest(scope: OrganizationScope, key: str) -> str:
    principal = scope.principal
    return hashlib.sha256(f"{principal.kind.value}\0{principal.id}\0{key}".encode()).hexdigest()
