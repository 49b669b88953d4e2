"""What is fuzzed: the doors of the parsers, and the files that damage starts from."""

import io
import random
import struct
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from seatrial.domain.attachment import SymbolFile
from seatrial.domain.buildinfo import BuildInfo
from seatrial.domain.errors import BuildFileInvalid
from seatrial.parsers import attachment, parse_file
from seatrial.parsers.attachment_match import compared
from seatrial.parsers.binaries import identities
from seatrial.parsers.icons import IconUnreadable, as_png
from seatrial.parsers.identities import Identities
from seatrial.parsers.isolation_messages import MAX_ANSWER, Info, Understood, framed
from tests.corpus import CORPUS
from tests.fuzz import made
from tests.fuzz.drawings import drawn
from tests.parsers.attachment_files import APP_UUID, BUILD_ID

FIXTURES = Path(__file__).parents[1] / "fixtures"
MAX_SEED = 4 << 20
"""Bytes of the largest file that damage starts from: what larger ones have more of is payload."""

ICON, ATTACHMENT, DRAWING = "icon", "attachment", "drawing"
_KIND_OF_FOLDER = {
    "apk_signing": "apk",
    "apk_set": "apks",
    "xapk": "apks",
    "mac_app": "macos-app-zip",
    "other": "hap",
    **dict.fromkeys(("dsym", "proguard", "mobileprovision", "xcarchive", "zip-with-app"), ATTACHMENT),
}
_LONGEST_SIDE = 512
_BUILDS = (
    None,
    Identities(),
    Identities(
        macho=(SymbolFile(name="App", architecture="arm64", id=APP_UUID),),
        elf=(("libapp.so", BUILD_ID),),
        map_ids=("b" * 64,),
        profiles=("00000000-1111-4222-8333-444444444444",),
    ),
)
"""Builds that attachments are compared with."""


class Defect(Exception):
    """A parser gave an answer that it must not give."""


class Seed(NamedTuple):
    """A file that damage starts from."""

    kind: str
    name: str
    data: bytes


def seeds(*, corpus: bool) -> dict[str, list[Seed]]:
    """Give the files by kind: fixtures, files made here, and where they are wanted and there, real ones."""
    found: dict[str, list[Seed]] = {}
    for seed in (*_made(), *_kept(FIXTURES), *(_kept(CORPUS) if corpus and CORPUS.is_dir() else ())):
        found.setdefault(seed.kind, []).append(seed)
    return dict(sorted(found.items()))


def _kept(folder: Path) -> Iterator[Seed]:
    for path in sorted(folder.glob("*/*")):
        kind = path.parent.name
        if path.is_file() and 0 < path.stat().st_size <= MAX_SEED and path.suffix != ".py":
            yield Seed(_KIND_OF_FOLDER.get(kind, kind), f"{kind}/{path.name}", path.read_bytes())


def exercise(kind: str, data: bytes, chance: random.Random) -> str:
    """Read bytes as the server does and give the outcome in a word; whatever else happens is a finding."""
    if kind == ICON:
        with suppress(IconUnreadable):
            _check_picture(as_png(data))
            return "read"
        return "refused"
    if kind == DRAWING:
        png = drawn(data).png
        if png is not None:
            _check_picture(png)
        return "read" if png else "refused"
    outcome = "refused"
    if kind != ATTACHMENT or chance.random() < 0.1:
        with suppress(BuildFileInvalid):
            info = parse_file(io.BytesIO(data))
            _check(info)
            outcome = "read"
            if chance.random() < 0.25:
                identities(io.BytesIO(data), info.format)
    if kind == ATTACHMENT or chance.random() < 0.1:
        found = attachment._bounded(compared(attachment.understand_file(io.BytesIO(data)), chance.choice(_BUILDS)))
        if len(framed(Understood(attachment=found, memory=0))) > MAX_ANSWER:
            raise Defect("the answer is too long")
        outcome = found.kind.value if kind == ATTACHMENT else outcome
    return outcome


def _check(info: BuildInfo) -> None:
    if len(framed(Info(info=info, memory=0))) > MAX_ANSWER:
        raise Defect("the answer is too long")
    if info.icon_png is not None:
        _check_picture(info.icon_png)
    for name in ("identifier", "display_name", "version_name", "version_code", "min_os", "target_os", "icon_source"):
        if len(getattr(info, name) or "") > 1000:
            raise Defect(f"{name} is too long")
    if sum(map(len, info.warnings)) > 200_000:
        raise Defect("the warnings are too long")


def _check_picture(png: bytes) -> None:
    width, height = struct.unpack_from(">2L", png, 16)
    if png[:4] != b"\x89PNG" or not 0 < max(width, height) <= _LONGEST_SIDE:
        raise Defect(f"the icon is no PNG, or has {width} by {height} pixels")


def _made() -> Iterator[Seed]:
    for kind, files in (
        (ATTACHMENT, made.attachments()),
        (ICON, made.icons()),
        ("dmg", made.images()),
        ("ipa", made.apps()),
        ("deb", made.packages()),
        (DRAWING, ((str(number), b"seed %d" % number) for number in range(10))),
    ):
        for name, data in files:
            yield Seed(kind, f"made/{name}", data)
