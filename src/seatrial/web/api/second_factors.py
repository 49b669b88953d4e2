"""The second factor of one's own account."""

from starlette.requests import Request
from starlette.responses import Response

from seatrial.services.identity import SignedIn
from seatrial.web.auth import address_of, from_session
from seatrial.web.context import context_of
from seatrial.web.json_body import json_body
from seatrial.web.replies import reply
from seatrial.wire import accounts as wire


async def show(request: Request) -> Response:
    """Tell whether there is a second factor, and how many recovery codes are left."""
    context, me = context_of(request), await from_session(request)
    return reply(wire.state_json(await context.read(lambda: context.second_factors.state(me.user))))


async def begin(request: Request) -> Response:
    """Make a secret for an authenticator app; this answer is the only one with it."""
    context, me = context_of(request), await from_session(request)
    await _prove(request, me)
    return reply(wire.enrolment_json(await context.write(lambda: context.second_factors.begin(me.user))))


async def confirm(request: Request) -> Response:
    """Ask for codes from now on; this answer is the only one with the recovery codes."""
    context, me = context_of(request), await from_session(request)
    code, address = wire.code(await json_body(request)), address_of(request)
    with_limits = context.accounts.guarded(me, address, lambda: context.second_factors.confirm(me.user, code, address))
    return reply({"enabled": True, "recoveryCodes": await context.write(with_limits)})


async def disable(request: Request) -> Response:
    """Ask for no codes any more."""
    context, me = context_of(request), await from_session(request)
    said, address = await _prove(request, me), address_of(request)
    with_limits = context.accounts.guarded(
        me, address, lambda: context.second_factors.disable(me.user, said.code, address)
    )
    await context.write(with_limits)
    return reply({"enabled": False})


async def regenerate(request: Request) -> Response:
    """Make new recovery codes; this answer is the only one with them."""
    context, me = context_of(request), await from_session(request)
    said, address = await _prove(request, me), address_of(request)
    with_limits = context.accounts.guarded(me, address, lambda: context.second_factors.regenerate(me.user, said.code))
    return reply({"enabled": True, "recoveryCodes": await context.write(with_limits)})


async def _prove(request: Request, me: SignedIn) -> wire.Proof:
    context, said = context_of(request), wire.proof(await json_body(request))
    await context.compare(lambda: context.accounts.prove(me, said.password, address_of(request)))
    return said
