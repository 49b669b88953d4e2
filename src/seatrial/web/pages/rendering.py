"""Templates, and the headers that every page carries."""

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse

from seatrial import __version__

_HERE = Path(__file__).parents[1]
STATIC = _HERE / "static"

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)

_environment = Environment(
    loader=FileSystemLoader(_HERE / "templates"), autoescape=True, undefined=StrictUndefined, auto_reload=False
)


def page(template: str, status: int = 200, **values: object) -> HTMLResponse:
    """Render a page; nothing in it may come from elsewhere, and no cache may keep it."""
    body = _environment.get_template(template).render(version=__version__, **values)
    return HTMLResponse(
        body,
        status,
        {
            "Content-Security-Policy": CONTENT_SECURITY_POLICY,
            "Referrer-Policy": "no-referrer",
            "Cache-Control": "no-store",
        },
    )
