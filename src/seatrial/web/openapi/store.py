"""The store's pages: they are for people, and described so that a client knows what stands at these addresses."""

from seatrial.domain import errors
from seatrial.web.openapi.faces import ID_OR_SLUG
from seatrial.web.openapi.notation import Json, Operation, entity_id, header, parameter, response, string
from seatrial.web.openapi.publications import TAG

_HTML = {"text/html": {"schema": string()}}
_NO_STORE = {"Cache-Control": header("Nobody may keep it.", string(const="no-store"))}
_LOCATION = {"Location": header("Where to go on.", string())}
_SLUG = parameter("slug", "path", string(minLength=1), "The publication's slug.", example="tide-tables-beta")
_BUILD = parameter("buildId", "path", entity_id(), "The build's id.")
_WANTED = (
    parameter("os", "query", string(), "For another system than the browser's own."),
    parameter("build", "query", string(), "This build, where the publication has it."),
)
_FILE = parameter("file", "query", string(), "A file beside the build instead of the build.")
_TYPE = parameter("type", "query", string(), "`file`: the file itself, where a device would get a manifest.")
_NAME = parameter("name", "query", string(), "What somebody calls themselves who is not signed in.")
_ASPEN = {"application/x-apple-aspen-config": {"schema": {"type": "string", "format": "binary"}}}
_GATES = "Where a password, a login or another country stands between, the answer is that instead."


def operations() -> list[Operation]:
    """Describe the store's pages."""
    organization = parameter("organizationId", "path", string(pattern=ID_OR_SLUG), "The organization's id or slug.")
    return [
        _page("showPublicationPage", "/{slug}", "A publication's page", (_SLUG, *_WANTED), _GATES),
        _forms(),
        _take("installPublication", "/{slug}/install", (_SLUG, *_WANTED, _FILE, _TYPE)),
        _page("showDevicePage", "/{slug}/device", "The page where a device becomes known", (_SLUG,), _GATES),
        _profile("getDeviceProfile", "/{slug}/device.mobileconfig", (_SLUG, _NAME)),
        _page(
            "showOwnDevicePage",
            "/store/{organizationId}/device",
            "The same for somebody who is signed in",
            (organization,),
        ),
        _profile("getOwnDeviceProfile", "/store/{organizationId}/device.mobileconfig", (organization,)),
        _page("showStores", "/store", "The way to the visitor's store", ()),
        _leave(),
        _page("showStore", "/store/{organizationId}", "An organization's list of publications", (organization,)),
        _page("showBuildPage", "/builds/{buildId}/install", "A build's page for its own people", (_BUILD,)),
        _take("installBuild", "/builds/{buildId}/install/install", (_BUILD, _FILE, _TYPE)),
    ]


def _page(name: str, path: str, summary: str, parameters: tuple[Json, ...], description: str = "") -> Operation:
    return Operation(
        id=name,
        method="get",
        path=path,
        tag=TAG,
        summary=summary,
        description=description,
        parameters=parameters,
        answers={
            200: response("A page.", _HTML, _NO_STORE),
            303: response("To where it goes on: to sign in, or to the right page.", headers=_LOCATION | _NO_STORE),
            403: response("A page that says who gets in.", _HTML, _NO_STORE),
        },
        errors=(errors.EntityNotFound,),
    )


def _profile(name: str, path: str, parameters: tuple[Json, ...]) -> Operation:
    return Operation(
        id=name,
        method="get",
        path=path,
        tag=TAG,
        summary="A profile that asks a device who it is",
        description="The device answers to `/profile/device`. Signed where the server has a certificate for it.",
        parameters=parameters,
        answers={
            200: response("A configuration profile.", _ASPEN, _NO_STORE),
            303: response("To where it goes on: to sign in, or to the right page.", headers=_LOCATION | _NO_STORE),
        },
        errors=(errors.EntityNotFound,),
    )


def _forms() -> Operation:
    form: Json = {
        "title": "StoreForm",
        "type": "object",
        "properties": {"do": string("`password` or `terms`."), "form": string(), "password": string()},
        "additionalProperties": True,
    }
    return Operation(
        id="answerPublicationPage",
        method="post",
        path="/{slug}",
        tag=TAG,
        summary="A page's forms: the password, the terms",
        parameters=(_SLUG,),
        body={"required": False, "content": {"application/x-www-form-urlencoded": {"schema": form}}},
        answers={
            200: response("The page again.", _HTML, _NO_STORE),
            303: response("Back to the page.", headers=_LOCATION | _NO_STORE),
            403: response("The password is wrong, or who gets in.", _HTML, _NO_STORE),
            429: response("Too many wrong passwords.", _HTML, _NO_STORE),
        },
        errors=(errors.EntityNotFound, errors.PayloadTooLarge),
    )


def _leave() -> Operation:
    return Operation(
        id="leaveStore",
        method="post",
        path="/store/logout",
        tag=TAG,
        summary="Sign out of the store",
        description="Ends the session that the visitor's cookie names. Without one, nothing changes.",
        answers={303: response("To the store as everybody sees it.", headers=_LOCATION | _NO_STORE)},
    )


def _take(name: str, path: str, parameters: tuple[Json, ...]) -> Operation:
    return Operation(
        id=name,
        method="get",
        path=path,
        tag=TAG,
        summary="Make a download token and lead the device to it",
        description="Apple's devices are led to their installer. Programs that draw previews of links get the page.",
        parameters=parameters,
        answers={
            302: response("To the download.", headers=_LOCATION | _NO_STORE),
            303: response("Back to the page, where something stands between.", headers=_LOCATION | _NO_STORE),
        },
        errors=(errors.EntityNotFound,),
    )
