"""Places for what is held for long: an upload has one for as long as its bytes come."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from seatrial.domain.errors import ServiceUnavailable

UPLOADS = 256
UPLOAD_SECONDS = 5
"""After how many to come back."""


@dataclass(slots=True)
class Places:
    """So many and no more. Used on one event loop."""

    most: int = UPLOADS
    taken: int = 0

    @contextmanager
    def one(self) -> Iterator[None]:
        """Hold a place while the block runs.

        Raises ServiceUnavailable where there is none.
        """
        if self.taken >= self.most:
            raise ServiceUnavailable("Too many uploads at once", retry_after=UPLOAD_SECONDS)
        self.taken += 1
        try:
            yield
        finally:
            self.taken -= 1
