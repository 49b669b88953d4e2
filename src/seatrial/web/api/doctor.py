"""What the doctor asks from outside, to see what the way here does to requests and answers."""

import asyncio
import time
from collections.abc import AsyncIterator

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from seatrial.domain.errors import EntityNotFound, PayloadTooLarge
from seatrial.services.probes import FILE
from seatrial.web.body import body_chunks
from seatrial.web.context import context_of
from seatrial.web.replies import reply

MOST_BYTES = 4 << 20
PAUSE_SECONDS = 0.6
MANIFEST = b'<?xml version="1.0" encoding="UTF-8"?>\n<plist version="1.0"><dict/></plist>\n'


async def answer(request: Request) -> Response:
    """Answer a question of the doctor's: who is there, and how the request arrived."""
    probe, proof = _believed(request)
    if probe == "manifest.plist":
        return Response(MANIFEST, media_type="application/xml")
    if probe == "file":
        return _part(request)
    if probe == "slow":
        return StreamingResponse(_slowly(), headers={"X-Accel-Buffering": "no"}, media_type="application/octet-stream")
    if probe != "hello":
        raise EntityNotFound
    return reply(
        {
            "proof": proof,
            "scheme": request.scope["scheme"],
            "host": request.headers.get("host", ""),
            "forwardedProto": request.headers.get("x-forwarded-proto", ""),
            "forwardedFor": "x-forwarded-for" in request.headers,
        }
    )


async def take(request: Request) -> Response:
    """Take a body and drop it, or only its announcement; tell how much came, and over how long."""
    probe, _ = _believed(request)
    if probe == "announced":
        return reply({"received": 0, "seconds": 0.0})
    if probe != "upload":
        raise EntityNotFound
    received, first, last = 0, 0.0, 0.0
    async for chunk in body_chunks(request, context_of(request).body_limits.idle_read):
        received += len(chunk)
        last = time.monotonic()
        first = first or last
        if received > MOST_BYTES:
            raise PayloadTooLarge(MOST_BYTES)
    return reply({"received": received, "seconds": round(last - first, 3)})


def _believed(request: Request) -> tuple[str, str]:
    said, probe = request.query_params, str(request.path_params["probe"])
    nonce, expires, signature = (said.get(name, "") for name in ("nonce", "expires", "signature"))
    return probe, context_of(request).probes.check(probe, nonce, expires, signature)


def _part(request: Request) -> Response:
    """Give the middle of the file where it is asked for, all of it otherwise; only this one range is known here."""
    if request.headers.get("range") != "bytes=1000-1999":
        return Response(FILE, media_type="application/octet-stream")
    headers = {"Content-Range": f"bytes 1000-1999/{len(FILE)}", "Accept-Ranges": "bytes"}
    return Response(FILE[1000:2000], 206, headers, "application/octet-stream")


async def _slowly() -> AsyncIterator[bytes]:
    yield FILE
    await asyncio.sleep(PAUSE_SECONDS)
    yield FILE
