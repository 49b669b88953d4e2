"""The water mark of the storage: nothing is begun that would go above it, so that a full disk is nobody's surprise."""

from seatrial.domain.errors import InsufficientStorage
from seatrial.storage import BlobStore


def check_space(blobs: BlobStore, announced_bytes: int | None) -> None:
    """Look whether as much as was announced fits; where nothing was, whether anything does.

    Raises InsufficientStorage.
    """
    free = blobs.free_bytes()
    if free is not None and free < max(1, announced_bytes or 0):
        raise InsufficientStorage
