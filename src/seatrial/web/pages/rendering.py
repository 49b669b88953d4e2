"""Templates, and the headers that every page carries."""

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse

from seatrial import __version__
from seatrial.web.locale import SOURCE, Language, language
from seatrial.web.speech import language_of, speech

_HERE = Path(__file__).parents[1]
STATIC = _HERE / "static"

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)

_environment = Environment(
    loader=FileSystemLoader(_HERE / "templates"), autoescape=True, undefined=StrictUndefined, auto_reload=False
)


def page(request: Request, template: str, status: int = 200, **values: object) -> HTMLResponse:
    """Render a page in the visitor's language and send it."""
    return html(render(template, language_of(request), **values), status)


def render(template: str, spoken: Language | None = None, **values: object) -> str:
    """Render a page, in English where no language is named."""
    words = speech(spoken or language(SOURCE))
    return _environment.get_template(template).render(version=__version__, **words, **values)


def html(body: str, status: int = 200) -> HTMLResponse:
    """Send a page; nothing in it may come from elsewhere, and no cache may keep it."""
    return HTMLResponse(
        body,
        status,
        {
            "Content-Security-Policy": CONTENT_SECURITY_POLICY,
            "Referrer-Policy": "no-referrer",
            "Cache-Control": "no-store",
        },
    )
