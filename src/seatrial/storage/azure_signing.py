"""Shared access signatures of Azure Blob Storage: the right to one blob, or to the list of a container, for a while.

Source: "Create a service SAS" of Azure Storage's REST reference, version 2020-12-06. obstore signs links too, but not
with a name and a type for the answer.
"""

import hmac
from base64 import b64decode, b64encode
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import quote, urlencode

VERSION = "2020-12-06"
_SKEW = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class AzureSigner:
    """An account's key; `base` is the container's own URL, without a slash at its end."""

    base: str
    account: str
    container: str
    key: str = field(repr=False)

    def blob(
        self, key: str, permissions: str, seconds: int, now: datetime, disposition: str = "", mimetype: str = ""
    ) -> str:
        """Give a URL of a blob with these permissions."""
        query = self._signed("b", f"/{key}", permissions, seconds, now, disposition, mimetype)
        return f"{self.base}/{quote(key, safe='/-_.~')}?{query}"

    def listing(self, prefix: str, seconds: int, now: datetime) -> str:
        """Give a URL of the list of blobs, also of those that were never committed."""
        query = {"restype": "container", "comp": "list", "include": "uncommittedblobs", "prefix": prefix}
        return f"{self.base}?{urlencode(query)}&{self._signed('c', '', 'l', seconds, now)}"

    def _signed(
        self,
        kind: str,
        path: str,
        permissions: str,
        seconds: int,
        now: datetime,
        disposition: str = "",
        mimetype: str = "",
    ) -> str:
        start, end = (
            moment.strftime("%Y-%m-%dT%H:%M:%SZ") for moment in (now - _SKEW, now + timedelta(seconds=seconds))
        )
        place = f"/blob/{self.account}/{self.container}{path}"
        # Permissions, times, place, identifier, address, protocol, version, kind, snapshot, encryption scope, and the
        # answer's headers: cache control, disposition, encoding, language, type.
        parts = [permissions, start, end, place, "", "", "", VERSION, kind, "", "", "", disposition, "", "", mimetype]
        signature = hmac.new(b64decode(self.key), "\n".join(parts).encode(), "sha256").digest()
        said = {"sp": permissions, "st": start, "se": end, "sv": VERSION, "sr": kind}
        said |= {"rscd": disposition} if disposition else {}
        said |= {"rsct": mimetype} if mimetype else {}
        return urlencode(said | {"sig": b64encode(signature).decode()})
