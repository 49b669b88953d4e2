"""`seatrial init`, `config` and `migrate`: a data directory and what is in it."""

import secrets
from pathlib import Path
from typing import Annotated

import typer

from seatrial.cli.output import print_facts, print_json

DataDir = Annotated[Path | None, typer.Option("--data-dir", help="Where everything is kept. Default: ./data")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


def init(
    data_dir: Annotated[Path, typer.Option("--data-dir", help="Where everything is to be kept.")],
    organization: Annotated[str, typer.Option(help="The organization's name.")] = "My organization",
    app: Annotated[str, typer.Option(help="The first app's name.")] = "My app",
    email: Annotated[str, typer.Option(help="The owner's e-mail address.")] = "owner@example.com",
    as_json: Json = False,
) -> None:
    """Make a ready workspace: organization, owner, app, app token, service account."""
    from seatrial.bootstrap import open_workspaces
    from seatrial.config import load

    password = secrets.token_urlsafe(15)
    database, workspaces = open_workspaces(load(data_dir))
    try:
        made = workspaces.create(organization=organization, app=app, email=email, password=password)
    finally:
        database.close()
    if as_json:
        print_json(
            {
                "organization": {"id": made.organization.id, "slug": made.organization.slug},
                "app": {"id": made.app.id, "slug": made.app.slug},
                "appToken": made.app_token,
                "serviceAccountToken": made.service_account_token,
                "user": {"email": made.user.email, "password": password},
            }
        )
        return
    print("A workspace is ready. These secrets are shown this once; keep them safe.\n")
    print_facts(
        {
            "Organization": f"{made.organization.slug} ({made.organization.id})",
            "App": f"{made.app.slug} ({made.app.id})",
            "App token": made.app_token,
            "Service account token": made.service_account_token,
            "Owner": made.user.email,
            "Password": password,
        }
    )


def config(data_dir: DataDir = None) -> None:
    """Print the settings in effect, secrets hidden."""
    from seatrial.config import load

    print(load(data_dir).model_dump_json(indent=2))


def migrate(data_dir: DataDir = None) -> None:
    """Bring the database's schema to this program's version."""
    from seatrial.bootstrap import migrate as bring_up
    from seatrial.config import load

    print(f"The schema is at version {bring_up(load(data_dir))}.")
