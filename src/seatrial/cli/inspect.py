"""`seatrial inspect`: what a build file is, without a server."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from seatrial.cli.inspect_report import as_facts, as_record
from seatrial.cli.output import fail, print_facts, print_json
from seatrial.domain.buildinfo import BuildInfo
from seatrial.domain.errors import BuildFileInvalid, ProcessingCode
from seatrial.domain.platforms import extension_of

if TYPE_CHECKING:
    from seatrial.parsers.isolation import ParsePool

NOT_UNDERSTOOD = 3


def inspect(
    files: Annotated[list[Path], typer.Argument(help="Build files.", show_default=False)],
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object a line for each file.")] = False,
    icon: Annotated[Path | None, typer.Option(help="Write the icon here, as PNG; with one file only.")] = None,
) -> None:
    """Say what build files are. Exit 0: understood, 3: not all of them, 2: usage."""
    if icon is not None and len(files) > 1:
        raise typer.BadParameter("--icon takes one file only", param_hint="--icon")
    found = _regular(files)
    from seatrial.config import load
    from seatrial.parsers.isolation import ParsePool
    from seatrial.reading import parse_limits

    pool = ParsePool(1, parse_limits(load().parsing))
    try:
        understood = [_inspect_one(pool, file, as_json, icon) for file in found]
    finally:
        pool.close()
    if not all(understood):
        raise typer.Exit(NOT_UNDERSTOOD)


def _regular(files: list[Path]) -> list[Path]:
    """Leave out directories that a pattern of the shell has brought along with files."""
    for file in files:
        if not file.is_file() and not file.is_dir():
            raise typer.BadParameter(f"{str(file)!r} does not exist or is no regular file", param_hint="FILES")
    found = [file for file in files if file.is_file()]
    if not found:
        raise typer.BadParameter(f"{str(files[0])!r} is a directory", param_hint="FILES")
    for folder in sorted({*files} - {*found}):
        print(f"{folder} is a directory and was left out.", file=sys.stderr)
    return found


def _inspect_one(pool: "ParsePool", file: Path, as_json: bool, icon: Path | None) -> bool:
    from seatrial.parsers import hold_to_name
    from seatrial.parsers.isolation import ParserDied

    info: BuildInfo | None = None
    problem: BuildFileInvalid | None = None
    try:
        info = pool.parse(file.resolve())
        hold_to_name(info, extension_of(file.name))
    except ParserDied as death:
        problem = BuildFileInvalid(ProcessingCode.INTERNAL, f"Reading the file killed its reader: {death}.")
    except BuildFileInvalid as invalid:
        problem = invalid
    if as_json:
        print_json(as_record(str(file), info, problem))
    else:
        print_facts(_told(file, info, problem))
        print()
    if icon is not None and problem is None:
        if info is None or info.icon_png is None:
            fail(f"{file.name} has no icon that can be shown.")
        icon.write_bytes(info.icon_png)
    return problem is None


def _told(file: Path, info: BuildInfo | None, problem: BuildFileInvalid | None) -> dict[str, object]:
    if problem is not None or info is None:
        return {"File": file, "Error": f"{problem.code.value}: {problem.sentence}" if problem else "unknown"}
    return as_facts(str(file), info)
