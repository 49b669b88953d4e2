"""One field for everything: apps by their name, builds by their words."""

from starlette.responses import Response

from seatrial.domain.access import Permission
from seatrial.domain.listing import ListQuery
from seatrial.domain.search import LONGEST_WORD, asked
from seatrial.services.build_lists import EVERYWHERE
from seatrial.web.dashboard.apps import ORGANIZATION
from seatrial.web.dashboard.door import Visitor
from seatrial.web.dashboard.files import pictures_of
from seatrial.web.dashboard.gate import signed_in
from seatrial.web.dashboard.view import show

MOST_APPS = 12


@signed_in
async def search(visitor: Visitor) -> Response:
    """Show the apps and the builds that the words find."""
    context = visitor.context
    visitor.scope.require(Permission.APP_LIST)
    words = visitor.request.query_params.get("q", "").strip()[: LONGEST_WORD * 12]
    query = ListQuery(name=words, limit=MOST_APPS)
    found, builds = [], []
    if asked(words):
        found = list((await context.read(lambda: context.apps.search(visitor.scope, query))).items)
        builds = await context.read(lambda: context.build_lists.find_everywhere(visitor.scope, words))
    return show(
        visitor,
        "dashboard/search.html",
        words=words,
        found=found,
        pictures=await pictures_of(visitor, [one.app for one in found]),
        builds=builds,
        is_cut=len(builds) == EVERYWHERE,
    )


ROUTES = (("GET", f"{ORGANIZATION}/search", search),)
