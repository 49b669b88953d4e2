"""Publications as pages: the right build for whoever comes, what stands between, and the way to install it."""

from urllib.parse import parse_qsl, quote

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from seatrial.domain.browser import is_robot
from seatrial.domain.build import Build, FileType
from seatrial.domain.buildinfo import Format, Os
from seatrial.domain.download import DownloadOrigin, DownloadType, holder_of
from seatrial.domain.errors import BuildDisabled, BuildNotProcessed, EntityNotFound, TooManyRequests, WrongCredentials
from seatrial.domain.initials import initials
from seatrial.domain.publication import RESERVED_SLUGS
from seatrial.services.store import Gate, Shown, Visit, scope_of
from seatrial.web.body import read_body
from seatrial.web.member_cookie import login_path
from seatrial.web.pages.markdown import as_html
from seatrial.web.pages.store_answers import Visitor, answer, gate, missing, see, visitor_of
from seatrial.web.pages.store_cookies import FORM_COOKIE, form_proof, is_own_form, set_cookie
from seatrial.web.pages.store_view import hue, qr_code
from seatrial.web.replies import links_of

FORM_BYTES = 4 << 10


async def show(request: Request) -> Response:
    """Show a publication to whoever comes, or what stands between."""
    visitor, slug = await visitor_of(request), request.path_params["slug"]
    try:
        shown = await _look(visitor, slug, visitor.visit())
    except EntityNotFound:
        return missing(visitor)
    if shown.gate is not Gate.OPEN:
        return _closed(visitor, shown)
    known = await visitor.at(shown.organization.id)
    if known.browser.os != visitor.browser.os:  # an iPad that called itself a Mac
        shown = await _look(known, slug, known.visit())
    return _page(known, shown)


async def act(request: Request) -> Response:
    """Take a password, or the word that terms are accepted, and lead back to the page.

    Raises Starlette's HTTPException at a path that no publication can have.
    """
    visitor, slug = await visitor_of(request), request.path_params["slug"]
    if slug in RESERVED_SLUGS:
        raise HTTPException(405)  # a path of ours that takes no forms
    body = await read_body(request, FORM_BYTES, visitor.context.body_limits.idle_read)
    said = dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=20))
    try:
        shown = await _look(visitor, slug, visitor.visit())
    except EntityNotFound:
        return missing(visitor)
    if not is_own_form(request, said.get("form", "")):
        stale = visitor.language.say("The page was open for too long, or cookies are switched off. Try once more.")
        return _closed(visitor, shown, stale) if shown.gate is Gate.PASSWORD else see(_path(shown, request))
    if shown.gate is Gate.PASSWORD and said.get("do") == "password":
        return await _enter(visitor, shown, said.get("password", ""))
    back = see(_path(shown, request))
    if shown.gate is Gate.OPEN and said.get("do") == "terms":
        visitor.cookies.keep_terms(request, back, shown.publication)
    return back


async def install(request: Request) -> Response:
    """Make a download token for whoever may have the build, and lead the device to it."""
    visitor, slug = await visitor_of(request), request.path_params["slug"]
    try:
        shown = await _look(visitor, slug, visitor.visit())
    except EntityNotFound:
        return missing(visitor)
    is_allowed = shown.gate is Gate.OPEN and shown.is_asked_for
    if shown.build is None or not is_allowed or not visitor.cookies.has_terms(request, shown.publication):
        return see(_path(shown, request))
    is_hidden = shown.publication.settings.hide_attachments
    return await hand_out(visitor, shown.build, _path(shown, request), has_attachments=not is_hidden)


async def hand_out(visitor: Visitor, build: Build, page: str, *, has_attachments: bool) -> Response:
    """Lead a device to a build's package, or to a file beside it, by a token made for this once.

    Programs that only look at links, and HEAD, are led to the page: a token is for who installs.
    """
    request, context = visitor.request, visitor.context
    if request.method == "HEAD" or is_robot(request.headers.get("user-agent", "")):
        return see(page)
    file_id = request.query_params.get("file") or None
    if file_id is not None and file_id not in _attachments(build, has_attachments=has_attachments):
        return missing(visitor)
    over_the_air = file_id is None and request.query_params.get("type") != "file" and _installs_over_the_air(build)
    kind = DownloadType.AUTO if over_the_air else DownloadType.FILE
    holder = holder_of(visitor.member, DownloadOrigin.STORE)
    try:
        token = await context.write(
            lambda: context.downloads.issue_to(scope_of(build), build.id, holder, file_id=file_id, kind=kind)
        )
    except (BuildDisabled, BuildNotProcessed):
        return see(page)
    except EntityNotFound:
        return missing(visitor)
    links = links_of(request)
    location = links.redeem(token.secret)
    if over_the_air:
        manifest = quote(links.manifest(token.secret), safe="")
        location = f"itms-services://?action=download-manifest&url={manifest}"
    return RedirectResponse(location, 302, {"Cache-Control": "no-store"})


async def _look(visitor: Visitor, slug: str, visit: Visit) -> Shown:
    return await visitor.context.read(lambda: visitor.context.storefront.show(slug, visit))


async def _enter(visitor: Visitor, shown: Shown, password: str) -> Response:
    request, context, slug = visitor.request, visitor.context, shown.publication.settings.slug
    language = visitor.language
    address = request.client.host if request.client else ""
    try:
        entered = await context.compare(lambda: context.storefront.enter(slug, password, address))
    except WrongCredentials:
        return _closed(visitor, shown, language.say("This is not the password."), 403)
    except TooManyRequests as wait:
        minutes = -(-wait.retry_after // 60)
        again = language.count(
            "Too many tries. Come back in {n} minute.", "Too many tries. Come back in {n} minutes.", minutes
        )
        refused = _closed(visitor, shown, again, 429)
        refused.headers["Retry-After"] = str(wait.retry_after)
        return refused
    back = see(_path(shown, request))
    visitor.cookies.keep_password(request, back, entered)
    return back


def _closed(visitor: Visitor, shown: Shown, wrong: str = "", status: int = 200) -> Response:
    """Say what stands between; of the builds behind it nothing."""
    publication, request, say = shown.publication, visitor.request, visitor.language.say
    name, here = publication.name, _path(shown, request)
    match shown.gate:
        case Gate.LOGIN:
            return see(login_path(shown.organization.slug, here))
        case Gate.PERSON:
            text = say(
                "{person}, you are signed in, but you are not among those whom {name} is for.",
                person=visitor.person,
                name=name,
            )
            way = login_path(shown.organization.slug, here)
            return gate(visitor.language, 403, say("Not for you"), text, shown, login=way)
        case Gate.COUNTRY:
            text = say("You cannot get it from where you are, or from where it seems that you are.")
            return gate(visitor.language, 403, say("Not available here"), text, shown)
        case Gate.PASSWORD:
            proof, text = form_proof(request), say("Enter the password to see it.")
            page = gate(visitor.language, status, name, text, shown, form=proof, wrong=wrong)
            set_cookie(request, page, FORM_COOKIE, proof, f"/{publication.settings.slug}", None)
            return page
        case _:
            end = publication.settings.expires_at
            text = say("{name} was available here.", name=name)
            if end:
                text = say(
                    "{name} was available here until it ended on {day}.", name=name, day=visitor.language.day(end)
                )
            return gate(visitor.language, 404, say("It is over"), text, shown)


def _page(visitor: Visitor, shown: Shown) -> Response:
    request, publication, build = visitor.request, shown.publication, shown.build
    said = publication.settings
    slug = said.slug
    maker = visitor.maker(f"/{slug}", f"/{slug}/device")
    proof = "" if visitor.cookies.has_terms(request, publication) else form_proof(request)
    view = None
    if build is not None:
        view = maker.build(build, show_dev_info=said.show_dev_info, show_attachments=not said.hide_attachments)
    scan = build is not None and not visitor.browser.is_mobile
    target = f"{links_of(request).publication(slug)}?os={build.os}" if build and build.os else ""
    page = answer(
        visitor.language,
        "publication.html",
        looks=said.looks,
        script=visitor.browser.may_be_ipad,
        brand=shown.organization.name,
        organization=shown.organization.name,
        person=visitor.person,
        name=publication.name,
        letters=initials(publication.name),
        hue=hue(publication.app_id),
        description=as_html(said.looks.description),
        build=view,
        systems=maker.systems(shown.current, build) if build else [],
        older=maker.older(shown.older, build) if build else [],
        note=_note(visitor, shown),
        asked=bool(visitor.request.query_params.get("build")),
        terms=as_html(said.terms_text) if proof else "",
        form=proof,
        scan=scan,
        qr=qr_code(target or links_of(request).publication(slug)) if scan else "",
        main="install" if view and view.can_install else "file",
        may_be_ipad=visitor.browser.may_be_ipad,
        is_android=visitor.browser.os == Os.ANDROID and build is not None and build.os == Os.ANDROID,
        ipad=_for_ipad(visitor, shown),
        device=visitor.device,
        devices=f"/{slug}/device",
    )
    if proof:
        set_cookie(request, page, FORM_COOKIE, proof, f"/{slug}", None)
    return page


def _note(visitor: Visitor, shown: Shown) -> str:
    if visitor.request.query_params.get("build") and shown.build is not None and not shown.is_asked_for:
        return visitor.language.say("The build that you asked for is not here, or not yet; this is what is.")
    return ""


def _for_ipad(visitor: Visitor, shown: Shown) -> str:
    """Give the way for an iPad that calls itself a Mac, where there is something for it, and it is not taken yet."""
    is_there = any(one.os == Os.IOS for one in shown.current) and visitor.browser.os != Os.IOS
    return f"/{shown.publication.settings.slug}?os=ios" if is_there else ""


def _path(shown: Shown, request: Request) -> str:
    """Give the page's own path, with what was asked for."""
    kept = {key: request.query_params[key] for key in ("os", "build") if request.query_params.get(key)}
    query = "&".join(f"{key}={quote(value, safe='')}" for key, value in kept.items())
    return f"/{shown.publication.settings.slug}{'?' if query else ''}{query}"


def _attachments(build: Build, *, has_attachments: bool) -> set[str]:
    if not has_attachments:
        return set()
    return {file.id for file in build.files if file.type is FileType.ATTACHMENT}


def _installs_over_the_air(build: Build) -> bool:
    return build.os in {Os.IOS, Os.TVOS, Os.VISIONOS} and (build.info is None or build.info.format is Format.IPA)
