"""Dashboard pages from templates: what every one of them has, and the headers that it carries."""

import gzip
import hashlib
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from seatrial import __version__
from seatrial.domain.errors import Forbidden, SeatrialError, SignInRule
from seatrial.domain.initials import initials
from seatrial.web import arrivals
from seatrial.web.dashboard.door import COOKIE, HOME, Visitor, proof, theme_of
from seatrial.web.markup import markdown
from seatrial.web.speech import language_of, speech
from seatrial.wire.errors import error_body

TEMPLATES = Path(__file__).parents[1] / "templates"
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_GZIP_FROM = 1000
HUES = 12

environment = Environment(
    loader=FileSystemLoader(TEMPLATES),
    autoescape=True,
    undefined=StrictUndefined,
    auto_reload=False,
    trim_blocks=True,
    lstrip_blocks=True,
)
environment.globals["version"] = __version__
environment.filters["markdown"] = markdown


@lru_cache(512)
def icon(name: str, label: str = "") -> Markup:
    """Draw an icon of the sprite; with a label it says something by itself, else it only stands beside words."""
    said = Markup('role="img" aria-label="{}"').format(label) if label else Markup('aria-hidden="true"')
    return Markup(
        '<svg class="icon" width="20" height="20" {}><use href="/static/vendor/icons.svg?v={}#{}"></use></svg>'
    ).format(said, __version__, name)


@lru_cache(4096)
def hue(identifier: str) -> int:
    """Give the colour of something without a picture: always the same one for the same thing."""
    return hashlib.sha256(identifier.encode("utf-8", "replace")).digest()[0] % HUES


def middle(text: str, length: int = 16) -> str:
    """Cut a long identifier in its middle, where people look least."""
    half = (length - 1) // 2
    return text if len(text) <= length else f"{text[:half]}…{text[-half:]}"


environment.globals |= {"hue": hue, "drawn_icon": icon, "initials": initials, "middle": middle}


def show(visitor: Visitor, template: str, status: int = 200, /, **values: object) -> Response:
    """Render a page for somebody who is signed in."""
    return page(visitor.request, render(visitor, template, **values), status)


def render(visitor: Visitor, template: str, /, **values: object) -> str:
    """Write a page, or a piece of one, for somebody who is signed in.

    `at` is the path that the page has for itself, where a form was sent to another one.
    """
    path = values.pop("at", visitor.request.url.path)
    return environment.get_template(template).render(
        visitor=visitor,
        organization=visitor.organization,
        home=visitor.home,
        csrf=proof(visitor.secret),
        path=path,
        theme=visitor.theme,
        **speech(visitor.language),
        **values,
    )


def show_outside(request: Request, template: str, status: int = 200, /, **values: object) -> Response:
    """Render a page for somebody who is not signed in; `at` as for `render`."""
    path = values.pop("at", request.url.path)
    body = environment.get_template(template).render(
        theme=theme_of(request), path=path, **speech(language_of(request)), **values
    )
    return page(request, body, status)


def failure(visitor: Visitor, error: SeatrialError) -> Response:
    """Say in words what went wrong, with the status that the API gives it."""
    status, _body, headers = error_body(error)
    answer = show(visitor, "dashboard/failure.html", status, error=error, data=error.data or {}, back=HOME)
    answer.headers.update({name: value for name, value in headers.items() if name != "WWW-Authenticate"})
    return answer


def failure_outside(request: Request, error: SeatrialError) -> Response:
    """Say in words what went wrong to somebody who has no organization to show pages of, or no session at all."""
    status, _body, _headers = error_body(error)
    secret = arrivals.kept(request, COOKIE)
    rule = error.rule if isinstance(error, SignInRule) else ""
    return show_outside(
        request,
        "dashboard/barred.html",
        status,
        rule=rule,
        is_forged=isinstance(error, Forbidden),
        has_session=bool(secret),
        csrf=proof(secret),
    )


def page(request: Request, body: str, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Send a page; nothing in it may come from elsewhere, and no cache may keep it."""
    content = body.encode("utf-8", "replace")
    sent = {
        "Content-Security-Policy": CONTENT_SECURITY_POLICY,
        "Referrer-Policy": "same-origin",
        "Cache-Control": "no-store",
        "Vary": "Accept-Encoding, Cookie, Accept-Language",
        **(headers or {}),
    }
    if len(content) >= _GZIP_FROM and "gzip" in request.headers.get("accept-encoding", ""):
        content = gzip.compress(content, 4, mtime=0)
        sent["Content-Encoding"] = "gzip"
    return HTMLResponse(content, status, sent)
