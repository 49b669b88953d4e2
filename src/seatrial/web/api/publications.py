"""Publications: list, make, show, replace, delete, on both faces; and the store that they are in (contract 2.4)."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from seatrial.domain.access import OrganizationScope
from seatrial.domain.build import Page
from seatrial.domain.errors import EntityNotFound
from seatrial.services.publications import Found
from seatrial.web.auth import bearer, from_app_token, from_organization_path
from seatrial.web.context import context_of
from seatrial.web.json_body import json_body
from seatrial.web.replies import links_of, reply
from seatrial.wire.pages import page_json
from seatrial.wire.publication_settings import publication_settings
from seatrial.wire.publications import publication_json, publications_query, store_json

STORES = "/v1/organizations/{organization}/stores"


async def from_store_path(request: Request) -> OrganizationScope:
    """Find the organization that the path names; its one store goes by the same id and slug."""
    scope = await from_organization_path(request)
    context, secret, store = context_of(request), bearer(request), request.path_params["store"]
    if store != request.path_params["organization"]:
        other = await context.read(lambda: context.identity.organization(secret, store))
        if other.organization_id != scope.organization_id:
            raise EntityNotFound
    return scope


@dataclass(frozen=True, slots=True)
class PublicationRoutes:
    """The same handlers on both faces."""

    prefix: str
    scope: Callable[[Request], Awaitable[OrganizationScope]]

    async def search(self, request: Request) -> Response:
        """List publications, newest first."""
        context, scope = context_of(request), await self.scope(request)
        query = publications_query(request.query_params.multi_items())
        page = await context.read(lambda: context.publications.search(scope, query))
        return reply(page_json(page, [_shown(request, found) for found in page.items]))

    async def create(self, request: Request) -> Response:
        """Publish an app."""
        context, scope = context_of(request), await self.scope(request)
        said, application = publication_settings(await json_body(request))
        made = await context.compare(lambda: context.publications.create(scope, said, application))
        return reply(_shown(request, made))

    async def show(self, request: Request) -> Response:
        """Show one publication."""
        context, scope = context_of(request), await self.scope(request)
        found = await context.read(lambda: context.publications.get(scope, request.path_params["publication"]))
        return reply(_shown(request, found))

    async def update(self, request: Request) -> Response:
        """Replace everything that is said of a publication."""
        context, scope = context_of(request), await self.scope(request)
        said, application = publication_settings(await json_body(request))
        named = application if self is PUBLISHED else None
        changed = await context.compare(
            lambda: context.publications.update(scope, request.path_params["publication"], said, named)
        )
        return reply(_shown(request, changed))

    async def delete(self, request: Request) -> Response:
        """Delete a publication; its builds stay."""
        context, scope = context_of(request), await self.scope(request)
        await context.write(lambda: context.publications.delete(scope, request.path_params["publication"]))
        return reply({"deleted": True})


DISTRIBUTIONS = PublicationRoutes("/v1/integrations/distributions", from_app_token)
PUBLISHED = PublicationRoutes(f"{STORES}/{{store}}/pubApps", from_store_path)
FACES = (DISTRIBUTIONS, PUBLISHED)


async def stores(request: Request) -> Response:
    """List an organization's stores: its one."""
    context, scope = context_of(request), await from_organization_path(request)
    query = publications_query(request.query_params.multi_items())
    organization = await context.read(lambda: context.publications.store(scope))
    items = [organization] if query.page == 1 else []
    page = Page(items, 1, query.page, query.limit)
    return reply(page_json(page, [store_json(one, links_of(request)) for one in items]))


def _shown(request: Request, found: Found) -> dict[str, object]:
    publication, given = found
    return publication_json(publication, given, links_of(request))
