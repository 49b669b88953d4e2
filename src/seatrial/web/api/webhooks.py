"""Webhooks of an organization and of an app: make, list, show, change, rotate, remove, and the log of what was sent."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from seatrial.domain.access import OrganizationScope
from seatrial.web.auth import WORKSPACE, from_organization_path, from_workspace_path
from seatrial.web.context import context_of
from seatrial.web.json_body import json_body
from seatrial.web.replies import reply
from seatrial.wire.pages import page_json
from seatrial.wire.webhooks import (
    deliveries_query,
    delivery_details_json,
    delivery_json,
    wanted_webhook,
    webhook_changes,
    webhook_json,
    webhook_overlap,
    webhooks_query,
)


@dataclass(frozen=True, slots=True)
class WebhookRoutes:
    """The handlers of one place that webhooks belong to."""

    prefix: str
    scope: Callable[[Request], Awaitable[OrganizationScope]]

    async def search(self, request: Request) -> Response:
        """List webhooks without their secrets, newest first."""
        context, scope = context_of(request), await self.scope(request)
        query = webhooks_query(request.query_params.multi_items())
        page = await context.read(lambda: context.webhooks.search(scope, query))
        return reply(page_json(page, [webhook_json(webhook) for webhook in page.items]))

    async def create(self, request: Request) -> Response:
        """Make a webhook; this answer is the only one with its secret."""
        context, scope = context_of(request), await self.scope(request)
        wanted = wanted_webhook(await json_body(request))
        webhook, secret = await context.write(lambda: context.webhooks.create(scope, wanted))
        return reply(webhook_json(webhook, secret))

    async def show(self, request: Request) -> Response:
        """Show one webhook without its secret."""
        context, scope = context_of(request), await self.scope(request)
        webhook = await context.read(lambda: context.webhooks.get(scope, request.path_params["webhook"]))
        return reply(webhook_json(webhook))

    async def update(self, request: Request) -> Response:
        """Change what a webhook is told, and where."""
        context, scope = context_of(request), await self.scope(request)
        changes = webhook_changes(await json_body(request))
        webhook = await context.write(lambda: context.webhooks.update(scope, request.path_params["webhook"], changes))
        return reply(webhook_json(webhook))

    async def rotate(self, request: Request) -> Response:
        """Give a webhook another secret; this answer is the only one with it."""
        context, scope = context_of(request), await self.scope(request)
        both_for = webhook_overlap(await json_body(request))
        webhook, secret = await context.write(
            lambda: context.webhooks.rotate(scope, request.path_params["webhook"], both_for)
        )
        return reply(webhook_json(webhook, secret))

    async def remove(self, request: Request) -> Response:
        """Remove a webhook with its log."""
        context, scope = context_of(request), await self.scope(request)
        await context.write(lambda: context.webhooks.delete(scope, request.path_params["webhook"]))
        return reply({"deleted": True})

    async def test(self, request: Request) -> Response:
        """Send a message that only says that messages arrive."""
        context, scope = context_of(request), await self.scope(request)
        delivery = await context.write(lambda: context.webhook_deliveries.test(scope, request.path_params["webhook"]))
        return reply(delivery_details_json(delivery, ()))

    async def deliveries(self, request: Request) -> Response:
        """List what was sent, newest first."""
        context, scope = context_of(request), await self.scope(request)
        query = deliveries_query(request.query_params.multi_items())
        page = await context.read(
            lambda: context.webhook_deliveries.search(scope, request.path_params["webhook"], query)
        )
        return reply(page_json(page, [delivery_json(delivery) for delivery in page.items]))

    async def delivery(self, request: Request) -> Response:
        """Show one message with every attempt at it."""
        context, scope, path = context_of(request), await self.scope(request), request.path_params
        found = await context.read(lambda: context.webhook_deliveries.get(scope, path["webhook"], path["delivery"]))
        return reply(delivery_details_json(*found))

    async def replay(self, request: Request) -> Response:
        """Send a message once more."""
        context, scope, path = context_of(request), await self.scope(request), request.path_params
        found = await context.write(lambda: context.webhook_deliveries.replay(scope, path["webhook"], path["delivery"]))
        return reply(delivery_details_json(*found))


OF_ORGANIZATION = WebhookRoutes("/v1/organizations/{organization}/webhooks", from_organization_path)
OF_APP = WebhookRoutes(f"{WORKSPACE.prefix}/webhooks", from_workspace_path)
PLACES = (OF_ORGANIZATION, OF_APP)
