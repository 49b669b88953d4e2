"""The page where users and employees of an organization sign in: for the store, and for apps' SDKs."""

import hmac
import secrets
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from seatrial.domain.app import Organization
from seatrial.domain.errors import (
    EntityNotFound,
    InvalidRequest,
    InvalidToken,
    SecondFactorNeeded,
    SignInRefused,
    TokenExpired,
    TooManyRequests,
    WrongCredentials,
)
from seatrial.domain.identity_provider import IdentityProvider
from seatrial.domain.member import LONGEST_PASSWORD
from seatrial.domain.membership import MemberOrigin
from seatrial.services.member_logins import MemberLogin
from seatrial.web.arrivals import (
    MEMBER_COOKIE,
    checked_scheme,
    is_own_origin,
    keep,
    kept,
    path_of_ours,
    to_app,
    to_page,
)
from seatrial.web.auth import address_of, agent_of
from seatrial.web.context import context_of
from seatrial.web.pages.forms import small_form
from seatrial.web.pages.rendering import CONTENT_SECURITY_POLICY, page
from seatrial.web.speech import language_of

FORM_COOKIE = "seatrial_login"
FORM_SECONDS = 3600


async def show(request: Request) -> Response:
    """Ask who it is."""
    try:
        place = await _Place.of(request, dict(request.query_params))
    except EntityNotFound:
        return page(request, "login_over.html", 404)
    except InvalidRequest:
        return page(request, "login_over.html", 400)
    return place.form()


async def enter(request: Request) -> Response:
    """Sign somebody in and go on: to the app, or to a page of the store."""
    said = await small_form(request)
    try:
        place = await _Place.of(request, said)
    except EntityNotFound:
        return page(request, "login_over.html", 404)
    except InvalidRequest:
        return page(request, "login_over.html", 400)
    kept, say = request.cookies.get(FORM_COOKIE, ""), language_of(request).say
    if not is_own_origin(request) or not kept or not hmac.compare_digest(kept.encode(), said.get("proof", "").encode()):
        return place.form(403, say("This form is too old, or another page sent it. Try again."))
    return await _sign_in(request, place, said)


async def _sign_in(request: Request, place: "_Place", said: dict[str, str]) -> Response:
    context, say = context_of(request), language_of(request).say
    wanted = MemberLogin(
        organization_id=place.organization.id,
        email=said.get("email", "").strip()[:256],
        password=said.get("password", "")[: LONGEST_PASSWORD + 1],
        code=said.get("code", "")[:64],
        origin=MemberOrigin.SDK if place.scheme else MemberOrigin.STORE,
        address=address_of(request),
        user_agent=agent_of(request),
    )
    try:
        opened = await context.compare(lambda: context.member_logins.login(wanted))
    except SecondFactorNeeded:
        wrong = (
            say("The code is wrong, or was used before.")
            if wanted.code
            else say("Enter the code of your second factor, too.")
        )
        return place.form(401, wrong, asks_code=True)
    except SignInRefused:
        return place.form(401, say("Your organization lets people in by its identity provider only."))
    except WrongCredentials:
        return place.form(401, say("The e-mail address or the password is wrong."))
    except TooManyRequests as error:
        return place.form(429, say("Too many attempts. Try again in {seconds} seconds.", seconds=error.retry_after))
    before = kept(request, MEMBER_COOKIE)
    if place.scheme:
        return to_app(place.scheme, opened)
    if before:
        await context.write(lambda: _end(request, before))
    return to_page(request, opened, place.path or "/")


class _Place:
    """One organization's page, on the way to one goal."""

    def __init__(
        self,
        request: Request,
        organization: Organization,
        providers: list[IdentityProvider],
        said: dict[str, str],
    ) -> None:
        self.request = request
        self.organization = organization
        self.providers = providers
        self.scheme = checked_scheme(said.get("scheme", ""))
        self.path = path_of_ours(said.get("next", ""))
        self.email = said.get("email", "").strip()[:256]

    @classmethod
    async def of(cls, request: Request, said: dict[str, str]) -> "_Place":
        """Find the organization of the path.

        Raises EntityNotFound, InvalidRequest for the scheme of no SDK.
        """
        context, name = context_of(request), request.path_params["organization"]
        organization, providers = await context.read(lambda: context.identity_providers.choices(name))
        return cls(request, organization, providers, said)

    def form(self, status: int = 200, wrong: str = "", *, asks_code: bool = False) -> Response:
        """Show the page; the form proves by a cookie that it was this page that sent it."""
        proof = secrets.token_urlsafe(24)
        answer = page(
            self.request,
            "login.html",
            status,
            organization=self.organization,
            providers=[(one.name, self._way(one)) for one in self.providers],
            scheme=self.scheme,
            next=self.path,
            email=self.email,
            proof=proof,
            wrong=wrong,
            asks_code=asks_code,
        )
        if self.scheme:
            # A browser holds the redirect that answers a form against this policy, too.
            allowed = f"form-action 'self' {self.scheme}:"
            answer.headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY.replace("form-action 'self'", allowed)
        # Not `no-referrer`: with it browsers name no origin when they send the form.
        answer.headers["Referrer-Policy"] = "same-origin"
        keep(self.request, answer, FORM_COOKIE, proof, FORM_SECONDS, "/login")
        return answer

    def _way(self, provider: IdentityProvider) -> str:
        goal = (
            {"target": "sdk", "scheme": self.scheme} if self.scheme else {"target": "store", "next": self.path or "/"}
        )
        return f"/v1/auth/oidc/{provider.id}/start?{urlencode(goal)}"


def _end(request: Request, secret: str) -> None:
    """End the session that the browser had: a new one takes its place."""
    try:
        context_of(request).member_sessions.revoke(secret)
    except (InvalidToken, TokenExpired):
        return
