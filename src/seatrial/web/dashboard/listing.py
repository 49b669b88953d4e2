"""Pages of lists: which one is asked for, and the addresses of the others."""

from collections.abc import Callable
from urllib.parse import urlencode

from starlette.requests import Request


def page_number(request: Request) -> int:
    """Read which page is asked for; anything else than a number is the first one."""
    said = request.query_params.get("page", "1")
    return int(said) if said.isascii() and said.isdigit() and 1 <= len(said) <= 9 and int(said) >= 1 else 1


def page_url(request: Request) -> Callable[[int], str]:
    """Give the address of another page of the same list."""
    kept = [(name, value) for name, value in request.query_params.multi_items() if name != "page"]
    return lambda number: f"{request.url.path}?{urlencode([*kept, ('page', number)])}"
