"""Who looks at the dashboard: the session in the cookie, the organization in the path, and the proof against forgery.

A session's cookie is for this host only, unreadable to scripts and not sent with foreign forms. Each form carries a
token besides that only a page of ours can have read; it is another one in every page, because a compressed page with
the same secret in it time and again could be guessed (the BREACH attack).
"""

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass, replace
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import Response

from seatrial.domain.access import OrganizationScope, Permission
from seatrial.domain.app import Organization
from seatrial.domain.errors import EntityNotFound, InvalidToken, NotAuthenticated
from seatrial.domain.tokens import TokenKind, kind_of
from seatrial.web import arrivals
from seatrial.web.body import content_length, read_body
from seatrial.web.context import Context, context_of
from seatrial.web.dashboard.form_files import FORM_WITH_FILES_BYTES, has_files, with_files
from seatrial.web.locale import Language
from seatrial.web.speech import language_of

HOME = arrivals.HOME
COOKIE = arrivals.SESSION_COOKIE
LOGIN = f"{HOME}/login"
THEME_COOKIE = "seatrial_theme"
THEMES = ("auto", "light", "dark")
FORM_BYTES = 1 << 20
FORM_FIELDS = 2000
_CSRF_BYTES = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """Somebody who is signed in, in one of their organizations."""

    request: Request
    context: Context
    secret: str
    scope: OrganizationScope
    organization: Organization
    organizations: tuple[Organization, ...]
    inside: OrganizationScope
    """What the page is about: the app that the path names, else the organization."""
    language: Language
    theme: str

    @property
    def home(self) -> str:
        """The path of the organization's pages."""
        return f"{HOME}/{self.organization.slug}"

    def may(self, permission: str) -> bool:
        """Whether to show what needs this permission in what the page is about; the service asks again."""
        return Permission(permission) in self.inside.principal.permissions

    def may_anywhere(self, permission: str) -> bool:
        """Whether to show what needs this permission in the whole organization."""
        return Permission(permission) in self.scope.principal.permissions


async def visitor_of(request: Request) -> Visitor:
    """Find who looks, and at what.

    Raises NotAuthenticated, InvalidToken, TokenExpired, EntityNotFound for an organization that is not theirs.
    """
    context, secret = context_of(request), arrivals.kept(request, COOKIE)
    if not secret:
        raise NotAuthenticated
    if kind_of(secret) is not TokenKind.SESSION:
        raise InvalidToken
    scopes = await context.read(lambda: context.identity.organizations(secret))
    visible = {scope.organization_id: scope for scope in scopes}
    found = await context.read(lambda: context.organizations.of(scopes))
    wanted = request.path_params.get("organization")
    chosen = next((one for one in found if wanted in {None, one.slug, one.id}), None)
    if chosen is None:
        raise EntityNotFound
    return Visitor(
        request=request,
        context=context,
        secret=secret,
        scope=visible[chosen.id],
        inside=visible[chosen.id],
        organization=chosen,
        organizations=tuple(found),
        language=language_of(request),
        theme=theme_of(request),
    )


async def in_app(visitor: Visitor) -> Visitor:
    """Go into the app that the path names, where it names one: people may do more in single apps.

    Raises EntityNotFound.
    """
    context, named = visitor.context, visitor.request.path_params.get("app")
    if named is None:
        return visitor
    return replace(visitor, inside=await context.read(lambda: context.apps.scope_of(visitor.scope, named)))


def theme_of(request: Request) -> str:
    """Give the theme that somebody chose; `auto` follows the device."""
    chosen = request.cookies.get(THEME_COOKIE, "")
    return chosen if chosen in THEMES else "auto"


def proof(secret: str) -> str:
    """Make a token for the forms of one page; only who has the session's secret can make or check one."""
    pad = secrets.token_bytes(_CSRF_BYTES)
    masked = bytes(a ^ b for a, b in zip(pad, _fingerprint(secret), strict=True))
    return base64.urlsafe_b64encode(pad + masked).decode()


def is_proof(secret: str, said: str) -> bool:
    """Whether a form's token was made for this session."""
    try:
        raw = base64.urlsafe_b64decode(said.encode())
    except ValueError:
        return False
    if len(raw) != 2 * _CSRF_BYTES:
        return False
    unmasked = bytes(a ^ b for a, b in zip(raw[:_CSRF_BYTES], raw[_CSRF_BYTES:], strict=True))
    return hmac.compare_digest(unmasked, _fingerprint(secret))


def same_origin(request: Request) -> bool:
    """Whether the browser says that a page of this server sent the form; browsers that say nothing are believed."""
    return arrivals.is_own_origin(request)


def keep(response: Response, request: Request, name: str, value: str, seconds: int, *, hidden: bool = True) -> None:
    """Set a cookie for the pages of this server."""
    own, secure = arrivals.own_name(request, name), request.url.scheme == "https"
    response.set_cookie(own, value, max_age=seconds, path="/", secure=secure, httponly=hidden, samesite="lax")


def safe_next(path: str) -> str:
    """Give a path of ours to go on to; anything that could lead elsewhere becomes the dashboard."""
    return arrivals.path_of_ours(path) or HOME


async def form_of(request: Request) -> dict[str, str]:
    """Read a form's fields; of a field that comes more than once the last one counts."""
    return {name: values[-1] for name, values in (await form_lists(request)).items()}


async def form_lists(request: Request) -> dict[str, list[str]]:
    """Read a form with all values of each field; the body is read once and kept for who asks again."""
    kept: dict[str, list[str]] | None = getattr(request.state, "form", None)
    if kept is None:
        limits, content_type = context_of(request).body_limits, request.headers.get("content-type", "")
        if has_files(content_type):
            await context_of(request).require_space(content_length(request.headers))
            body = await read_body(request, FORM_WITH_FILES_BYTES, limits.idle_read)
            kept, request.state.files = with_files(body, content_type)
        else:
            body = await read_body(request, FORM_BYTES, limits.idle_read)
            kept = parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=FORM_FIELDS)
        request.state.form = kept
    return kept


def _fingerprint(secret: str) -> bytes:
    return hashlib.sha256(b"seatrial form\0" + secret.encode()).digest()
