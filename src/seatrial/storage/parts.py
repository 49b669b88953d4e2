"""Uploads whose parts others send to a store, by links that are good for one part and for a while."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from seatrial.storage import keys


@dataclass(frozen=True, slots=True)
class BegunUpload:
    """An upload that nobody has completed: its object, the store's name for it, and since when (seconds since 1970)."""

    key: str
    name: str
    begun_at: float


class Parts(Protocol):
    """What takes them."""

    def begin(self, key: str) -> str:
        """Begin an upload; gives the store's name for it."""

    def url(self, key: str, upload: str, number: int, seconds: int) -> str:
        """Give a URL that takes one part by PUT; parts are numbered from 1."""

    def complete(self, key: str, upload: str, etags: Sequence[str]) -> None:
        """Make a blob of the parts.

        Raises FileNotFoundError where the upload is gone.
        """


@runtime_checkable
class HasParts(Protocol):
    """A store that may take them."""

    def parts(self) -> Parts | None:
        """Give what takes them; `None` where the store has no such thing."""


@runtime_checkable
class TakesParts(Protocol):
    """An account whose store takes the parts of an upload from whoever has a link."""

    def begin(self, key: str) -> str:
        """Begin an upload."""

    def begun(self, prefix: str) -> Iterator[BegunUpload]:
        """Name the uploads that nobody has completed, of all objects whose keys begin so."""

    def part_url(self, key: str, upload: str, number: int, seconds: int) -> str:
        """Sign a URL that takes one part."""

    def complete(self, key: str, upload: str, etags: Sequence[str]) -> None:
        """Make an object of its parts."""


@dataclass(frozen=True, slots=True)
class ObjectParts:
    """Uploads whose parts others send, by links that are good for one part and for a while."""

    _account: TakesParts
    _place: Callable[[str], str]
    _translated: Callable[[], AbstractContextManager[None]]

    def begin(self, key: str) -> str:
        """Begin an upload.

        Raises StorageUnavailable.
        """
        with self._translated():
            return self._account.begin(self._place(keys.check(key)))

    def url(self, key: str, upload: str, number: int, seconds: int) -> str:
        """Give a URL that takes one part by PUT; parts are numbered from 1."""
        return self._account.part_url(self._place(key), upload, number, seconds)

    def complete(self, key: str, upload: str, etags: Sequence[str]) -> None:
        """Make a blob of the parts.

        Raises FileNotFoundError where the upload is gone, StorageUnavailable.
        """
        with self._translated():
            self._account.complete(self._place(key), upload, etags)
