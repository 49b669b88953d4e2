"""What an app, and an organization with all its apps, may take up: what is counted, and who has said how much."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

UNLIMITED = (1 << 63) - 1
"""How an operator's word that there is no limit is kept, where the settings have one."""


class Item(StrEnum):
    """What is limited, as errors and the API name it."""

    STORAGE = "storage"
    """Bytes of everything stored: builds with what was made of them, attachments, feedback, pictures, the trash."""
    BUILDS = "builds"
    """Builds kept, those in the trash among them."""
    UPLOAD_SIZE = "uploadSize"
    """Bytes of one file."""
    DOWNLOADS = "downloadsByMonth"
    """Downloads in a month of the calendar, in UTC."""


def counter(item: Item, at: datetime) -> str:
    """Name what is counted at a moment: downloads begin anew each month, as `downloadsByMonth.202611`."""
    return f"{item.value}.{at:%Y%m}" if item is Item.DOWNLOADS else item.value


@dataclass(frozen=True, slots=True)
class Allowed:
    """How much of one item somebody may have, as it was said: `None` where nobody said anything."""

    granted: int | None = None
    """By the operator; it wins over the settings."""
    chosen: int | None = None
    """By people of the organization, within what they were granted."""

    def limit(self, by_default: int | None) -> int | None:
        """Give what counts: the tighter of what was granted and what was chosen; `None` for no limit."""
        granted = by_default if self.granted is None else self.granted
        said = [one for one in (granted, self.chosen) if one is not None and one < UNLIMITED]
        return min(said, default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota:
    """One item of somebody: what is used, and what is allowed."""

    item: Item
    name: str
    """The counter: the item, and the month where it has one."""
    used: int | None
    """`None` for what is looked at one by one."""
    limit: int | None
    granted: int | None
    """What the operator allows, by the settings or for this one; `None` for no limit."""
    chosen: int | None

    @property
    def share(self) -> int | None:
        """How much of it is used, in per cent, at most 100."""
        if self.limit is None or self.used is None:
            return None
        return min(100, self.used * 100 // self.limit) if self.limit else 100


Defaults = Mapping[Item, int]
"""What counts where nothing was granted; an item that is missing has no limit."""
