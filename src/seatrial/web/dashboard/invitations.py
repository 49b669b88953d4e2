"""Invitations: who was asked in, a link for each that is shown once, and taking it back."""

from starlette.responses import Response

from seatrial.domain.access import AppRole, MemberRole
from seatrial.domain.errors import Conflict, InvalidRequest
from seatrial.domain.invitation import NewInvitation
from seatrial.domain.listing import ListQuery
from seatrial.domain.membership import MemberKind
from seatrial.web.dashboard.door import Visitor, form_of
from seatrial.web.dashboard.gate import signed_in
from seatrial.web.dashboard.listing import back_to, kept, page_number, page_url
from seatrial.web.dashboard.people import PAGE, PEOPLE, text_of
from seatrial.web.dashboard.rules import in_words
from seatrial.web.dashboard.view import show
from seatrial.web.replies import links_of
from seatrial.wire import bodies, fields, tags
from seatrial.wire.employees import email

INVITATIONS = f"{PEOPLE}/invitations"
ONE = f"{INVITATIONS}/{{invitation}}"
MOST_APPS_OFFERED = 500


@signed_in
async def search(visitor: Visitor) -> Response:
    """List the invitations; the form may begin with what a link to it says."""
    asked = {"email": text_of(visitor, "email"), "kind": text_of(visitor, "kind")}
    return await _list(visitor, said={name: text for name, text in asked.items() if text})


@signed_in
async def create(visitor: Visitor) -> Response:
    """Invite somebody, and show the link this once."""
    context, said, base = visitor.context, await form_of(visitor.request), links_of(visitor.request).api
    try:
        new = _new(said)
        made, link = await context.write(
            lambda: context.invitations.create(visitor.scope, new, lambda secret: f"{base}/invitation/{secret}")
        )
    except InvalidRequest as invalid:
        return await _list(visitor, said=said, wrong=in_words(visitor.language, invalid), status=400)
    except Conflict:
        return await _list(visitor, said=said, wrong={"email": _there(visitor)}, status=409)
    return await _list(visitor, fresh=(made.email, link))


@signed_in
async def resend(visitor: Visitor) -> Response:
    """Send another link, and show it this once; the old one is over."""
    context, base, invitation_id = (
        visitor.context,
        links_of(visitor.request).api,
        visitor.request.path_params["invitation"],
    )
    try:
        found, link = await context.write(
            lambda: context.invitations.resend(
                visitor.scope, invitation_id, lambda secret: f"{base}/invitation/{secret}"
            )
        )
    except Conflict:
        return await _list(visitor, over=visitor.language.say("Who was invited is here already."), status=409)
    return await _list(visitor, fresh=(found.email, link))


@signed_in
async def remove(visitor: Visitor) -> Response:
    """Take an invitation back."""
    context, invitation_id = visitor.context, visitor.request.path_params["invitation"]
    try:
        await context.write(lambda: context.invitations.revoke(visitor.scope, invitation_id))
    except Conflict:
        return await _list(visitor, over=visitor.language.say("Who was invited is here already."), status=409)
    return back_to(visitor.request, _path(visitor), "removed")


def _path(visitor: Visitor) -> str:
    return f"{visitor.home}/people/invitations"


def _there(visitor: Visitor) -> str:
    return visitor.language.say("belongs to somebody who is here already.")


def _new(said: dict[str, str]) -> NewInvitation:
    name, app_role = bodies.line(bodies.NAME_LIMIT), said.get("appRole", "")
    return NewInvitation(
        kind=MemberKind(fields.word("kind", said.get("kind", MemberKind.USER.value), MemberKind)),
        email=email("email", said.get("email")),
        first_name=name("firstName", said.get("firstName")),
        last_name=name("lastName", said.get("lastName")),
        role=MemberRole(fields.word("role", said.get("role", MemberRole.VIEWER.value), MemberRole)),
        app=name("app", said.get("app")),
        app_role=AppRole(fields.word("appRole", app_role, AppRole)) if said.get("app") and app_role else None,
        tags=tags.from_json(said.get("tags", "")),
        language=bodies.language("language", said.get("language")),
    )


async def _list(
    visitor: Visitor,
    *,
    fresh: tuple[str, str] | None = None,
    over: str = "",
    said: dict[str, str] | None = None,
    wrong: dict[str, str] | None = None,
    status: int = 200,
) -> Response:
    context, request = visitor.context, visitor.request
    query = ListQuery(page=page_number(request), limit=PAGE)
    page = await context.read(lambda: context.invitations.search(visitor.scope, query))
    offered = ListQuery(limit=MOST_APPS_OFFERED)
    apps = await context.read(lambda: context.apps.search(visitor.scope, offered))
    return show(
        visitor,
        "dashboard/invitations.html",
        status,
        page=page,
        page_url=page_url(request, _path(visitor)),
        address=_path(visitor),
        at=_path(visitor),
        query=kept(request) if not said else "",
        apps=[one.app for one in apps.items],
        app_names={one.app.id: one.app.name for one in apps.items},
        roles=list(MemberRole),
        fresh=fresh,
        over=over,
        done=request.query_params.get("done", ""),
        said=said or {},
        wrong=wrong or {},
        now=context.invitations.now(),
        days=context.invitations.life.days,
        base=links_of(request).api,
    )


ROUTES = (
    ("GET", INVITATIONS, search),
    ("POST", INVITATIONS, create),
    ("POST", f"{ONE}/resend", resend),
    ("POST", f"{ONE}/remove", remove),
)
