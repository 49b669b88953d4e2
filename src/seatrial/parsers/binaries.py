"""What ties the binaries of a build to their symbols: read on demand, when symbols come to be compared.

Mach-O UUIDs of ipas and zipped Mac apps; build ids of the native libraries, and the mapping's id in the code, of apks
and aabs. R8 leaves a marker in the string data of each dex file: `~~R8{... "pg-map-id":"1a2b3c4" ...}`.
"""

import json
import re
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

from seatrial.domain.attachment import SymbolFile
from seatrial.domain.buildinfo import Format
from seatrial.domain.errors import BuildFileInvalid
from seatrial.parsers.archive import Archive
from seatrial.parsers.attachment_content import Budget, Content, member_content
from seatrial.parsers.attachment_elf import build_id_of
from seatrial.parsers.attachment_macho import MAGICS, macho_ids
from seatrial.parsers.provisioning import MAX_BYTES as MAX_PROFILE
from seatrial.parsers.provisioning import ProfileUnreadable, read_profile

APPLE = frozenset({Format.IPA, Format.MAC_APP_ZIP})
ANDROID = frozenset({Format.APK, Format.AAB})
MAX_BINARIES = 1_000

_IN_BUNDLE = re.compile(r"(?!__MACOSX/)(?:.*/)?[^/]+\.(?:app|appex|framework|xpc)/(?:.*/)?([^/.]+|[^/]+\.dylib)")
_NO_BINARIES = re.compile(r".*/(?:_CodeSignature|SC_Info|[^/]+\.lproj|[^/]+\.nib|[^/]+\.storyboardc)/|.*/PkgInfo$")
_PROFILE = re.compile(r"(?:.*/)?[^/]+\.app/(?:Contents/)?embedded\.(?:mobileprovision|provisionprofile)")
_LIBRARY = re.compile(r"(?:[^/]+/)?lib/[^/]+/([^/]+\.so)")
_DEX = re.compile(r"(?:[^/]+/dex/)?classes\d*\.dex")
_MARKER = re.compile(rb"~~R8(\{[^{}\x00]{0,2000}\})")
_LONGEST_MARKER = 2100


class Identities(NamedTuple):
    """What a build's binaries are known by; empty where the build has none of a kind, or states none."""

    macho: tuple[SymbolFile, ...] = ()
    elf: tuple[tuple[str, str], ...] = ()
    """File name and build id of each native library."""
    map_ids: tuple[str, ...] = ()
    profiles: tuple[str, ...] = ()
    """UUIDs of the provisioning profiles."""
    complete: bool = True
    """Whether all that could be looked at was."""


def identities(file: BinaryIO, found: Format) -> Identities | None:
    """Read the identities of a build; `None` for formats whose binaries are not looked at.

    Raises BuildFileInvalid where the build cannot be read.
    """
    if found in APPLE:
        return _apple(Archive.open(file))
    return _android(Archive.open(file)) if found in ANDROID else None


def _apple(archive: Archive) -> Identities:
    names = [n for n in archive.names() if _IN_BUNDLE.fullmatch(n) and not _NO_BINARIES.match(n)]
    # The app's own binaries lie less deep than what they embed.
    names.sort(key=lambda name: name.count("/"))
    symbols: list[SymbolFile] = []
    complete = len(names) <= MAX_BINARIES
    budget = Budget()
    for name, content in _contents(archive, names[:MAX_BINARIES], budget):
        if content is None:
            complete = False
        elif content.head.startswith(MAGICS):
            try:
                symbols += macho_ids(content, name.rpartition("/")[2][:200])
            except BuildFileInvalid:
                complete = False
    profiles = [uuid for name in archive.names() if _PROFILE.fullmatch(name) and (uuid := _profile(archive, name))]
    return Identities(macho=tuple(symbols), profiles=tuple(profiles), complete=complete)


def _profile(archive: Archive, name: str) -> str | None:
    try:
        return read_profile(archive.read(name, MAX_PROFILE)).uuid
    except (ProfileUnreadable, BuildFileInvalid):
        return None


def _android(archive: Archive) -> Identities:
    budget = Budget()
    names = [name for name in archive.names() if _LIBRARY.fullmatch(name)]
    libraries: list[tuple[str, str]] = []
    complete = len(names) <= MAX_BINARIES
    for name, content in _contents(archive, names[:MAX_BINARIES], budget):
        if content is None:
            complete = False
        elif build_id := build_id_of(content):
            libraries.append((name.rpartition("/")[2][:200], build_id))
    map_ids: list[str] = []
    for name in archive.names():
        if _DEX.fullmatch(name):
            try:
                map_ids += _map_ids(archive, name, budget)
            except BuildFileInvalid:
                complete = False
    return Identities(elf=tuple(libraries), map_ids=tuple(dict.fromkeys(map_ids)), complete=complete)


def _contents(archive: Archive, names: list[str], budget: Budget) -> Iterator[tuple[str, Content | None]]:
    for name in names:
        try:
            yield name, member_content(archive, name, budget)
        except BuildFileInvalid:
            yield name, None


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
