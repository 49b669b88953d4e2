"""The one place where happenings are told, so that whoever makes them need not know who listens."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from seatrial.domain.event import Event

Listener = Callable[[Connection, Event], None]
"""Takes note in the caller's transaction, quickly: rows and jobs, never bytes, mails or requests."""


@dataclass(frozen=True, slots=True)
class Events:
    """Tells every listener; what they note exists if and only if the caller commits."""

    listeners: Sequence[Listener] = ()

    def tell(self, tx: Connection, event: Event) -> None:
        """Let all listeners take note of what the caller's transaction does."""
        for listener in self.listeners:
            listener(tx, event)
