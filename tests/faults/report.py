"""Cause every fault in full and write docs/faults.md: `make faults`, or `python -m tests.faults.report FOLDER...`.

`python -m tests.faults.report --results FILE` writes the page of a run that was made, by `pytest --junitxml=FILE`.
"""

import os
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from bench.table import machine

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "faults.md"
RESULTS = ROOT / "build" / "faults.xml"

FAULTS = {
    "kill -9 at random instants: uploads, processing, attaching, mails, retention, the job engine, copying": (
        "no acknowledged build or file lost or half visible; nothing stuck; no orphan",
        ("test_kills", "test_engine_kills", "test_mail_kills", "test_retention_kills", "test_copy_kills"),
    ),
    "a client that goes away, stalls or sends half": (
        "nothing left behind",
        ("test_broken_uploads", "test_refused_uploads"),
    ),
    "disk full": ("507, nothing left behind, full recovery without hands", ("test_full_disk",)),
    "disk read-only, disk slow": ("clear answers, readers go on, full recovery without hands", ("test_sick_disk",)),
    "database restarted, locked, gone; frozen, so that nothing breaks and nobody answers": (
        "503 at once, of a frozen one in bounded time; `/readyz` tells it, full recovery without hands",
        ("test_dead_database", "test_postgres_outage"),
    ),
    "object store answers 500, breaks off, is slow, says nothing, is gone": (
        "503 in bounded time, `/readyz` tells it, nothing lost or left, full recovery without hands",
        ("test_sick_store",),
    ),
    "database failed over to a standby, by several hosts in its URL or by an address that moves": (
        "503 in between, nothing acknowledged is lost or twice, full recovery without hands",
        ("test_failover",),
    ),
    "clocks that jump a day ahead and back, a start in the past": (
        "same result: no token, session, job, retry or limit sticks or lives for ever",
        ("test_clock_jumps",),
    ),
    "mail server gone, or taking connections and saying nothing": (
        "nobody waits for it; each mail is sent once when it is back, without hands",
        ("test_mail_outage",),
    ),
    "a parser that crashes, hangs or eats memory": ("the build ends in `error`", ("test_parser_children",)),
    "a build that kills each worker that reads it": (
        "it ends in `error`, its neighbours are read, it can be read again",
        ("test_poison",),
    ),
    "SIGTERM in the middle of an upload, a download and a queue of builds": (
        "what is under way ends well, nothing new begins, no job is lost",
        ("test_drain",),
    ),
    "a big upload": ("memory does not grow", ("test_big_upload", "test_upload_memory")),
    "connections of an upload cut at random, and its server killed": (
        "it goes on where it stopped; one build, the same bytes",
        ("test_resumed_uploads",),
    ),
    "two servers and two workers on the same jobs, deliveries that come twice, one of two dies": (
        "each build processed once; the other takes over",
        ("test_two_servers",),
    ),
    "crowds: 200 uploads at once, 2,000 idle connections, 1,000 redemptions of one token": (
        "no error, memory bounded; exactly one 302",
        ("test_crowds",),
    ),
    "two servers and two workers on networks of their own, one of each cut off": (
        "no loss, nothing twice, service continues, recovery without hands",
        ("test_lost_network",),
    ),
    "power loss": (
        "system-call order: file fsync, folder fsync, database commit, then the 200",
        ("test_call_order",),
    ),
}
"""What is caused, what must hold, and the files of tests that cause it."""


@dataclass
class Outcome:
    """What became of the tests of one file."""

    passed: int = 0
    skipped: int = 0
    failed: int = 0
    seconds: float = 0

    def __iadd__(self, other: "Outcome") -> Self:
        self.passed += other.passed
        self.skipped += other.skipped
        self.failed += other.failed
        self.seconds += other.seconds
        return self


def main(arguments: list[str]) -> int:
    """Run the tests of faults and write down what became of them."""
    if arguments[:1] == ["--results"]:
        PAGE.write_text(page(_outcomes(_cases(Path(arguments[1]))), "`make test`, which causes a slice of each"))
        return 0
    command = [sys.executable, "-m", "pytest", f"--junitxml={RESULTS}", *(arguments or ["tests/faults"])]
    ended = subprocess.run(command, cwd=ROOT, env=os.environ | {"SEATRIAL_FAULTS": "full"}, check=False).returncode
    if not RESULTS.exists():
        return ended or 1
    PAGE.write_text(page(_outcomes(_cases(RESULTS)), "`make faults`, which causes each in full"))
    sys.stderr.write(f"written: {PAGE}\n")
    return ended


def _cases(results: Path) -> list[ET.Element]:
    cases = ET.parse(results).getroot().iter("testcase")
    return [case for case in cases if case.get("classname", "").startswith("tests.faults.")]


def page(outcomes: dict[str, Outcome], run: str) -> str:
    """Write the whole page about a run.

    Raises ValueError where a file of tests stands for no fault.
    """
    known = {name for _, files in FAULTS.values() for name in files}
    if strangers := sorted(set(outcomes) - known):
        raise ValueError(f"no fault is named for {', '.join(strangers)}")
    lines = [
        "# Faults",
        "",
        f"Written on {datetime.now(UTC):%Y-%m-%d} of a run of {run}; do not edit. Machine: {machine()}.",
        "Each is caused on purpose, on real processes, and what must hold is read past the server. `make test` causes a",
        "smaller number of the random ones than `make faults`.",
        "",
        "| fault | must hold | seen | tests | seconds |",
        "| --- | --- | --- | --- | --- |",
        *(_line(fault, must_hold, files, outcomes) for fault, (must_hold, files) in FAULTS.items()),
    ]
    return "\n".join(lines) + "\n"


def _line(fault: str, must_hold: str, files: Iterable[str], outcomes: dict[str, Outcome]) -> str:
    total = Outcome()
    for name in files:
        total += outcomes.get(name, Outcome())
    seen = "**does not hold**" if total.failed else "holds" if total.passed else "not caused here"
    counts = f"{total.passed} passed" + (f", {total.skipped} skipped" if total.skipped else "")
    counts += f", {total.failed} failed" if total.failed else ""
    sources = ", ".join(f"[{name}](../tests/faults/{name}.py)" for name in files)
    return f"| {fault} | {must_hold} | {seen} | {counts}: {sources} | {total.seconds:.0f} |"


def _outcomes(cases: Iterable[ET.Element]) -> dict[str, Outcome]:
    outcomes: dict[str, Outcome] = {}
    for case in cases:
        name = next(part for part in case.get("classname", "").split(".") if part.startswith("test_"))
        kinds = {child.tag for child in case}
        one = Outcome(seconds=float(case.get("time", 0)))
        if kinds & {"failure", "error"}:
            one.failed = 1
        elif "skipped" in kinds:
            one.skipped = 1
        else:
            one.passed = 1
        outcomes.setdefault(name, Outcome())
        outcomes[name] += one
    return outcomes


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
