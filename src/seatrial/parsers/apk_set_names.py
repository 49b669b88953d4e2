"""The names of an app in other languages, which lie in the splits for those languages."""

import struct

from seatrial.domain.errors import BuildFileInvalid
from seatrial.parsers import axml, limits
from seatrial.parsers.apk_set_part import Part
from seatrial.parsers.archive import Archive
from seatrial.parsers.resources import Table
from seatrial.parsers.texts import told
from seatrial.parsers.window import at_hand

MAX_TABLES = 300
"""Splits whose resources are looked into; Android itself has texts in some 90 languages."""
MAX_LANGUAGES = 200

_LABEL = 0x01010001
_BROKEN = (struct.error, ValueError, IndexError, BuildFileInvalid)


def names_in_splits(base: Part, splits: list[Part]) -> dict[str, str]:
    """Find what the app is called in the languages of the splits, by BCP 47 tag.

    Only splits that lie beside the base are asked, as sets may hold others for instant apps. Raises nothing: what is
    broken is left out.
    """
    names: dict[str, str] = {}
    try:
        label = _label(base)
    except _BROKEN:
        return names
    beside = [split for split in splits if _folder(split) == _folder(base) and split.signers == base.signers]
    left = limits.current().resources_bytes
    for split in beside[:MAX_TABLES] if label is not None else ():
        try:
            archive = Archive.open(at_hand(split.file))
            member = archive.find("resources.arsc")
            if member is None or label is None:
                continue
            data = archive.read(member, left)
            left -= len(data)
            texts = Table(data).texts(label)
        except _BROKEN:
            continue
        for language, text in texts.items():
            name = told(text)
            if language and name and len(names) < MAX_LANGUAGES:
                names.setdefault(language, name)
    return names


def _label(base: Part) -> int | None:
    """Find the id of the text that names the app; `None` where its name is no resource."""
    root = axml.parse(Archive.open(base.file).read("AndroidManifest.xml", limits.current().manifest_bytes))
    application = next(root.named("application"), None)
    typed = application.value(_LABEL) if application is not None else None
    return typed.value.reference if typed is not None else None


def _folder(part: Part) -> str:
    return part.path.rpartition("/")[0]
