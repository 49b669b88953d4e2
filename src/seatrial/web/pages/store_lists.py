"""The store's list of apps, and builds for those who need no publication."""

from starlette.requests import Request
from starlette.responses import Response

from seatrial.domain.app import Organization
from seatrial.domain.build import Build
from seatrial.domain.buildinfo import Os
from seatrial.domain.errors import EntityNotFound, InvalidToken, TokenExpired
from seatrial.domain.initials import initials
from seatrial.domain.install_verdict import system_name
from seatrial.domain.known_device import KnownDevice
from seatrial.domain.membership import MemberIdentity
from seatrial.services.store import Listed
from seatrial.web.arrivals import MEMBER_COOKIE, forget, kept
from seatrial.web.context import Context
from seatrial.web.member_cookie import login_path
from seatrial.web.pages.store import hand_out
from seatrial.web.pages.store_answers import Visitor, answer, missing, see, visitor_of
from seatrial.web.pages.store_view import hue, qr_code
from seatrial.web.replies import links_of


async def home(request: Request) -> Response:
    """Lead to the store of whoever is signed in, or to the only one that there is."""
    visitor = await visitor_of(request)
    context, member = visitor.context, visitor.member
    if member is not None:
        own = await context.read(lambda: context.storefront.organization_of(member))
        return see(f"/store/{own.slug}")
    only = await context.read(context.storefront.only_organization)
    return missing(visitor) if only is None else see(f"/store/{only.slug}")


async def leave(request: Request) -> Response:
    """End the session of whoever is signed in, and lead to the store as everybody sees it.

    Browsers do not bring the session along with a form of another site; a form without one changes nothing.
    """
    visitor, secret = await visitor_of(request), kept(request, MEMBER_COOKIE)
    if not secret or request.headers.get("sec-fetch-site", "same-origin") != "same-origin":
        return see("/store")
    context, member = visitor.context, visitor.member
    path = "/store"
    if member is not None:
        own = await context.read(lambda: context.storefront.organization_of(member))
        path = f"/store/{own.slug}"
        await context.write(lambda: _end(context, secret))
    answered = see(path)
    forget(request, answered, MEMBER_COOKIE)
    return answered


async def listing(request: Request) -> Response:
    """List the publications of an organization that a visitor may know of."""
    visitor, wanted = await visitor_of(request), request.path_params["organization"]
    context, visit = visitor.context, visitor.visit()
    try:
        organization, listed = await context.read(lambda: context.storefront.listed(wanted, visit))
    except EntityNotFound:
        return missing(visitor)
    member = visitor.member if visitor.member and visitor.member.organization_id == organization.id else None
    known = await visitor.at(organization.id) if member else visitor
    if known.browser.os != visitor.browser.os:  # an iPad that called itself a Mac
        again = known.visit()
        organization, listed = await context.read(lambda: context.storefront.listed(wanted, again))
    devices, wishes = await context.read(lambda: _own(visitor, member)) if member else ([], "")
    return answer(
        visitor.language,
        "store_list.html",
        brand=organization.name,
        items=[_item(known, one) for one in listed],
        person=visitor.person if member else "",
        groups=sorted(member.groups, key=str.casefold) if member else [],
        devices=devices,
        device=known.device,
        place=f"/store/{organization.slug}/device",
        script=known.browser.may_be_ipad,
        may_be_ipad=known.browser.may_be_ipad,
        ipad=f"/store/{organization.slug}?os=ios" if member and known.browser.os != Os.IOS else "",
        wishes=wishes,
        login=login_path(organization.slug, f"/store/{organization.slug}"),
    )


async def build(request: Request) -> Response:
    """Show a build to its own people; others are led to a publication that has it, or to sign in."""
    visitor = await visitor_of(request)
    found = await _own_build(visitor)
    return _build_page(await visitor.at(found[0].id), *found) if isinstance(found, tuple) else found


async def take(request: Request) -> Response:
    """Make a download token for a build's own people, and lead the device to it."""
    visitor = await visitor_of(request)
    found = await _own_build(visitor)
    if not isinstance(found, tuple):
        return found
    return await hand_out(visitor, found[1], f"/builds/{found[1].id}/install", has_attachments=True)


async def _own_build(visitor: Visitor) -> tuple[Organization, Build] | Response:
    context, build_id = visitor.context, visitor.request.path_params["build"]
    try:
        organization, found, slug = await context.read(lambda: context.storefront.build(build_id, visitor.member))
    except EntityNotFound:
        return missing(visitor)
    if found is not None:
        return organization, found
    if slug is not None:
        return see(f"/{slug}?build={build_id.lower()}")
    if visitor.member is None or visitor.member.organization_id != organization.id:
        return see(login_path(organization.slug, f"/builds/{build_id.lower()}/install"))
    return missing(visitor)


def _build_page(visitor: Visitor, organization: Organization, found: Build) -> Response:
    base = f"/builds/{found.id}/install"
    maker = visitor.maker(base, f"/store/{organization.slug}/device")
    view = maker.build(found, show_dev_info=True, show_attachments=True, show_people=True)
    scan = not visitor.browser.is_mobile
    app = found.application
    return answer(
        visitor.language,
        "publication.html",
        script=visitor.browser.may_be_ipad,
        brand=organization.name,
        organization=organization.name,
        person=visitor.person,
        name=app.name,
        letters=initials(app.name),
        hue=hue(app.id),
        description="",
        build=view,
        systems=[],
        older=[],
        note=_state(visitor, found),
        asked=False,
        terms="",
        form="",
        scan=scan,
        qr=qr_code(f"{links_of(visitor.request).api}{base}") if scan else "",
        main="install" if view.can_install else "file",
        may_be_ipad=visitor.browser.may_be_ipad,
        is_android=visitor.browser.os == Os.ANDROID and found.os == Os.ANDROID,
        ipad="" if visitor.browser.os == Os.IOS or found.os != Os.IOS else f"{base}?os=ios",
        device=visitor.device,
        devices=f"/store/{organization.slug}/device",
    )


def _state(visitor: Visitor, found: Build) -> str:
    say = visitor.language.say
    if found.disabled:
        return say("This build is disabled: nobody can download it.")
    return "" if found.status == "processed" else say("This build is not processed yet, or could not be.")


def _end(context: Context, secret: str) -> None:
    try:
        context.member_sessions.revoke(secret)
    except (InvalidToken, TokenExpired):
        return


def _own(visitor: Visitor, member: MemberIdentity) -> tuple[list[KnownDevice], str]:
    """Give somebody's devices, and the link to what mails they want; neither to whom an app only named."""
    if not member.is_verified:
        return [], ""
    context = visitor.context
    return context.known_devices.of_member(member), context.mail_preferences.link_of(member)


def _item(visitor: Visitor, one: Listed) -> dict[str, object]:
    slug, said = one.publication.settings.slug, one.publication.settings
    maker, build = visitor.maker(f"/{slug}", f"/{slug}/device"), one.build
    view = maker.build(build, show_dev_info=False, show_attachments=False) if build else None
    systems = ", ".join(filter(None, (system_name(build.os) for build in one.current)))
    newest = max(one.current, key=lambda build: build.created_at, default=None)
    version = f"{newest.version_name} · " if newest and newest.version_name else ""
    return {
        "slug": one.publication.settings.slug,
        "name": one.publication.name,
        "icon": maker.icon(one.icon),
        "letters": initials(one.publication.name),
        "hue": hue(one.publication.app_id),
        "build": view,
        "history": f"/{slug}" if said.show_history and view else "",
        "line": f"{version}{systems}" if newest else maker.language.say("Nothing yet"),
    }
