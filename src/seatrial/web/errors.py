"""Every failure of every path as the contract's envelope."""

from collections.abc import Awaitable, Callable

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match, Route

from seatrial.domain.errors import EntityNotFound, InvalidRequest, SeatrialError
from seatrial.web.replies import envelope
from seatrial.wire.errors import error_body, method_not_allowed

Handler = Callable[[Request, Exception], Awaitable[Response]]


def install(app: FastAPI) -> None:
    """Answer business errors and the framework's own in JSON."""
    app.add_exception_handler(SeatrialError, _business_error)
    app.add_exception_handler(HTTPException, _framework_error)


def answer(error: SeatrialError) -> Response:
    """Answer one business error."""
    status, body, headers = error_body(error)
    return envelope(body, status, headers)


async def _business_error(_request: Request, error: Exception) -> Response:
    assert isinstance(error, SeatrialError)
    return answer(error)


async def _framework_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if error.status_code == 405:
        status, body, headers = method_not_allowed(_methods_of(request))
        return envelope(body, status, headers)
    if error.status_code == 404:
        return answer(EntityNotFound())
    return answer(InvalidRequest({"request": str(error.detail)}))


def _methods_of(request: Request) -> set[str]:
    """Collect the methods of a path: of every route that is spelled like the first one that it fits.

    The framework knows only that one's, and the pages of publications fit every path of one segment.
    """
    fitting = [
        route
        for route in request.app.routes
        if isinstance(route, Route) and route.matches(request.scope)[0] is not Match.NONE
    ]
    found: set[str] = set()
    for route in fitting:
        if route.path == fitting[0].path:
            found |= route.methods or set()
    return found
