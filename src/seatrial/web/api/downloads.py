"""Downloads: tokens, their redemption, Apple's manifest, the files themselves (contract 1.5, 2.1)."""

from starlette.requests import Request
from starlette.responses import Response

from seatrial.domain.errors import InvalidToken
from seatrial.domain.file_names import content_disposition
from seatrial.services.downloads import SignedLink
from seatrial.web.auth import WORKSPACE, from_any
from seatrial.web.blobs import send
from seatrial.web.context import context_of
from seatrial.web.replies import links_of, reply, visitor_of
from seatrial.wire.downloads import download_token_json
from seatrial.wire.links import Links, last_segment
from seatrial.wire.manifest import ota_manifest
from seatrial.wire.queries import download_query


async def issue(request: Request) -> Response:
    """Make a short-lived, single-use download token."""
    context, scope = context_of(request), await WORKSPACE.scope(request)
    wanted = download_query(request.query_params.multi_items())
    token = await context.write(
        lambda: context.downloads.issue(scope, request.path_params["build"], wanted.file_id, wanted.type)
    )
    return reply(download_token_json(token))


async def redeem(request: Request) -> Response:
    """Use a token up and say where the file is."""
    context, token, links = context_of(request), request.path_params["token"], links_of(request)
    redemption = await context.write(lambda: context.downloads.redeem(token, visitor_of(request)))
    location = links.manifest(token) if redemption.is_manifest else _url(links, redemption.link)
    return Response(status_code=302, headers={"Location": location, "Cache-Control": "no-store"})


async def peek(request: Request) -> Response:
    """Describe what a token leads to, without using it and without leading there."""
    context, token = context_of(request), request.path_params["token"]
    file = await context.read(lambda: context.downloads.peek(token))
    return Response(
        headers={
            "Content-Type": file.mimetype,
            "Content-Length": str(file.size),
            "Content-Disposition": content_disposition(file.original_name),
            "ETag": f'"{file.checksum}"',
            "Cache-Control": "no-store",
        }
    )


async def manifest(request: Request) -> Response:
    """Describe an Apple build to the device that installs it."""
    context, token, links = context_of(request), request.path_params["token"], links_of(request)
    visitor = visitor_of(request) if request.method == "GET" else None
    found = await context.write(lambda: context.downloads.manifest(token, visitor))
    icon = _url(links, found.icon) if found.icon else None
    body = ota_manifest(_url(links, found.package), icon, found.identifier, found.version, found.title)
    return Response(body, media_type="application/xml", headers={"Cache-Control": "no-store"})


async def read(request: Request) -> Response:
    """Send a file to whoever has a signed URL or credentials for its app."""
    context, file_id = context_of(request), request.path_params["file"]
    signature = request.query_params.get("signature")
    if signature is not None:
        expires = request.query_params.get("expires", "")
        moment = int(expires) if expires.isascii() and expires.isdigit() and len(expires) < 12 else 0
        found = await context.read(lambda: context.downloads.read_signed(file_id, moment, signature))
        if request.path_params["name"] != last_segment(found.file):
            raise InvalidToken  # the signature is for the whole address
    else:
        scope = await from_any(request, lambda: context.downloads.organization_of(file_id))
        found = await context.read(lambda: context.downloads.read_as(scope, file_id))
    return await send(request, found)


def _url(links: Links, link: SignedLink) -> str:
    return link.url or links.signed(link.file, link.expires, link.signature)
