"""What machines ask a server about itself: whether it lives, whether it should get requests, and its figures."""

import ipaddress
from hmac import compare_digest
from typing import Final
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response

from seatrial import __version__
from seatrial.domain.errors import EntityNotFound, InvalidToken, NotAuthenticated
from seatrial.meter import CONTENT_TYPE
from seatrial.web.context import context_of
from seatrial.web.replies import reply

FORWARDED: Final = ("forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip")
"""Headers of a request that came through a proxy: its address is the proxy's, or what the proxy says."""

_HERE: Final = frozenset({"localhost", "127.0.0.1", "::1"})
"""Names by which somebody on this machine calls it."""


async def health(request: Request) -> Response:
    """Tell whether this process can serve."""
    context = context_of(request)
    await context.read(context.is_healthy)
    return reply({"version": __version__})


async def ready(request: Request) -> Response:
    """Tell a load balancer whether to send requests here."""
    context = context_of(request)
    return reply({"version": __version__, "checks": await context.read(context.readiness.check)})


async def metrics(request: Request) -> Response:
    """Give Prometheus the figures of this process."""
    context = context_of(request)
    _let_in(request, context.metrics_token)
    return Response(await context.read(context.meter.read), headers={"Content-Type": CONTENT_TYPE})


def _let_in(request: Request, token: str) -> None:
    kind, _, presented = request.headers.get("authorization", "").partition(" ")
    if token and kind.lower() == "bearer":
        if not compare_digest(presented.strip().encode(), token.encode()):
            raise InvalidToken
        return
    if _is_here(request):
        return
    if token:
        raise NotAuthenticated
    raise EntityNotFound  # nobody out there needs to know


def _is_here(request: Request) -> bool:
    if any(header in request.headers for header in FORWARDED) or request.client is None:
        return False
    named = urlsplit(f"//{request.headers.get('host', '')}").hostname
    return named in _HERE and _is_loopback(request.client.host)


def _is_loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False
