"""Publications: the list of them, and the editor with a look at what it would give."""

from itertools import count

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from seatrial.domain.access import Permission
from seatrial.domain.audience import Audience
from seatrial.domain.errors import InvalidRequest, SlugTaken
from seatrial.domain.listing import ListQuery
from seatrial.domain.publication import FilterType, PublicationQuery, Security, Visibility, checked_slug
from seatrial.services.publications import Found
from seatrial.web.dashboard.door import HOME, Visitor, form_lists
from seatrial.web.dashboard.files import picture_of, pictures_of
from seatrial.web.dashboard.gate import signed_in
from seatrial.web.dashboard.listing import DONE, back_to, page_number, page_url
from seatrial.web.dashboard.rules import in_words
from seatrial.web.dashboard.view import show
from seatrial.web.pages.store_view import qr_code
from seatrial.web.replies import links_of
from seatrial.wire.envelope import encode
from seatrial.wire.publication_settings import publication_settings
from seatrial.wire.publications import publication_json

PATH = f"{HOME}/{{organization}}/publications"
PAGE = 50
MOST_APPS = MOST_OFFERED = 200
Said = dict[str, str]
_FLAGS = ("activateUserAudiences", "showHistory", "showDevInfo", "hideAttachedFiles")


@signed_in
async def search(visitor: Visitor) -> Response:
    """List an organization's publications."""
    context, request = visitor.context, visitor.request
    app = request.query_params.get("app") or None
    query = PublicationQuery(application=app, page=page_number(request), limit=PAGE)
    page = await context.read(lambda: context.publications.search(visitor.scope, query))
    return show(
        visitor,
        "dashboard/publications.html",
        page=page,
        pictures=await pictures_of(visitor, [one.application for one, _given in page.items]),
        app=app,
        page_url=page_url(request),
        links=links_of(request),
        base=links_of(request).api,
    )


@signed_in
async def new(visitor: Visitor) -> Response:
    """Ask for everything that can be said of a publication."""
    visitor.scope.require(Permission.PUBLICATION_CREATE)
    said = {"app": visitor.request.query_params.get("app", ""), "filterType": FilterType.LAST.value}
    if said["app"]:
        said["slug"] = await _free_slug(visitor, said["app"])
    return await _editor(visitor, said | {"security": Security.PUBLIC.value, "visibility": Visibility.ACTIVE.value}, {})


@signed_in
async def create(visitor: Visitor) -> Response:
    """Publish an app."""
    context, said = visitor.context, await _said(visitor.request)
    try:
        settings, _ = publication_settings(_body(said))
        made = await context.compare(lambda: context.publications.create(visitor.scope, settings, said.get("app")))
    except InvalidRequest as invalid:
        return await _editor(visitor, said, in_words(visitor.language, invalid), status=400)
    except SlugTaken:
        return await _editor(visitor, said, {"slug": visitor.language.say("is taken already.")}, status=400)
    return back_to(visitor.request, f"{visitor.home}/publications/{made[0].id}", "published")


@signed_in
async def edit(visitor: Visitor) -> Response:
    """Show a publication as it is, to be changed."""
    context, publication_id = visitor.context, visitor.request.path_params["publication"]
    found = await context.read(lambda: context.publications.get(visitor.scope, publication_id))
    return await _editor(visitor, _as_said(found, visitor.request), {}, found)


@signed_in
async def change(visitor: Visitor) -> Response:
    """Replace what is said of a publication."""
    context, said = visitor.context, await _said(visitor.request)
    publication_id = visitor.request.path_params["publication"]
    found = await context.read(lambda: context.publications.get(visitor.scope, publication_id))
    try:
        settings, _ = publication_settings(_body(said))
        await context.compare(lambda: context.publications.update(visitor.scope, publication_id, settings))
    except InvalidRequest as invalid:
        return await _editor(visitor, said, in_words(visitor.language, invalid), found, 400)
    except SlugTaken:
        return await _editor(visitor, said, {"slug": visitor.language.say("is taken already.")}, found, 400)
    return back_to(visitor.request, f"{visitor.home}/publications/{publication_id}", "saved")


@signed_in
async def remove(visitor: Visitor) -> Response:
    """Take a publication away; its builds stay."""
    context, publication_id = visitor.context, visitor.request.path_params["publication"]
    await context.write(lambda: context.publications.delete(visitor.scope, publication_id))
    return RedirectResponse(f"{visitor.home}/publications", 303)


@signed_in
async def preview(visitor: Visitor) -> Response:
    """Show what the form's words would give, as a part of the editor."""
    return await _preview(visitor, await _said(visitor.request), "dashboard/publication_preview.html")


async def _preview(visitor: Visitor, said: Said, template: str, **more: object) -> Response:
    context = visitor.context
    visitor.scope.require(Permission.PUBLICATION_LIST)
    wrong: dict[str, str] = {}
    looked, picture = None, ""
    try:
        settings, _ = publication_settings(_body(said))
        checked_slug(settings.slug)
        if said.get("app"):
            scope = await context.read(lambda: context.apps.scope_of(visitor.scope, said["app"]))
            looked = await context.read(lambda: context.publication_previews.preview(scope, settings))
            picture = await picture_of(visitor, looked.publication.application)
    except InvalidRequest as invalid:
        wrong = in_words(visitor.language, invalid)
    return show(visitor, template, preview=looked, picture=picture, preview_wrong=wrong, said=said, **more)


async def _editor(
    visitor: Visitor, said: Said, wrong: dict[str, str], found: Found | None = None, status: int = 200
) -> Response:
    context = visitor.context
    apps = await context.read(lambda: context.apps.search(visitor.scope, ListQuery(limit=MOST_APPS, sort="name")))
    if not said.get("app") and apps.items:
        said = said | {"app": apps.items[-1].app.slug}
    link = links_of(visitor.request).publication(found[0].settings.slug) if found else ""
    answer = await _preview(
        visitor,
        said,
        "dashboard/publication.html",
        audiences=await _audiences(visitor),
        link=link,
        qr_code=qr_code(link) if link else "",
        done=visitor.request.query_params.get(DONE, ""),
        apps=apps.items,
        wrong=wrong,
        found=found,
        security=list(Security),
        visibility=list(Visibility),
        kinds=list(FilterType),
        base=links_of(visitor.request).api,
    )
    answer.status_code = status
    return answer


async def _audiences(visitor: Visitor) -> list[Audience]:
    """Offer the audiences to whoever may see them."""
    if not visitor.may_anywhere(Permission.AUDIENCE_LIST):
        return []
    query = ListQuery(sort="name", descending=False, limit=MOST_OFFERED)
    return list((await visitor.context.read(lambda: visitor.context.audiences.search(visitor.scope, query))).items)


async def _free_slug(visitor: Visitor, app: str) -> str:
    """Propose an address: the app's own, or with a number where the app has that one already."""
    query = PublicationQuery(application=app, limit=MOST_APPS)
    page = await visitor.context.read(lambda: visitor.context.publications.search(visitor.scope, query))
    taken = {publication.settings.slug for publication, _given in page.items}
    return next(one for number in count(1) if (one := app if number == 1 else f"{app}-{number}") not in taken)


async def _said(request: Request) -> Said:
    """Read the form; what can be chosen several times is joined by commas."""
    return {name: ",".join(values) for name, values in (await form_lists(request)).items()}


def _body(said: Said) -> bytes:
    """Say the form in the words of the API, so that both are checked alike."""

    def words(name: str) -> list[str]:
        return [word.strip() for word in said.get(name, "").split(",") if word.strip()]

    kind = said.get("filterType", "")
    chosen: dict[str, object] = {"type": kind, "value": said.get("filterValue", "")}
    chosen |= dict.fromkeys(words("systems"), True)
    if kind == FilterType.BUILDS.value:
        chosen |= {"value": "", "builds": [{"buildPlatform": "", "id": one} for one in words("filterValue")]}
    expires = said.get("expirationDate", "").strip()
    body: dict[str, object] = {
        "slug": said.get("slug", ""),
        "security": said.get("security", ""),
        "visibility": said.get("visibility", ""),
        "password": said.get("password", ""),
        "filter": chosen,
        "tags": said.get("tags", ""),
        "groups": said.get("groups", ""),
        "userAudienceMap": [
            {"id": one, "notifyNewBuildsProcessed": said.get("notifyAudiences") == "true"} for one in words("audiences")
        ],
        "terms": {"active": bool(said.get("terms", "").strip()), "text": said.get("terms", "")},
        "allowedCountries": words("allowedCountries"),
        "blockedCountries": words("blockedCountries"),
        "expirationDate": f"{expires}T23:59:59.000Z" if expires else None,
        "configuration": {
            "application": {"name": said.get("name", ""), "description": said.get("description", "")},
            "branding": {
                "logo": said.get("logo", ""),
                "primaryColor": said.get("primaryColor", ""),
                "buttonColor": said.get("buttonColor", ""),
            },
        },
    }
    return encode(body | {name: said.get(name) == "true" for name in _FLAGS})


def _as_said(found: Found, request: Request) -> Said:
    """Give a publication as the form would send it."""
    publication, given = found
    settings, looks = publication.settings, publication.settings.looks
    shown = publication_json(publication, given, links_of(request))
    ids = ",".join(one.id for one in settings.filter.builds)
    return {
        "app": publication.application.slug,
        "slug": settings.slug,
        "security": settings.security.value,
        "visibility": settings.visibility.value,
        "filterType": settings.filter.type.value,
        "filterValue": settings.filter.value or ids,
        "systems": ",".join(settings.filter.systems),
        "tags": ", ".join(settings.tags),
        "groups": "|".join(",".join(clause) for clause in settings.groups),
        "audiences": ",".join(one.id for one in settings.audiences),
        "notifyAudiences": "true" if any(one.notify for one in settings.audiences) else "",
        "terms": settings.terms_text if settings.terms_active else "",
        "allowedCountries": ", ".join(settings.allowed_countries),
        "blockedCountries": ", ".join(settings.blocked_countries),
        "expirationDate": settings.expires_at.date().isoformat() if settings.expires_at else "",
        "name": looks.name,
        "description": looks.description,
        "logo": looks.logo,
        "primaryColor": looks.primary_color,
        "buttonColor": looks.button_color,
        **{name: "true" for name in _FLAGS if shown[name]},
    }


ROUTES = (
    ("GET", PATH, search),
    ("POST", PATH, create),
    ("GET", f"{PATH}/new", new),
    ("POST", f"{PATH}/preview", preview),
    ("GET", f"{PATH}/{{publication}}", edit),
    ("POST", f"{PATH}/{{publication}}", change),
    ("POST", f"{PATH}/{{publication}}/remove", remove),
)
