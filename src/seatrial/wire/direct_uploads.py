"""Uploads in parts that go to an object store, as JSON: what is said of them, and the links that are handed out."""

import json
from collections.abc import Iterable
from dataclasses import dataclass

from seatrial.domain.errors import InvalidRequest
from seatrial.domain.upload import Claim, UnfinishedUpload
from seatrial.wire import bodies, tus

LONGEST = 1 << 50
ETAG_LIMIT = 256
MOST_PARTS = 10_000

_SHA256 = bodies.line(64)


@dataclass(frozen=True, slots=True)
class Announcement:
    """What is to come: how many bytes, what is said of them, and what they must be."""

    length: int
    fields: list[tuple[str, str]]
    claims: tuple[Claim, ...]


def announcement(body: bytes) -> Announcement:
    """Read `{"length", "filename", "sha256", "fields"}`; fields are those of an upload's form.

    Raises InvalidRequest.
    """
    said = bodies.json_object(body)
    length = bodies.whole(0, LONGEST)("length", said.get("length"))
    name = bodies.string("filename", said.get("filename", ""))
    fields = [(key, _text(value)) for key, value in bodies.nested(said, "fields").items()]
    return Announcement(length, [("filename", name), *fields], _claims(said.get("sha256")))


def etags(body: bytes) -> list[str]:
    """Read `{"parts": [{"number", "etag"}]}`: the parts' etags in the order of their numbers.

    Raises InvalidRequest.
    """
    rule = 'must be a list like [{"number": 1, "etag": "..."}] with every number once'
    said = bodies.json_object(body).get("parts")
    if not isinstance(said, list) or len(said) > MOST_PARTS:
        raise InvalidRequest({"parts": rule})
    found: dict[int, str] = {}
    for part in said:
        number, etag = (part.get("number"), part.get("etag")) if isinstance(part, dict) else (None, None)
        if not isinstance(number, int) or not isinstance(etag, str) or not 0 < len(etag) <= ETAG_LIMIT:
            raise InvalidRequest({"parts": rule})
        found[number] = etag
    if sorted(found) != list(range(1, len(said) + 1)):
        raise InvalidRequest({"parts": rule})
    return [found[number] for number in sorted(found)]


def direct_json(
    upload: UnfinishedUpload, part_size: int, links: Iterable[tuple[int, int, str]], build: object
) -> dict[str, object]:
    """Show an upload with links for its parts: number, bytes, URL."""
    shown = tus.upload_json(upload, build)
    return {key: value for key, value in shown.items() if key not in {"offset", "isPartial"}} | {
        "partSize": part_size,
        "parts": [{"number": number, "size": size, "url": url} for number, size, url in links],
    }


def _claims(said: object) -> tuple[Claim, ...]:
    if said is None:
        return ()
    digest = _SHA256("sha256", said).lower()
    if len(digest) != 64 or set(digest) - set("0123456789abcdef"):
        raise InvalidRequest({"sha256": "must be the file's SHA-256 in 64 hex digits"})
    return (Claim("sha256", digest),)


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
