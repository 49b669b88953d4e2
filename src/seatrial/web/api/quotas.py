"""Quotas: what an organization or an app takes up, and how much of it is allowed."""

from starlette.requests import Request
from starlette.responses import Response

from seatrial.web.auth import from_organization_path, from_workspace_path
from seatrial.web.context import context_of
from seatrial.web.json_body import json_body
from seatrial.web.replies import reply
from seatrial.wire.quotas import quotas_json, quotas_said


async def show_organization(request: Request) -> Response:
    """Show what an organization takes up."""
    context, scope = context_of(request), await from_organization_path(request)
    return reply(quotas_json(await context.read(lambda: context.quotas.of_organization(scope))))


async def choose_for_organization(request: Request) -> Response:
    """Choose how much an organization may take up, within what it was granted."""
    context, scope = context_of(request), await from_organization_path(request)
    said = quotas_said(await json_body(request))
    return reply(quotas_json(await context.write(lambda: context.quotas.choose_for_organization(scope, said))))


async def show_app(request: Request) -> Response:
    """Show what an app takes up."""
    context, scope = context_of(request), await from_workspace_path(request)
    return reply(quotas_json(await context.read(lambda: context.quotas.of_app(scope))))


async def choose_for_app(request: Request) -> Response:
    """Choose how much an app may take up."""
    context, scope = context_of(request), await from_workspace_path(request)
    said = quotas_said(await json_body(request))
    return reply(quotas_json(await context.write(lambda: context.quotas.choose_for_app(scope, said))))
