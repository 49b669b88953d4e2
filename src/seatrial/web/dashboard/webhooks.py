"""Webhooks of an organization or of one app: receivers, what was sent to them, and sending it again."""

from datetime import timedelta

from starlette.responses import RedirectResponse, Response

from seatrial.domain.access import AppScope, OrganizationScope
from seatrial.domain.errors import Conflict, InvalidRequest
from seatrial.domain.event import EventKind
from seatrial.domain.listing import ListQuery
from seatrial.domain.webhook import DeliveryQuery, DeliveryStatus, NewWebhook, Webhook, WebhookChanges
from seatrial.web.dashboard.door import HOME, Visitor, form_lists, form_of
from seatrial.web.dashboard.gate import Handler, signed_in
from seatrial.web.dashboard.listing import page_number, page_url
from seatrial.web.dashboard.rules import in_words, rule
from seatrial.web.dashboard.view import show
from seatrial.web.replies import links_of
from seatrial.wire import fields

OF_ORGANIZATION = f"{HOME}/{{organization}}/webhooks"
OF_APP = f"{HOME}/{{organization}}/apps/{{app}}/webhooks"
PAGE = 50
OVERLAP = timedelta(hours=24)
"""How long both secrets sign after a rotation."""
URL_LIMIT, TEXT_LIMIT = 2000, 255


@signed_in
async def search(visitor: Visitor) -> Response:
    """List the receivers."""
    return await _list(visitor, {}, {})


@signed_in
async def create(visitor: Visitor) -> Response:
    """Make a receiver, and show its secret this once."""
    context, scope = visitor.context, visitor.inside
    said, chosen = await form_of(visitor.request), (await form_lists(visitor.request)).get("events", [])
    try:
        new = NewWebhook(
            url=fields.one_line("url", said.get("url", ""), URL_LIMIT),
            description=fields.one_line("description", said.get("description", ""), TEXT_LIMIT),
            events=_events(chosen),
        )
        webhook, secret = await context.write(lambda: context.webhooks.create(scope, new))
    except InvalidRequest as invalid:
        said["events"] = ",".join(chosen)
        return await _list(visitor, said, in_words(visitor.language, invalid), 400)
    return await _one(visitor, scope, webhook.id, secret=secret)


@signed_in
async def one(visitor: Visitor) -> Response:
    """Show one receiver and what was sent to it."""
    return await _one(visitor, visitor.inside, visitor.request.path_params["webhook"])


@signed_in
async def change(visitor: Visitor) -> Response:
    """Change a receiver."""
    context, scope, webhook_id = visitor.context, visitor.inside, visitor.request.path_params["webhook"]
    said, chosen = await form_of(visitor.request), (await form_lists(visitor.request)).get("events", [])
    try:
        changes = WebhookChanges(
            url=fields.one_line("url", said.get("url", ""), URL_LIMIT),
            description=fields.one_line("description", said.get("description", ""), TEXT_LIMIT),
            events=_events(chosen),
            enabled=said.get("enabled") == "true",
        )
        await context.write(lambda: context.webhooks.update(scope, webhook_id, changes))
    except InvalidRequest as invalid:
        said["events"] = ",".join(chosen)
        return await _one(visitor, scope, webhook_id, said=said, wrong=in_words(visitor.language, invalid), status=400)
    return RedirectResponse(_path(visitor, webhook_id), 303)


@signed_in
async def rotate(visitor: Visitor) -> Response:
    """Give a receiver another secret, and show it this once."""
    context, scope, webhook_id = visitor.context, visitor.inside, visitor.request.path_params["webhook"]
    webhook, secret = await context.write(lambda: context.webhooks.rotate(scope, webhook_id, OVERLAP))
    return await _one(visitor, scope, webhook.id, secret=secret)


@signed_in
async def remove(visitor: Visitor) -> Response:
    """Take a receiver away."""
    context, scope, webhook_id = visitor.context, visitor.inside, visitor.request.path_params["webhook"]
    await context.write(lambda: context.webhooks.delete(scope, webhook_id))
    return RedirectResponse(_path(visitor), 303)


@signed_in
async def test(visitor: Visitor) -> Response:
    """Send a message that only says that messages arrive, and show what comes of it."""
    context, scope, webhook_id = visitor.context, visitor.inside, visitor.request.path_params["webhook"]
    delivery = await context.write(lambda: context.webhook_deliveries.test(scope, webhook_id))
    return RedirectResponse(f"{_path(visitor, webhook_id)}/deliveries/{delivery.id}", 303)


@signed_in
async def delivery(visitor: Visitor) -> Response:
    """Show one message with every request for it."""
    return await _delivery(visitor)


@signed_in
async def replay(visitor: Visitor) -> Response:
    """Send a message once more."""
    context, scope, path = visitor.context, visitor.inside, visitor.request.path_params
    try:
        await context.write(lambda: context.webhook_deliveries.replay(scope, path["webhook"], path["delivery"]))
    except Conflict as conflict:
        return await _delivery(visitor, rule(visitor.language, conflict.message), 409)
    return RedirectResponse(f"{_path(visitor, path['webhook'])}/deliveries/{path['delivery']}", 303)


def _path(visitor: Visitor, webhook_id: str = "") -> str:
    app = visitor.request.path_params.get("app")
    inside = f"{visitor.home}/apps/{app}/webhooks" if app else f"{visitor.home}/webhooks"
    return f"{inside}/{webhook_id}" if webhook_id else inside


def _events(chosen: list[str]) -> tuple[EventKind, ...]:
    return tuple(EventKind(fields.word("events", word, EventKind)) for word in chosen)


def _may(visitor: Visitor) -> dict[str, bool]:
    noun = "mad.application.webhook" if "app" in visitor.request.path_params else "base.webhook.management"
    return {verb: visitor.may(f"{noun}.{verb}") for verb in ("create", "update", "delete")}


async def _list(visitor: Visitor, said: dict[str, str], wrong: dict[str, str], status: int = 200) -> Response:
    context, request, scope = visitor.context, visitor.request, visitor.inside
    query = ListQuery(page=page_number(request), limit=PAGE)
    page = await context.read(lambda: context.webhooks.search(scope, query))
    overview = await context.read(lambda: context.apps.get(scope)) if isinstance(scope, AppScope) else None
    return show(
        visitor,
        "dashboard/webhooks.html",
        status,
        page=page,
        page_url=page_url(request),
        address=_path(visitor),
        app=request.path_params.get("app", ""),
        app_name=overview.app.name if overview else "",
        may=_may(visitor),
        kinds=list(EventKind),
        said=said,
        wrong=wrong,
        base=links_of(request).api,
    )


async def _one(
    visitor: Visitor,
    scope: OrganizationScope,
    webhook_id: str,
    *,
    secret: str = "",
    said: dict[str, str] | None = None,
    wrong: dict[str, str] | None = None,
    status: int = 200,
) -> Response:
    context, request = visitor.context, visitor.request
    webhook: Webhook = await context.read(lambda: context.webhooks.get(scope, webhook_id))
    state = request.query_params.get("status", "")
    query = DeliveryQuery(
        paging=ListQuery(page=page_number(request), limit=PAGE),
        status=DeliveryStatus(state) if state in list(DeliveryStatus) else None,
    )
    page = await context.read(lambda: context.webhook_deliveries.search(scope, webhook_id, query))
    return show(
        visitor,
        "dashboard/webhook.html",
        status,
        webhook=webhook,
        secret=secret,
        page=page,
        page_url=page_url(request),
        address=_path(visitor, webhook_id),
        parent=_path(visitor),
        chosen=state,
        states=list(DeliveryStatus),
        may=_may(visitor),
        kinds=list(EventKind),
        said=said or {},
        wrong=wrong or {},
        base=links_of(request).api,
    )


async def _delivery(visitor: Visitor, refused: str = "", status: int = 200) -> Response:
    context, scope, path = visitor.context, visitor.inside, visitor.request.path_params
    webhook = await context.read(lambda: context.webhooks.get(scope, path["webhook"]))
    found, attempts = await context.read(
        lambda: context.webhook_deliveries.get(scope, path["webhook"], path["delivery"])
    )
    return show(
        visitor,
        "dashboard/delivery.html",
        status,
        webhook=webhook,
        delivery=found,
        attempts=attempts,
        refused=refused,
        address=f"{_path(visitor, webhook.id)}/deliveries/{found.id}",
        parent=_path(visitor, webhook.id),
        may=_may(visitor),
    )


def _routes(prefix: str) -> tuple[tuple[str, str, Handler], ...]:
    inside = f"{prefix}/{{webhook}}"
    return (
        ("GET", prefix, search),
        ("POST", prefix, create),
        ("GET", inside, one),
        ("POST", inside, change),
        ("POST", f"{inside}/rotate", rotate),
        ("POST", f"{inside}/remove", remove),
        ("POST", f"{inside}/test", test),
        ("GET", f"{inside}/deliveries/{{delivery}}", delivery),
        ("POST", f"{inside}/deliveries/{{delivery}}/replay", replay),
    )


ROUTES = (*_routes(OF_ORGANIZATION), *_routes(OF_APP))
