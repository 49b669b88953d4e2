"""The ASGI application: every route in one look."""

from collections.abc import Awaitable, Callable

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response

from seatrial import __version__
from seatrial.web import errors, static_files
from seatrial.web.api import (
    accounts,
    app_collaborators,
    app_tokens,
    apps,
    audiences,
    audit,
    doctor,
    download_log,
    downloads,
    employee_import,
    employees,
    expirations,
    feedbacks,
    groups,
    identity_providers,
    invitations,
    known_devices,
    mails,
    members,
    notifications,
    oidc,
    openapi,
    operations,
    organizations,
    publications,
    quotas,
    retention,
    sdk,
    second_factors,
    service_accounts,
    sessions,
    signing_keys,
    storage_providers,
    trusted_publishers,
    users,
    webhooks,
)
from seatrial.web.api.builds import BuildRoutes
from seatrial.web.api.direct_uploads import DirectUploadRoutes
from seatrial.web.api.tus import TusRoutes
from seatrial.web.api.uploads import UploadRoutes
from seatrial.web.auth import FACES, INTEGRATIONS, WORKSPACE, Face
from seatrial.web.body import UnreadBodies
from seatrial.web.context import Context
from seatrial.web.crowd import Crowd
from seatrial.web.dashboard import setup
from seatrial.web.dashboard.routes import ROUTES as DASHBOARD
from seatrial.web.edge import Edge
from seatrial.web.pages import docs, login, passwords, store, store_devices, store_lists, unsubscribe
from seatrial.web.pages import invitations as invitation_pages
from seatrial.web.rates import Pace

Handler = Callable[[Request], Awaitable[Response]]


def create_app(context: Context) -> FastAPI:
    """Build the application around its services."""
    app = FastAPI(
        title="Seatrial", version=__version__, openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False
    )
    app.state.context = context
    for face in FACES:
        _add_face(app, face)
    _get(app, f"{WORKSPACE.prefix}/builds/{{build}}/downloadToken", downloads.issue)
    _add_download_log(app)
    _add_sdk(app)
    _add_administration(app)
    _add_invitations(app)
    _add_webhooks(app)
    _add_retention(app)
    _add_quotas(app)
    _add_sessions(app)
    _add_mail(app)
    _add_publications(app)
    _add_accounts(app)
    # A HEAD must neither use a token up nor hand out where it leads.
    _add(app, "HEAD", "/v1/download/{token}", downloads.peek)
    _add(app, "GET", "/v1/download/{token}", downloads.redeem)
    _get(app, "/v1/download/{token}/manifest.plist", downloads.manifest)
    _get(app, "/v1/files/{file}/{name:path}", downloads.read)
    _get(app, "/healthz", operations.health)
    _get(app, "/readyz", operations.ready)
    _get(app, "/metrics", operations.metrics)
    _get(app, "/v1/doctor/{probe}", doctor.answer)
    _add(app, "POST", "/v1/doctor/{probe}", doctor.take)
    _get(app, "/openapi.json", openapi.show)
    _get(app, "/docs", docs.show)
    _get(app, "/setup/{token}", setup.show)
    _add(app, "POST", "/setup/{token}", setup.create)
    _get(app, "/login/{organization}", login.show)
    _add(app, "POST", "/login/{organization}", login.enter)
    _get(app, "/password/{token}", passwords.show)
    _add(app, "POST", "/password/{token}", passwords.change)
    _add_dashboard(app)
    _get(app, "/static/{name:path}", static_files.show)
    _add_store(app)
    errors.install(app)
    _add_guards(app, context)
    return app


def _add_guards(app: FastAPI, context: Context) -> None:
    """Put around every request what bounds it; what is added last is outermost."""
    limits = context.body_limits
    app.add_middleware(Pace)
    app.add_middleware(Crowd, most=limits.requests)
    app.add_middleware(Edge, meter=context.meter)
    app.add_middleware(
        UnreadBodies,
        drain_bytes=limits.refused,
        drain_seconds=limits.refused_seconds,
        slow_rate=limits.slow_rate,
        slow_seconds=limits.slow_seconds,
    )


def _add_face(app: FastAPI, face: Face) -> None:
    builds, uploads, tus = BuildRoutes(face), UploadRoutes(face), TusRoutes(face)
    _get(app, f"{face.prefix}/builds", builds.search)
    _add(app, "POST", f"{face.prefix}/builds", uploads.create)
    _get(app, f"{face.prefix}/builds/{{build}}", builds.show)
    _get(app, f"{face.prefix}/builds/{{build}}/events", builds.follow)
    _add(app, "PUT", f"{face.prefix}/builds/{{build}}", builds.update)
    _add(app, "DELETE", f"{face.prefix}/builds/{{build}}", builds.delete)
    _add(app, "POST", f"{face.prefix}/builds/{{build}}/files", uploads.attach)
    _add(app, "POST", f"{face.prefix}/builds/{{build}}/reprocess", builds.reprocess)
    for method, path, handler in (*tus.routes(), *DirectUploadRoutes(face).routes()):
        _add(app, method, path, handler)
        if method == "GET" and "/directUploads/" in path:
            _add(app, "HEAD", path, handler)


def _add_download_log(app: FastAPI) -> None:
    for path in (f"{WORKSPACE.prefix}/builds/{{build}}/downloads", f"{WORKSPACE.prefix}/downloads"):
        _get(app, path, download_log.search)
        _get(app, f"{path}.csv", download_log.export)
    _add(app, "POST", "/v1/organizations/{organization}/erasures", download_log.erase)


def _add_sdk(app: FastAPI) -> None:
    _get(app, "/v1/app", sdk.configuration)
    _get(app, "/v1/build/{build}/downloadToken", sdk.issue)
    _add(app, "POST", "/v1/feedback", sdk.send_feedback)
    _add(app, "PUT", "/v1/feedback/{feedback}/video", sdk.send_video)
    settings, feedback = f"{WORKSPACE.prefix}/sdk", f"{WORKSPACE.prefix}/feedbacks"
    _get(app, settings, sdk.show_settings)
    _add(app, "PUT", settings, sdk.update_settings)
    _get(app, feedback, feedbacks.search)
    _get(app, f"{feedback}/{{feedback}}", feedbacks.show)
    _add(app, "PUT", f"{feedback}/{{feedback}}", feedbacks.update)
    _add(app, "DELETE", f"{feedback}/{{feedback}}", feedbacks.remove)


def _add_administration(app: FastAPI) -> None:
    organization, one_app = "/v1/organizations/{organization}", WORKSPACE.prefix
    _get(app, "/v1/organizations", organizations.search)
    _add(app, "PUT", organization, organizations.update)
    _get(app, f"{organization}/auditLog", audit.search)
    _get(app, f"{organization}/auditLog/verification", audit.verify)
    _get(app, f"{organization}/auditLog/export", audit.export)
    _get(app, f"{organization}/apps", apps.search)
    _add(app, "POST", f"{organization}/apps", apps.create)
    _get(app, one_app, apps.show)
    _add(app, "PUT", one_app, apps.update)
    _add(app, "PUT", f"{one_app}/picture", apps.set_picture)
    _get(app, f"{one_app}/tokens", app_tokens.search)
    _add(app, "POST", f"{one_app}/tokens", app_tokens.create)
    _get(app, f"{one_app}/tokens/{{app_token}}", app_tokens.show)
    _add(app, "DELETE", f"{one_app}/tokens/{{app_token}}", app_tokens.revoke)
    _add(app, "POST", f"{one_app}/tokens/{{app_token}}/rotate", app_tokens.rotate)
    _add(app, "POST", "/v1/oidc/token", trusted_publishers.trade_in)
    _get(app, f"{one_app}/signingKey", signing_keys.show)
    _add(app, "POST", f"{one_app}/signingKey", signing_keys.ensure)
    _add(app, "PUT", f"{one_app}/signingKey", signing_keys.bring)
    # Before the collaborators, of whom one could be called `apps` otherwise.
    _get(app, f"{organization}/collaborators/apps", app_collaborators.search_everywhere)
    for path, noun, key in (
        (f"{one_app}/collaborators", app_collaborators, "user"),
        (f"{one_app}/trustedPublishers", trusted_publishers, "publisher"),
        (f"{organization}/serviceAccounts", service_accounts, "account"),
        (f"{organization}/collaborators", users, "user"),
        (f"{organization}/employees", employees, "employee"),
        (f"{organization}/groups", groups, "group"),
        (f"{organization}/audiences", audiences, "audience"),
        (f"{organization}/identityProviders", identity_providers, "provider"),
        (f"{organization}/storageProviders", storage_providers, "storage"),
    ):
        _get(app, path, noun.search)
        _add(app, "POST", path, noun.create)
        _get(app, f"{path}/{{{key}}}", noun.show)
        _add(app, "PUT", f"{path}/{{{key}}}", noun.update)
        _add(app, "DELETE", f"{path}/{{{key}}}", noun.remove)
    _add(app, "POST", f"{organization}/serviceAccounts/{{account}}/rotate", service_accounts.rotate)
    _add(app, "POST", f"{organization}/storageProviders/{{storage}}/test", storage_providers.test)
    _add(app, "POST", f"{organization}/employees/import", employee_import.import_list)
    _get(app, f"{INTEGRATIONS.prefix}/employees", employees.search_for_app)
    _get(app, f"{organization}/groups/{{group}}/members", groups.members)
    _add(app, "POST", f"{organization}/groups/{{group}}/members", groups.add)
    _add(app, "POST", f"{organization}/groups/{{group}}/members/remove", groups.take_out)
    _get(app, f"{organization}/audiences/{{audience}}/employees", audiences.employees)
    _get(app, f"{organization}/devices", known_devices.search)
    _get(app, f"{organization}/devices.csv", known_devices.export_csv)
    _get(app, f"{organization}/devices.txt", known_devices.export_apple)
    _get(app, f"{organization}/devices/{{device}}", known_devices.show)
    _add(app, "DELETE", f"{organization}/devices/{{device}}", known_devices.remove)


def _add_invitations(app: FastAPI) -> None:
    path = "/v1/organizations/{organization}/invitations"
    _get(app, path, invitations.search)
    _add(app, "POST", path, invitations.create)
    _get(app, f"{path}/{{invitation}}", invitations.show)
    _add(app, "DELETE", f"{path}/{{invitation}}", invitations.remove)
    _add(app, "POST", f"{path}/{{invitation}}/resend", invitations.resend)
    _get(app, "/v1/invitations/{token}", invitations.look)
    _add(app, "POST", "/v1/invitations/{token}", invitations.accept)
    _get(app, "/invitation/{token}", invitation_pages.show)
    _add(app, "POST", "/invitation/{token}", invitation_pages.accept)


def _add_webhooks(app: FastAPI) -> None:
    _get(app, "/v1/organizations/{organization}/expirations", expirations.search)
    for place in webhooks.PLACES:
        one = f"{place.prefix}/{{webhook}}"
        _get(app, place.prefix, place.search)
        _add(app, "POST", place.prefix, place.create)
        _get(app, one, place.show)
        _add(app, "PUT", one, place.update)
        _add(app, "DELETE", one, place.remove)
        _add(app, "POST", f"{one}/rotate", place.rotate)
        _add(app, "POST", f"{one}/test", place.test)
        _get(app, f"{one}/deliveries", place.deliveries)
        _get(app, f"{one}/deliveries/{{delivery}}", place.delivery)
        _add(app, "POST", f"{one}/deliveries/{{delivery}}/replay", place.replay)


def _add_retention(app: FastAPI) -> None:
    organization, one_app = "/v1/organizations/{organization}", WORKSPACE.prefix
    _get(app, f"{organization}/retention", retention.preview_all)
    _get(app, f"{one_app}/retention", retention.preview)
    _get(app, f"{one_app}/builds/{{build}}/pin", retention.show_pin)
    _add(app, "PUT", f"{one_app}/builds/{{build}}/pin", retention.pin)
    _add(app, "DELETE", f"{one_app}/builds/{{build}}/pin", retention.unpin)
    _add(app, "POST", f"{one_app}/builds/{{build}}/trash", retention.throw_away)
    _get(app, f"{one_app}/trash", retention.search_trash)
    _add(app, "POST", f"{one_app}/trash/{{build}}/restore", retention.restore)
    _add(app, "DELETE", f"{one_app}/trash/{{build}}", retention.purge)


def _add_quotas(app: FastAPI) -> None:
    organization, one_app = "/v1/organizations/{organization}/quotas", f"{WORKSPACE.prefix}/quotas"
    _get(app, organization, quotas.show_organization)
    _add(app, "PUT", organization, quotas.choose_for_organization)
    _get(app, one_app, quotas.show_app)
    _add(app, "PUT", one_app, quotas.choose_for_app)


def _add_sessions(app: FastAPI) -> None:
    _add(app, "POST", "/v1/auth/login", sessions.login)
    _add(app, "POST", "/v1/auth/refresh", sessions.refresh)
    _add(app, "POST", "/v1/auth/logout", sessions.logout)
    _get(app, "/v1/auth/redirect", members.redirect)
    _add(app, "POST", "/v1/auth/customLogin", members.custom_login)


def _add_accounts(app: FastAPI) -> None:
    _get(app, "/v1/auth/profile", members.profile)
    _add(app, "PUT", "/v1/auth/profile", accounts.update)
    _add(app, "PUT", "/v1/auth/password", accounts.change_password)
    _get(app, "/v1/auth/sessions", accounts.sessions)
    _add(app, "DELETE", "/v1/auth/sessions", accounts.end_other_sessions)
    _add(app, "DELETE", "/v1/auth/sessions/{session}", accounts.end_session)
    _add(app, "POST", "/v1/auth/forgot", accounts.forgot)
    _add(app, "POST", "/v1/auth/reset", accounts.reset)
    _get(app, "/v1/auth/oidc/{provider}/start", oidc.start)
    _get(app, "/v1/auth/oidc/{provider}/callback", oidc.callback)
    _get(app, "/v1/auth/twoFactor", second_factors.show)
    _add(app, "POST", "/v1/auth/twoFactor", second_factors.begin)
    _add(app, "POST", "/v1/auth/twoFactor/confirm", second_factors.confirm)
    _add(app, "POST", "/v1/auth/twoFactor/disable", second_factors.disable)
    _add(app, "POST", "/v1/auth/twoFactor/recoveryCodes", second_factors.regenerate)


def _add_publications(app: FastAPI) -> None:
    _get(app, publications.STORES, publications.stores)
    for face in publications.FACES:
        _get(app, face.prefix, face.search)
        _add(app, "POST", face.prefix, face.create)
        _get(app, f"{face.prefix}/{{publication}}", face.show)
        _add(app, "PUT", f"{face.prefix}/{{publication}}", face.update)
        _add(app, "DELETE", f"{face.prefix}/{{publication}}", face.delete)


def _add_mail(app: FastAPI) -> None:
    organization, one_app = "/v1/organizations/{organization}", WORKSPACE.prefix
    _get(app, f"{organization}/mails", mails.search)
    _get(app, f"{organization}/mails/{{mail}}", mails.show)
    _add(app, "POST", f"{organization}/mails/{{mail}}/retry", mails.retry)
    _get(app, f"{one_app}/notifications", notifications.search)
    _add(app, "POST", f"{one_app}/notifications/preview", notifications.preview)
    _get(app, f"{one_app}/notifications/{{notification}}/mails", notifications.recipients)
    _get(app, f"{one_app}/builds/{{build}}/notifications", notifications.of_build)
    _add(app, "POST", f"{one_app}/builds/{{build}}/notifications", notifications.tell)
    _get(app, "/v1/auth/preferences", mails.preferences)
    _add(app, "PUT", "/v1/auth/preferences", mails.choose)
    _get(app, "/unsubscribe/{token}", unsubscribe.show)
    _add(app, "POST", "/unsubscribe/{token}", unsubscribe.choose)


def _add_dashboard(app: FastAPI) -> None:
    for method, path, handler in DASHBOARD:
        if method == "GET":
            _get(app, path, handler)
        else:
            _add(app, method, path, handler)


def _add_store(app: FastAPI) -> None:
    """Add the pages; publications are at the root, so they come after everything else."""
    _get(app, "/store", store_lists.home)
    _add(app, "POST", "/store/logout", store_lists.leave)
    _get(app, "/store/{organization}", store_lists.listing)
    _get(app, "/store/{organization}/device", store_devices.show_own)
    _get(app, "/store/{organization}/device.mobileconfig", store_devices.own_profile)
    _add(app, "POST", store_devices.ANSWER_PATH, store_devices.take)
    _get(app, "/builds/{build}/install", store_lists.build)
    _get(app, "/builds/{build}/install/install", store_lists.take)
    _get(app, "/{slug}", store.show)
    _add(app, "POST", "/{slug}", store.act)
    _get(app, "/{slug}/install", store.install)
    _get(app, "/{slug}/device", store_devices.show)
    _get(app, "/{slug}/device.mobileconfig", store_devices.profile)


def _get(app: FastAPI, path: str, handler: Handler) -> None:
    _add(app, "GET", path, handler)
    _add(app, "HEAD", path, handler)


def _add(app: FastAPI, method: str, path: str, handler: Handler) -> None:
    app.add_api_route(path, handler, methods=[method], response_model=None, include_in_schema=method != "HEAD")
