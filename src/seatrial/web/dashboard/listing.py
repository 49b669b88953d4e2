"""Pages of lists: which one is asked for, and the addresses of the others."""

from collections.abc import Callable
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

DONE = "done"
"""The parameter that says on a list what was just done."""


def page_number(request: Request) -> int:
    """Read which page is asked for; anything else than a number is the first one."""
    said = request.query_params.get("page", "1")
    return int(said) if said.isascii() and said.isdigit() and 1 <= len(said) <= 9 and int(said) >= 1 else 1


def page_url(request: Request, path: str = "") -> Callable[[int], str]:
    """Give the address of another page of the same list, which is at `path` where a form's answer shows it."""
    kept = [(name, value) for name, value in request.query_params.multi_items() if name not in {"page", DONE}]
    return lambda number: f"{path or request.url.path}?{urlencode([*kept, ('page', number)])}"


def kept(request: Request, **more: str) -> str:
    """Give the query of a list as it was asked for, so that the forms on it lead back to the same page."""
    pairs = [(name, value) for name, value in request.query_params.multi_items() if name != DONE]
    said = urlencode([*pairs, *more.items()])
    return f"?{said}" if said else ""


def back_to(request: Request, path: str, done: str) -> Response:
    """Go back to a list as it was, and say there what was done."""
    return RedirectResponse(path + kept(request, **{DONE: done}), 303)
