"""Notifications: who was told of a build, who would be, and to tell the others (contract 1.1)."""

from dataclasses import replace

from starlette.requests import Request
from starlette.responses import Response

from seatrial.web.auth import from_workspace_path
from seatrial.web.context import context_of
from seatrial.web.json_body import json_body
from seatrial.web.replies import reply
from seatrial.wire.notifications import (
    candidate_json,
    mail_json,
    mails_query,
    notification_json,
    notifications_query,
    wanted_notification,
)
from seatrial.wire.pages import page_json


async def search(request: Request) -> Response:
    """List the notifications of an app, newest first."""
    context, scope = context_of(request), await from_workspace_path(request)
    query = notifications_query(request.query_params.multi_items())
    page = await context.read(lambda: context.notifications.search(scope, query))
    return reply(page_json(page, [notification_json(told.telling, told.counts) for told in page.items]))


async def of_build(request: Request) -> Response:
    """List the notifications of one build."""
    context, scope = context_of(request), await from_workspace_path(request)
    query = notifications_query(request.query_params.multi_items())
    page = await context.read(lambda: context.notifications.search(scope, query, request.path_params["build"]))
    return reply(page_json(page, [notification_json(told.telling, told.counts) for told in page.items]))


async def recipients(request: Request) -> Response:
    """List the mails of one notification."""
    context, scope, notification = context_of(request), await from_workspace_path(request), _notification(request)
    query = replace(mails_query(request.query_params.multi_items()), notification_id=notification)
    page = await context.read(lambda: context.notifications.recipients(scope, notification, query))
    return reply(page_json(page, [mail_json(mail) for mail in page.items]))


async def tell(request: Request) -> Response:
    """Tell people of a build who were not told of it yet."""
    context, scope = context_of(request), await from_workspace_path(request)
    said = wanted_notification(await json_body(request)).notification
    told = await context.write(lambda: context.notifications.tell(scope, request.path_params["build"], said))
    return reply(notification_json(told.telling, told.counts))


async def preview(request: Request) -> Response:
    """Show who would be told, and how, or why not."""
    context, scope = context_of(request), await from_workspace_path(request)
    query = notifications_query(request.query_params.multi_items())
    said = wanted_notification(await json_body(request))
    found = await context.read(
        lambda: context.notification_previews.preview(scope, said.notification, said.build_id, query)
    )
    items = [candidate_json(each, found.languages[each.email], can_send=found.can_send) for each in found.page.items]
    return reply(page_json(found.page, items))


def _notification(request: Request) -> str:
    notification: str = request.path_params["notification"]
    return notification.lower()
