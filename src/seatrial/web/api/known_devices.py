"""Testers' devices of an organization: list, take along, forget."""

from collections.abc import AsyncIterator, Callable, Iterable, Iterator

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from seatrial.domain.access import OrganizationScope
from seatrial.domain.known_device import DeviceQuery, SeenDevice
from seatrial.web.auth import from_organization_path
from seatrial.web.context import Context, context_of
from seatrial.web.replies import reply
from seatrial.wire.known_devices import apple_head, apple_list, device_json, devices_csv, devices_head, devices_query
from seatrial.wire.pages import page_json

Writer = Callable[[Iterable[SeenDevice]], bytes]


async def search(request: Request) -> Response:
    """List an organization's devices, who came last first."""
    context, scope = context_of(request), await from_organization_path(request)
    query = devices_query(request.query_params.multi_items())
    page = await context.read(lambda: context.known_devices.search(scope, query))
    return reply(page_json(page, [device_json(device) for device in page.items]))


async def export_csv(request: Request) -> Response:
    """Give all that match as a table."""
    query = devices_query(request.query_params.multi_items())
    return await table(context_of(request), await from_organization_path(request), query)


async def export_apple(request: Request) -> Response:
    """Give all that match as the list that Apple's developer site takes."""
    query = devices_query(request.query_params.multi_items())
    return await apple_table(context_of(request), await from_organization_path(request), query)


async def show(request: Request) -> Response:
    """Show one device."""
    context, scope = context_of(request), await from_organization_path(request)
    found = await context.read(lambda: context.known_devices.get(scope, request.path_params["device"]))
    return reply(device_json(found))


async def remove(request: Request) -> Response:
    """Forget a device."""
    context, scope = context_of(request), await from_organization_path(request)
    await context.write(lambda: context.known_devices.delete(scope, request.path_params["device"]))
    return reply({"deleted": True})


async def table(context: Context, scope: OrganizationScope, query: DeviceQuery) -> Response:
    """Give devices as a table, piece by piece."""
    return await _sent(context, scope, query, devices_head(), devices_csv, "text/csv", "devices.csv")


async def apple_table(context: Context, scope: OrganizationScope, query: DeviceQuery) -> Response:
    """Give devices as Apple's list, piece by piece."""
    return await _sent(context, scope, query, apple_head(), apple_list, "text/plain; charset=utf-8", "devices.txt")


async def _sent(
    context: Context, scope: OrganizationScope, query: DeviceQuery, head: bytes, write: Writer, kind: str, name: str
) -> Response:
    batches = await context.read(lambda: context.known_devices.every(scope, query))
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return StreamingResponse(_pieces(context, batches, head, write), media_type=kind, headers=headers)


async def _pieces(
    context: Context, batches: Iterator[list[SeenDevice]], head: bytes, write: Writer
) -> AsyncIterator[bytes]:
    yield head
    while (batch := await context.read(lambda: next(batches, None))) is not None:
        yield write(batch)
