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
_NO_OTHER_PLACE = "You cannot get it from where you are, or from where it seems that you are."
_STALE_FORM = "The page was open for too long, or cookies are switched off. Try once more."


async def show(request: Request) -> Response:
    """Show a publication to whoever comes, or what stands between."""
    visitor, slug = await visitor_of(request), request.path_params["slug"]
    try:
        shown = await _look(visitor, slug, visitor.visit())
    except EntityNotFound:
        return missing(visitor)
    return _closed(visitor, shown) if shown.gate is not Gate.OPEN else _page(visitor, shown)


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
        return _closed(visitor, shown, _STALE_FORM) if shown.gate is Gate.PASSWORD else see(_path(shown, request))
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
    address = request.client.host if request.client else ""
    try:
        entered = await context.compare(lambda: context.storefront.enter(slug, password, address))
    except WrongCredentials:
        return _closed(visitor, shown, "This is not the password.", 403)
    except TooManyRequests as wait:
        minutes = -(-wait.retry_after // 60)
        again = f"Too many tries. Come back in {minutes} minute{'s' if minutes > 1 else ''}."
        refused = _closed(visitor, shown, again, 429)
        refused.headers["Retry-After"] = str(wait.retry_after)
        return refused
    back = see(_path(shown, request))
    visitor.cookies.keep_password(request, back, entered)
    return back


def _closed(visitor: Visitor, shown: Shown, wrong: str = "", status: int = 200) -> Response:
    """Say what stands between; of the builds behind it nothing."""
    publication, request = shown.publication, visitor.request
    name, here = publication.name, _path(shown, request)
    match shown.gate:
        case Gate.LOGIN:
            return see(login_path(shown.organization.slug, here))
        case Gate.PERSON:
            text = f"{visitor.person}, you are signed in, but you are not among those whom {name} is for."
            return gate(403, "Not for you", text, shown, login=login_path(shown.organization.slug, here))
        case Gate.COUNTRY:
            return gate(403, "Not available here", _NO_OTHER_PLACE, shown)
        case Gate.PASSWORD:
            proof = form_proof(request)
            page = gate(status, name, "Enter the password to see it.", shown, form=proof, wrong=wrong)
            set_cookie(request, page, FORM_COOKIE, proof, f"/{publication.settings.slug}", None)
            return page
        case _:
            end = publication.settings.expires_at
            day = f" on {end.day} {end:%B %Y}" if end else ""
            return gate(404, "It is over", f"{name} was available here until it ended{day}.", shown)


def _page(visitor: Visitor, shown: Shown) -> Response:
    request, publication, build = visitor.request, shown.publication, shown.build
    said = publication.settings
    slug = said.slug
    maker = visitor.maker(f"/{slug}")
    proof = "" if visitor.cookies.has_terms(request, publication) else form_proof(request)
    view = None
    if build is not None:
        view = maker.build(build, show_dev_info=said.show_dev_info, show_attachments=not said.hide_attachments)
    scan = build is not None and not visitor.browser.is_mobile
    target = f"{links_of(request).publication(slug)}?os={build.os}" if build and build.os else ""
    page = answer(
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
        ipad=_for_ipad(shown),
    )
    if proof:
        set_cookie(request, page, FORM_COOKIE, proof, f"/{slug}", None)
    return page


def _note(visitor: Visitor, shown: Shown) -> str:
    if visitor.request.query_params.get("build") and shown.build is not None and not shown.is_asked_for:
        return "The build that you asked for is not here, or not yet; this is what is."
    return ""


def _for_ipad(shown: Shown) -> str:
    is_there = any(one.os == Os.IOS for one in shown.current) and shown.build is not None and shown.build.os != Os.IOS
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
