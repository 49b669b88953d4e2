"""Path data of vector drawables, checked and written anew.

Grammar: SVG 1.1, section 8.3.9, as the platform's `PathParser` reads it: any separators, no run-together arc flags,
and a path need not begin with a move.
"""

import re
from collections.abc import Iterator

from seatrial.parsers.drawables_svg import Undrawable, number

_TOKEN = re.compile(r"[\s,]*(?:([MmZzLlHhVvCcSsQqTtAa])|([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,4})?))")
_ARGUMENTS = {"M": 2, "L": 2, "H": 1, "V": 1, "C": 6, "S": 4, "Q": 4, "T": 2, "A": 7, "Z": 0}


def path_data(text: str) -> str:
    """Return the path in plain SVG, empty for an empty one; raise `Undrawable` for anything that is no path."""
    written: list[str] = []
    for command, values in _commands(text):
        if not written and command not in "Mm":
            written.append("M0 0")
        if command in "Aa":
            for flag in (*range(3, len(values), 7), *range(4, len(values), 7)):
                values[flag] = float(values[flag] != 0)
        written.append(command + " ".join(map(number, values)))
    return "".join(written)


def _commands(text: str) -> Iterator[tuple[str, list[float]]]:
    command, values = "", list[float]()
    for letter, digits in _tokens(text):
        if digits:
            values.append(float(digits))
            continue
        if command:
            yield command, _checked(command, values)
        elif values:
            break
        command, values = letter, []
    if command:
        yield command, _checked(command, values)
    elif values:
        raise Undrawable("one of its paths begins with a number")


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    text = text.rstrip(" \t\r\n\f,")
    at = 0
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None:
            raise Undrawable("one of its paths is not written as a path")
        at = found.end()
        yield found[1] or "", found[2] or ""


def _checked(command: str, values: list[float]) -> list[float]:
    """Refuse a command with too few or too many numbers; several sets of them are one command each."""
    wanted = _ARGUMENTS[command.upper()]
    if (wanted == 0 and values) or (wanted and (not values or len(values) % wanted)):
        raise Undrawable("one of its paths has a command with too few or too many numbers")
    return values
