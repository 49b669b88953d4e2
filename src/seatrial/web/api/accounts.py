"""People's own accounts: profile, password, sessions, and what to do without a password."""

from starlette.requests import Request
from starlette.responses import Response

from seatrial.domain.build import Page
from seatrial.web.auth import address_of, from_session
from seatrial.web.context import context_of
from seatrial.web.json_body import json_body
from seatrial.web.replies import links_of, reply
from seatrial.wire import accounts as wire
from seatrial.wire.pages import page_json
from seatrial.wire.queries import own_sessions_query


async def update(request: Request) -> Response:
    """Change one's own names and language."""
    context, me = context_of(request), await from_session(request)
    changes = wire.person_changes(await json_body(request))
    user = await context.write(lambda: context.accounts.update(me, changes))
    state = await context.read(lambda: context.second_factors.state(user))
    return reply(wire.profile_json(user, state))


async def change_password(request: Request) -> Response:
    """Choose another password; every other session ends."""
    context, me = context_of(request), await from_session(request)
    said, address = wire.new_password(await json_body(request)), address_of(request)
    await context.compare(lambda: context.accounts.change_password(me, said.old, said.new, address))
    return reply({"changed": True})


async def sessions(request: Request) -> Response:
    """List one's own sessions, newest first."""
    context, me = context_of(request), await from_session(request)
    query = own_sessions_query(request.query_params.multi_items())
    found = await context.read(lambda: context.accounts.sessions(me))
    ordered = found if query.descending else found[::-1]
    items = ordered[query.offset : query.offset + query.limit]
    page = Page(items, len(found), query.page, query.limit)
    return reply(page_json(page, [wire.session_json(one, me.session.id) for one in items]))


async def end_session(request: Request) -> Response:
    """End one of one's own sessions."""
    context, me = context_of(request), await from_session(request)
    await context.write(lambda: context.accounts.end_session(me, request.path_params["session"]))
    return reply({"deleted": True})


async def end_other_sessions(request: Request) -> Response:
    """End every session of one's own but the one that asks."""
    context, me = context_of(request), await from_session(request)
    ended = await context.write(lambda: context.accounts.end_other_sessions(me))
    return reply({"deleted": ended})


async def forgot(request: Request) -> Response:
    """Send a link to whoever has this e-mail address; the answer says nothing about whether somebody does.

    Nobody waits for what is done then, so that the time that it takes says nothing either.
    """
    context = context_of(request)
    email, address, base = wire.forgotten(await json_body(request)), address_of(request), links_of(request).api
    await context.write(lambda: context.password_resets.admit(email, address))
    context.later(lambda: context.password_resets.send(email, address, lambda said: f"{base}/password/{said}"))
    return reply({"accepted": True})


async def reset(request: Request) -> Response:
    """Choose another password with a link's secret; every session ends."""
    context = context_of(request)
    said, address = wire.reset_password(await json_body(request)), address_of(request)
    await context.compare(lambda: context.password_resets.reset(said.old, said.new, address))
    return reply({"changed": True})
