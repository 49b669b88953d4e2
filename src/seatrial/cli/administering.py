"""What commands of `seatrial admin` share: the way into a data directory, and the options that say where in it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from seatrial.cli.output import fail
from seatrial.domain.access import OrganizationScope
from seatrial.domain.errors import EntityNotFound

if TYPE_CHECKING:
    from seatrial.bootstrap import Administration

InOrganization = Annotated[
    str | None, typer.Option("--organization", help="Id or slug; needed only where there are several.")
]
OfApp = Annotated[str, typer.Option("--app", help="The app's id or slug.")]


@contextmanager
def opened(data_dir: Path | None, organization: str | None) -> Iterator[tuple["Administration", OrganizationScope]]:
    """Open a data directory, and give the operator's scope in it; what does not exist ends the program."""
    from seatrial.bootstrap import open_administration
    from seatrial.config import load

    settings = load(data_dir)
    if settings.database_url is None and not (settings.data_dir / "seatrial.db").exists():
        fail(f"There is no workspace in {settings.data_dir}; `seatrial init` makes one.")
    try:
        with open_administration(settings) as administration:
            yield administration, administration.workspaces.operator(organization)
    except EntityNotFound as error:
        fail("There is nothing with this id." if error.message == EntityNotFound.__doc__ else error.message)
