"""What people said of an app from inside it: read it, look at its picture, move it on."""

from urllib.parse import urlsplit

from starlette.responses import RedirectResponse, Response

from seatrial.domain.errors import EntityNotFound
from seatrial.domain.feedback import FeedbackFileKind, FeedbackQuery, FeedbackStatus, FeedbackType
from seatrial.web.dashboard.door import Visitor, form_of
from seatrial.web.dashboard.gate import signed_in
from seatrial.web.dashboard.listing import page_number, page_url
from seatrial.web.dashboard.one_app import APP, app_path, one_app, scope_of
from seatrial.web.dashboard.view import show
from seatrial.web.replies import links_of
from seatrial.wire import fields

PAGE = 50


@signed_in
async def search(visitor: Visitor) -> Response:
    """List an app's feedback, newest first."""
    context, request, subject = visitor.context, visitor.request, await one_app(visitor)
    said = {name: request.query_params.get(name, "") for name in ("type", "status", "email")}
    query = FeedbackQuery(
        type=FeedbackType(said["type"]) if said["type"] in list(FeedbackType) else None,
        status=FeedbackStatus(said["status"]) if said["status"] in list(FeedbackStatus) else None,
        email=said["email"] or None,
        page=page_number(request),
        limit=PAGE,
    )
    page = await context.read(lambda: context.feedbacks.search(subject.scope, query))
    return show(
        visitor,
        "dashboard/feedback.html",
        subject=subject,
        page=page,
        page_url=page_url(request),
        said=said,
        base=links_of(request).api,
    )


@signed_in
async def detail(visitor: Visitor) -> Response:
    """Show one piece of feedback with what was sent along."""
    context, request, subject = visitor.context, visitor.request, await one_app(visitor)
    shown = await context.read(lambda: context.feedbacks.get(subject.scope, request.path_params["feedback"]))
    return show(
        visitor,
        "dashboard/one_feedback.html",
        subject=subject,
        feedback=shown.feedback,
        picture=shown.feedback.file(FeedbackFileKind.SCREENSHOT),
        film=shown.feedback.file(FeedbackFileKind.VIDEO),
        states=list(FeedbackStatus),
        base=links_of(request).api,
    )


@signed_in
async def move(visitor: Visitor) -> Response:
    """Say what has become of it."""
    context, request, scope = visitor.context, visitor.request, scope_of(visitor)
    status = FeedbackStatus(fields.word("status", (await form_of(request)).get("status", ""), FeedbackStatus))
    shown = await context.write(lambda: context.feedbacks.update(scope, request.path_params["feedback"], status))
    return RedirectResponse(_path(visitor, shown.feedback.id), 303)


@signed_in
async def remove(visitor: Visitor) -> Response:
    """Remove it with its files, for good."""
    context, request, scope = visitor.context, visitor.request, scope_of(visitor)
    await context.store(lambda: context.feedbacks.delete(scope, request.path_params["feedback"]))
    return RedirectResponse(_path(visitor), 303)


@signed_in
async def attached(visitor: Visitor) -> Response:
    """Lead to a file that was sent along, by a link that is good for a while; on this host, as pages want it."""
    context, path, scope = visitor.context, visitor.request.path_params, scope_of(visitor)
    shown = await context.read(lambda: context.feedbacks.get(scope, path["feedback"]))
    file = next((file for file in shown.feedback.files if file.id == path["sent"]), None)
    if file is None:
        raise EntityNotFound
    proof = shown.proofs[file.id]
    link = urlsplit(links_of(visitor.request).signed(file, proof.expires, proof.signature))
    return RedirectResponse(f"{link.path}?{link.query}", 303)


def _path(visitor: Visitor, feedback_id: str = "") -> str:
    inside = f"{app_path(visitor)}/feedback"
    return f"{inside}/{feedback_id}" if feedback_id else inside


ROUTES = (
    ("GET", f"{APP}/feedback", search),
    ("GET", f"{APP}/feedback/{{feedback}}", detail),
    ("POST", f"{APP}/feedback/{{feedback}}", move),
    ("POST", f"{APP}/feedback/{{feedback}}/remove", remove),
    ("GET", f"{APP}/feedback/{{feedback}}/files/{{sent}}", attached),
)
