"""What the store's pages have in common: who visits, and how a page is sent."""

import secrets
from dataclasses import dataclass, replace

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from seatrial.domain.browser import Browser, as_ipad, browser_of
from seatrial.domain.buildinfo import Os
from seatrial.domain.errors import EntityNotFound
from seatrial.domain.ids import OrganizationId
from seatrial.domain.known_device import KnownDevice
from seatrial.domain.membership import MemberIdentity
from seatrial.domain.publication import Looks, Publication
from seatrial.services.countries import country_of_code
from seatrial.services.store import Shown, Visit
from seatrial.web.context import Context, context_of
from seatrial.web.locale import Language
from seatrial.web.member_cookie import member_of
from seatrial.web.pages.rendering import render
from seatrial.web.pages.store_cookies import StoreCookies, device_cookie
from seatrial.web.pages.store_view import Maker, colors, logo_source
from seatrial.web.replies import links_of
from seatrial.web.speech import language_of

NO_LOOKS = Looks()


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody at a page of the store."""

    request: Request
    context: Context
    browser: Browser
    member: MemberIdentity | None
    cookies: StoreCookies
    language: Language
    device: KnownDevice | None = None
    """Theirs, where an organization knows it, and `at` was asked."""

    async def device_of(self, organization_id: OrganizationId) -> KnownDevice | None:
        """Give the visitor's device as an organization knows it; nothing where it can be no more the one of then."""
        kept = self.request.cookies.get(device_cookie(organization_id), "")
        if not kept:
            return None
        found = await self.context.read(lambda: self.context.enrolments.known(organization_id, kept))
        if found is None or not self._may_be(found):
            return None
        # The version that a Mac's browser says would be that of no iPad; as_ipad leaves it out.
        version = self.browser.version if self.browser.os == Os.IOS else ""
        self.context.later(lambda: self.context.enrolments.see(found, version))
        return found

    async def at(self, organization_id: OrganizationId) -> "Visitor":
        """Give the visitor with their device, as far as an organization knows it."""
        device = await self.device_of(organization_id)
        if device is None:
            return self
        is_ipad = self.browser.may_be_ipad and self.browser.os != Os.IOS
        return replace(self, device=device, browser=as_ipad(self.browser) if is_ipad else self.browser)

    def _may_be(self, device: KnownDevice) -> bool:
        if self.browser.os == Os.IOS and self.browser.name:
            return device.product.startswith(self.browser.name)
        return self.browser.may_be_ipad and device.product.startswith("iPad")

    def visit(self, system: str = "") -> Visit:
        """Give what the visitor brings, and asks for; `system` asks for one whatever the browser is."""
        query, cookies, request = self.request.query_params, self.cookies, self.request
        return Visit(
            system=system or query.get("os", "").strip().lower() or self.browser.os,
            build_id=query.get("build", "").strip(),
            country=self._country(),
            member=self.member,
            has_password=lambda publication: cookies.has_password(request, publication),
        )

    def maker(self, base: str, devices: str = "") -> Maker:
        """Give what makes views of builds for this visitor; `devices` is where theirs becomes known."""
        links = links_of(self.request)
        return Maker(
            base=base,
            browser=self.browser,
            now=self.cookies.now(),
            signer=self.cookies.signer,
            is_secure=links.download.startswith("https://"),
            language=self.language,
            udid=self.device.udid if self.device else "",
            devices=devices,
        )

    @property
    def wants_html(self) -> bool:
        """Whether a person looks; programs get the API's own answers."""
        return "text/html" in self.request.headers.get("accept", "")

    @property
    def person(self) -> str:
        """The name of who is signed in, empty for nobody."""
        return "" if self.member is None else self.member.full_name or self.member.email

    def _country(self) -> str:
        header = self.context.countries_header
        if header:
            return country_of_code(self.request.headers.get(header, ""))
        client = self.request.client
        return self.context.countries.of_address(client.host if client else "")


async def visitor_of(request: Request) -> Visitor:
    """Find out who visits."""
    context = context_of(request)
    browser = browser_of(request.headers.get("user-agent", ""))
    # A script, or the visitor, says by the address that the Mac is an iPad.
    is_ipad = browser.may_be_ipad and request.query_params.get("os", "").strip().lower() == Os.IOS
    return Visitor(
        request=request,
        context=context,
        browser=as_ipad(browser) if is_ipad else browser,
        member=await member_of(request),
        cookies=StoreCookies(context.downloads.signer, context.downloads.now),
        language=language_of(request),
    )


def answer(
    language: Language,
    template: str,
    status: int = 200,
    *,
    looks: Looks = NO_LOOKS,
    script: bool = False,
    **values: object,
) -> Response:
    """Send a page of the store; nothing in it may come from elsewhere but a publication's own logo."""
    nonce = secrets.token_urlsafe(12)
    body = render(template, language, nonce=nonce, colors=colors(looks), logo=looks.logo, **values)
    policy = [
        "default-src 'none'",
        f"style-src 'self' 'nonce-{nonce}'",
        f"img-src 'self' {logo_source(looks.logo)}".rstrip(),
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
        *(["script-src 'self'"] if script else []),
    ]
    headers = {
        "Content-Security-Policy": "; ".join(policy),
        "Referrer-Policy": "no-referrer",
        "Cache-Control": "no-store",
        "Vary": "Accept-Language, Cookie, User-Agent",
    }
    return HTMLResponse(body, status, headers)


def gate(
    language: Language,
    status: int,
    title: str,
    text: str,
    shown: Shown | None = None,
    *,
    login: str = "",
    form: str = "",
    wrong: str = "",
) -> Response:
    """Send a page that says why there is nothing else; `form` asks for a password."""
    publication = shown.publication if shown else None
    return answer(
        language,
        "store_gate.html",
        status,
        looks=publication.settings.looks if publication else NO_LOOKS,
        brand=_brand(publication, shown),
        title=title,
        text=text,
        login=login,
        asks_password=bool(form),
        form=form,
        wrong=wrong,
    )


def missing(visitor: Visitor) -> Response:
    """Say that there is nothing: to people in words, to programs as the API does.

    Raises EntityNotFound.
    """
    if not visitor.wants_html:
        raise EntityNotFound
    say = visitor.language.say
    text = say("Perhaps the link is incomplete, or what was here has been taken down. Ask whoever gave it to you.")
    return gate(visitor.language, 404, say("There is nothing here"), text)


def see(path: str) -> Response:
    """Lead on to a path of ours."""
    return RedirectResponse(path, 303, {"Cache-Control": "no-store"})


def _brand(publication: Publication | None, shown: Shown | None) -> str:
    return shown.organization.name if publication and shown else "Seatrial"
