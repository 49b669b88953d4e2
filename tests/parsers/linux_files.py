"""Samples of Linux and HarmonyOS packages, parts to make broken ones of, and what every reading must survive."""

import contextlib
import io
import json
import random
import tarfile
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import BinaryIO

import pytest
from PIL import Image

from seatrial.domain.buildinfo import BuildInfo
from seatrial.domain.errors import BuildFileInvalid, ProcessingCode

FIXTURES = Path(__file__).parents[1] / "fixtures"
Parse = Callable[[BinaryIO], BuildInfo]


def read(parse: Parse, data: bytes | Path) -> BuildInfo:
    return parse(io.BytesIO(data.read_bytes() if isinstance(data, Path) else data))


def refused(parse: Parse, data: bytes) -> ProcessingCode:
    """Give the code of a refusal; its sentence has to end as one."""
    with pytest.raises(BuildFileInvalid) as caught:
        read(parse, data)
    assert caught.value.sentence.endswith("."), caught.value.sentence
    assert len(caught.value.sentence) < 400
    return caught.value.code


def picture(info: BuildInfo) -> tuple[tuple[int, int], tuple[int, ...]]:
    """Give the icon's size, and the colour at its top left."""
    assert info.icon_png
    image = Image.open(io.BytesIO(info.icon_png)).convert("RGB")
    colour = image.getpixel((0, 0))
    assert isinstance(colour, tuple)
    return image.size, tuple(int(part) for part in colour)


def survives(parse: Parse, data: bytes) -> None:
    with contextlib.suppress(BuildFileInvalid):
        info = read(parse, data)
        json.dumps(asdict(replace(info, icon_png=None)), default=str, ensure_ascii=False).encode()


def mutations(parse: Parse, data: bytes, rounds: int, *, within: int | None = None) -> None:
    """Change a few bytes, or cut the file, again and again; the seed is fixed."""
    chance = random.Random(2911)
    end = min(within or len(data), len(data))
    for _ in range(rounds):
        changed = bytearray(data)
        for _ in range(chance.randint(1, 8)):
            changed[chance.randrange(end)] = chance.choice((0, 1, 0x7F, 0x80, 0xFF, chance.randrange(256)))
        if chance.random() < 0.1:
            del changed[chance.randrange(len(changed)) :]
        survives(parse, bytes(changed))


def tar(members: dict[str, bytes], kind: bytes = tarfile.REGTYPE, form: int = tarfile.PAX_FORMAT) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=form) as archive:
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            info.type = kind
            archive.addfile(info, io.BytesIO(data))
    return out.getvalue()


def ar(members: list[tuple[str, bytes]]) -> bytes:
    out = b"!<arch>\n"
    for name, data in members:
        out += f"{name:<16}{0:<12}{0:<6}{0:<6}{'100644':<8}{len(data):<10}`\n".encode() + data + b"\n" * (len(data) % 2)
    return out


def deb(control: bytes, data: bytes = b"", *more: tuple[str, bytes]) -> bytes:
    return ar([("debian-binary", b"2.0\n"), ("control.tar", control), ("data.tar", data), *more])
