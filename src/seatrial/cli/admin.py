"""`seatrial admin`: apps, app tokens, service accounts and users, by the person at the server."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from seatrial.cli.output import expiry, fail, moment, print_facts, print_json, print_table
from seatrial.cli.workspace import DataDir, Json
from seatrial.domain.access import OrganizationScope, Role, TokenScope
from seatrial.domain.app import App, AppToken, ServiceAccount, User

if TYPE_CHECKING:
    from seatrial.services.workspaces import Workspaces

app = typer.Typer(help="Administer apps, tokens, service accounts and users.", no_args_is_help=True)
apps = typer.Typer(help="Apps.", no_args_is_help=True)
tokens = typer.Typer(help="App tokens, for pipelines of one app.", no_args_is_help=True)
accounts = typer.Typer(help="Service accounts, for programs that work on a whole organization.", no_args_is_help=True)
users = typer.Typer(help="People.", no_args_is_help=True)
for group, name in ((apps, "app"), (tokens, "token"), (accounts, "service-account"), (users, "user")):
    app.add_typer(group, name=name)

InOrganization = Annotated[
    str | None, typer.Option("--organization", help="Id or slug; needed only where there are several.")
]
OfApp = Annotated[str, typer.Option("--app", help="The app's id or slug.")]
Expires = Annotated[str | None, typer.Option("--expires", help="Like 90d, 12h, or a date. Default: never.")]


@contextmanager
def _opened(data_dir: Path | None, organization: str | None) -> Iterator[tuple["Workspaces", OrganizationScope]]:
    from seatrial.bootstrap import open_workspaces
    from seatrial.config import load

    settings = load(data_dir)
    if settings.database_url is None and not (settings.data_dir / "seatrial.db").exists():
        fail(f"There is no workspace in {settings.data_dir}; `seatrial init` makes one.")
    database, workspaces = open_workspaces(settings)
    try:
        yield workspaces, workspaces.operator(organization)
    finally:
        database.close()


@apps.command("create")
def create_app(name: str, organization: InOrganization = None, data_dir: DataDir = None, as_json: Json = False) -> None:
    """Make an app; its slug is drawn from its name."""
    with _opened(data_dir, organization) as (workspaces, scope):
        made = _app(workspaces.create_app(scope, name))
    _show(made, as_json)


@apps.command("list")
def list_apps(organization: InOrganization = None, data_dir: DataDir = None, as_json: Json = False) -> None:
    """List the apps."""
    with _opened(data_dir, organization) as (workspaces, scope):
        found = [_app(one) for one in workspaces.list_apps(scope)]
    _show_all(found, as_json)


@tokens.command("create")
def create_token(
    of_app: OfApp,
    description: Annotated[str, typer.Option(help="What the token is for.")] = "",
    expires: Expires = None,
    scope: Annotated[
        list[TokenScope] | None, typer.Option("--scope", help="Default: upload. May be given twice.")
    ] = None,
    organization: InOrganization = None,
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """Make an app token; its secret is shown this once."""
    until = expiry(expires)
    with _opened(data_dir, organization) as (workspaces, within):
        app_scope = workspaces.app_scope(within, of_app)
        scopes = tuple(dict.fromkeys(scope or [TokenScope.UPLOAD]))
        made, secret = workspaces.create_token(app_scope, description, scopes, until)
    _show(_token(made) | {"token": secret}, as_json)


@tokens.command("list")
def list_tokens(
    of_app: OfApp, organization: InOrganization = None, data_dir: DataDir = None, as_json: Json = False
) -> None:
    """List an app's tokens, without their secrets."""
    with _opened(data_dir, organization) as (workspaces, within):
        found = [_token(one) for one in workspaces.list_tokens(workspaces.app_scope(within, of_app))]
    _show_all(found, as_json)


@tokens.command("revoke")
def revoke_token(
    token_id: str, of_app: OfApp, organization: InOrganization = None, data_dir: DataDir = None, as_json: Json = False
) -> None:
    """End an app token at once and for good."""
    with _opened(data_dir, organization) as (workspaces, within):
        workspaces.revoke_token(workspaces.app_scope(within, of_app), token_id)
    _show({"id": token_id, "revoked": True}, as_json)


@accounts.command("create")
def create_account(
    name: str,
    role: Annotated[Role, typer.Option(help="Everything, an app's resources, or reading.")],
    expires: Expires = None,
    organization: InOrganization = None,
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """Make a service account; its secret is shown this once."""
    until = expiry(expires)
    with _opened(data_dir, organization) as (workspaces, within):
        made, secret = workspaces.create_service_account(within, name, role, until)
    _show(_account(made) | {"token": secret}, as_json)


@accounts.command("list")
def list_accounts(organization: InOrganization = None, data_dir: DataDir = None, as_json: Json = False) -> None:
    """List the service accounts, without their secrets."""
    with _opened(data_dir, organization) as (workspaces, within):
        found = [_account(one) for one in workspaces.list_service_accounts(within)]
    _show_all(found, as_json)


@accounts.command("revoke")
def revoke_account(
    account_id: str, organization: InOrganization = None, data_dir: DataDir = None, as_json: Json = False
) -> None:
    """End a service account at once and for good."""
    with _opened(data_dir, organization) as (workspaces, within):
        workspaces.revoke_service_account(within, account_id)
    _show({"id": account_id, "revoked": True}, as_json)


@users.command("create")
def create_user(
    email: str, organization: InOrganization = None, data_dir: DataDir = None, as_json: Json = False
) -> None:
    """Make a person with a password that is shown this once."""
    import secrets

    password = secrets.token_urlsafe(15)
    with _opened(data_dir, organization) as (workspaces, within):
        made = workspaces.create_user(within, email, password)
    _show(_user(made, "viewer") | {"password": password}, as_json)


@users.command("list")
def list_users(organization: InOrganization = None, data_dir: DataDir = None, as_json: Json = False) -> None:
    """List the people of an organization."""
    with _opened(data_dir, organization) as (workspaces, within):
        found = [_user(one, role) for one, role in workspaces.list_users(within)]
    _show_all(found, as_json)


def _app(one: App) -> dict[str, object]:
    return {"id": one.id, "slug": one.slug, "name": one.name, "createdAt": moment(one.created_at)}


def _token(one: AppToken) -> dict[str, object]:
    return {
        "id": one.id,
        "description": one.description,
        "scopes": [scope.value for scope in one.scopes],
        "expiresAt": moment(one.expires_at),
        "revokedAt": moment(one.revoked_at),
        "lastUsedAt": moment(one.last_used_at),
        "createdAt": moment(one.created_at),
    }


def _account(one: ServiceAccount) -> dict[str, object]:
    return {
        "id": one.id,
        "name": one.name,
        "role": one.role.value,
        "expiresAt": moment(one.expires_at),
        "revokedAt": moment(one.revoked_at),
        "lastUsedAt": moment(one.last_used_at),
        "createdAt": moment(one.created_at),
    }


def _user(one: User, role: str) -> dict[str, object]:
    return {"id": one.id, "email": one.email, "role": role, "createdAt": moment(one.created_at)}


def _show(one: dict[str, object], as_json: bool) -> None:
    if as_json:
        print_json(one)
    else:
        print_facts(one)


def _show_all(found: list[dict[str, object]], as_json: bool) -> None:
    if as_json:
        print_json(found)
    elif found:
        print_table(found[0], (one.values() for one in found))
    else:
        print("There are none yet.")
