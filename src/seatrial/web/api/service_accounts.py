"""Service accounts: list, make, show, edit, rotate, revoke (contract 2.3)."""

from starlette.requests import Request
from starlette.responses import Response

from seatrial.domain.app import ServiceAccount
from seatrial.services.identity import service_account_address
from seatrial.services.service_accounts import NewServiceAccount
from seatrial.web.auth import from_organization_path
from seatrial.web.context import context_of
from seatrial.web.json_body import json_body
from seatrial.web.replies import reply
from seatrial.wire.pages import page_json
from seatrial.wire.service_accounts import (
    overlap,
    service_account_changes,
    service_account_json,
    service_accounts_query,
    wanted_service_account,
)


async def search(request: Request) -> Response:
    """List an organization's service accounts without their secrets, newest first."""
    context, scope = context_of(request), await from_organization_path(request)
    query = service_accounts_query(request.query_params.multi_items())
    page = await context.read(lambda: context.service_accounts.search(scope, query))
    return reply(page_json(page, [_shown(request, account) for account in page.items]))


async def create(request: Request) -> Response:
    """Make a service account; this answer is the only one with its secret."""
    context, scope = context_of(request), await from_organization_path(request)
    wanted = wanted_service_account(await json_body(request))
    new = NewServiceAccount(name=wanted.name, role=wanted.role, expires_at=wanted.expires_at)
    account, secret = await context.write(lambda: context.service_accounts.create(scope, new))
    return reply(_shown(request, account, secret))


async def show(request: Request) -> Response:
    """Show one service account without its secret."""
    context, scope = context_of(request), await from_organization_path(request)
    account = await context.read(lambda: context.service_accounts.get(scope, request.path_params["account"]))
    return reply(_shown(request, account))


async def update(request: Request) -> Response:
    """Change a service account's name, role or end; its secret stays."""
    context, scope = context_of(request), await from_organization_path(request)
    changes = service_account_changes(await json_body(request))
    account = await context.write(
        lambda: context.service_accounts.update(scope, request.path_params["account"], changes)
    )
    return reply(_shown(request, account))


async def rotate(request: Request) -> Response:
    """Give a service account another secret; this answer is the only one with it."""
    context, scope = context_of(request), await from_organization_path(request)
    both_for = overlap(await json_body(request))
    account, secret = await context.write(
        lambda: context.service_accounts.rotate(scope, request.path_params["account"], both_for)
    )
    return reply(_shown(request, account, secret))


async def remove(request: Request) -> Response:
    """End a service account at once and for good."""
    context, scope = context_of(request), await from_organization_path(request)
    await context.write(lambda: context.service_accounts.revoke(scope, request.path_params["account"]))
    return reply({"deleted": True})


def _shown(request: Request, account: ServiceAccount, secret: str | None = None) -> dict[str, object]:
    address = service_account_address(account, context_of(request).identity.identity_host)
    return service_account_json(account, address, secret)
