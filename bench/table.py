"""Numbers and the table they end up in."""

import platform
import statistics
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

PAIRS = 7
"""Interleaved pairs of ours and the reference; the fewest that a promise may be measured with."""


class Unavailable(Exception):
    """Something that a measurement needs is not on this machine; says what."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One promise: its samples, and those of a reference that were taken in turn with them."""

    what: str
    goal: str
    unit: str
    ours: Sequence[float]
    most: float
    """The goal as a number: of the ratio where there is a reference, else of our median."""
    reference_name: str = ""
    reference: Sequence[float] = field(default=())

    @property
    def ratio(self) -> float | None:
        """Give the median of the pairs' ratios; below 1 is faster than the reference."""
        if not self.reference:
            return None
        return statistics.median(ours / theirs for ours, theirs in zip(self.ours, self.reference, strict=True))

    @property
    def is_met(self) -> bool:
        """Whether the promise is kept."""
        return (statistics.median(self.ours) if self.ratio is None else self.ratio) <= self.most

    def cells(self) -> list[str]:
        """Give the row's cells as the table shows them."""
        ratio = "" if self.ratio is None else f"{self.ratio:.2f}"
        reference = f"{self.reference_name}: {_figure(self.reference, self.unit)}" if self.reference else ""
        return [
            self.what,
            self.goal,
            _figure(self.ours, self.unit),
            reference,
            ratio,
            "yes" if self.is_met else "**no**",
        ]


def _verdict(rows: Sequence[Row]) -> list[str]:
    missed = [row for row in rows if not row.is_met]
    said = [f"Kept: {len(rows) - len(missed)} of {len(rows)} goals{', all but these:' if missed else '.'}"]
    if missed:
        said += ["", *(f"- {row.what}: {_figure(row.ours, row.unit)}; goal: {row.goal}" for row in missed)]
    return said


def _figure(samples: Sequence[float], unit: str) -> str:
    if len(samples) == 1:
        return f"{samples[0]:.3g} {unit}"
    return f"{statistics.median(samples):.3g} {unit} ({min(samples):.3g} to {max(samples):.3g}, n = {len(samples)})"


def machine() -> str:
    """Describe this machine in one line."""
    lines = Path("/proc/cpuinfo").read_text().splitlines() if sys.platform == "linux" else []
    cpu = next(
        (line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.processor()
    )
    cores = sum(line.startswith("processor") for line in lines)
    memory = ""
    if sys.platform == "linux":
        kib = int(Path("/proc/meminfo").read_text().split(maxsplit=2)[1])
        memory = f", {kib / 2**20:.0f} GiB"
    return (
        f"{cores} cores ({cpu}){memory}, {platform.system()} {platform.release()}, Python {platform.python_version()}"
    )


class Measured(msgspec.Struct, frozen=True):
    """What one measurement found: when, on which machine and, where it could not be done, why."""

    day: str
    machine: str
    rows: Sequence[Row] = ()
    unavailable: str = ""


def markdown(found: Mapping[str, Measured]) -> str:
    """Write the whole page."""
    head = ["what", "goal", "figure: median (min to max)", "reference", "ratio", "kept"]
    lines = [
        "# Performance",
        "",
        "Written by `make bench`; do not edit. A ratio is the median over pairs taken in turn with the reference:",
        "below 1 is faster than it. `make bench BENCH=NAME` measures that anew and keeps the rest.",
        "",
        *_verdict([row for measured in found.values() for row in measured.rows]),
        "",
        "![Our time as a share of the reference's](performance.svg)",
    ]
    for name, measured in found.items():
        lines += ["", f"## [{name}](../bench/{name}.py)", ""]
        if measured.unavailable:
            lines.append(f"Not measured: {measured.unavailable}.")
            continue
        lines += [f"{measured.day}, {measured.machine}.", ""]
        table = [head, ["---"] * len(head), *(row.cells() for row in measured.rows)]
        lines += ["| " + " | ".join(cells) + " |" for cells in table]
    return "\n".join(lines) + "\n"
