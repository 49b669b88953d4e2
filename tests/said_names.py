"""Whether what a text tells people to set or to run exists."""

import re
from collections.abc import Iterator

import typer.main

from seatrial.cli.main import app
from seatrial.config import Settings

COMMANDS = frozenset(getattr(typer.main.get_command(app), "commands", {}))


def unknown_settings(text: str) -> Iterator[str]:
    """Name the settings in a text that there are not."""
    for name in re.findall(r"SEATRIAL_[A-Z_]*[A-Z]", text):
        fields = Settings.model_fields
        for part in name.removeprefix("SEATRIAL_").lower().split("__"):
            if part not in fields:
                yield name
                break
            fields = getattr(fields[part].annotation, "model_fields", {})


def unknown_commands(text: str) -> Iterator[str]:
    """Name the commands of this program in a text that there are not."""
    for name in re.findall(r"\bseatrial ([a-z][a-z-]*)", text):
        if name not in COMMANDS:
            yield name
