"""The description of the API, for people: one page, rendered from the same document that programs read."""

from functools import lru_cache

from starlette.requests import Request
from starlette.responses import Response

from seatrial.web.context import PublicUrls, context_of
from seatrial.web.openapi.document import OWN_ADDRESS, build, own_links
from seatrial.web.openapi.errors import table
from seatrial.web.pages.docs_view import chapters, prose, schema_views
from seatrial.web.pages.rendering import html, render
from seatrial.web.replies import links_of


async def show(request: Request) -> Response:
    """Show every operation."""
    return html(_kept(context_of(request).urls).replace(OWN_ADDRESS, links_of(request).api))


@lru_cache(maxsize=4)
def _kept(urls: PublicUrls) -> str:
    links = own_links(urls)
    document = build(urls, links)
    return render(
        "docs.html",
        info=document["info"],
        lead=prose(document["info"]["description"]),
        base=links.api,
        chapters=chapters(document),
        credentials=[
            (name, prose(scheme["description"])) for name, scheme in document["components"]["securitySchemes"].items()
        ],
        errors=table(),
        schemas=schema_views(document),
    )
