"""One's own account: name and language, password, sessions, and which mails somebody wants."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from starlette.responses import RedirectResponse, Response

from seatrial.domain.access import OrganizationScope, Permission
from seatrial.domain.app import App, Organization
from seatrial.domain.browser import browser_of
from seatrial.domain.errors import Conflict, EntityNotFound, InvalidRequest, TooManyRequests, WrongCredentials
from seatrial.domain.listing import ListQuery
from seatrial.domain.mail import Delivery
from seatrial.domain.member import LONGEST_PASSWORD, SHORTEST_PASSWORD, PersonChanges
from seatrial.domain.second_factor import Enrolment
from seatrial.services.mail_preferences import NamedPreference
from seatrial.web.auth import address_of
from seatrial.web.dashboard.door import form_of, keep
from seatrial.web.dashboard.own import ACCOUNT, Self, for_oneself, show_own
from seatrial.web.dashboard.rules import in_words
from seatrial.web.dashboard.sign_in import YEAR
from seatrial.web.locale import languages
from seatrial.web.speech import LANGUAGE_COOKIE
from seatrial.wire import bodies, fields

MOST_APPS_SHOWN = 500


@dataclass(frozen=True, slots=True)
class Wishes:
    """What somebody wants to hear of in one organization."""

    organization: Organization
    apps: Sequence[App]
    at_all: Delivery
    by_app: dict[str, Delivery]
    """What was said of single apps, by id."""


@for_oneself
async def account(oneself: Self) -> Response:
    """Show the account."""
    return await show_account(oneself)


@for_oneself
async def change(oneself: Self) -> Response:
    """Change name and language; a language that the pages have is theirs too from now on."""
    context, said = oneself.context, await form_of(oneself.request)
    name = bodies.line(bodies.NAME_LIMIT)
    try:
        changes = PersonChanges(
            first_name=name("firstName", said.get("firstName")),
            last_name=name("lastName", said.get("lastName")),
            language=bodies.language("language", said.get("language")),
        )
        user = await context.write(lambda: context.accounts.update(oneself.me, changes))
    except InvalidRequest as invalid:
        return await show_account(oneself, said=said, wrong=in_words(oneself.language, invalid), status=400)
    answer = _back("saved", "profile")
    if user.language in languages():
        keep(answer, oneself.request, LANGUAGE_COOKIE, user.language, YEAR)
    return answer


@for_oneself
async def change_password(oneself: Self) -> Response:
    """Choose another password; every other session ends."""
    context, said, address = oneself.context, await form_of(oneself.request), address_of(oneself.request)
    say, new = oneself.language.say, said.get("newPassword", "")
    wrong: dict[str, str] = {}
    if new != said.get("again", new):
        wrong = {"again": say("is not the same.")}
    else:
        try:
            await context.compare(
                lambda: context.accounts.change_password(oneself.me, said.get("password", ""), new, address)
            )
        except InvalidRequest as invalid:
            wrong = in_words(oneself.language, invalid)
        except WrongCredentials:
            wrong = {"password": say("is wrong.")}
        except TooManyRequests as error:
            return await too_many(oneself, error, "password")
        except Conflict:
            wrong = {"password": say("is not what this account signs in with: “Forgotten password” gives it one.")}
    if wrong:
        return await show_account(oneself, wrong=wrong, status=400)
    return _back("password", "password")


@for_oneself
async def end_session(oneself: Self) -> Response:
    """End one of one's own sessions; one that is over already is what was wanted."""
    context, session_id = oneself.context, oneself.request.path_params["session"]
    with suppress(EntityNotFound):
        await context.write(lambda: context.accounts.end_session(oneself.me, session_id))
    return _back("session", "sessions")


@for_oneself
async def end_other_sessions(oneself: Self) -> Response:
    """End every session of one's own but this one."""
    context = oneself.context
    await context.write(lambda: context.accounts.end_other_sessions(oneself.me))
    return _back("session", "sessions")


@for_oneself
async def choose_mails(oneself: Self) -> Response:
    """Write down which mails of an organization somebody wants: of all apps, and of single ones beside that."""
    context, said = oneself.context, await form_of(oneself.request)
    scope = await _scope_of(oneself, said.get("organization", ""))
    try:
        at_all = Delivery(fields.word("all", said.get("all", ""), Delivery))
        by_app = {
            name.removeprefix("app-"): Delivery(fields.word(name, text, Delivery))
            for name, text in said.items()
            if name.startswith("app-") and text
        }
    except InvalidRequest as invalid:
        return await show_account(oneself, wrong=in_words(oneself.language, invalid), status=400)
    before = await _wishes_in(oneself, scope, await _said_by(oneself, [scope]))

    def write() -> None:
        # What holds for all puts an end to what was said of single apps, so those are said again.
        anew = at_all is not before.at_all or not set(before.by_app) <= set(by_app)
        if anew:
            context.mail_preferences.set_of_person(scope, None, at_all)
        for app_id, delivery in by_app.items():
            if anew or before.by_app.get(app_id) is not delivery:
                context.mail_preferences.set_of_person(scope, app_id, delivery)

    await context.write(write)
    return _back("mails", "mails")


async def too_many(oneself: Self, error: TooManyRequests, field: str) -> Response:
    """Say how long to wait before the next try."""
    wait = oneself.language.say("was tried too often. Try again in {seconds} seconds.", seconds=error.retry_after)
    answer = await show_account(oneself, wrong={field: wait}, status=429)
    answer.headers["Retry-After"] = str(error.retry_after)
    return answer


async def show_account(
    oneself: Self,
    *,
    said: dict[str, str] | None = None,
    wrong: dict[str, str] | None = None,
    enrolment: Enrolment | None = None,
    begun: bool = False,
    codes: Sequence[str] = (),
    status: int = 200,
) -> Response:
    """Show the account; `enrolment` and `codes` are shown this once, `begun` asks for the first code."""
    context, me = oneself.context, oneself.me
    scopes = await context.read(lambda: context.identity.organizations(oneself.secret)) if oneself.visitor else []
    preferences = await _said_by(oneself, scopes)
    sessions = await context.read(lambda: context.accounts.sessions(me))
    return show_own(
        oneself,
        "dashboard/account.html",
        status,
        user=me.user,
        rule=oneself.rule,
        factor=await context.read(lambda: context.second_factors.state(me.user)),
        enrolment=enrolment,
        begun=begun or enrolment is not None,
        codes=list(codes),
        sessions=[(one, browser_of(one.user_agent)) for one in sessions],
        current=me.session.id,
        has_password=await context.read(lambda: context.accounts.has_password(me)),
        wishes=[await _wishes_in(oneself, scope, preferences) for scope in scopes],
        shortest=SHORTEST_PASSWORD,
        longest=LONGEST_PASSWORD,
        done=oneself.request.query_params.get("done", ""),
        said=said or {},
        wrong=wrong or {},
        address=ACCOUNT,
        at=ACCOUNT,
    )


def _back(done: str, section: str) -> Response:
    return RedirectResponse(f"{ACCOUNT}?done={done}#{section}", 303)


async def _scope_of(oneself: Self, organization_id: str) -> OrganizationScope:
    context = oneself.context
    scopes = await context.read(lambda: context.identity.organizations(oneself.secret))
    chosen = next((one for one in scopes if one.organization_id == organization_id), None)
    if chosen is None:
        raise EntityNotFound
    return chosen


async def _said_by(oneself: Self, scopes: Sequence[OrganizationScope]) -> list[NamedPreference]:
    return await oneself.context.read(lambda: oneself.context.mail_preferences.of_person(scopes))


async def _wishes_in(oneself: Self, scope: OrganizationScope, preferences: Sequence[NamedPreference]) -> Wishes:
    context = oneself.context
    mine = [one for one in preferences if one.organization.id == scope.organization_id]
    apps: list[App] = []
    if Permission.APP_LIST in scope.principal.permissions:
        query = ListQuery(limit=MOST_APPS_SHOWN)
        page = await context.read(lambda: context.apps.search(scope, query))
        apps = sorted((one.app for one in page.items), key=lambda app: app.name.casefold())
    return Wishes(
        organization=mine[0].organization,
        apps=apps,
        at_all=next(one.delivery for one in mine if one.app is None),
        by_app={one.app.id: one.delivery for one in mine if one.app is not None},
    )


ROUTES = (
    ("GET", ACCOUNT, account),
    ("POST", ACCOUNT, change),
    ("POST", f"{ACCOUNT}/password", change_password),
    ("POST", f"{ACCOUNT}/sessions/end", end_other_sessions),
    ("POST", f"{ACCOUNT}/sessions/{{session}}/end", end_session),
    ("POST", f"{ACCOUNT}/mails", choose_mails),
)
