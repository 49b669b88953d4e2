"""Credentials for programs: service accounts of an organization and tokens of an app; each secret is shown once."""

from datetime import datetime, timedelta

from starlette.responses import RedirectResponse, Response

from seatrial.domain.access import AppScope, Role, TokenScope
from seatrial.domain.build import MAX_LIMIT
from seatrial.domain.clock import utc_now
from seatrial.domain.errors import InvalidRequest
from seatrial.domain.listing import ListQuery
from seatrial.domain.trusted_publisher import PRESETS
from seatrial.services.app_tokens import NewAppToken
from seatrial.services.service_accounts import NewServiceAccount
from seatrial.web.dashboard.door import HOME, Visitor, form_lists, form_of
from seatrial.web.dashboard.gate import signed_in
from seatrial.web.dashboard.listing import page_number, page_url
from seatrial.web.dashboard.one_app import app_path, scope_of
from seatrial.web.dashboard.rules import in_words
from seatrial.web.dashboard.view import show
from seatrial.web.replies import links_of
from seatrial.wire import fields

ACCOUNTS = f"{HOME}/{{organization}}/serviceAccounts"
TOKENS = f"{HOME}/{{organization}}/apps/{{app}}/tokens"
PAGE = 50
LIVES = ("", "30", "90", "365")
"""Days that a credential may live, as the forms offer them; without any it lives until it is revoked."""
OVERLAP = timedelta(hours=24)
"""How long the secret before a rotation stays good."""


@signed_in
async def accounts(visitor: Visitor) -> Response:
    """List an organization's service accounts."""
    return await _accounts(visitor)


@signed_in
async def make_account(visitor: Visitor) -> Response:
    """Make a service account, and show its secret this once."""
    context, said = visitor.context, await form_of(visitor.request)
    try:
        chosen = Role(fields.word("role", said.get("role", ""), Role))
        new = NewServiceAccount(name=said.get("name", ""), role=chosen, expires_at=_end(said))
        account, secret = await context.write(lambda: context.service_accounts.create(visitor.scope, new))
    except InvalidRequest as invalid:
        return await _accounts(visitor, said=said, wrong=in_words(visitor.language, invalid), status=400)
    return await _accounts(visitor, fresh=(account.name, secret))


@signed_in
async def rotate_account(visitor: Visitor) -> Response:
    """Give a service account another secret, and show it this once."""
    context, account_id = visitor.context, visitor.request.path_params["account"]
    account, secret = await context.write(lambda: context.service_accounts.rotate(visitor.scope, account_id, OVERLAP))
    return await _accounts(visitor, fresh=(account.name, secret))


@signed_in
async def revoke_account(visitor: Visitor) -> Response:
    """End a service account."""
    context, account_id = visitor.context, visitor.request.path_params["account"]
    await context.write(lambda: context.service_accounts.revoke(visitor.scope, account_id))
    return RedirectResponse(f"{visitor.home}/serviceAccounts", 303)


@signed_in
async def tokens(visitor: Visitor) -> Response:
    """List an app's tokens."""
    return await show_tokens(visitor, scope_of(visitor))


@signed_in
async def make_token(visitor: Visitor) -> Response:
    """Make an app token, and show its secret this once."""
    context, scope = visitor.context, scope_of(visitor)
    said = await form_of(visitor.request)
    chosen = (await form_lists(visitor.request)).get("scopes", [])
    try:
        new = NewAppToken(
            description=said.get("description", "").strip(),
            scopes=tuple(TokenScope(fields.word("scopes", word, TokenScope)) for word in chosen),
            expires_at=_end(said),
        )
        token, secret = await context.write(lambda: context.app_tokens.create(scope, new))
    except InvalidRequest as invalid:
        return await show_tokens(visitor, scope, said=said, wrong=in_words(visitor.language, invalid), status=400)
    return await show_tokens(visitor, scope, fresh=(token.description or visitor.language.say("App token"), secret))


@signed_in
async def rotate_token(visitor: Visitor) -> Response:
    """Give an app token another secret, and show it this once."""
    context, scope, path = visitor.context, scope_of(visitor), visitor.request.path_params
    token, secret = await context.write(lambda: context.app_tokens.rotate(scope, path["token"], OVERLAP))
    return await show_tokens(visitor, scope, fresh=(token.description or visitor.language.say("App token"), secret))


@signed_in
async def revoke_token(visitor: Visitor) -> Response:
    """End an app token."""
    context, scope, path = visitor.context, scope_of(visitor), visitor.request.path_params
    await context.write(lambda: context.app_tokens.revoke(scope, path["token"]))
    return RedirectResponse(f"{app_path(visitor)}/tokens", 303)


def _end(said: dict[str, str]) -> datetime | None:
    days = said.get("days", "")
    if days not in LIVES:
        raise InvalidRequest({"days": f"must be one of {', '.join(filter(None, LIVES))}, or empty"})
    return utc_now() + timedelta(days=int(days)) if days else None


async def _accounts(
    visitor: Visitor,
    *,
    fresh: tuple[str, str] | None = None,
    said: dict[str, str] | None = None,
    wrong: dict[str, str] | None = None,
    status: int = 200,
) -> Response:
    context, request = visitor.context, visitor.request
    query = ListQuery(page=page_number(request), limit=PAGE)
    page = await context.read(lambda: context.service_accounts.search(visitor.scope, query))
    return show(
        visitor,
        "dashboard/service_accounts.html",
        status,
        page=page,
        page_url=page_url(request),
        fresh=fresh,
        said=said or {},
        wrong=wrong or {},
        lives=LIVES,
        now=utc_now(),
        base=links_of(request).api,
    )


async def show_tokens(
    visitor: Visitor,
    scope: AppScope,
    *,
    fresh: tuple[str, str] | None = None,
    said: dict[str, str] | None = None,
    wrong: dict[str, str] | None = None,
    said_of_rule: dict[str, str] | None = None,
    wrong_rule: dict[str, str] | None = None,
    status: int = 200,
) -> Response:
    """Show an app's tokens and rules, with what was said and what is wrong with it."""
    context, request = visitor.context, visitor.request
    query = ListQuery(page=page_number(request), limit=PAGE)
    everything = ListQuery(limit=MAX_LIMIT)
    rules = await context.read(lambda: context.trusted_publishers.search(scope, everything))
    app = await context.read(lambda: context.apps.get(scope))
    page = await context.read(lambda: context.app_tokens.search(scope, query))
    return show(
        visitor,
        "dashboard/app_tokens.html",
        status,
        app=app.app,
        page=page,
        page_url=page_url(request),
        fresh=fresh,
        said=said or {},
        wrong=wrong or {},
        rules=rules.items,
        presets=PRESETS,
        said_of_rule=said_of_rule or {},
        wrong_rule=wrong_rule or {},
        lives=LIVES,
        now=utc_now(),
        base=links_of(request).api,
    )


ROUTES = (
    ("GET", ACCOUNTS, accounts),
    ("POST", ACCOUNTS, make_account),
    ("POST", f"{ACCOUNTS}/{{account}}/rotate", rotate_account),
    ("POST", f"{ACCOUNTS}/{{account}}/revoke", revoke_account),
    ("GET", TOKENS, tokens),
    ("POST", TOKENS, make_token),
    ("POST", f"{TOKENS}/{{token}}/rotate", rotate_token),
    ("POST", f"{TOKENS}/{{token}}/revoke", revoke_token),
)
