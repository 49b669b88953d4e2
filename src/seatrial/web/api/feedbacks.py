"""Feedback: list, show, move on, delete."""

from starlette.requests import Request
from starlette.responses import Response

from seatrial.services.feedbacks import FeedbackShown
from seatrial.web.auth import from_workspace_path
from seatrial.web.context import context_of
from seatrial.web.json_body import json_body
from seatrial.web.replies import links_of, reply
from seatrial.wire.feedbacks import feedback_json, feedback_status, feedbacks_query
from seatrial.wire.pages import page_json


async def search(request: Request) -> Response:
    """List an app's feedback, newest first."""
    context, scope = context_of(request), await from_workspace_path(request)
    query = feedbacks_query(request.query_params.multi_items())
    page = await context.read(lambda: context.feedbacks.search(scope, query))
    return reply(page_json(page, [_json(request, shown) for shown in page.items]))


async def show(request: Request) -> Response:
    """Show one piece of feedback."""
    context, scope = context_of(request), await from_workspace_path(request)
    shown = await context.read(lambda: context.feedbacks.get(scope, request.path_params["feedback"]))
    return reply(_json(request, shown))


async def update(request: Request) -> Response:
    """Say what has become of it."""
    context, scope = context_of(request), await from_workspace_path(request)
    status = feedback_status(await json_body(request))
    shown = await context.write(lambda: context.feedbacks.update(scope, request.path_params["feedback"], status))
    return reply(_json(request, shown))


async def remove(request: Request) -> Response:
    """Remove it with its files, for good."""
    context, scope = context_of(request), await from_workspace_path(request)
    await context.store(lambda: context.feedbacks.delete(scope, request.path_params["feedback"]))
    return reply({"deleted": True})


def _json(request: Request, shown: FeedbackShown) -> dict[str, object]:
    return feedback_json(shown.feedback, shown.proofs, links_of(request))
