"""The headers of tus, the protocol of uploads that go on where they stopped (https://tus.io, version 1.0.0)."""

import base64
import binascii
import re
from collections.abc import Iterable, Sequence
from email.utils import format_datetime

from seatrial.domain.errors import InvalidRequest
from seatrial.domain.upload import Concatenation, UnfinishedUpload
from seatrial.wire.timestamps import timestamp

VERSION = "1.0.0"
EXTENSIONS = "creation,creation-with-upload,checksum,termination,expiration,concatenation"
ALGORITHMS = {"sha1": 20, "sha256": 32}
"""Of `Upload-Checksum`, with the bytes of each."""
MOST_PARTS = 1000
BUILD_HEADER = "Seatrial-Build-Id"

_FINAL = re.compile(r"final\s*;\s*(.+)", re.DOTALL)


def metadata(header: str) -> list[tuple[str, str]]:
    """Read `Upload-Metadata`: names and texts in the order they came.

    Raises InvalidRequest.
    """
    said: dict[str, str] = {}
    for pair in filter(None, (each.strip() for each in header.split(","))):
        name, _, encoded = pair.partition(" ")
        if name in said:
            raise InvalidRequest({"Upload-Metadata": f"{name[:80]} must be there once"})
        try:
            text = base64.b64decode(encoded.strip(), validate=True).decode("utf-8")
        except (binascii.Error, ValueError) as error:
            raise InvalidRequest({"Upload-Metadata": f"{name[:80]} must be UTF-8 text in Base64"}) from error
        if "\0" in text:
            raise InvalidRequest({name[:80]: "must not contain NUL characters"})
        said[name] = text
    return list(said.items())


def write_metadata(fields: Iterable[tuple[str, str]]) -> str:
    """Write `Upload-Metadata`; `metadata` reads the same back."""
    return ",".join(f"{name} {base64.b64encode(text.encode()).decode()}" for name, text in fields)


def meant(fields: Iterable[tuple[str, str]]) -> str:
    """Write what is the same when an announcement is sent again: a pipeline says another time in `deployer` then."""
    return write_metadata((name, text) for name, text in fields if not name.strip().startswith("deployer"))


def file_name(fields: Sequence[tuple[str, str]]) -> str:
    """Find the file's name among what was said, where clients put it."""
    said = dict(fields)
    return said.get("filename") or said.get("name") or ""


def whole_number(name: str, text: str | None) -> int:
    """Read a header that is a number of bytes.

    Raises InvalidRequest.
    """
    if text is None or not re.fullmatch(r"[0-9]{1,18}", text.strip()):
        raise InvalidRequest({name: "must be a whole number of bytes"})
    return int(text)


def checksum(header: str | None) -> tuple[str, bytes] | None:
    """Read `Upload-Checksum`: an algorithm and what a body must have by it.

    Raises InvalidRequest.
    """
    if header is None:
        return None
    algorithm, _, encoded = header.strip().partition(" ")
    size = ALGORITHMS.get(algorithm.lower())
    if size is None:
        raise InvalidRequest({"Upload-Checksum": f"the algorithm must be one of {', '.join(ALGORITHMS)}"})
    try:
        digest = base64.b64decode(encoded.strip(), validate=True)
    except (binascii.Error, ValueError):
        digest = b""
    if len(digest) != size:
        raise InvalidRequest({"Upload-Checksum": f"must be {size} bytes in Base64 behind {algorithm.lower()}"})
    return algorithm.lower(), digest


def concatenation(header: str | None) -> tuple[Concatenation, list[str]]:
    """Read `Upload-Concat`: what kind of upload it is, and the ids of a final one's pieces.

    Raises InvalidRequest.
    """
    if header is None:
        return Concatenation.NONE, []
    if header.strip().lower() == "partial":
        return Concatenation.PARTIAL, []
    found = _FINAL.fullmatch(header.strip())
    parts = [url.rstrip("/").rpartition("/")[2] for url in found[1].split()] if found else []
    if not 0 < len(parts) <= MOST_PARTS:
        raise InvalidRequest({"Upload-Concat": f"must be partial, or final; with 1 to {MOST_PARTS} uploads behind it"})
    return Concatenation.FINAL, parts


def headers(upload: UnfinishedUpload) -> dict[str, str]:
    """Tell how far an upload is."""
    said = {"Upload-Offset": str(upload.offset)}
    if not upload.is_finished or upload.concatenation is Concatenation.PARTIAL:
        said["Upload-Expires"] = format_datetime(upload.expires_at, usegmt=True)
    if upload.build_id is not None:
        said[BUILD_HEADER] = upload.build_id
    return said


def description(upload: UnfinishedUpload) -> dict[str, str]:
    """Tell everything about an upload in headers."""
    said = headers(upload) | {"Upload-Length": str(upload.length)}
    if upload.metadata:
        said["Upload-Metadata"] = upload.metadata
    if upload.concatenation is Concatenation.PARTIAL:
        said["Upload-Concat"] = "partial"
    if upload.concatenation is Concatenation.FINAL:
        said["Upload-Concat"] = f"final;{upload.parts}"
    return said


def upload_json(upload: UnfinishedUpload, build: object) -> dict[str, object]:
    """Tell everything about an upload as the API tells things; the build is null until there is one."""
    return {
        "id": upload.id,
        "length": upload.length,
        "offset": upload.offset,
        "isPartial": upload.concatenation is Concatenation.PARTIAL,
        "metadata": dict(metadata(upload.metadata)),
        "createdAt": timestamp(upload.created_at),
        "expiresAt": timestamp(upload.expires_at),
        "buildId": upload.build_id,
        "build": build,
    }
