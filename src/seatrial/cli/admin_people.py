"""`seatrial admin employee`, `group`, `audience` and `invitation`: people, by the person at the server."""

from typing import Annotated

import typer

from seatrial.cli.admin_records import audience_record, employee_record, group_record, invitation_record
from seatrial.cli.administering import InOrganization, every, opened, show, show_all
from seatrial.cli.output import fail, print_facts, print_json
from seatrial.cli.workspace import DataDir, Json
from seatrial.domain.access import AppRole, MemberRole
from seatrial.domain.membership import MemberKind

employees = typer.Typer(help="Employees of the store.", no_args_is_help=True)
groups = typer.Typer(help="Groups: tags on people.", no_args_is_help=True)
audiences = typer.Typer(help="Audiences: named sets of employees.", no_args_is_help=True)
invitations = typer.Typer(help="Invitations.", no_args_is_help=True)

Tags = Annotated[list[str] | None, typer.Option("--tag", help="A group; may be repeated.")]
FirstName = Annotated[str, typer.Option(help="Their first name.")]
LastName = Annotated[str, typer.Option(help="Their last name.")]
Language = Annotated[str, typer.Option(help="Of mails: es en fr de it zh pt ru.")]


@employees.command("create")
def create_employee(
    email: str,
    first_name: FirstName = "",
    last_name: LastName = "",
    tag: Tags = None,
    language: Language = "",
    organization: InOrganization = None,
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """Take somebody into the store; an invitation lets them choose a password."""
    from seatrial.domain.employee import NewEmployee
    from seatrial.wire import bodies, tags

    new = NewEmployee(
        email=email,
        first_name=first_name,
        last_name=last_name,
        tags=tags.collect(tag or ()),
        language=bodies.language("language", language),
    )
    with opened(data_dir, organization) as (services, within):
        made = services.employees.create(within, new)
    show(employee_record(made), as_json)


@employees.command("list")
def list_employees(
    group: Annotated[str | None, typer.Option(help="Only who is in this group.")] = None,
    organization: InOrganization = None,
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """List the employees of the store."""
    with opened(data_dir, organization) as (services, within):
        found = every(lambda query: services.employees.search(within, query), group)
    show_all([employee_record(one) for one in found], as_json)


@employees.command("delete")
def delete_employee(
    employee_id: str, organization: InOrganization = None, data_dir: DataDir = None, as_json: Json = False
) -> None:
    """Forget an employee, and end their sessions."""
    with opened(data_dir, organization) as (services, within):
        services.employees.delete(within, employee_id)
    show({"id": employee_id, "deleted": True}, as_json)


@employees.command("import")
def import_employees(
    file: Annotated[typer.FileBinaryRead, typer.Argument(help="A CSV file; `-` is standard input.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would happen.")] = False,
    organization: InOrganization = None,
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """Take a list of employees in; exit 1 where lines of it are wrong."""
    from seatrial.wire.employee_list import LIST_LIMIT, employee_list, report_json

    body = file.read(LIST_LIMIT + 1)
    if len(body) > LIST_LIMIT:
        fail(f"A list has at most {LIST_LIMIT} bytes.")
    listed = employee_list(body)
    with opened(data_dir, organization) as (services, within):
        report = services.employee_import.run(within, listed.employees, listed.errors, dry_run=dry_run)
    shown = report_json(report)
    if as_json:
        print_json(shown)
    else:
        print_facts({name: value for name, value in shown.items() if name != "errors"})
        for error in report.errors:
            print(f"line {error.line}: {error.message}")
    if report.errors:
        raise typer.Exit(1)


@groups.command("create")
def create_group(
    name: str,
    description: Annotated[str, typer.Option(help="What it is for.")] = "",
    organization: InOrganization = None,
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """Make a group."""
    with opened(data_dir, organization) as (services, within):
        made = services.groups.create(within, name, description)
    show(group_record(made), as_json)


@groups.command("list")
def list_groups(organization: InOrganization = None, data_dir: DataDir = None, as_json: Json = False) -> None:
    """List the groups and how many are in them."""
    with opened(data_dir, organization) as (services, within):
        found = every(lambda query: services.groups.search(within, query))
    show_all([group_record(one) for one in found], as_json)


@groups.command("delete")
def delete_group(
    group_id: str, organization: InOrganization = None, data_dir: DataDir = None, as_json: Json = False
) -> None:
    """Forget a group; its people stay."""
    with opened(data_dir, organization) as (services, within):
        services.groups.delete(within, group_id)
    show({"id": group_id, "deleted": True}, as_json)


@audiences.command("create")
def create_audience(
    name: str,
    conditions: Annotated[str, typer.Option(help="Groups: a,b|c means those in a and b, and those in c.")] = "",
    employee: Annotated[
        list[str] | None, typer.Option("--employee", help="A single person, by id or address; may be repeated.")
    ] = None,
    organization: InOrganization = None,
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """Make an audience."""
    from seatrial.domain.audience import AudienceSettings
    from seatrial.wire.groups import from_json

    settings = AudienceSettings(
        name=name, conditions=from_json("conditions", conditions), employees=tuple(employee or ())
    )
    with opened(data_dir, organization) as (services, within):
        made = services.audiences.create(within, settings)
    show(audience_record(made), as_json)


@audiences.command("list")
def list_audiences(organization: InOrganization = None, data_dir: DataDir = None, as_json: Json = False) -> None:
    """List the audiences."""
    with opened(data_dir, organization) as (services, within):
        found = every(lambda query: services.audiences.search(within, query))
    show_all([audience_record(one) for one in found], as_json)


@audiences.command("show")
def show_audience(
    audience_id: str, organization: InOrganization = None, data_dir: DataDir = None, as_json: Json = False
) -> None:
    """List who is in an audience now."""
    with opened(data_dir, organization) as (services, within):
        found = every(lambda query: services.audiences.employees(within, audience_id, query))
    show_all([employee_record(one) for one in found], as_json)


@audiences.command("delete")
def delete_audience(
    audience_id: str, organization: InOrganization = None, data_dir: DataDir = None, as_json: Json = False
) -> None:
    """Forget an audience; its people stay."""
    with opened(data_dir, organization) as (services, within):
        services.audiences.delete(within, audience_id)
    show({"id": audience_id, "deleted": True}, as_json)


@invitations.command("create")
def create_invitation(
    email: str,
    server: Annotated[str, typer.Option("--server", help="The address that people reach the server at.")] = "",
    kind: Annotated[MemberKind, typer.Option(help="Into the dashboard, or into the store.")] = MemberKind.USER,
    role: Annotated[MemberRole, typer.Option(help="Of a user.")] = MemberRole.VIEWER,
    of_app: Annotated[str, typer.Option("--app", help="An app that a user gets a role in.")] = "",
    app_role: Annotated[AppRole | None, typer.Option("--app-role", help="The role in that app.")] = None,
    tag: Tags = None,
    language: Language = "",
    organization: InOrganization = None,
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """Invite somebody: shows the link, this once, to hand on; sends no mail."""
    from seatrial.config import load
    from seatrial.domain.invitation import NewInvitation
    from seatrial.wire import bodies, tags

    base = (server or load(data_dir).public_url or "").rstrip("/")
    if not base.startswith(("https://", "http://")):
        fail("Where do people reach the server? Say it with --server, or set SEATRIAL_PUBLIC_URL.")
    new = NewInvitation(
        kind=kind,
        email=email,
        role=role,
        app=of_app,
        app_role=app_role,
        tags=tags.collect(tag or ()),
        language=bodies.language("language", language),
    )
    with opened(data_dir, organization) as (services, within):
        made, link = services.invitations.create(within, new, lambda secret: f"{base}/invitation/{secret}")
    show(invitation_record(made) | {"link": link}, as_json)


@invitations.command("list")
def list_invitations(organization: InOrganization = None, data_dir: DataDir = None, as_json: Json = False) -> None:
    """List the invitations, those that are over, too."""
    with opened(data_dir, organization) as (services, within):
        found = every(lambda query: services.invitations.search(within, query))
    show_all([invitation_record(one) for one in found], as_json)


@invitations.command("revoke")
def revoke_invitation(
    invitation_id: str, organization: InOrganization = None, data_dir: DataDir = None, as_json: Json = False
) -> None:
    """Take an invitation back."""
    with opened(data_dir, organization) as (services, within):
        services.invitations.revoke(within, invitation_id)
    show({"id": invitation_id, "revoked": True}, as_json)
