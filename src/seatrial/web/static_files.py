"""Style sheets, scripts and icons: packed once, kept in memory, and kept by browsers until the version changes."""

import gzip
import hashlib
import mimetypes
from functools import cache
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from seatrial.web.pages.rendering import STATIC

_PACKED = frozenset({".css", ".js", ".svg", ".txt"})
_FOREVER = "public, max-age=31536000, immutable"
_HOUR = "public, max-age=3600"


@cache
def _files() -> dict[str, Path]:
    """Name the files that there are: a path that is asked for never meets the disk."""
    return {path.relative_to(STATIC).as_posix(): path for path in STATIC.rglob("*") if path.is_file()}


@cache
def _loaded(name: str) -> tuple[bytes, bytes | None, str]:
    content = _files()[name].read_bytes()
    packed = gzip.compress(content, 9, mtime=0) if Path(name).suffix in _PACKED else None
    return content, packed, f'"{hashlib.sha256(content).hexdigest()[:32]}"'


async def show(request: Request) -> Response:
    """Give one file."""
    name = request.path_params["name"]
    if name not in _files():
        raise HTTPException(404)
    content, packed, tag = _loaded(name)
    headers = {
        "ETag": tag,
        "Cache-Control": _FOREVER if request.query_params.get("v") else _HOUR,
        "Vary": "Accept-Encoding",
        "X-Content-Type-Options": "nosniff",
    }
    if tag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    if packed is not None and "gzip" in request.headers.get("accept-encoding", ""):
        content, headers["Content-Encoding"] = packed, "gzip"
    return Response(content, headers=headers, media_type=mimetypes.guess_type(name)[0] or "application/octet-stream")
