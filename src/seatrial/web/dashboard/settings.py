"""What people choose about an organization and about an app."""

from dataclasses import replace

from starlette.responses import RedirectResponse, Response

from seatrial.domain.access import Permission
from seatrial.domain.app import AppSettings, OrganizationChanges
from seatrial.domain.build import MAX_LIMIT, UNSET, BuildQuery, BuildStatus
from seatrial.domain.errors import InvalidRequest, SlugTaken
from seatrial.domain.listing import ListQuery
from seatrial.domain.retention import MOST_RETAINED, MOST_TRASH_DAYS
from seatrial.web.dashboard.door import HOME, Visitor, form_of
from seatrial.web.dashboard.files import picture_of
from seatrial.web.dashboard.gate import signed_in
from seatrial.web.dashboard.one_app import app_path, scope_of
from seatrial.web.dashboard.rules import in_words
from seatrial.web.dashboard.view import show
from seatrial.web.replies import links_of
from seatrial.wire import bodies, fields
from seatrial.wire.apps import DESCRIPTION_LIMIT, MESSAGE_LIMIT
from seatrial.wire.organizations import MOST_DAYS

ORGANIZATION = f"{HOME}/{{organization}}/settings"
ONE_APP = f"{HOME}/{{organization}}/apps/{{app}}/settings"
PICTURES = 24


@signed_in
async def organization(visitor: Visitor) -> Response:
    """Show an organization's settings."""
    visitor.scope.require(Permission.ORGANIZATION_UPDATE)
    return await show_organization(visitor, {}, {})


@signed_in
async def change_organization(visitor: Visitor) -> Response:
    """Change an organization's name and switches."""
    context, said = visitor.context, await form_of(visitor.request)
    try:
        changes = _changes(said)
        await context.write(lambda: context.organizations.update(visitor.scope, changes))
    except InvalidRequest as invalid:
        return await show_organization(visitor, said, in_words(visitor.language, invalid), 400)
    return RedirectResponse(f"{visitor.home}/settings?saved=1", 303)


@signed_in
async def app(visitor: Visitor) -> Response:
    """Show an app's settings."""
    return await show_app(visitor, {}, {})


@signed_in
async def change_app(visitor: Visitor) -> Response:
    """Change an app."""
    context, scope, said = visitor.context, scope_of(visitor), await form_of(visitor.request)
    try:
        settings = _settings(said)
        changed = await context.write(lambda: context.apps.update(scope, settings))
    except InvalidRequest as invalid:
        return await show_app(visitor, said, in_words(visitor.language, invalid), 400)
    except SlugTaken:
        return await show_app(visitor, said, {"slug": visitor.language.say("is taken already.")}, 400)
    return RedirectResponse(f"{visitor.home}/apps/{changed.app.slug}/settings?saved=1", 303)


@signed_in
async def change_picture(visitor: Visitor) -> Response:
    """Make a build's icon the app's picture."""
    context, scope = visitor.context, scope_of(visitor)
    build_id = (await form_of(visitor.request)).get("build", "")
    await context.store(lambda: context.app_pictures.take_from_build(scope, build_id))
    return RedirectResponse(f"{app_path(visitor)}/settings?saved=1", 303)


def _settings(said: dict[str, str]) -> AppSettings:
    return AppSettings(
        name=bodies.line(bodies.NAME_LIMIT)("name", said.get("name", "")),
        slug=bodies.line(bodies.NAME_LIMIT)("slug", said.get("slug", "")) or UNSET,
        description=bodies.text(DESCRIPTION_LIMIT)("description", said.get("description", "")),
        notify_collaborators=said.get("notifyCollaborators") == "true",
        notify_employees=said.get("notifyEmployees") == "true",
        notify_feedback=said.get("notifyFeedback") == "true",
        new_build_message=bodies.text(MESSAGE_LIMIT)("message", said.get("message", "")),
        notification_language=bodies.language("language", said.get("language", "")),
        storage_provider=bodies.line(bodies.NAME_LIMIT)("storage", said["storage"]) if "storage" in said else UNSET,
    )


def _changes(said: dict[str, str]) -> OrganizationChanges:
    """Read a form about an organization: a switch that is not in it is off, a number that is not in it stays."""
    changes = OrganizationChanges(
        name=said.get("name", ""),
        integrations_enabled=said.get("integrationsEnabled") == "true",
        workspace_enabled=said.get("workspaceEnabled") == "true",
        require_two_factor=said.get("requireTwoFactor") == "true",
        custom_login_enabled=said.get("customLoginEnabled") == "true",
    )
    if "downloadLogDays" in said:
        changes = replace(changes, download_log_days=rule_number(said, "downloadLogDays", 0, MOST_DAYS))
    if "trashDays" in said:
        changes = replace(
            changes,
            build_retention_days=rule_number(said, "days"),
            builds_retained_per_publication=rule_number(said, "perPublication"),
            trash_days=fields.whole("trashDays", said["trashDays"].strip(), 1, MOST_TRASH_DAYS),
        )
    return changes


def rule_number(said: dict[str, str], name: str, least: int = 1, most: int = MOST_RETAINED) -> int | None:
    """Read a number of a rule, such as days or builds; nothing where the form says nothing.

    Raises InvalidRequest.
    """
    text = said.get(name, "").strip()
    return fields.whole(name, text, least, most) if text else None


async def show_organization(
    visitor: Visitor, said: dict[str, str], wrong: dict[str, str], status: int = 200
) -> Response:
    """Show an organization's settings, with what was said and what is wrong with it."""
    context, saved = visitor.context, bool(visitor.request.query_params.get("saved"))
    quotas = await context.read(lambda: context.quotas.of_organization(visitor.scope))
    return show(
        visitor,
        "dashboard/organization_settings.html",
        status,
        said=said,
        wrong=wrong,
        saved=saved,
        quotas=quotas,
        base=links_of(visitor.request).api,
    )


async def show_app(visitor: Visitor, said: dict[str, str], wrong: dict[str, str], status: int = 200) -> Response:
    """Show an app's settings, with what was said and what is wrong with it."""
    context, scope = visitor.context, scope_of(visitor)
    found = await context.read(lambda: context.apps.get(scope))
    near = BuildQuery(status=BuildStatus.PROCESSED, limit=PICTURES)
    builds = await context.read(lambda: context.builds.neighbours(scope, near))
    quotas = await context.read(lambda: context.quotas.of_app(scope))
    return show(
        visitor,
        "dashboard/app_settings.html",
        status,
        app=found.app,
        picture=await picture_of(visitor, found.app),
        builds=builds,
        stores=await _stores(visitor),
        quotas=quotas,
        said=said,
        wrong=wrong,
        saved=bool(visitor.request.query_params.get("saved")),
        base=links_of(visitor.request).api,
    )


async def _stores(visitor: Visitor) -> list[tuple[str, str]] | None:
    """Name the places that an app may choose, for those who may see them."""
    if not visitor.may(Permission.STORAGE_PROVIDER_LIST):
        return None
    context, query = visitor.context, ListQuery(descending=False, limit=MAX_LIMIT)
    page = await context.read(lambda: context.storage_providers.search(visitor.scope, query))
    home = context.apps.provider
    return [(home.id, home.name), *((one.id, one.name) for one in page.items)]


ROUTES = (
    ("GET", ORGANIZATION, organization),
    ("POST", ORGANIZATION, change_organization),
    ("GET", ONE_APP, app),
    ("POST", ONE_APP, change_app),
    ("POST", f"{ONE_APP}/picture", change_picture),
)
