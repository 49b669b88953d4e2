"""macOS disk images (`.dmg`) that hold an app, or an installer, at their top.

The image's blocks are unpacked only where something is read: see `udif`, and `hfsplus`, `apfs` and `fat` for the
volumes on it.
"""

from dataclasses import replace
from itertools import islice
from typing import BinaryIO

from seatrial.domain.buildinfo import BuildInfo, EmbeddedBundle, EmbeddedKind, Format, Os
from seatrial.domain.errors import BuildFileInvalid, ProcessingCode
from seatrial.parsers import bundle
from seatrial.parsers.archive import Archive, shown
from seatrial.parsers.disk import Disk, DiskEncrypted, DiskUnreadable, Node, PlainDisk, Volume
from seatrial.parsers.partitions import HEAD, first_volume, is_disk
from seatrial.parsers.udif import UdifImage
from seatrial.parsers.volume_tree import VolumeTree

MAX_TOP = 2_000
"""Files and folders looked at in the folder at the top."""
MAX_FOLDERS = 50
"""Folders at the top that are looked into where no app is beside them."""
MAX_TRIES = 5
MAX_EMBEDDED = 500
MAX_NAME = 1_000

_ENCRYPTED = "The disk image is encrypted, so that nothing in it can be read; upload one that opens without a password."


def parse_dmg(file: BinaryIO, _archive: Archive | None = None) -> BuildInfo:
    """Read the app in a disk image; raise `BuildFileInvalid` for a damaged or encrypted image or app.

    An image without an app is described by what else is in it.
    """
    if _is_encrypted(file):
        raise BuildFileInvalid(ProcessingCode.MANIFEST_MISSING, _ENCRYPTED)
    try:
        disk, named = _disk(file)
        volume = first_volume(disk, named)
        if volume is None:
            warning = "The disk image has no volume that is read here (APFS, HFS+ or FAT); nothing in it is known."
            return BuildInfo(format=Format.DMG, os=Os.MACOS, warnings=(warning,))
        return _described(volume)
    except DiskEncrypted:
        raise BuildFileInvalid(ProcessingCode.MANIFEST_MISSING, _ENCRYPTED) from None
    except DiskUnreadable as problem:
        raise BuildFileInvalid(ProcessingCode.CORRUPT_ARCHIVE, f"The disk image cannot be read: {problem}.") from None


def _is_encrypted(file: BinaryIO) -> bool:
    file.seek(0)
    head = file.read(8)
    size = file.seek(0, 2)
    file.seek(max(0, size - 8))
    return head == b"encrcdsa" or file.read(8) == b"cdsaencr"


def _disk(file: BinaryIO) -> tuple[Disk, list[tuple[int, int]]]:
    """Open the image; one without UDIF's trailer is the bare disk."""
    try:
        image = UdifImage(file)
    except DiskUnreadable:
        plain = PlainDisk(file)
        if plain.size >= HEAD and is_disk(plain.read_at(0, HEAD)):
            return plain, []
        raise
    return image, [(each.start, each.size) for each in image.partitions]


def _described(volume: Volume) -> BuildInfo:
    top = list(islice(volume.children(volume.root), MAX_TOP))
    apps = _apps(top, "")
    if not apps:
        apps = _deeper(volume, top)
    embedded = [
        EmbeddedBundle(kind=EmbeddedKind.PACKAGE, path=node.name[:MAX_NAME])
        for node in top
        if node.name.lower().endswith((".pkg", ".mpkg"))
    ]
    if not apps:
        installers = "The disk image holds only installers, which are not looked into."
        nothing = "The disk image holds no app and no installer at its top, so that nothing is read."
        warning = installers if embedded else nothing
        return BuildInfo(format=Format.DMG, os=Os.MACOS, embedded=tuple(embedded[:MAX_EMBEDDED]), warnings=(warning,))
    info, chosen = _first_readable(volume, apps)
    others = [
        EmbeddedBundle(kind=EmbeddedKind.APP, path=prefix.rstrip("/")[:MAX_NAME])
        for prefix, _ in apps
        if prefix != chosen
    ]
    return replace(info, embedded=(*info.embedded, *others, *embedded)[:MAX_EMBEDDED])


def _apps(nodes: list[Node], folder: str) -> list[tuple[str, Node]]:
    """Give the apps of a folder; those that take an app away again come last."""
    found = [(f"{folder}{n.name}/", n) for n in nodes if n.folder and n.name.lower().endswith(".app")]
    return sorted(found, key=lambda each: each[1].name.lower().startswith("uninstall"))


def _deeper(volume: Volume, top: list[Node]) -> list[tuple[str, Node]]:
    folders = [n for n in top if n.folder and not n.name.startswith((".", "\0"))]
    return [
        app
        for folder in folders[:MAX_FOLDERS]
        for app in _apps(list(islice(volume.children(folder), MAX_TOP)), f"{folder.name}/")
    ]


def _first_readable(volume: Volume, apps: list[tuple[str, Node]]) -> tuple[BuildInfo, str]:
    """Read the first app that can be read, and say in a warning which others there are; raise for the first one."""
    problem: BuildFileInvalid | None = None
    for prefix, node in apps[:MAX_TRIES]:
        tree = VolumeTree(volume, node, prefix)
        try:
            info = bundle.read_app(tree, prefix, Format.DMG)
        except BuildFileInvalid as reason:
            problem = problem or reason
            continue
        warnings = list(info.warnings)
        if len(apps) > 1:
            warnings.append(f"The disk image holds {len(apps)} apps; “{shown(node.name)}” is read.")
        if tree.incomplete:
            warnings.append("Some files of the app are not known: there are too many, or their folder is damaged.")
        return replace(info, warnings=tuple(warnings)), prefix
    assert problem is not None
    raise problem
