"""`seatrial doctor`: looks at a server from inside and outside, and says what is wrong and what to do."""

import tomllib
from collections.abc import Sequence
from typing import Annotated

import typer
from pydantic import ValidationError
from rich.console import Console

from seatrial.cli.output import print_json
from seatrial.cli.workspace import DataDir, Json
from seatrial.domain.finding import Finding, Level, wrong

_MARKS = {Level.OK: ("ok", "green"), Level.WARNING: ("warning", "yellow"), Level.ERROR: ("error", "bold red")}


def doctor(
    data_dir: DataDir = None,
    as_json: Json = False,
    url: Annotated[
        str | None, typer.Option("--url", help="Look at this address instead of those of the settings.")
    ] = None,
) -> None:
    """Look at everything that a server needs; exit 1 where something does not work."""
    from seatrial import log
    from seatrial.bootstrap import open_doctor
    from seatrial.config import load
    from seatrial.services.doctor import is_well

    log.configure("CRITICAL")  # what goes wrong is said below, once
    try:
        settings = load(data_dir)
    except (ValidationError, tomllib.TOMLDecodeError) as error:
        found = [wrong("settings", _said(error), "docs/reference/settings.md says what fits.")]
    else:
        with open_doctor(settings, url) as examiner:
            found = examiner.examine()
    if as_json:
        print_json([{"name": one.name, "level": one.level.value, "says": one.says, "fix": one.fix} for one in found])
    else:
        _show(found)
    if not is_well(found):
        raise SystemExit(1)


def _show(found: Sequence[Finding]) -> None:
    console = Console(highlight=False, markup=False)
    for one in found:
        mark, style = _MARKS[one.level]
        console.print(f"{mark:8}", style=style, end="")
        console.print(f"{one.name:18} {one.says}", soft_wrap=True)
        if one.fix:
            console.print(f"{'':27}{one.fix}", style="dim", soft_wrap=True)


def _said(error: ValidationError | tomllib.TOMLDecodeError) -> str:
    if isinstance(error, ValidationError):
        wrong_ones = "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors())
        return f"A setting is not valid: {wrong_ones}."
    return f"seatrial.toml is not valid TOML: {error}."
