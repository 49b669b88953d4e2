"""`seatrial admin build`: having builds read again, one or those of an app, a few at a time."""

import time
from collections.abc import Iterator, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from seatrial.cli.administering import InOrganization, OfApp, opened
from seatrial.cli.output import fail, print_facts, print_json
from seatrial.cli.workspace import DataDir, Json
from seatrial.domain.access import AppScope
from seatrial.domain.build import BuildStatus
from seatrial.domain.errors import BuildNotProcessed, EntityNotFound

if TYPE_CHECKING:
    from seatrial.services.reprocessing import Reprocessing

app = typer.Typer(help="Builds.", no_args_is_help=True)
LOOK_SECONDS = 0.2


class Which(StrEnum):
    """Builds by how their last reading ended."""

    ERROR = "error"
    PROCESSED = "processed"
    ALL = "all"


@app.command("reprocess")
def reprocess(
    of_app: OfApp,
    build_id: Annotated[str | None, typer.Argument(metavar="[ID]", help="One build; else those of `--status`.")] = None,
    status: Annotated[Which | None, typer.Option(help="Those that ended so.")] = None,
    batch: Annotated[int, typer.Option(min=1, max=1000, help="How many wait at a time.")] = 20,
    organization: InOrganization = None,
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """Have builds read again by the server or worker that runs; a batch begins when the one before has been read."""
    from seatrial.domain.clock import utc_now

    if (build_id is None) == (status is None):
        fail("Name one build, or choose some with --status.")
    asked = 0
    with opened(data_dir, organization) as (services, within):
        again, scope = services.reprocessing, services.apps.scope_of(within, of_app)
        if build_id is not None:
            try:
                again.again(scope, build_id)
            except BuildNotProcessed:
                fail("The build is being read already.")
            asked = 1
        else:
            state = None if status is Which.ALL else BuildStatus(str(status))
            known, after = utc_now(), ""
            while found := again.batch(scope, state, after, known, batch):
                after = found[-1]
                asked += sum(_asked(again, scope, found))
                while again.unfinished(scope, found):
                    time.sleep(LOOK_SECONDS)
    (print_json if as_json else print_facts)({"builds": asked})


def _asked(again: "Reprocessing", scope: AppScope, build_ids: Sequence[str]) -> Iterator[bool]:
    for build_id in build_ids:
        try:
            again.again(scope, build_id)
        except (BuildNotProcessed, EntityNotFound):  # somebody else was faster
            continue
        yield True
