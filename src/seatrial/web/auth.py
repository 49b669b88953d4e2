"""Credentials of a request, and the two faces that differ only in how the scope is found."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from starlette.requests import Request

from seatrial.domain.access import AppScope, OrganizationScope
from seatrial.domain.errors import NotAuthenticated
from seatrial.domain.ids import OrganizationId
from seatrial.domain.membership import MemberIdentity
from seatrial.services.identity import SignedIn
from seatrial.web.context import context_of


@dataclass(frozen=True, slots=True)
class Face:
    """One family of routes: where it is, whom it asks, and whether the workspace-only fields count."""

    name: str
    prefix: str
    scope: Callable[[Request], Awaitable[AppScope]]
    is_workspace: bool
    is_page: bool = False
    """Whether a page of ours asks, which is at the same address."""


def bearer(request: Request) -> str:
    """Read the bearer credential; the scheme may be in any case.

    Raises NotAuthenticated where there is none, or an empty one.
    """
    scheme, _, secret = request.headers.get("authorization", "").strip().partition(" ")
    if scheme.lower() != "bearer" or not secret.strip():
        raise NotAuthenticated
    return secret.strip()


async def from_app_token(request: Request) -> AppScope:
    """Find the app that an app token belongs to."""
    context, secret = context_of(request), bearer(request)
    return await context.read(lambda: context.identity.app(secret))


async def from_workspace_path(request: Request) -> AppScope:
    """Find the app that the path names, for a service account or a session."""
    context, secret, path = context_of(request), bearer(request), request.path_params
    return await context.read(lambda: context.identity.app_of(secret, path["organization"], path["app"]))


async def from_organization_path(request: Request) -> OrganizationScope:
    """Find the organization that the path names, for a service account or a session."""
    context, secret, path = context_of(request), bearer(request), request.path_params
    return await context.read(lambda: context.identity.organization(secret, path["organization"]))


async def sdk_member(request: Request, scope: OrganizationScope) -> MemberIdentity | None:
    """Find who is signed in to the app's SDK (header `x-sdk-auth-token`); nobody where the header is missing or empty.

    Raises InvalidToken, TokenExpired.
    """
    context, secret = context_of(request), request.headers.get("x-sdk-auth-token", "").strip()
    if not secret:
        return None
    return await context.read(lambda: context.member_sessions.find(secret, scope.organization_id))


async def from_session(request: Request) -> SignedIn:
    """Find whose session the credential is of: for what people do with their own account."""
    context, secret = context_of(request), bearer(request)
    return await context.read(lambda: context.identity.person(secret))


def address_of(request: Request) -> str:
    """Give the network address of the client, as far as it is known."""
    return request.client.host if request.client else ""


def agent_of(request: Request) -> str:
    """Give what the client calls itself."""
    return request.headers.get("user-agent", "")


async def from_any(request: Request, organization_of: Callable[[], OrganizationId | None]) -> OrganizationScope:
    """Find what any kind of credential is good for; a session for the organization that is asked about."""
    context, secret = context_of(request), bearer(request)
    return await context.read(lambda: context.identity.anyone(secret, organization_of()))


INTEGRATIONS = Face("integrations", "/v1/integrations", from_app_token, is_workspace=False)
WORKSPACE = Face("workspace", "/v1/organizations/{organization}/apps/{app}", from_workspace_path, is_workspace=True)
FACES = (INTEGRATIONS, WORKSPACE)
