"""`seatrial`: every command in one look."""

import sys
import tomllib
from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError

from seatrial import __version__, log
from seatrial.cli import admin, doctor, inspect, serve, storage, upkeep, upload, workspace
from seatrial.cli.output import fail
from seatrial.domain.errors import InvalidRequest, SeatrialError

app = typer.Typer(
    name="seatrial",
    help="Self-hosted app distribution that speaks Applivery's Builds API.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command("serve")(serve.serve)
app.command("worker")(serve.worker)
app.command("init")(workspace.init)
app.command("inspect")(inspect.inspect)
app.command("upload")(upload.upload)
app.command("doctor")(doctor.doctor)
app.command("backup")(upkeep.backup)
app.command("restore")(upkeep.restore)
app.command("gc")(upkeep.gc)
app.command("config")(workspace.config)
app.command("migrate")(workspace.migrate)
app.add_typer(admin.app, name="admin")
app.add_typer(storage.app, name="storage")


def _version(wanted: bool) -> None:
    if wanted:
        print(f"seatrial {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[  # the callback has done its work already
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    pass


def run() -> None:
    """Run a command; what goes wrong is one sentence on standard error and a non-zero exit."""
    log.configure("WARNING", "text")  # to standard error: standard output is for the command's answer
    try:
        app()
    except InvalidRequest as error:
        fail(f"{error}.")
    except SeatrialError as error:
        fail(f"{error.message.rstrip('.')}.")
    except ValidationError as error:
        wrong = "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors())
        fail(f"A setting is not valid: {wrong}.")
    except tomllib.TOMLDecodeError as error:
        fail(f"seatrial.toml is not valid TOML: {error}.")
    except BrokenPipeError:
        sys.stderr.close()
        raise SystemExit(1) from None
    except OSError as error:
        where = f" ({Path(str(error.filename)).name})" if error.filename else ""
        fail(f"{error.strerror or error}{where}.")
    except Exception as error:
        # Only now: these load everything.
        from pydantic_settings import SettingsError

        from seatrial.keyring import SettingsInvalid

        if not isinstance(error, (SettingsInvalid, SettingsError)):
            raise
        fail(f"{error}.")


if __name__ == "__main__":
    run()
