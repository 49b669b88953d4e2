"""Pictures in pages: what the API gives for credentials, given for the session's cookie."""

from collections.abc import Iterable

from starlette.responses import FileResponse, Response

from seatrial.domain.access import AppScope
from seatrial.domain.app import App
from seatrial.domain.build import ApplicationInfo, Build, FileType
from seatrial.domain.errors import EntityNotFound
from seatrial.domain.ids import AppId
from seatrial.web.blobs import distant
from seatrial.web.dashboard.door import HOME, Visitor
from seatrial.web.dashboard.gate import signed_in


@signed_in
async def picture(visitor: Visitor) -> Response:
    """Show a build's icon or an app's picture; nothing else of a build is shown inside pages."""
    context, file_id = visitor.context, visitor.request.path_params["file"]
    found = await context.read(lambda: context.downloads.read_as(visitor.scope, file_id))
    if not found.is_picture:
        raise EntityNotFound
    headers = {
        "Cache-Control": "private, max-age=31536000, immutable",
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "X-Content-Type-Options": "nosniff",
    }
    if found.path is None:
        return await distant(visitor.request, found, "image/png", headers)
    return FileResponse(found.path, media_type="image/png", headers=headers)


def picture_url(visitor: Visitor, file_id: str) -> str:
    """Give the address of a picture in pages, empty for none."""
    return f"{visitor.home}/files/{file_id}" if file_id else ""


async def pictures_of(visitor: Visitor, apps: Iterable[App | ApplicationInfo]) -> dict[str, str]:
    """Give the addresses of apps' pictures by their ids: the one that was chosen, else the icon of the newest build."""
    chosen = {AppId(app.id): app.picture for app in apps}
    bare = [app_id for app_id, picture in chosen.items() if not picture]
    inside = visitor.inside if isinstance(visitor.inside, AppScope) else visitor.scope
    found = await visitor.context.read(lambda: visitor.context.app_pictures.until_chosen(inside, bare)) if bare else {}
    return {app_id: picture_url(visitor, picture or found.get(app_id, "")) for app_id, picture in chosen.items()}


async def picture_of(visitor: Visitor, app: App | ApplicationInfo) -> str:
    """Give the address of one app's picture, empty where there is none."""
    return (await pictures_of(visitor, [app]))[app.id]


def icon_url(visitor: Visitor, build: Build) -> str:
    """Give the address of a build's icon in pages, empty for none."""
    icon = build.file(FileType.ICON)
    return picture_url(visitor, icon.id if icon else "")


ROUTES = (("GET", f"{HOME}/{{organization}}/files/{{file}}", picture),)
