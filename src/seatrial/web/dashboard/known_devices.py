"""Testers' devices: which are known, whose they are, in which builds' profiles; take the UDIDs along, forget."""

from datetime import timedelta
from urllib.parse import urlencode

from starlette.responses import Response

from seatrial.domain.clock import utc_now
from seatrial.domain.known_device import DeviceQuery, DeviceState
from seatrial.web.api.known_devices import apple_table, table
from seatrial.web.dashboard.door import Visitor
from seatrial.web.dashboard.gate import signed_in
from seatrial.web.dashboard.listing import back_to, kept, page_number, page_url
from seatrial.web.dashboard.people import PAGE, PEOPLE, text_of
from seatrial.web.dashboard.view import show
from seatrial.web.replies import links_of

DEVICES = f"{PEOPLE}/devices"
NEW = timedelta(days=7)
"""So long a device is marked as new."""


@signed_in
async def search(visitor: Visitor) -> Response:
    """List the devices, who came last first."""
    context, request, query = visitor.context, visitor.request, _query(visitor)
    page = await context.read(lambda: context.known_devices.search(visitor.scope, query))
    said = {"q": query.text or "", "app": query.app or "", "state": query.state or ""}
    return show(
        visitor,
        "dashboard/known_devices.html",
        page=page,
        page_url=page_url(request, _path(visitor)),
        recently=utc_now() - NEW,
        address=_path(visitor),
        said=said,
        exported=urlencode({name: value for name, value in said.items() if value}),
        query=kept(request),
        done=request.query_params.get("done", ""),
        base=links_of(request).api,
    )


@signed_in
async def export_csv(visitor: Visitor) -> Response:
    """Give what the list shows, all pages of it, as a table."""
    return await table(visitor.context, visitor.scope, _query(visitor))


@signed_in
async def export_apple(visitor: Visitor) -> Response:
    """Give the same as Apple's developer site takes it."""
    return await apple_table(visitor.context, visitor.scope, _query(visitor))


@signed_in
async def remove(visitor: Visitor) -> Response:
    """Forget a device."""
    context, device_id = visitor.context, visitor.request.path_params["device"]
    await context.write(lambda: context.known_devices.delete(visitor.scope, device_id))
    return back_to(visitor.request, _path(visitor), "removed")


def _path(visitor: Visitor) -> str:
    return f"{visitor.home}/people/devices"


def _query(visitor: Visitor) -> DeviceQuery:
    state = text_of(visitor, "state")
    return DeviceQuery(
        text=text_of(visitor, "q") or None,
        app=text_of(visitor, "app") or None,
        state=DeviceState(state) if state in set(DeviceState) else None,
        page=page_number(visitor.request),
        limit=PAGE,
    )


ROUTES = (
    ("GET", DEVICES, search),
    ("GET", f"{DEVICES}.csv", export_csv),
    ("GET", f"{DEVICES}.txt", export_apple),
    ("POST", f"{DEVICES}/{{device}}/remove", remove),
)
