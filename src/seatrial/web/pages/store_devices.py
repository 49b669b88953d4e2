"""Devices that become known: the page that explains it, the profile, the device's answer, and what came of it."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from seatrial.domain.app import Organization
from seatrial.domain.build import Build
from seatrial.domain.errors import EntityNotFound
from seatrial.domain.ids import AppId
from seatrial.domain.install_verdict import profile_of
from seatrial.domain.known_device import NAME_LIMIT, KnownDevice, is_in
from seatrial.domain.publication import Looks
from seatrial.services.enrolments import COOKIE_LIFE, ChallengeOver, Enrolment
from seatrial.services.store import Gate
from seatrial.web.auth import address_of
from seatrial.web.body import read_body
from seatrial.web.context import context_of
from seatrial.web.member_cookie import login_path
from seatrial.web.pages.store_answers import NO_LOOKS, Visitor, answer, missing, see, visitor_of
from seatrial.web.pages.store_cookies import device_cookie, set_cookie
from seatrial.web.pages.store_view import qr_code
from seatrial.web.replies import links_of

ANSWER_BYTES = 64 << 10
"""Of a device's answer; real ones have four thousand."""
ANSWER_PATH = "/profile/device"
PROFILE_TYPE = "application/x-apple-aspen-config"
_OVER = "over"


@dataclass(frozen=True, slots=True)
class _Place:
    """From where a device is made known: a publication's page, or the store of somebody who is signed in."""

    visitor: Visitor
    organization: Organization
    path: str
    """Of the page that the visitor came from, and goes back to."""
    title: str
    app_id: AppId | None = None
    build: Build | None = None
    looks: Looks = NO_LOOKS


async def show(request: Request) -> Response:
    """Explain on a publication's page how a device becomes known, or say what came of it."""
    place = await _of_publication(request)
    return place if isinstance(place, Response) else await _page(place)


async def profile(request: Request) -> Response:
    """Give the profile that asks the device of a publication's visitor."""
    place = await _of_publication(request)
    return place if isinstance(place, Response) else await _profile(place)


async def show_own(request: Request) -> Response:
    """Explain the same to somebody in their own store."""
    place = await _of_store(request)
    return place if isinstance(place, Response) else await _page(place)


async def own_profile(request: Request) -> Response:
    """Give the profile that asks the device of somebody who is signed in."""
    place = await _of_store(request)
    return place if isinstance(place, Response) else await _profile(place)


async def take(request: Request) -> Response:
    """Take the answer of a device, and lead its browser to what came of it.

    The answer is 301: that is what makes the device open its browser, where other numbers are an error to it.
    """
    context, address = context_of(request), address_of(request)
    body = await read_body(request, ANSWER_BYTES, context.body_limits.idle_read)
    base = links_of(request).api
    try:
        welcome = await context.write(lambda: context.enrolments.take(body, address))
    except ChallengeOver as over:
        return RedirectResponse(f"{base}{over.place}/device?{_OVER}=1", 301, {"Cache-Control": "no-store"})
    path = f"{base}{welcome.place}/device?ticket={welcome.ticket}"
    return RedirectResponse(path, 301, {"Cache-Control": "no-store"})


async def _of_publication(request: Request) -> _Place | Response:
    visitor, slug = await visitor_of(request), request.path_params["slug"]
    context, visit = visitor.context, visitor.visit(system="ios")
    try:
        shown = await context.read(lambda: context.storefront.show(slug, visit))
    except EntityNotFound:
        return missing(visitor)
    said = shown.publication.settings
    if shown.gate is not Gate.OPEN:
        return see(f"/{said.slug}")
    return _Place(
        visitor=visitor,
        organization=shown.organization,
        path=f"/{said.slug}",
        title=shown.publication.name,
        app_id=shown.publication.app_id,
        build=shown.build,
        looks=said.looks,
    )


async def _of_store(request: Request) -> _Place | Response:
    visitor, named = await visitor_of(request), request.path_params["organization"]
    context, member = visitor.context, visitor.member
    try:
        found = await context.read(lambda: context.storefront.organization(named))
    except EntityNotFound:
        return missing(visitor)
    path = f"/store/{found.slug}"
    if member is None or member.organization_id != found.id:
        return see(login_path(found.slug, f"{path}/device"))
    return _Place(visitor=visitor, organization=found, path=path, title=found.name)


async def _page(place: _Place) -> Response:
    visitor, query, owner = place.visitor, place.visitor.request.query_params, place.organization.id
    context, ticket = visitor.context, query.get("ticket", "")
    if ticket:
        kept = context.enrolments.arrive(owner, place.path, ticket)
        answered = see(f"{place.path}/device" if kept else f"{place.path}/device?{_OVER}=1")
        if kept:
            seconds = int(COOKIE_LIFE.total_seconds())
            set_cookie(visitor.request, answered, device_cookie(owner), kept, "/", seconds)
        return answered
    device = await visitor.device_of(owner)
    again = bool(query.get("again"))
    shown = None if again else device
    return answer(
        visitor.language,
        "store_device.html",
        looks=place.looks,
        brand=place.organization.name,
        title=place.title,
        back=place.path,
        device=shown,
        membership=_membership(shown, place.build),
        build=place.build,
        profile=f"{place.path}/device.mobileconfig",
        person=visitor.person,
        name_limit=NAME_LIMIT,
        is_over=bool(query.get(_OVER)) and shown is None,
        is_apple=visitor.browser.os == "ios" or visitor.browser.may_be_ipad,
        is_in_app=visitor.browser.is_in_app,
        is_secure=links_of(visitor.request).api.startswith("https://"),
        qr=qr_code(f"{links_of(visitor.request).api}{place.path}/device"),
    )


async def _profile(place: _Place) -> Response:
    visitor, request = place.visitor, place.visitor.request
    context, say = visitor.context, visitor.language.say
    wanted = Enrolment(
        organization_id=place.organization.id,
        organization=place.organization.name,
        place=place.path,
        app_id=place.app_id,
        member=visitor.member if visitor.member and visitor.member.organization_id == place.organization.id else None,
        name=request.query_params.get("name", ""),
    )
    title = say("Identify this device for {name}", name=place.organization.name)
    text = say("Sends the device's identifier (UDID), its model and its system version, once. Nothing stays on it.")
    url = f"{links_of(request).api}{ANSWER_PATH}"
    made = await context.store(lambda: context.enrolments.ask(wanted, url, title, text))
    return Response(made, 200, {"Cache-Control": "no-store"}, PROFILE_TYPE)


def _membership(device: KnownDevice | None, build: Build | None) -> str:
    """Tell what the device is to the build that is here; empty where there is nothing to tell."""
    if device is None or build is None or profile_of(build) is None:
        return ""
    return is_in(device.udid, profile_of(build)).value
