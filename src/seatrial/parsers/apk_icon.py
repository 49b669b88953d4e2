"""The picture an Android build shows on a home screen, as far as it is a raster image."""

import struct
from collections.abc import Iterator
from typing import NamedTuple

from seatrial.domain.errors import BuildFileInvalid
from seatrial.parsers import axml
from seatrial.parsers.archive import Archive, shown
from seatrial.parsers.icons import MAX_BYTES, IconUnreadable, as_png
from seatrial.parsers.resource_config import Config
from seatrial.parsers.resources import Table

MAX_DRAWABLE = 1024 * 1024
MAX_FILES = 64
"""Files opened in search of a picture."""
MAX_BROKEN = 4
"""Broken pictures decoded in search of a whole one; each may have cost as much time as a large whole one."""

_DRAWABLE = 0x01010199
_SRC = 0x01010119

_RASTER = (b"\x89PNG\r\n\x1a\n", b"RIFF", b"\xff\xd8\xff")
_BROKEN = (struct.error, ValueError, IndexError)


class Icon(NamedTuple):
    """The icon as PNG, or why there is none; builds without any icon have neither."""

    png: bytes | None = None
    warning: str | None = None
    path: str | None = None
    """Where in the archive the picture is."""


def find_icon(archive: Archive, table: Table | None, wishes: list[axml.Typed]) -> Icon:
    """Find the best picture among the manifest's icon attributes, given in order of preference.

    The largest density wins. Where the icon is drawn by XML (adaptive or vector icons), its densities for
    older platforms are taken, then the next wish, then a picture that the drawing is made of.
    """
    search = _Search(archive, table)
    for wish in wishes:
        png = search.raster(wish)
        if png:
            return Icon(png, path=search.found)
    for drawing in search.drawings:
        png = search.layer(drawing)
        if png:
            return Icon(png, "The icon is drawn by XML; a picture that is part of it is shown instead.", search.found)
    if search.problems:
        return Icon(warning=f"The icon cannot be shown: {search.problems[0]}.")
    if search.drawings:
        return Icon(warning="The icon is drawn by XML (adaptive or vector icon) and has no picture to show.")
    return Icon(warning="The icon's files are not in the build." if search.missing else None)


class _Search:
    def __init__(self, archive: Archive, table: Table | None) -> None:
        self.archive = archive
        self.table = table
        self.drawings: list[bytes] = []
        self.problems: list[str] = []
        self.missing = False
        self.found: str | None = None
        self._opened: set[str] = set()

    def raster(self, wish: axml.Typed) -> bytes | None:
        """Convert the best raster file of a wish; remember its drawings for later."""
        for path in self._paths(wish):
            data = self._read(path)
            if data is None:
                continue
            if not data.startswith(_RASTER):
                if len(data) <= MAX_DRAWABLE:
                    self.drawings.append(data)
                continue
            if len(self.problems) >= MAX_BROKEN:
                break
            try:
                png = as_png(data)
            except IconUnreadable as problem:
                self.problems.append(f"“{shown(path)}”: {problem.reason}")
            else:
                self.found = path
                return png
        return None

    def layer(self, drawing: bytes) -> bytes | None:
        """Convert a picture that a drawing refers to, its foreground first, at most four drawings deep."""
        waiting = [drawing]
        for _ in range(4):
            deeper: list[bytes] = []
            for each in waiting:
                for wish in _parts(each):
                    before = len(self.drawings)
                    png = self.raster(wish)
                    if png:
                        return png
                    deeper += self.drawings[before:]
                    del self.drawings[before:]
            waiting = deeper
        return None

    def _paths(self, wish: axml.Typed) -> list[str]:
        resource = wish.value.reference
        if resource is None:
            # A build without a resource table can only name the file itself.
            return [wish.text] if wish.text and not self.table else []
        if self.table is None:
            return []
        return [path for _, path in sorted(self.table.files(resource), key=lambda found: _rank(found[0]))]

    def _read(self, path: str) -> bytes | None:
        """Read a file once; `None` for one that is missing, too large, or more than should be needed."""
        if path in self._opened or len(self._opened) >= MAX_FILES:
            return None
        self._opened.add(path)
        member = self.archive.find(path)
        if member is None:
            self.missing = True
            return None
        try:
            return self.archive.read(member, MAX_BYTES)
        except BuildFileInvalid as problem:
            self.problems.append(problem.sentence.rstrip("."))
            return None


def _rank(config: Config) -> tuple[bool, bool, bool, int, int]:
    """Sort the picture of the plainest configuration first, the one with most dots among those."""
    return config.night, config.other, bool(config.locale), -config.dots, -config.sdk


def _parts(drawing: bytes) -> Iterator[axml.Typed]:
    """Find what a drawable is made of: the foreground of an adaptive icon, else everything it refers to."""
    try:
        root = axml.parse(drawing)
    except _BROKEN:
        return
    tops = list(root.named("foreground")) or [root]
    for top in tops:
        for element in top.walk():
            for attribute in (_DRAWABLE, _SRC):
                part = element.value(attribute)
                if part:
                    yield part
