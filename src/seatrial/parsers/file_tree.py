"""Paths in a file system image: looked up part by part, with links followed inside of the image and nowhere else."""

from typing import Any, Protocol, TypeVar

MAX_LINKS = 20
MAX_PARTS = 64
MAX_LINK = 4096
"""Characters of a link."""
MAX_NAMES = 100_000
"""Names of an image that are looked at, all folders together."""

Node = TypeVar("Node")


class ImageUnreadable(Exception):
    """A file system image that is damaged, larger than allowed, or packed in a way that is not read."""


class Image(Protocol[Node]):
    """A file system that is read on demand; every method raises `ImageUnreadable`."""

    @property
    def root(self) -> Node:
        """The folder at the top."""

    def children(self, node: Node) -> dict[str, Node]:
        """List a folder; nothing for what is no folder."""

    def target(self, node: Node) -> str | None:
        """Give where a symbolic link leads; `None` for what is none."""

    def content(self, node: Node, limit: int) -> bytes:
        """Read a file of at most `limit` bytes."""


class Tree:
    """Files of an image by their paths; the image's nodes stay between it and this."""

    def __init__(self, image: Image[Any]) -> None:
        self._image = image
        self._listed: dict[tuple[str, ...], dict[str, Any]] = {}

    def names(self, folder: str = "") -> list[str]:
        """List a folder's names, sorted; nothing where there is no such folder."""
        found = self._resolve([part for part in folder.split("/") if part])
        return sorted(self._children(*found)) if found else []

    def read(self, path: str, limit: int) -> bytes | None:
        """Read a file of at most `limit` bytes; `None` where there is none, or a link that leads nowhere."""
        found = self._resolve([part for part in path.split("/") if part])
        return self._image.content(found[1], limit) if found else None

    def _children(self, path: tuple[str, ...], node: Any) -> dict[str, Any]:
        if path not in self._listed:
            self._listed[path] = self._image.children(node)
        return self._listed[path]

    def _resolve(self, parts: list[str]) -> tuple[tuple[str, ...], Any] | None:
        """Walk down from the root; a link's parts are put in front of those that are left."""
        path: tuple[str, ...] = ()
        stack = [self._image.root]
        left = parts[::-1]
        links = 0
        while left:
            part = left.pop()
            if part in {"", "."}:
                continue
            if part == "..":
                path, stack = path[:-1], stack[: max(1, len(stack) - 1)]
                continue
            node = self._children(path, stack[-1]).get(part)
            if node is None or len(path) > MAX_PARTS:
                return None
            target = self._image.target(node)
            if target is None:
                path, stack = (*path, part), [*stack, node]
                continue
            links += 1
            if links > MAX_LINKS:
                return None
            if target.startswith("/"):
                path, stack = (), stack[:1]
            left += target.split("/")[::-1]
        return path, stack[-1]
