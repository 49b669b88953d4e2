"""Run every measurement (or those named) and write docs/performance.md: `python -m bench [upload ...]`."""

import importlib
import sys
from pathlib import Path

from bench.plot import picture
from bench.table import Row, Unavailable, markdown

HERE = Path(__file__).parent
PAGE = HERE.parent / "docs" / "performance.md"
PICTURE = PAGE.with_suffix(".svg")


def modules() -> dict[str, str]:
    """Find the files that measure something, by name."""
    return {
        path.stem: f"bench.{path.stem}" for path in sorted(HERE.glob("*.py")) if "\ndef measure(" in path.read_text()
    }


def main(names: list[str]) -> int:
    rows: list[Row] = []
    missing: list[str] = []
    known = modules()
    unknown = [name for name in names if name not in known]
    if unknown:
        print(f"no such measurement: {', '.join(unknown)}; there are {', '.join(known)}", file=sys.stderr)
        return 2
    for name in names or known:
        print(f"{name} ...", file=sys.stderr)
        try:
            measured: list[Row] = importlib.import_module(known[name]).measure()
        except Unavailable as reason:
            missing.append(f"{name}: {reason}")
            continue
        for row in measured:
            print(" | ".join(row.cells()))
        rows += measured
    if names:
        print("\n".join(missing))
    else:
        PAGE.write_text(markdown(rows, missing))
        PICTURE.write_text(picture(rows))
        print(f"written: {PAGE}", file=sys.stderr)
    return 0 if all(row.is_met for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
