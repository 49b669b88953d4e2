"""What the SDK inside an app is told: whether newer builds are offered, and from which version on people may go on."""

from starlette.responses import RedirectResponse, Response

from seatrial.domain.app import AppSettings
from seatrial.domain.errors import InvalidRequest
from seatrial.domain.sdk import SDK_SYSTEMS
from seatrial.web.dashboard.door import Visitor, form_of
from seatrial.web.dashboard.gate import signed_in
from seatrial.web.dashboard.one_app import APP, app_path, one_app, scope_of
from seatrial.web.dashboard.rules import in_words
from seatrial.web.dashboard.view import show
from seatrial.web.replies import links_of
from seatrial.wire.sdk import MESSAGE_LIMIT, sdk_changes

SWITCHES = ("ota", "forceUpdate", "forceAuth")
TEXTS = ("minVersion", "updateMsg", "mustUpdateMsg")


@signed_in
async def look(visitor: Visitor) -> Response:
    """Show the rules of each system, and what its SDK was seen to do."""
    return await _page(visitor, {}, {})


@signed_in
async def change(visitor: Visitor) -> Response:
    """Change the rules of both systems."""
    context, scope, said = visitor.context, scope_of(visitor), await form_of(visitor.request)
    try:
        settings = AppSettings(sdk=sdk_changes(_nested(said)))
        await context.write(lambda: context.apps.update(scope, settings))
    except InvalidRequest as invalid:
        return await _page(visitor, said, in_words(visitor.language, invalid), 400)
    return RedirectResponse(f"{app_path(visitor)}/sdk?saved=1", 303)


def _nested(said: dict[str, str]) -> dict[str, object]:
    """Give a form as the API has it; a switch that is not in it is off."""
    return {
        system.value: {name: said.get(f"{system.value}.{name}") == "true" for name in SWITCHES}
        | {name: said.get(f"{system.value}.{name}", "").strip() for name in TEXTS}
        for system in SDK_SYSTEMS
    }


async def _page(visitor: Visitor, said: dict[str, str], wrong: dict[str, str], status: int = 200) -> Response:
    subject = await one_app(visitor)
    return show(
        visitor,
        "dashboard/app_sdk.html",
        status,
        app=subject.app,
        picture=subject.picture,
        systems=[(system.value, subject.overview.sdk[system]) for system in SDK_SYSTEMS],
        said=said,
        wrong=wrong,
        saved=bool(visitor.request.query_params.get("saved")),
        longest=MESSAGE_LIMIT,
        base=links_of(visitor.request).api,
    )


ROUTES = (
    ("GET", f"{APP}/sdk", look),
    ("POST", f"{APP}/sdk", change),
)
