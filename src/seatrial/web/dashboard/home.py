"""The first page: what there is, how it went in the last weeks, and what needs somebody."""

from datetime import timedelta

from starlette.responses import Response

from seatrial.domain.access import Permission
from seatrial.domain.build import Build, BuildQuery
from seatrial.domain.clock import utc_now
from seatrial.domain.expiration import THRESHOLDS, EndingCredential, Expiration, ExpirationQuery
from seatrial.domain.listing import ListQuery
from seatrial.domain.numbers import Day
from seatrial.services.team_letters import THRESHOLDS as REMINDED
from seatrial.web.charts import Bars, bars
from seatrial.web.dashboard.door import HOME, Visitor
from seatrial.web.dashboard.files import icon_url
from seatrial.web.dashboard.gate import signed_in
from seatrial.web.dashboard.known_devices import NEW
from seatrial.web.dashboard.view import show
from seatrial.web.replies import links_of

DAYS = 30
APPS = 6
NEWEST = 3
SOON = max(THRESHOLDS)
MOST_ENDING = 1000
CREDENTIALS_END = timedelta(days=max(REMINDED))
SHOWN = 5
"""Lines of what needs somebody, before the rest is only counted."""


@signed_in
async def home(visitor: Visitor) -> Response:
    """Show an organization at a glance."""
    context, scope = visitor.context, visitor.scope
    if not visitor.may(Permission.APP_LIST):
        return show(visitor, "dashboard/home_empty.html")
    totals = await context.read(lambda: context.numbers.totals(scope))
    days = await context.read(lambda: context.numbers.days(scope, DAYS))
    apps = await context.read(lambda: context.apps.search(scope, ListQuery(limit=APPS)))
    newest = await context.read(lambda: _newest(visitor, [one.app.id for one in apps.items]))
    return show(
        visitor,
        "dashboard/home.html",
        totals=totals,
        charts=_charts(days),
        newest=newest,
        failed=await context.read(lambda: list(context.numbers.failed(scope).values())),
        devices=await context.read(lambda: _new_devices(visitor)),
        credentials=await context.read(lambda: _ending_credentials(visitor)),
        ending=await context.read(lambda: ending_soon(visitor)),
        shown=SHOWN,
        now=utc_now(),
        icons={build.id: icon_url(visitor, build) for build in newest},
        base=links_of(visitor.request).api,
    )


def ending_soon(visitor: Visitor) -> list[Expiration]:
    """Give the profiles and certificates that end within the time in which people are reminded, or have ended.

    They are those of published builds: what nobody can get need not be renewed.
    """
    if not visitor.may_anywhere(Permission.BUILD_LIST):
        return []
    query = ExpirationQuery(paging=ListQuery(limit=MOST_ENDING, sort="expiresAt", descending=False), within_days=SOON)
    return list(visitor.context.expirations.search(visitor.scope, query).items)


def _new_devices(visitor: Visitor) -> int:
    """Count what testers added of late, for those who may see it."""
    if not visitor.may(Permission.DEVICE_LIST):
        return 0
    return visitor.context.known_devices.added_since(visitor.scope, utc_now() - NEW)


def _ending_credentials(visitor: Visitor) -> list[EndingCredential]:
    """Give the credentials that end soon, to those who may see all of them."""
    if not (visitor.may(Permission.SERVICE_ACCOUNT_LIST) and visitor.may(Permission.APP_TOKEN_LIST)):
        return []
    return visitor.context.service_accounts.ending(visitor.scope, CREDENTIALS_END)


def _charts(days: list[Day]) -> dict[str, Bars]:
    return {
        name: bars([(day.date.isoformat(), getattr(day, name)) for day in days])
        for name in ("builds", "downloads", "failures")
    }


def _newest(visitor: Visitor, app_ids: list[str]) -> list[Build]:
    """Give the newest builds of the newest apps, the newest first."""
    context = visitor.context
    found: list[Build] = []
    for app_id in app_ids:
        scope = context.apps.scope_of(visitor.scope, app_id)
        found += context.builds.neighbours(scope, BuildQuery(limit=NEWEST))
    return sorted(found, key=lambda build: build.created_at, reverse=True)[: 2 * NEWEST]


ROUTES = (("GET", f"{HOME}/{{organization}}", home),)
