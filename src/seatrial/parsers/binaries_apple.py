"""Identities in Apple's packages: the UUIDs of all Mach-O files of an app, and of its provisioning profiles.

Apps lie in ZIP archives, in disk images, or in the payloads of installers, which can only be read from their start.
"""

import re
from collections.abc import Iterator
from itertools import chain
from typing import BinaryIO

from seatrial.domain.attachment import SymbolFile
from seatrial.domain.errors import BuildFileInvalid, ProcessingCode
from seatrial.parsers.archive import Archive
from seatrial.parsers.attachment_content import Budget, member_content
from seatrial.parsers.attachment_macho import MAGICS, macho_ids, macho_ids_of
from seatrial.parsers.bundle_tree import Tree
from seatrial.parsers.cpio import CpioInvalid, CpioStream
from seatrial.parsers.disk import DiskUnreadable
from seatrial.parsers.identities import MAX_BINARIES, Identities
from seatrial.parsers.limits import current
from seatrial.parsers.partitions import first_volume
from seatrial.parsers.provisioning import ProfileUnreadable, read_profile
from seatrial.parsers.udif import UdifImage
from seatrial.parsers.unpacking import PackedDataInvalid, unpacked
from seatrial.parsers.volume_tree import VolumeTree
from seatrial.parsers.xar import Xar

_IN_BUNDLE = re.compile(r"(?!__MACOSX/)(?:.*/)?[^/]+\.(?:app|appex|framework|xpc)/(?:.*/)?([^/.]+|[^/]+\.dylib)")
_NO_BINARIES = re.compile(r".*/(?:_CodeSignature|SC_Info|[^/]+\.lproj|[^/]+\.nib|[^/]+\.storyboardc)/|.*/PkgInfo$")
_PROFILE = re.compile(r"(?:.*/)?[^/]+\.app/(?:Contents/)?embedded\.(?:mobileprovision|provisionprofile)")
_PAYLOAD = re.compile(r"(?:.*/)?Payload")


def of_zip(file: BinaryIO) -> Identities:
    """Read an ipa or a zipped Mac app; raise `BuildFileInvalid` where it is no archive."""
    return _of_tree(Archive.open(file))


def of_image(file: BinaryIO) -> Identities:
    """Read the apps on a disk image; raise `BuildFileInvalid` where it cannot be read."""
    try:
        image = UdifImage(file)
        volume = first_volume(image, [(each.start, each.size) for each in image.partitions])
        if volume is None:
            return Identities(complete=False)
        tree = VolumeTree(volume, volume.root, "")
        found = _of_tree(tree)
        return found._replace(complete=found.complete and not tree.incomplete)
    except DiskUnreadable as problem:
        raise BuildFileInvalid(ProcessingCode.CORRUPT_ARCHIVE, f"The disk image cannot be read: {problem}.") from None


def of_installer(file: BinaryIO) -> Identities:
    """Read the payloads of an installer; raise `BuildFileInvalid` where it is none."""
    installer = Xar(file)
    budget = Budget()
    found = Identities()
    for name, entry in installer.files.items():
        if _PAYLOAD.fullmatch(name):
            found = found.joined(_of_payload(_paid(unpacked(installer.stream(entry)), budget)))
    return found


def _of_tree(tree: Tree) -> Identities:
    names = [name for name in tree.names() if _is_candidate(name)]
    # The app's own binaries lie less deep than what they embed.
    names.sort(key=lambda name: name.count("/"))
    symbols: list[SymbolFile] = []
    complete = len(names) <= MAX_BINARIES
    budget = Budget()
    for name in names[:MAX_BINARIES]:
        try:
            content = member_content(tree, name, budget)
            if content.head.startswith(MAGICS):
                symbols += macho_ids(content, _kept(name))
        except BuildFileInvalid:
            complete = False
    profiles = [uuid for name in tree.names() if _PROFILE.fullmatch(name) and (uuid := _profile(tree, name))]
    return Identities(macho=tuple(symbols), profiles=tuple(profiles), complete=complete)


def _of_payload(pieces: Iterator[bytes]) -> Identities:
    symbols: list[SymbolFile] = []
    looked_at = 0
    try:
        archive = CpioStream(pieces)
        for entry in archive.entries():
            if not (entry.regular and _is_candidate(entry.name)):
                continue
            looked_at += 1
            if looked_at > MAX_BINARIES:
                return Identities(macho=tuple(symbols), complete=False)
            content = archive.content()
            first = next(content, b"")
            if first.startswith(MAGICS):
                symbols += macho_ids_of(chain((first,), content), _kept(entry.name))
    except (CpioInvalid, PackedDataInvalid, BuildFileInvalid):
        return Identities(macho=tuple(symbols), complete=False)
    return Identities(macho=tuple(symbols))


def _is_candidate(name: str) -> bool:
    return _IN_BUNDLE.fullmatch(name) is not None and _NO_BINARIES.match(name) is None


def _paid(pieces: Iterator[bytes], budget: Budget) -> Iterator[bytes]:
    for piece in pieces:
        budget.spend(len(piece))
        yield piece


def _profile(tree: Tree, name: str) -> str | None:
    try:
        return read_profile(tree.read(name, current().profile_bytes)).uuid
    except (ProfileUnreadable, BuildFileInvalid):
        return None


def _kept(name: str) -> str:
    return name.rpartition("/")[2][:200]
