"""`seatrial admin audit`: prove the record of who did what, and take it elsewhere."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from seatrial.cli.administering import InOrganization, opened
from seatrial.cli.output import fail, print_facts, print_json
from seatrial.cli.workspace import DataDir, Json
from seatrial.domain.audit import Head, Link, Verification

app = typer.Typer(help="The record of who did what.", no_args_is_help=True)

LINE_LIMIT = 4 << 20


@app.command("verify")
def verify_log(
    head: Annotated[str, typer.Option("--head", help="A head of before, NUMBER:HASH, which has to be in it.")] = "",
    file: Annotated[Path | None, typer.Option("--file", help="Look through an export instead of the database.")] = None,
    organization: InOrganization = None,
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """Look through the whole record; exit 1 where something was changed, removed or put in, naming it."""
    from seatrial.wire.audit import kept_head, verification_json

    known = kept_head("head", head) if head else None
    if file is not None:
        found = _of_file(file, known)
    else:
        with opened(data_dir, organization) as (services, within):
            found = services.audit.verify(within, known)
    shown = verification_json(found)
    if as_json:
        print_json(shown)
    else:
        print_facts({"verified": "yes" if found.is_good else "no", "entries": found.entries, "head": str(found.head)})
        for problem in found.problems:
            print(f"{problem.text}{f' ({problem.id})' if problem.id else ''}")
    if not found.is_good:
        raise typer.Exit(1)


@app.command("export")
def export_log(
    output: Annotated[Path | None, typer.Option("--output", help="A file. Default: standard output.")] = None,
    after: Annotated[int, typer.Option(min=0, help="The number of the entry to begin behind.")] = 0,
    organization: InOrganization = None,
    data_dir: DataDir = None,
) -> None:
    """Write the record as JSON lines, the oldest entry first."""
    from seatrial.wire.audit import export_lines

    with opened(data_dir, organization) as (services, within):
        lines = map(export_lines, services.audit.export(within, after))
        if output is None:
            sys.stdout.buffer.writelines(lines)
            sys.stdout.buffer.flush()
        else:
            with output.open("wb") as target:
                target.writelines(lines)


def _of_file(file: Path, known: Head | None) -> Verification:
    from seatrial.domain.audit import verify

    with file.open("rb") as lines:
        first = next(_links(lines.readline(LINE_LIMIT), 1), None)
        if first is None:
            fail("The file has no entries.")
        lines.seek(0)
        start = Head(first[1].sequence - 1, first[0])
        every = (link for number, line in enumerate(lines, 1) for _, link in _links(line, number))
        return verify(every, None, known, start)


def _links(line: bytes, number: int) -> Iterator[tuple[str, Link]]:
    from seatrial.wire.audit import exported_link

    if line.strip():
        try:
            yield exported_link(line)
        except (ValueError, KeyError, TypeError, AttributeError):
            fail(f"Line {number} is no entry of an export.")
