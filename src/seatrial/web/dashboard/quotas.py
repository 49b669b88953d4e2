"""How much an organization or an app may take up, as its own people choose it."""

from collections.abc import Sequence

from starlette.responses import RedirectResponse, Response

from seatrial.domain.errors import InvalidRequest
from seatrial.domain.quota import UNLIMITED, Item, Quota
from seatrial.web.dashboard.door import Visitor, form_of
from seatrial.web.dashboard.gate import signed_in
from seatrial.web.dashboard.one_app import app_path, scope_of
from seatrial.web.dashboard.rules import in_words
from seatrial.web.dashboard.settings import ONE_APP, ORGANIZATION, show_app, show_organization
from seatrial.wire import fields

MEGABYTE = 1_000_000
IN_MEGABYTES = frozenset({Item.STORAGE, Item.UPLOAD_SIZE})


@signed_in
async def choose_for_organization(visitor: Visitor) -> Response:
    """Choose how much of what was granted the organization takes."""
    context, said = visitor.context, await form_of(visitor.request)
    before = await context.read(lambda: context.quotas.of_organization(visitor.scope))
    try:
        chosen = _chosen(said, before)
    except InvalidRequest as invalid:
        return await show_organization(visitor, said, in_words(visitor.language, invalid), 400)
    await context.write(lambda: context.quotas.choose_for_organization(visitor.scope, chosen))
    return RedirectResponse(f"{visitor.home}/settings?saved=1#quotas", 303)


@signed_in
async def choose_for_app(visitor: Visitor) -> Response:
    """Choose how much of it an app may take."""
    context, scope, said = visitor.context, scope_of(visitor), await form_of(visitor.request)
    before = await context.read(lambda: context.quotas.of_app(scope))
    try:
        chosen = _chosen(said, before)
    except InvalidRequest as invalid:
        return await show_app(visitor, said, in_words(visitor.language, invalid), 400)
    await context.write(lambda: context.quotas.choose_for_app(scope, chosen))
    return RedirectResponse(f"{app_path(visitor)}/settings?saved=1#quotas", 303)


def _chosen(said: dict[str, str], before: Sequence[Quota]) -> dict[Item, int | None]:
    """Read what the form changes: what it says as it was shown stays to the byte, however it was chosen."""
    found: dict[Item, int | None] = {}
    for one in before:
        name, unit = one.item.value, MEGABYTE if one.item in IN_MEGABYTES else 1
        text = said.get(name, "").strip()
        shown = "" if one.chosen is None else str(one.chosen // unit)
        if name in said and text != shown:
            found[one.item] = fields.whole(name, text, 0, UNLIMITED // unit) * unit if text else None
    return found


ROUTES = (
    ("POST", f"{ORGANIZATION}/quotas", choose_for_organization),
    ("POST", f"{ONE_APP}/quotas", choose_for_app),
)
