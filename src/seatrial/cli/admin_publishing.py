"""`seatrial admin trusted-publisher`: which runs of a CI system may upload to an app without a secret."""

from dataclasses import replace
from typing import Annotated

import typer

from seatrial.cli.administering import InOrganization, OfApp, every, opened, show, show_all
from seatrial.cli.output import fail, moment
from seatrial.cli.workspace import DataDir, Json
from seatrial.domain.trusted_publisher import CiSystem, TrustedPublisher, TrustedPublisherSettings

app = typer.Typer(help="Rules of trusted publishing: uploads without a secret.", no_args_is_help=True)

Project = Annotated[
    list[str] | None,
    typer.Option("--project", help="Whose runs: owner/repository, group/project, or the project's id; repeatable."),
]


@app.command("create")
def create(
    of_app: OfApp,
    provider: Annotated[CiSystem, typer.Option(help="Whose identity tokens.")] = CiSystem.GITHUB,
    project: Project = None,
    ref: Annotated[
        list[str] | None, typer.Option("--ref", help="Branches and tags, like refs/heads/main; repeatable.")
    ] = None,
    environment: Annotated[list[str] | None, typer.Option("--environment", help="Of the deployment.")] = None,
    workflow: Annotated[list[str] | None, typer.Option("--workflow", help="Of the run, as its claim says it.")] = None,
    condition: Annotated[
        list[str] | None, typer.Option("--condition", help="CLAIM=PATTERN; repeatable, any of one claim's fits.")
    ] = None,
    issuer: Annotated[str, typer.Option(help="Default: the provider's own.")] = "",
    audience: Annotated[str, typer.Option(help="Default: the server's public URL.")] = "",
    name: Annotated[str, typer.Option(help="What people call it.")] = "",
    organization: InOrganization = None,
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """Let runs whose identity tokens fit upload to an app."""
    from seatrial.config import load
    from seatrial.wire.trusted_publishers import named_conditions

    named = {
        "project": project or (),
        "ref": ref or (),
        "environment": environment or (),
        "workflow": workflow or (),
    }
    conditions = named_conditions(provider, named, condition or ())
    meant = audience or load(data_dir).public_url or ""
    if not meant:
        fail("For whom are the identity tokens? Say it with --audience, or set SEATRIAL_PUBLIC_URL.")
    said = TrustedPublisherSettings(name=name, system=provider, audience=meant, conditions=conditions)
    said = replace(said, issuer=issuer) if issuer else said
    with opened(data_dir, organization) as (services, within):
        scope = services.apps.scope_of(within, of_app)
        made = services.trusted_publishers.create(scope, said)
    show(record(made), as_json)


@app.command("list")
def list_all(
    of_app: OfApp, organization: InOrganization = None, data_dir: DataDir = None, as_json: Json = False
) -> None:
    """List an app's rules."""
    with opened(data_dir, organization) as (services, within):
        scope = services.apps.scope_of(within, of_app)
        found = every(lambda query: services.trusted_publishers.search(scope, query))
    show_all([record(one) for one in found], as_json)


@app.command("delete")
def delete(
    publisher_id: str,
    of_app: OfApp,
    organization: InOrganization = None,
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """Forget a rule; upload tokens that it has given out end."""
    with opened(data_dir, organization) as (services, within):
        services.trusted_publishers.remove(services.apps.scope_of(within, of_app), publisher_id)
    show({"id": publisher_id, "deleted": True}, as_json)


def record(one: TrustedPublisher) -> dict[str, object]:
    """Show a rule."""
    return {
        "id": one.id,
        "name": one.name,
        "provider": one.system.value,
        "issuer": one.issuer,
        "audience": one.audience,
        "conditions": {name: list(patterns) for name, patterns in one.conditions.items()},
        "lastUsedAt": moment(one.last_used_at),
        "createdAt": moment(one.created_at),
    }
