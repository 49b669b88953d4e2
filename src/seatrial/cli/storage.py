"""`seatrial storage`: moving files between storage providers."""

from typing import Annotated

import typer

from seatrial.cli.administering import InOrganization
from seatrial.cli.output import fail, print_facts, print_json
from seatrial.cli.workspace import DataDir, Json

app = typer.Typer(help="Move files between storage providers.", no_args_is_help=True)

_PLACES = "local, default (the server's own), or an organization's provider by id or name."


@app.callback()
def storage() -> None:
    """Move files between storage providers."""


@app.command("copy")
def copy(
    source: Annotated[str, typer.Option("--from", help=_PLACES)],
    target: Annotated[str, typer.Option("--to", help=_PLACES)],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say how much there is.")] = False,
    at_once: Annotated[
        bool, typer.Option("--at-once", help="Remove each file from the source at once, under links that are out, too.")
    ] = False,
    organization: InOrganization = None,
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """Copy every file with its SHA-256 compared, and say that it is there; the server may run. Again: goes on."""
    from seatrial.bootstrap import open_house
    from seatrial.config import load
    from seatrial.db.executors import ExecutorRole
    from seatrial.domain.clock import utc_now
    from seatrial.services.storage_copies import StorageCopies
    from seatrial.services.workspaces import Workspaces

    settings = load(data_dir)
    if settings.database_url is None and not (settings.data_dir / "seatrial.db").exists():
        fail(f"There is no workspace in {settings.data_dir}; `seatrial init` makes one.")
    with open_house(settings, ExecutorRole.API) as house:
        scope = Workspaces(house.database, utc_now).operator(organization)
        copies = StorageCopies(house.database, house.blobs, house.loose, settings.data_dir / "run" / "storage-copy")
        here, there = copies.named(source, scope.organization_id), copies.named(target, scope.organization_id)
        # An organization's own bucket takes its own files alone; the server's places take everybody's.
        is_own = not {source, target} <= {"local", "default"}
        within = scope.organization_id if is_own or organization else None
        objects, octets = copies.totals(here, within)
        failed, done, moved = [], 0, 0
        if not dry_run:
            for one in copies.copy(here, there, within, 0 if at_once else settings.tokens.signed_url):
                if one.error:
                    failed.append({"key": one.key, "error": one.error})
                    typer.echo(f"{one.key}: {one.error}", err=True)
                else:
                    done, moved = done + 1, moved + one.size
    facts: dict[str, object] = {"objects": objects, "bytes": octets, "copied": done, "copiedBytes": moved}
    if as_json:
        print_json(facts | {"failed": failed})
    else:
        print_facts(facts | {"failed": len(failed)})
    if failed:
        raise typer.Exit(1)
