"""`seatrial admin`: organization, apps, app tokens, service accounts and users, by the person at the server."""

from datetime import timedelta
from typing import Annotated

import typer

from seatrial.cli import (
    admin_audit,
    admin_notifications,
    admin_people,
    admin_publishing,
    admin_storage,
    quota,
    reprocess,
    retention,
)
from seatrial.cli.admin_records import account, app_record, member, organization_record, signing_key, token
from seatrial.cli.administering import InOrganization, OfApp, every, opened, show, show_all
from seatrial.cli.output import expiry, fail
from seatrial.cli.workspace import DataDir, Json
from seatrial.domain.access import MemberRole, Role, TokenScope
from seatrial.domain.app import AppSettings, OrganizationChanges, ServiceAccountChanges
from seatrial.domain.build import UNSET
from seatrial.domain.member import MemberChanges, NewMember

MAX_KEYSTORE = 64 << 10

app = typer.Typer(help="Administer the organization, apps, tokens, service accounts and users.", no_args_is_help=True)
organizations = typer.Typer(help="The organization and its switches.", no_args_is_help=True)
apps = typer.Typer(help="Apps.", no_args_is_help=True)
tokens = typer.Typer(help="App tokens, for pipelines of one app.", no_args_is_help=True)
accounts = typer.Typer(help="Service accounts, for programs that work on a whole organization.", no_args_is_help=True)
users = typer.Typer(help="People.", no_args_is_help=True)
signing_keys = typer.Typer(help="Keys that sign the APKs made of an app's bundles.", no_args_is_help=True)
for group, name in (
    (organizations, "organization"),
    (apps, "app"),
    (tokens, "token"),
    (admin_publishing.app, "trusted-publisher"),
    (admin_storage.app, "storage-provider"),
    (accounts, "service-account"),
    (users, "user"),
    (signing_keys, "signing-key"),
    (admin_people.employees, "employee"),
    (admin_people.groups, "group"),
    (admin_people.audiences, "audience"),
    (admin_people.invitations, "invitation"),
    (admin_notifications.app, "notification"),
    (retention.app, "retention"),
    (admin_audit.app, "audit"),
    (reprocess.app, "build"),
    (quota.app, "quota"),
):
    app.add_typer(group, name=name)

Expires = Annotated[str | None, typer.Option("--expires", help="Like 90d, 12h, or a date. Default: never.")]

OverlapSeconds = Annotated[int, typer.Option(min=0, max=7 * 24 * 3600, help="How long the old secret stays good.")]


@organizations.command("show")
def show_organization(organization: InOrganization = None, data_dir: DataDir = None, as_json: Json = False) -> None:
    """Show the organization and its switches."""
    with opened(data_dir, organization) as (services, within):
        found = services.organizations.get(within)
    show(organization_record(found), as_json)


@organizations.command("set")
def set_organization(
    name: Annotated[str | None, typer.Option(help="Another name; the slug stays.")] = None,
    integrations: Annotated[
        bool | None, typer.Option("--integrations/--no-integrations", help="The Integrations API, for app tokens.")
    ] = None,
    workspace: Annotated[
        bool | None,
        typer.Option("--workspace/--no-workspace", help="The Workspace API, for service accounts and people."),
    ] = None,
    two_factor: Annotated[
        bool | None,
        typer.Option("--require-two-factor/--no-require-two-factor", help="Whether people need a second factor."),
    ] = None,
    custom_login: Annotated[
        bool | None,
        typer.Option("--custom-login/--no-custom-login", help="Whether apps may name their users without any proof."),
    ] = None,
    organization: InOrganization = None,
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """Rename the organization, or switch its APIs and rules on and off."""
    changes = OrganizationChanges(
        name=UNSET if name is None else name,
        integrations_enabled=UNSET if integrations is None else integrations,
        workspace_enabled=UNSET if workspace is None else workspace,
        require_two_factor=UNSET if two_factor is None else two_factor,
        custom_login_enabled=UNSET if custom_login is None else custom_login,
    )
    with opened(data_dir, organization) as (services, within):
        changed = services.organizations.update(within, changes)
    show(organization_record(changed), as_json)


@apps.command("create")
def create_app(
    name: str,
    slug: Annotated[str | None, typer.Option(help="Default: drawn from the name.")] = None,
    description: Annotated[str | None, typer.Option(help="What the app is.")] = None,
    organization: InOrganization = None,
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """Make an app; its slug is drawn from its name where none is given."""
    settings = AppSettings(
        name=name, slug=UNSET if slug is None else slug, description=UNSET if description is None else description
    )
    with opened(data_dir, organization) as (services, within):
        made = services.apps.create(within, settings)
    show(app_record(made.app), as_json)


@apps.command("list")
def list_apps(organization: InOrganization = None, data_dir: DataDir = None, as_json: Json = False) -> None:
    """List the apps."""
    with opened(data_dir, organization) as (services, within):
        found = every(lambda query: services.apps.search(within, query))
    show_all([app_record(one.app) for one in found], as_json)


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
    from seatrial.services.app_tokens import NewAppToken

    scopes = tuple(dict.fromkeys(scope or [TokenScope.UPLOAD]))
    new = NewAppToken(description=description, scopes=scopes, expires_at=expiry(expires))
    with opened(data_dir, organization) as (services, within):
        made, secret = services.app_tokens.create(services.apps.scope_of(within, of_app), new)
    show(token(made) | {"token": secret}, as_json)


@tokens.command("list")
def list_tokens(
    of_app: OfApp, organization: InOrganization = None, data_dir: DataDir = None, as_json: Json = False
) -> None:
    """List an app's tokens, without their secrets."""
    with opened(data_dir, organization) as (services, within):
        app_scope = services.apps.scope_of(within, of_app)
        found = every(lambda query: services.app_tokens.search(app_scope, query))
    show_all([token(one) for one in found], as_json)


@tokens.command("rotate")
def rotate_token(
    token_id: str,
    of_app: OfApp,
    overlap_seconds: OverlapSeconds = 0,
    organization: InOrganization = None,
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """Give an app token another secret, which is shown this once."""
    with opened(data_dir, organization) as (services, within):
        scope, overlap = services.apps.scope_of(within, of_app), timedelta(seconds=overlap_seconds)
        changed, secret = services.app_tokens.rotate(scope, token_id, overlap)
    show(token(changed) | {"token": secret}, as_json)


@tokens.command("revoke")
def revoke_token(
    token_id: str, of_app: OfApp, organization: InOrganization = None, data_dir: DataDir = None, as_json: Json = False
) -> None:
    """End an app token at once and for good."""
    with opened(data_dir, organization) as (services, within):
        services.app_tokens.revoke(services.apps.scope_of(within, of_app), token_id)
    show({"id": token_id, "revoked": True}, as_json)


@signing_keys.command("show")
def show_signing_key(
    of_app: OfApp, organization: InOrganization = None, data_dir: DataDir = None, as_json: Json = False
) -> None:
    """Show an app's key by its fingerprints."""
    with opened(data_dir, organization) as (services, within):
        found = services.signing_keys.get(services.apps.scope_of(within, of_app))
    show(signing_key(found), as_json)


@signing_keys.command("make")
def make_signing_key(
    of_app: OfApp, organization: InOrganization = None, data_dir: DataDir = None, as_json: Json = False
) -> None:
    """Make an app's key, unless there is one."""
    with opened(data_dir, organization) as (services, within):
        made = services.signing_keys.ensure(services.apps.scope_of(within, of_app))
    show(signing_key(made), as_json)


@signing_keys.command("import")
def import_signing_key(
    keystore: Annotated[typer.FileBinaryRead, typer.Argument(help="A PKCS #12 file.")],
    of_app: OfApp,
    password_file: Annotated[
        typer.FileText, typer.Option("--password-file", help="Holds the keystore's password; `-` is standard input.")
    ],
    replace: Annotated[bool, typer.Option(help="Even if the app has another key already.")] = False,
    organization: InOrganization = None,
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """Sign an app's bundles with the team's own key from now on."""
    data, password = keystore.read(MAX_KEYSTORE + 1), password_file.readline().rstrip("\r\n")
    if len(data) > MAX_KEYSTORE:
        fail(f"A keystore has at most {MAX_KEYSTORE} bytes.")
    with opened(data_dir, organization) as (services, within):
        app_scope = services.apps.scope_of(within, of_app)
        kept = services.signing_keys.bring(app_scope, data, password, replace=replace)
    show(signing_key(kept), as_json)


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
    from seatrial.services.service_accounts import NewServiceAccount

    new = NewServiceAccount(name=name, role=role, expires_at=expiry(expires))
    with opened(data_dir, organization) as (services, within):
        made, secret = services.service_accounts.create(within, new)
    show(account(made) | {"token": secret}, as_json)


@accounts.command("list")
def list_accounts(organization: InOrganization = None, data_dir: DataDir = None, as_json: Json = False) -> None:
    """List the service accounts, without their secrets."""
    with opened(data_dir, organization) as (services, within):
        found = every(lambda query: services.service_accounts.search(within, query))
    show_all([account(one) for one in found], as_json)


@accounts.command("update")
def update_account(
    account_id: str,
    name: Annotated[str | None, typer.Option(help="Another name.")] = None,
    role: Annotated[Role | None, typer.Option(help="Another role.")] = None,
    expires: Annotated[str | None, typer.Option("--expires", help="Another end: like 90d, or never.")] = None,
    organization: InOrganization = None,
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """Change a service account's name, role or end; its secret stays."""
    end = UNSET if expires is None else None if expires == "never" else expiry(expires)
    changes = ServiceAccountChanges(
        name=UNSET if name is None else name, role=UNSET if role is None else role, expires_at=end
    )
    with opened(data_dir, organization) as (services, within):
        changed = services.service_accounts.update(within, account_id, changes)
    show(account(changed), as_json)


@accounts.command("rotate")
def rotate_account(
    account_id: str,
    overlap_seconds: OverlapSeconds = 0,
    organization: InOrganization = None,
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """Give a service account another secret, which is shown this once."""
    with opened(data_dir, organization) as (services, within):
        changed, secret = services.service_accounts.rotate(within, account_id, timedelta(seconds=overlap_seconds))
    show(account(changed) | {"token": secret}, as_json)


@accounts.command("revoke")
def revoke_account(
    account_id: str, organization: InOrganization = None, data_dir: DataDir = None, as_json: Json = False
) -> None:
    """End a service account at once and for good."""
    with opened(data_dir, organization) as (services, within):
        services.service_accounts.revoke(within, account_id)
    show({"id": account_id, "revoked": True}, as_json)


@users.command("create")
def create_user(
    email: str,
    role: Annotated[MemberRole, typer.Option(help="What they are to the organization.")] = MemberRole.VIEWER,
    first_name: Annotated[str, typer.Option(help="Their first name.")] = "",
    last_name: Annotated[str, typer.Option(help="Their last name.")] = "",
    organization: InOrganization = None,
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """Make a person with a password that is shown this once."""
    import secrets

    password = secrets.token_urlsafe(15)
    new = NewMember(email=email, role=role, password=password, first_name=first_name, last_name=last_name)
    with opened(data_dir, organization) as (services, within):
        made = services.users.create(within, new)
    show(member(made) | {"password": password}, as_json)


@users.command("list")
def list_users(organization: InOrganization = None, data_dir: DataDir = None, as_json: Json = False) -> None:
    """List the people of an organization."""
    with opened(data_dir, organization) as (services, within):
        found = every(lambda query: services.users.search(within, query))
    show_all([member(one) for one in found], as_json)


@users.command("update")
def update_user(
    user_id: str,
    role: Annotated[MemberRole | None, typer.Option(help="Another role.")] = None,
    new_password: Annotated[
        bool, typer.Option("--new-password", help="Draw another password, show it once, and end their sessions.")
    ] = False,
    organization: InOrganization = None,
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """Give a person another role, or another password."""
    import secrets

    password = secrets.token_urlsafe(15) if new_password else None
    changes = MemberChanges(role=UNSET if role is None else role, password=UNSET if password is None else password)
    with opened(data_dir, organization) as (services, within):
        changed = services.users.update(within, user_id, changes)
    show(member(changed) | ({"password": password} if password else {}), as_json)


@users.command("remove")
def remove_user(
    user_id: str, organization: InOrganization = None, data_dir: DataDir = None, as_json: Json = False
) -> None:
    """Take a person out of the organization, and their sessions with them."""
    with opened(data_dir, organization) as (services, within):
        services.users.remove(within, user_id)
    show({"id": user_id, "removed": True}, as_json)


@users.command("reset-two-factor")
def reset_two_factor(
    email: str, organization: InOrganization = None, data_dir: DataDir = None, as_json: Json = False
) -> None:
    """Take a person's second factor away: for who lost the device and the recovery codes."""
    with opened(data_dir, organization) as (services, within):
        existed = services.second_factors.reset(within, email)
    show({"email": email, "hadSecondFactor": existed}, as_json)
