"""Uploads whose parts others send to a store, by links that are good for one part and for a while."""

from collections.abc import Sequence
from typing import Protocol, runtime_checkable


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

    def part_url(self, key: str, upload: str, number: int, seconds: int) -> str:
        """Sign a URL that takes one part."""

    def complete(self, key: str, upload: str, etags: Sequence[str]) -> None:
        """Make an object of its parts."""
