"""Whether a process should be sent requests now."""

from dataclasses import dataclass, field
from threading import Event

from seatrial.db import schema
from seatrial.db.engine import Database
from seatrial.domain.errors import NotReady, SeatrialError
from seatrial.services.storage_watch import StorageWatch

READY = "ok"


@dataclass(frozen=True, slots=True)
class Readiness:
    """Looks at what a request needs; `draining` is set when the process is about to stop."""

    db: Database
    storage: StorageWatch
    draining: Event = field(default_factory=Event)

    def check(self) -> dict[str, str]:
        """Name what was looked at, each with `ok`.

        Raises NotReady, with what is wrong.
        """
        found = {
            "process": "is about to stop" if self.draining.is_set() else READY,
            **self._database(),
            # A full one still serves downloads; uploads are refused one by one, with their own answer.
            "storage": READY if self.storage.is_up() else "cannot be reached",
        }
        if any(said != READY for said in found.values()):
            raise NotReady(found)
        return found

    def _database(self) -> dict[str, str]:
        try:
            now = schema.current(self.db)
        except SeatrialError:
            return {"database": "does not answer", "migrations": "unknown"}
        head = schema.head()
        # A newer schema is a rolling upgrade: what reads columns by name goes on until its turn comes.
        behind = now is None or now < head
        return {"database": READY, "migrations": f"at {now}, this program needs {head}" if behind else READY}
