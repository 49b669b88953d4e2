"""What request headers promise about an upload: its idempotency key, and digests that its bytes must have.

`Content-Digest` and `Repr-Digest` (RFC 9530) and `Digest` (RFC 3230) speak of the whole body, which for a form is more
than the file. Few clients can hash a form that another program writes, so the digest of the file alone is taken as
well: bytes that have either of the two have arrived. `X-Checksum-Sha256` is of the file.
"""

import base64
import binascii
import hashlib
import re
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Executor

from starlette.datastructures import Headers

from seatrial.domain.errors import InvalidRequest
from seatrial.domain.upload import Claim
from seatrial.web.lane import in_thread

KEY_HEADER = "Idempotency-Key"
REPEATED_HEADER = "Idempotency-Replayed"
FILE_HEADER = "X-Checksum-Sha256"
BODY_HEADERS = ("Content-Digest", "Repr-Digest", "Digest")
KEY_LIMIT = 255
BATCH_BYTES = 256 << 10

_KEY = re.compile(rf"[\x21-\x7e]{{1,{KEY_LIMIT}}}")
_HEX = re.compile(r"[0-9a-f]{64}")
_RULE = "must hold a SHA-256 like sha-256=:BASE64:, of the whole body or of the file; no other algorithm is compared"


def idempotency_key(headers: Headers) -> str:
    """Read the key of an upload; also in quotes, as the draft of the header spells it. Empty where there is none.

    Raises InvalidRequest.
    """
    said = headers.get(KEY_HEADER)
    if said is None:
        return ""
    key = said.strip()
    if len(key) >= 2 and key[0] == key[-1] == '"':
        key = key[1:-1]
    if not _KEY.fullmatch(key):
        raise InvalidRequest({KEY_HEADER: f"must be 1 to {KEY_LIMIT} visible ASCII characters without blanks"})
    return key


def repeated(is_repeated: bool) -> dict[str, str]:
    """Give the header of answers that were given before."""
    return {REPEATED_HEADER: "true"} if is_repeated else {}


def file_claims(headers: Headers) -> tuple[Claim, ...]:
    """Read every digest as one of the file; for requests whose body is not the whole of it.

    Raises InvalidRequest.
    """
    return (*_of_body(headers, ("Repr-Digest",)), *_of_file(headers))


class Digests:
    """The digests that a request promises, and the body as it is compared with them.

    Raises InvalidRequest where one cannot be read.
    """

    def __init__(self, headers: Headers) -> None:
        self._of_body = _of_body(headers, BODY_HEADERS)
        self._of_file = _of_file(headers)
        self._hash = hashlib.sha256()

    async def watch(self, chunks: AsyncIterator[bytes], threads: Executor) -> AsyncIterator[bytes]:
        """Pass the body on, hashing it where somebody wants to know; in threads, a batch at a time."""
        if not self._of_body:
            async for chunk in chunks:
                yield chunk
            return
        batch = bytearray()
        async for chunk in chunks:
            batch += chunk
            if len(batch) >= BATCH_BYTES:
                await in_thread(threads, _hashing(self._hash.update, bytes(batch)))
                batch.clear()
            yield chunk
        self._hash.update(batch)

    def left_for_the_file(self) -> tuple[Claim, ...]:
        """Give the promises that the whole body does not fulfil, so that the file has to."""
        body = self._hash.hexdigest()
        return (*(claim for claim in self._of_body if claim.sha256 != body), *self._of_file)


def _hashing(update: Callable[[bytes], None], data: bytes) -> Callable[[], None]:
    return lambda: update(data)


def _of_file(headers: Headers) -> tuple[Claim, ...]:
    said = headers.get(FILE_HEADER)
    if said is None:
        return ()
    digest = said.strip().lower()
    if not _HEX.fullmatch(digest):
        raise InvalidRequest({FILE_HEADER: "must be the file's SHA-256 in 64 hex digits"})
    return (Claim(FILE_HEADER, digest),)


def _of_body(headers: Headers, names: tuple[str, ...]) -> tuple[Claim, ...]:
    return tuple(Claim(name, _sha256(name, ",".join(headers.getlist(name)))) for name in names if name in headers)


def _sha256(name: str, text: str) -> str:
    for member in text.split(","):
        algorithm, _, value = member.strip().partition("=")
        if algorithm.strip().lower() != "sha-256":
            continue
        try:
            raw = base64.b64decode(value.strip().strip(":").encode(), validate=True)
        except (binascii.Error, ValueError) as error:
            raise InvalidRequest({name: _RULE}) from error
        if len(raw) == hashlib.sha256().digest_size:
            return raw.hex()
    raise InvalidRequest({name: _RULE})
