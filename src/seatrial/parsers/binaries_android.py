"""Identities in apks, aabs and sets of apks: build ids of the native libraries, and the mapping's id in the code.

R8 leaves a marker in the string data of each dex file: `~~R8{... "pg-map-id":"1a2b3c4" ...}`.
"""

import json
import re
from collections.abc import Iterator
from typing import BinaryIO

from seatrial.domain.errors import BuildFileInvalid
from seatrial.parsers.apk_set_part import read_parts
from seatrial.parsers.archive import Archive
from seatrial.parsers.attachment_content import Budget, member_content
from seatrial.parsers.attachment_elf import build_id_of
from seatrial.parsers.identities import MAX_BINARIES, Identities

_LIBRARY = re.compile(r"(?:[^/]+/)?lib/[^/]+/([^/]+\.so)")
_DEX = re.compile(r"(?:[^/]+/dex/)?classes\d*\.dex")
_MARKER = re.compile(rb"~~R8(\{[^{}\x00]{0,2000}\})")
_LONGEST_MARKER = 2100


def of_package(file: BinaryIO) -> Identities:
    """Read an apk or an aab; raise `BuildFileInvalid` where it is no archive."""
    return _of_archive(Archive.open(file), Budget())


def of_set(file: BinaryIO) -> Identities:
    """Read every apk of a set; raise `BuildFileInvalid` where it has none that can be read."""
    budget = Budget()
    warnings: list[str] = []
    found = Identities()
    for part in read_parts(file, Archive.open(file), warnings):
        found = found.joined(_of_archive(Archive.open(part.file), budget))
    return found._replace(complete=found.complete and not warnings)


def _of_archive(archive: Archive, budget: Budget) -> Identities:
    names = [name for name in archive.names() if _LIBRARY.fullmatch(name)]
    libraries: list[tuple[str, str]] = []
    complete = len(names) <= MAX_BINARIES
    for name in names[:MAX_BINARIES]:
        try:
            build_id = build_id_of(member_content(archive, name, budget))
        except BuildFileInvalid:
            complete = False
            continue
        if build_id is not None:
            libraries.append((name.rpartition("/")[2][:200], build_id))
    map_ids: list[str] = []
    for name in archive.names():
        if _DEX.fullmatch(name):
            try:
                map_ids += _map_ids(archive, name, budget)
            except BuildFileInvalid:
                complete = False
    return Identities(elf=tuple(libraries), map_ids=tuple(dict.fromkeys(map_ids)), complete=complete)


def _map_ids(archive: Archive, name: str, budget: Budget) -> Iterator[str]:
    member = archive.find(name)
    assert member is not None
    rest = b""
    for chunk in archive.stream(member):
        budget.spend(len(chunk))
        window = rest + chunk
        for found in _MARKER.finditer(window):
            yield from _map_id(found[1])
        rest = window[-_LONGEST_MARKER:]


def _map_id(marker: bytes) -> Iterator[str]:
    try:
        value = json.loads(marker)["pg-map-id"]
    except (ValueError, KeyError, RecursionError):
        return
    if isinstance(value, str) and re.fullmatch(r"[0-9a-f]{6,64}", value):
        yield value
