"""Where one blob is."""

from dataclasses import dataclass

LOCAL_ID = "6c6f63616c00000000000000"
"""The storage provider that is the disk of the server itself."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where one blob is: in which store, under which key."""

    provider_id: str
    key: str

    def __str__(self) -> str:
        return self.key if self.provider_id == LOCAL_ID else f"{self.provider_id}:{self.key}"


def place_from(text: str) -> Place:
    """Read a place that was written down; a bare key is one on the server's own disk, as all once were."""
    provider_id, colon, key = text.partition(":")
    return Place(provider_id, key) if colon else Place(LOCAL_ID, text)
