"""Where the files of an Apple bundle are, whatever they are packed in: a ZIP archive, an installer, a disk image."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple, Protocol, Self

from seatrial.parsers.archive import Member


class Tree(Protocol):
    """Files by name, names with `/` between folders; an `Archive` is one.

    Of a `Member` only `name`, `size` and `compressed_size` are looked at; the rest is the tree's own affair. What
    cannot be read raises `BuildFileInvalid`.
    """

    def names(self) -> Iterable[str]:
        """Give the names of all files; folders may be among them, with a `/` at the end."""
        ...

    def find(self, name: str) -> Member | None:
        """Look a file up by its exact name."""
        ...

    def read(self, member: str | Member, limit: int) -> bytes:
        """Give all bytes of a file; raise where there are more than `limit`."""
        ...

    def stream(self, member: Member) -> Iterator[bytes]:
        """Give the bytes of a file in pieces; the caller decides when it has had enough."""
        ...


class Layout(NamedTuple):
    """The folders of one bundle, each with a `/` at its end.

    iOS and its kin keep everything in the bundle's own folder; macOS (and Mac Catalyst) keep it in `Contents`. See
    "Bundle Structures" in Apple's Bundle Programming Guide.
    """

    folder: str
    contents: str
    """Where Info.plist, the profile, frameworks and extensions are."""
    executables: str
    resources: str
    mac: bool

    @classmethod
    def of(cls, tree: Tree, folder: str) -> Self:
        """Tell how the bundle in `folder` is laid out."""
        inside = folder + "Contents/"
        if tree.find(folder + "Info.plist") is None and tree.find(inside + "Info.plist") is not None:
            return cls(folder, inside, inside + "MacOS/", inside + "Resources/", mac=True)
        return cls(folder, folder, folder, folder, mac=False)
