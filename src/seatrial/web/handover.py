"""Files that the proxy in front sends, because it sees the same disk: we say which, and it copies the bytes."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from urllib.parse import quote


class HandoverHeader(StrEnum):
    """Headers by which a server asks the proxy in front to send a file."""

    ACCEL = "X-Accel-Redirect"
    """A path below a prefix that leads nowhere from outside: nginx, and Caddy by `handle_response`."""
    SENDFILE = "X-Sendfile"
    """The file's own path: Apache with mod_xsendfile, lighttpd."""


@dataclass(frozen=True, slots=True)
class Handover:
    """How files are left to a proxy that sees the same disk."""

    header: HandoverHeader
    root: Path
    prefix: str

    def place(self, path: Path) -> str | None:
        """Say where the proxy finds a file; `None` for one that lies elsewhere."""
        if not path.is_relative_to(self.root):
            return None
        return (
            str(path)
            if self.header is HandoverHeader.SENDFILE
            else self.prefix + quote(str(path.relative_to(self.root)))
        )
