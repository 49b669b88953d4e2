"""The second factor of one's own account: begin, confirm, new recovery codes, disable; secrets are shown once."""

from collections.abc import Awaitable, Callable

from starlette.responses import RedirectResponse, Response

from seatrial.domain.errors import Conflict, SecondFactorNeeded, TooManyRequests, WrongCredentials
from seatrial.domain.second_factor import LONGEST_CODE
from seatrial.web.auth import address_of
from seatrial.web.dashboard.account import show_account, too_many
from seatrial.web.dashboard.door import form_of
from seatrial.web.dashboard.own import ACCOUNT, Self, for_oneself

FACTOR = f"{ACCOUNT}/twoFactor"


@for_oneself
async def begin(oneself: Self) -> Response:
    """Make a secret for an authenticator app, and show it this once."""

    async def act() -> Response:
        context = oneself.context
        await _prove(oneself, await form_of(oneself.request))
        enrolment = await context.write(lambda: context.second_factors.begin(oneself.me.user))
        return await show_account(oneself, enrolment=enrolment)

    return await _answered(oneself, act)


@for_oneself
async def confirm(oneself: Self) -> Response:
    """Ask for codes from now on, and show the recovery codes this once."""

    async def act() -> Response:
        context, user, address = oneself.context, oneself.me.user, address_of(oneself.request)
        code = _code(await form_of(oneself.request))
        with_limits = context.accounts.guarded(
            oneself.me, address, lambda: context.second_factors.confirm(user, code, address)
        )
        return await show_account(oneself, codes=await context.write(with_limits))

    return await _answered(oneself, act, begun=True)


@for_oneself
async def regenerate(oneself: Self) -> Response:
    """Make new recovery codes, and show them this once."""

    async def act() -> Response:
        context, user, said = oneself.context, oneself.me.user, await form_of(oneself.request)
        await _prove(oneself, said)
        code, address = _code(said), address_of(oneself.request)
        with_limits = context.accounts.guarded(
            oneself.me, address, lambda: context.second_factors.regenerate(user, code)
        )
        return await show_account(oneself, codes=await context.write(with_limits))

    return await _answered(oneself, act)


@for_oneself
async def disable(oneself: Self) -> Response:
    """Ask for no codes any more."""

    async def act() -> Response:
        context, user, said = oneself.context, oneself.me.user, await form_of(oneself.request)
        await _prove(oneself, said)
        code, address = _code(said), address_of(oneself.request)
        with_limits = context.accounts.guarded(
            oneself.me, address, lambda: context.second_factors.disable(user, code, address)
        )
        await context.write(with_limits)
        return RedirectResponse(f"{ACCOUNT}?done=noFactor#factor", 303)

    return await _answered(oneself, act)


async def _answered(oneself: Self, act: Callable[[], Awaitable[Response]], *, begun: bool = False) -> Response:
    """Do something, or say beside the field what kept it from being done."""
    say = oneself.language.say
    try:
        return await act()
    except WrongCredentials:
        return await show_account(oneself, wrong={"proof": say("is wrong.")}, status=400)
    except SecondFactorNeeded:
        wrong = {"code": say("is wrong, or was used already.")}
        return await show_account(oneself, wrong=wrong, begun=begun, status=400)
    except TooManyRequests as error:
        return await too_many(oneself, error, "factor")
    except Conflict:
        # Another window was faster: the page shows what holds now.
        return await show_account(oneself, wrong={"factor": say("changed meanwhile; look again.")}, status=409)


async def _prove(oneself: Self, said: dict[str, str]) -> None:
    context, address = oneself.context, address_of(oneself.request)
    await context.compare(lambda: context.accounts.prove(oneself.me, said.get("proof", ""), address))


def _code(said: dict[str, str]) -> str:
    return said.get("code", "").strip()[:LONGEST_CODE]


ROUTES = (
    ("POST", FACTOR, begin),
    ("POST", f"{FACTOR}/confirm", confirm),
    ("POST", f"{FACTOR}/recoveryCodes", regenerate),
    ("POST", f"{FACTOR}/disable", disable),
)
