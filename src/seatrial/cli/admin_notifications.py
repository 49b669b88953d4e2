"""`seatrial admin notification`: who would hear of a build."""

from typing import Annotated

import typer

from seatrial.cli.administering import InOrganization, OfApp, opened
from seatrial.cli.output import print_json, print_table
from seatrial.cli.workspace import DataDir, Json
from seatrial.domain.build import MAX_LIMIT, Notification
from seatrial.domain.listing import ListQuery

app = typer.Typer(help="Notifications by mail.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """Keep `preview` a command of its own."""


@app.command("preview")
def preview(
    of_app: OfApp,
    filter_: Annotated[
        str, typer.Option("--filter", help="Groups of employees: a,b|c means those in a and b, and those in c.")
    ] = "",
    employees: Annotated[
        bool | None, typer.Option("--employees/--no-employees", help="Default: the app's own setting.")
    ] = None,
    collaborators: Annotated[
        bool | None, typer.Option("--collaborators/--no-collaborators", help="Default: the app's own setting.")
    ] = None,
    build: Annotated[str | None, typer.Option("--build", help="The id of a build: marks who was told of it.")] = None,
    organization: InOrganization = None,
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """Show who would be told of a build, and why; sends nothing."""
    from seatrial.wire.groups import collect
    from seatrial.wire.notifications import candidate_json

    said = Notification(collaborators=collaborators, employees=employees, groups=collect([((), filter_)]))
    found: list[dict[str, object]] = []
    with opened(data_dir, organization) as (services, within):
        scope = services.apps.scope_of(within, of_app)
        for number in range(1, 1 << 31):
            query = ListQuery(page=number, limit=MAX_LIMIT)
            shown = services.notification_previews.preview(scope, said, build, query)
            found += [
                candidate_json(each, shown.languages[each.email], can_send=shown.can_send) for each in shown.page.items
            ]
            if len(found) >= shown.page.total or not shown.page.items:
                break
    if as_json:
        print_json(found)
    elif found:
        print_table(found[0], (one.values() for one in found))
        print(f"People: {len(found)}")
    else:
        print("Nobody would be told.")
