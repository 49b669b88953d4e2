"""The logo of an msix package: one of the files that a declared name stands for.

Source: Microsoft, "Tailor your resources for language, scale, high contrast, and other qualifiers": `Logo.png` may be
there as `Logo.scale-200.png` or `Logo.targetsize-48_altform-unplated.png`, or in folders such as `scale-200`. Names in
the archive are percent-encoded and their case does not matter.
"""

import re
from collections.abc import Iterable
from typing import NamedTuple
from urllib.parse import unquote

from seatrial.domain.errors import BuildFileInvalid
from seatrial.parsers import limits
from seatrial.parsers.archive import Archive
from seatrial.parsers.icons import IconUnreadable, as_png

_QUALIFIER = re.compile(
    r"(scale|targetsize|contrast|altform|theme|lang|language|layoutdir|config|configuration|homeregion|"
    r"dxfeaturelevel|dxfl|devicefamily)-[a-z0-9\-]+"
)
MAX_FORMS = 1000
"""Files that are looked at for one declared logo; real packages have some dozens."""
_TRIES = 4
"""Files that are tried when better ones are broken."""


class Logo(NamedTuple):
    """The logo as PNG, the member that it is from, and what to say to people where there is none."""

    png: bytes | None = None
    source: str | None = None
    warning: str | None = None


def find_logo(archive: Archive, declared: Iterable[str]) -> Logo:
    """Find and convert the first declared logo that is there, in its largest plain form."""
    wanted = [_folded(name) for name in declared]
    forms = _forms(archive, set(wanted))
    problem = ""
    for member in [member for name in wanted for member in sorted(forms.get(name, ()), key=_rank)][:_TRIES]:
        try:
            return Logo(as_png(archive.read(member, limits.current().icon_bytes)), member)
        except IconUnreadable as reason:
            problem = reason.reason
        except BuildFileInvalid as reason:
            problem = reason.sentence.rstrip(".")
    if problem:
        return Logo(warning=f"The logo cannot be read ({problem}).")
    return Logo(warning="The logo that the manifest names is not in the package." if wanted else None)


def _folded(name: str) -> str:
    return name.replace("\\", "/").lower().lstrip("./")


def _forms(archive: Archive, wanted: set[str]) -> dict[str, list[str]]:
    """Collect the members behind the wanted names, in one pass over the archive."""
    found: dict[str, list[str]] = {}
    stems = {name.rpartition("/")[2].partition(".")[0] for name in wanted}
    for member in archive.names():
        file_name = member.rpartition("/")[2].lower()
        if file_name.partition(".")[0] not in stems and "%" not in file_name:
            continue  # most members are no pictures, and this is the cheap question
        plain, _ = _split(member)
        if plain in wanted:
            forms = found.setdefault(plain, [])
            forms.append(member)
            if len(forms) >= MAX_FORMS:
                break
    return found


def _split(member: str) -> tuple[str, list[str]]:
    """Take the qualifiers out of a member's name: `assets/scale-200/logo.png` is `assets/logo.png`."""
    folders = _folded(unquote(member) if "%" in member else member).split("/")
    qualifiers: list[str] = []
    kept: list[str] = []
    for folder in folders[:-1]:
        parts = folder.split("_")
        if all(_QUALIFIER.fullmatch(part) for part in parts):
            qualifiers += parts
        else:
            kept.append(folder)
    pieces = folders[-1].split(".")
    name = [pieces[0]]
    for piece in pieces[1:]:
        parts = piece.split("_")
        if all(_QUALIFIER.fullmatch(part) for part in parts):
            qualifiers += parts
        else:
            name.append(piece)
    return "/".join([*kept, ".".join(name)]), qualifiers


def _rank(member: str) -> tuple[int, int, int, str]:
    """Order the forms of a logo: those for everyone first, of them the largest.

    A scale counts in per cent of a tile whose side is not known here; 50 pixels is what a store's logo has.
    """
    values = {kind: value for kind, _, value in (part.partition("-") for part in _split(member)[1])}
    special = sum(
        1 for kind, value in values.items() if kind not in {"scale", "targetsize", "altform"} and value != "standard"
    )
    plated = {"": 0, "unplated": 1}.get(values.get("altform", ""), 2)
    pixels = _number(values.get("targetsize")) or _number(values.get("scale", "100")) // 2
    return special, -pixels, plated, member


def _number(text: str | None) -> int:
    return int(text) if text and text.isdecimal() and len(text) < 6 else 0
