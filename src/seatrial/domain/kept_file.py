"""A file that an app has beside those of its builds."""

from dataclasses import dataclass
from datetime import datetime

from seatrial.domain.ids import AppId, FileId, OrganizationId
from seatrial.domain.place import LOCAL_ID, Place


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptFile:
    """What is known of it, and where its bytes are; the size is in bytes."""

    id: FileId
    organization_id: OrganizationId
    app_id: AppId
    original_name: str
    mimetype: str
    size: int
    key: str
    checksum: str
    """SHA-256, lower-case hex."""
    created_at: datetime
    storage_provider_id: str = LOCAL_ID

    @property
    def place(self) -> Place:
        """Where its bytes are."""
        return Place(self.storage_provider_id, self.key)
