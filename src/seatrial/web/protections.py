"""Headers of every answer that tell browsers what not to do with it; a page of ours says more where it needs more."""

from collections.abc import Iterable

from starlette.types import Scope

Header = tuple[bytes, bytes]

_ALWAYS: tuple[Header, ...] = (
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"x-frame-options", b"DENY"),
    (b"cross-origin-opener-policy", b"same-origin"),
)
_OURS = (b"cross-origin-resource-policy", b"same-origin")
_ANYBODYS = (b"cross-origin-resource-policy", b"cross-origin")
_SHOWN_ELSEWHERE = ("/v1/files/", "/v1/download/")
"""What mails, chats and other people's pages may show: whoever has such a URL has the right to the bytes."""


def missing(scope: Scope, said: Iterable[Header], hsts_seconds: int) -> list[Header]:
    """Give the headers that an answer to this request has to get beside what it says itself."""
    names = {name.lower() for name, _ in said}
    wanted = [*_ALWAYS, _ANYBODYS if scope["path"].startswith(_SHOWN_ELSEWHERE) else _OURS]
    if hsts_seconds and scope["scheme"] == "https":
        wanted.append((b"strict-transport-security", f"max-age={hsts_seconds}".encode()))
    return [header for header in wanted if header[0] not in names]
