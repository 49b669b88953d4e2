"""What commands of `seatrial admin` share: the way into a data directory, where in it, whole lists, and their print."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from seatrial.cli.output import fail, print_facts, print_json, print_table
from seatrial.domain.access import OrganizationScope
from seatrial.domain.build import MAX_LIMIT, Page
from seatrial.domain.errors import EntityNotFound
from seatrial.domain.listing import ListQuery

if TYPE_CHECKING:
    from seatrial.bootstrap import Administration

T = TypeVar("T")
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


def every(search: Callable[[ListQuery], Page[T]], group: str | None = None) -> list[T]:
    """Read all pages, oldest first."""
    found: list[T] = []
    for number in range(1, 1 << 31):
        page = search(ListQuery(group=group, descending=False, page=number, limit=MAX_LIMIT))
        found += page.items
        if len(page.items) < MAX_LIMIT:
            break
    return found


def show(one: dict[str, object], as_json: bool) -> None:
    """Print one thing, for people or for programs."""
    if as_json:
        print_json(one)
    else:
        print_facts(one)


def show_all(found: list[dict[str, object]], as_json: bool) -> None:
    """Print a list of things, for people or for programs."""
    if as_json:
        print_json(found)
    elif found:
        print_table(found[0], (one.values() for one in found))
    else:
        print("There are none yet.")
