"""Answers: ready bytes in the contract's envelope, the bases of the URLs in them, and who gets them."""

import re
from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response

from seatrial.domain.device import Visitor
from seatrial.web.context import context_of
from seatrial.wire.envelope import encode, ok
from seatrial.wire.links import Links

_PORT = re.compile(r"(:[0-9]{1,5})?")


def reply(data: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Answer a success."""
    return envelope(ok(data), status, headers)


def envelope(body: object, status: int, headers: Mapping[str, str] | None = None) -> Response:
    """Answer a finished envelope."""
    return Response(encode(body), status, dict(headers or {}), "application/json")


def visitor_of(request: Request) -> Visitor:
    """Tell who is at the other end of the connection, or of the trusted proxy's."""
    address = request.client.host if request.client else ""
    return Visitor(address, request.headers.get("user-agent", ""))


def links_of(request: Request) -> Links:
    """Give the bases of all URLs in this answer.

    Without a configured one it is the request's own host, but only a host that is ours: a forged Host header must not
    end up in a link that somebody follows.
    """
    urls = context_of(request).urls
    base = urls.api or _own_base(request, urls.allowed_hosts)
    return Links(api=base, upload=urls.upload or base, download=urls.download or base, sdk=urls.sdk or base)


def _own_base(request: Request, allowed: frozenset[str]) -> str:
    host = request.headers.get("host", "").lower()
    name = host[: host.find("]") + 1] if host.startswith("[") else host.partition(":")[0]
    reached, port = request.scope.get("server") or ("127.0.0.1", 80)
    reached = f"[{reached}]" if ":" in reached else reached
    is_ours = name in allowed or name == reached
    if not is_ours or not _PORT.fullmatch(host.removeprefix(name)):
        host = f"{reached}:{port}"
    return f"{request.scope['scheme']}://{host}"
