"""What a parse pool and its children say to each other: four bytes of length, big end first, then JSON.

Never pickle: a child that a file has taken over must not be able to run code in the parent.
"""

import msgspec

from seatrial.domain.attachment import Attachment
from seatrial.domain.buildinfo import BuildInfo, Format
from seatrial.domain.errors import ProcessingCode
from seatrial.parsers.limits import ParserLimits

MAX_ANSWER = 16 << 20
"""Bytes of the longest answer; the icon in it is the only long part."""
OUT_OF_MEMORY = 77
"""The exit status of a child that a file has brought to its memory limit."""


class ParseLimits(msgspec.Struct, frozen=True, kw_only=True):
    """What a child may use. Memory and growth in bytes, times in seconds a file, `served` in files."""

    memory: int = 2 << 30
    cpu_seconds: int = 30
    wall_seconds: float = 60.0
    served: int = 200
    growth: int = 256 << 20
    """Memory kept after a file, above that of a fresh child, with which a child is replaced."""
    readers: ParserLimits = ParserLimits()
    """What a file may claim."""


class Request(msgspec.Struct, tag="build"):
    """A build to parse."""

    path: str


class PictureRequest(msgspec.Struct, tag="picture"):
    """A file to read as a picture."""

    path: str


class AttachmentRequest(msgspec.Struct, tag="attachment"):
    """A file to recognise, and to compare with the build that it was put beside."""

    path: str
    build: str | None = None
    build_format: Format | None = None


class Ready(msgspec.Struct, tag="ready"):
    """The parsers are loaded; `memory` is the child's resident memory in bytes, here and below."""

    memory: int


class Info(msgspec.Struct, tag="info"):
    """The file was understood."""

    info: BuildInfo
    memory: int


class Picture(msgspec.Struct, tag="picture"):
    """The file was a picture; here it is as PNG."""

    png: bytes
    memory: int


class Understood(msgspec.Struct, tag="understood"):
    """What the attachment is."""

    attachment: Attachment
    memory: int


class Invalid(msgspec.Struct, tag="invalid"):
    """The file is bad, says its parser."""

    code: ProcessingCode
    sentence: str
    memory: int


class Failed(msgspec.Struct, tag="failed"):
    """The parser broke; the child ends after this answer. `detail` is a traceback."""

    code: ProcessingCode
    sentence: str
    detail: str


AnyRequest = Request | PictureRequest | AttachmentRequest
Answer = Ready | Info | Picture | Understood | Invalid | Failed


def framed(message: msgspec.Struct) -> bytes:
    """Write a message with its length before it; raise `ValueError` for text that UTF-8 cannot hold."""
    body = msgspec.json.encode(message)
    return len(body).to_bytes(4, "big") + body
