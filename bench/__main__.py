"""Run every measurement, or those named, and write docs/performance.md: `python -m bench [upload ...]`.

What each one found is kept in docs/performance.json, so that a measurement can be taken when the machine is quiet and
the page still has them all.
"""

import importlib
import sys
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from bench.plot import picture
from bench.table import Measured, Row, Unavailable, machine, markdown

HERE = Path(__file__).parent
PAGE = HERE.parent / "docs" / "performance.md"
FOUND = PAGE.with_suffix(".json")
PICTURE = PAGE.with_suffix(".svg")


def modules() -> dict[str, str]:
    """Find the files that measure something, by name."""
    return {
        path.stem: f"bench.{path.stem}" for path in sorted(HERE.glob("*.py")) if "\ndef measure(" in path.read_text()
    }


def main(names: list[str]) -> int:
    known = modules()
    unknown = [name for name in names if name not in known]
    if unknown:
        print(f"no such measurement: {', '.join(unknown)}; there are {', '.join(known)}", file=sys.stderr)
        return 2
    kept = msgspec.json.decode(FOUND.read_bytes(), type=dict[str, Measured]) if FOUND.exists() else {}
    are_met = True
    for name in names or known:
        print(f"{name} ...", file=sys.stderr)
        kept[name] = measured = _measured(known[name])
        for row in measured.rows:
            print(" | ".join(row.cells()))
        if measured.unavailable:
            print(f"not measured: {measured.unavailable}")
        are_met &= all(row.is_met for row in measured.rows)
        write({each: kept[each] for each in known if each in kept})  # at once: the next one may take an hour, or fail
    print(f"written: {PAGE}", file=sys.stderr)
    return 0 if are_met else 1


def _measured(module: str) -> Measured:
    day, here = f"{datetime.now(UTC):%Y-%m-%d}", machine()
    try:
        rows: list[Row] = importlib.import_module(module).measure()
    except Unavailable as reason:
        return Measured(day, here, unavailable=str(reason))
    return Measured(day, here, rows)


def write(found: dict[str, Measured]) -> None:
    """Write the page, its picture and the figures that both are made of."""
    FOUND.write_bytes(msgspec.json.format(msgspec.json.encode(found), indent=1) + b"\n")
    PAGE.write_text(markdown(found))
    PICTURE.write_text(picture([row for measured in found.values() for row in measured.rows]))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
