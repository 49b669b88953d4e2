"""Trusted publishing: rules, and identity tokens that are traded in for upload tokens."""

from dataclasses import replace

from starlette.requests import Request
from starlette.responses import Response

from seatrial.domain.build import Unset
from seatrial.domain.clock import utc_now
from seatrial.web.auth import address_of, from_workspace_path
from seatrial.web.context import context_of
from seatrial.web.json_body import json_body
from seatrial.web.replies import links_of, reply
from seatrial.wire.pages import page_json
from seatrial.wire.trusted_publishers import (
    exchange,
    exchanged_json,
    trusted_publisher_json,
    trusted_publisher_settings,
    trusted_publishers_query,
)


async def search(request: Request) -> Response:
    """List an app's rules, newest first."""
    context, scope = context_of(request), await from_workspace_path(request)
    query = trusted_publishers_query(request.query_params.multi_items())
    page = await context.read(lambda: context.trusted_publishers.search(scope, query))
    return reply(page_json(page, [trusted_publisher_json(one) for one in page.items]))


async def create(request: Request) -> Response:
    """Make a rule; the audience is this server unless another one is named."""
    context, scope = context_of(request), await from_workspace_path(request)
    said = trusted_publisher_settings(await json_body(request))
    if isinstance(said.audience, Unset):
        said = replace(said, audience=links_of(request).api)
    made = await context.write(lambda: context.trusted_publishers.create(scope, said))
    return reply(trusted_publisher_json(made))


async def show(request: Request) -> Response:
    """Show one rule."""
    context, scope = context_of(request), await from_workspace_path(request)
    found = await context.read(lambda: context.trusted_publishers.get(scope, request.path_params["publisher"]))
    return reply(trusted_publisher_json(found))


async def update(request: Request) -> Response:
    """Edit a rule; what it has given out ends."""
    context, scope = context_of(request), await from_workspace_path(request)
    said = trusted_publisher_settings(await json_body(request))
    after = await context.write(
        lambda: context.trusted_publishers.update(scope, request.path_params["publisher"], said)
    )
    return reply(trusted_publisher_json(after))


async def remove(request: Request) -> Response:
    """Forget a rule; what it has given out ends."""
    context, scope = context_of(request), await from_workspace_path(request)
    await context.write(lambda: context.trusted_publishers.remove(scope, request.path_params["publisher"]))
    return reply({"deleted": True})


async def trade_in(request: Request) -> Response:
    """Give an upload token for an identity token; this answer is the only one with its secret."""
    context, said, address = context_of(request), exchange(await json_body(request)), address_of(request)
    made = await context.store(lambda: context.identity_exchange.exchange(said.token, said.application, address))
    return reply(exchanged_json(made.token, made.secret, made.publisher, utc_now()))
