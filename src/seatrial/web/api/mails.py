"""Mails of an organization, and what people wish to hear of."""

from starlette.requests import Request
from starlette.responses import Response

from seatrial.services.mail_preferences import NamedPreference
from seatrial.web.auth import bearer, from_organization_path, from_session
from seatrial.web.context import context_of
from seatrial.web.json_body import json_body
from seatrial.web.replies import reply
from seatrial.wire.notifications import mail_json, mails_query, wanted_preference
from seatrial.wire.pages import page_json
from seatrial.wire.timestamps import timestamp


async def search(request: Request) -> Response:
    """List mails, newest first, without what they say."""
    context, scope = context_of(request), await from_organization_path(request)
    query = mails_query(request.query_params.multi_items())
    page = await context.read(lambda: context.mails.search(scope, query))
    return reply(page_json(page, [mail_json(mail) for mail in page.items]))


async def show(request: Request) -> Response:
    """Show one mail with every state that it was in."""
    context, scope = context_of(request), await from_organization_path(request)
    return reply(mail_json(await context.read(lambda: context.mails.get(scope, request.path_params["mail"]))))


async def retry(request: Request) -> Response:
    """Let a mail be sent once more that did not arrive."""
    context, scope = context_of(request), await from_organization_path(request)
    return reply(mail_json(await context.write(lambda: context.mails.retry(scope, request.path_params["mail"]))))


async def preferences(request: Request) -> Response:
    """Show what the signed-in person wishes to hear of."""
    context, secret = context_of(request), bearer(request)
    await from_session(request)
    scopes = await context.read(lambda: context.identity.organizations(secret))
    found = await context.read(lambda: context.mail_preferences.of_person(scopes))
    return reply({"items": [_shown(each) for each in found]})


async def choose(request: Request) -> Response:
    """Write down what the signed-in person wishes to hear of."""
    context, secret = context_of(request), bearer(request)
    await from_session(request)
    said = wanted_preference(await json_body(request))
    scope = await context.read(lambda: context.identity.organization(secret, said.organization, even_switched_off=True))
    chosen = await context.write(lambda: context.mail_preferences.set_of_person(scope, said.app, said.delivery))
    return reply(_shown(chosen))


def _shown(preference: NamedPreference) -> dict[str, object]:
    organization, app = preference.organization, preference.app
    return {
        "organization": {"id": organization.id, "name": organization.name, "slug": organization.slug},
        "app": {"id": app.id, "name": app.name, "slug": app.slug} if app else None,
        "delivery": preference.delivery.value,
        "updatedAt": timestamp(preference.updated_at) if preference.updated_at else None,
    }
