"""AppImages: a program that mounts the file system image behind itself, and runs what is in it.

Format: the AppImage specification, "Image format" (type 1: ISO 9660 in the whole file; type 2: SquashFS behind the
ELF part, signature in the section `.sha256_sig`) and "The filesystem image" (desktop entry, icon and `.DirIcon`).
"""

from typing import BinaryIO

from seatrial.domain.buildinfo import BuildInfo, Format, Os, Signing, SigningKind
from seatrial.domain.errors import BuildFileInvalid
from seatrial.parsers import limits
from seatrial.parsers.archive import Archive, corrupt, shown
from seatrial.parsers.desktop_entry import MAX_BYTES as MAX_ENTRY
from seatrial.parsers.desktop_entry import DesktopEntry, read_entry
from seatrial.parsers.desktop_icons import picture_as_png
from seatrial.parsers.elf import Elf, ElfUnreadable, read_elf
from seatrial.parsers.file_tree import ImageUnreadable, Tree
from seatrial.parsers.icons import IconUnreadable
from seatrial.parsers.iso9660 import DESCRIPTOR, Iso9660
from seatrial.parsers.squashfs import MAGIC, Squashfs
from seatrial.parsers.texts import told

MAX_RUNTIME = 8 << 20
"""Bytes after the program's start in which the image is looked for, where the program's headers do not lead to it."""

MAX_ENTRIES = 10
"""Desktop entries at the top that are tried; there should be one."""

_SIZES = (512, 256, 192, 128, 96, 64, 48)
_SIGNATURE = ".sha256_sig"


def parse_appimage(file: BinaryIO, _archive: Archive | None = None) -> BuildInfo:
    """Read the desktop entry and icon; raise `BuildFileInvalid` when there is no image behind the program."""
    try:
        elf = read_elf(file)
    except ElfUnreadable:
        raise corrupt("The file ends inside the AppImage's program, or is none; upload it again.") from None
    warnings: list[str] = []
    entry, identifier, icon = DesktopEntry(), None, None
    tree = _tree(file, elf, warnings)
    if tree is not None:
        try:
            entry, identifier = _entry(tree, warnings)
            icon = _icon(tree, entry, warnings)
        except ImageUnreadable as problem:
            raise corrupt(f"The AppImage's file system is damaged: {shown(str(problem))}. Upload it again.") from None
    return BuildInfo(
        format=Format.APPIMAGE,
        os=Os.LINUX,
        identifier=identifier,
        display_name=entry.name,
        localized_names=entry.localized_names,
        version_name=entry.version,
        architectures=(elf.architecture,) if elf.architecture else (),
        icon_png=icon[0] if icon else None,
        icon_source=icon[1] if icon else None,
        signing=_signing(file, elf),
        url_schemes=entry.url_schemes,
        warnings=tuple(warnings),
    )


def _tree(file: BinaryIO, elf: Elf, warnings: list[str]) -> Tree | None:
    """Open the image; `None` with a warning for one that is packed in a way that is not read."""
    place = _squashfs(file, elf)
    try:
        if place is not None:
            return Tree(Squashfs(file, place))
        file.seek(DESCRIPTOR + 1)
        if file.read(5) == b"CD001":
            return Tree(Iso9660(file))
    except ImageUnreadable as problem:
        warnings.append(f"The AppImage's contents cannot be read: {problem}. Name, version and icon stay unknown.")
        return None
    raise corrupt("No file system image lies behind the AppImage's program: the file is incomplete. Upload it again.")


def _squashfs(file: BinaryIO, elf: Elf) -> int | None:
    """Find the SquashFS image: where the program ends by its headers, else at the first thing that looks like one."""
    size = file.seek(0, 2)
    for end in elf.ends:
        if end < size:
            file.seek(end)
            if file.read(4) == MAGIC:
                return end
    at, kept = 0, b""
    file.seek(0)
    while at < min(size, MAX_RUNTIME) and (piece := file.read(1 << 20)):
        data = kept + piece
        found = -1
        while (found := data.find(MAGIC, found + 1)) >= 0:
            if data[found + 28 : found + 32] == b"\4\0\0\0":  # the version
                return at - len(kept) + found
        kept = data[-32:]
        at += len(piece)
    return None


def _entry(tree: Tree, warnings: list[str]) -> tuple[DesktopEntry, str | None]:
    """Read the desktop entry at the top; its file's name is the only identifier that an AppImage has."""
    for name in [name for name in tree.names() if name.endswith(".desktop")][:MAX_ENTRIES]:
        data = tree.read(name, MAX_ENTRY)
        if data is not None:
            return read_entry(data), told(name.removesuffix(".desktop"))
    warnings.append("The AppImage has no desktop entry at its top, so that its name and version are not known.")
    return DesktopEntry(), None


def _icon(tree: Tree, entry: DesktopEntry, warnings: list[str]) -> tuple[bytes, str] | None:
    """Draw the icon that the desktop entry names, else `.DirIcon`; one that cannot be had is told."""
    reason = ""
    for path in _places(tree, entry.icon):
        try:
            data = tree.read(path, limits.current().icon_bytes)
            if data is not None:
                return picture_as_png(path, data), path
        except (IconUnreadable, ImageUnreadable, BuildFileInvalid) as problem:
            reason = reason or str(problem)
    if reason:
        warnings.append(f"The icon cannot be read: {reason.rstrip('.')}.")
    return None


def _places(tree: Tree, icon: str | None) -> list[str]:
    """List where the icon may be: at the top, else in the folders that desktops look into, the best size first."""
    top = set(tree.names())
    if not icon:
        return [".DirIcon"] if ".DirIcon" in top else []
    name = icon.rpartition("/")[2].removesuffix(".png").removesuffix(".svg")
    found = [path for path in (f"{name}.png", f"{name}.svg", ".DirIcon") if path in top]
    folder = "usr/share/icons/hicolor"
    sizes = [size for size in (*(f"{side}x{side}" for side in _SIZES), "scalable") if size in tree.names(folder)]
    return found + [f"{folder}/{size}/apps/{name}.{'svg' if size == 'scalable' else 'png'}" for size in sizes]


def _signing(file: BinaryIO, elf: Elf) -> Signing:
    """Tell whether the section for the signature is filled; runtimes have it in any case, full of zeros."""
    section = elf.sections.get(_SIGNATURE)
    if section is None or section.offset >= 1 << 62:
        return Signing(kind=SigningKind.UNSIGNED)
    file.seek(section.offset)
    filled = any(file.read(min(section.size, 64)))
    return Signing(kind=SigningKind.SIGNED if filled else SigningKind.UNSIGNED, schemes=("gpg",) if filled else ())
