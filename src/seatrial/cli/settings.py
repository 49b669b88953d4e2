"""The settings of a command that opens a data directory."""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from seatrial.config import Settings


def settings_of(data_dir: Path | None) -> "Settings":
    """Read the settings, and send what is logged meanwhile to standard error: standard output is the command's answer.

    Raises pydantic.ValidationError, and tomllib.TOMLDecodeError for a broken `seatrial.toml`.
    """
    from seatrial import log
    from seatrial.config import load

    log.configure("WARNING", "text")
    return load(data_dir)
