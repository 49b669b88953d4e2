"""Mails as files in a folder: for trying things out, and for programs that pick mails up there themselves.

Each is one `.eml` file, which mail programs open; it is there whole or not at all, and names sort by time.
"""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from seatrial.domain.ids import new_entity_id
from seatrial.mail import Answer, Outcome, Outgoing, ServerUnavailable, Session

_ODD = re.compile(r"[^A-Za-z0-9@._+-]+")
_LONGEST_NAME = 100


@dataclass(frozen=True, slots=True)
class FolderMailer:
    """Puts mails into a folder, which it makes."""

    folder: Path

    @contextmanager
    def connect(self) -> Iterator[Session]:
        """Make sure of the folder.

        Raises ServerUnavailable.
        """
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise ServerUnavailable(str(error)) from error
        yield self

    def send(self, mail: Outgoing) -> Answer:
        """Write one mail; it is on the disk when this returns.

        Raises ServerUnavailable.
        """
        name = f"{new_entity_id()}-{_ODD.sub('_', mail.recipient)[:_LONGEST_NAME]}.eml"
        draft = self.folder / f".{name}.partial"
        try:
            with draft.open("xb") as file:
                file.write(mail.content)
                file.flush()
                os.fsync(file.fileno())
            draft.rename(self.folder / name)
        except OSError as error:
            draft.unlink(missing_ok=True)
            raise ServerUnavailable(str(error)) from error
        return Answer(Outcome.ACCEPTED, f"250 written to {name}")

    def close(self) -> None:
        """Do nothing: files need no goodbye."""
