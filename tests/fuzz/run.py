"""Damage files and read them: `python -m tests.fuzz.run [--seconds N] [--seed N] [--kind K] [FILE ...]`.

Without files it runs for the given time over all kinds and writes what it finds to build/fuzz; with files, those
found before, it reads each once in this process, so that a debugger can be put to work.
"""

import argparse
import gc
import itertools
import random
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from tests.fuzz.mutations import mutated
from tests.fuzz.targets import Seed, exercise, seeds
from tests.fuzz.worker import Candidate, Finding, Limits, Progress, run

FOUND = Path("build/fuzz")
_BATCH = 500
_KEPT_PER_SUMMARY = 3


class Campaign:
    """The candidates of one seed: candidate number `n` is the same whenever the files are the same."""

    def __init__(self, files: Mapping[str, Sequence[Seed]], seed: int, deadline: float, last: int | None) -> None:
        self._files, self._seed, self._deadline, self._last = files, seed, deadline, last
        self._kinds = list(files)
        # Small files say as much as large ones, and cost less.
        self._weights = {kind: [1 / (20_000 + len(seed.data)) for seed in found] for kind, found in files.items()}

    def candidate(self, number: int) -> Candidate:
        chance = random.Random(f"{self._seed}/{number}")
        kind = self._kinds[number % len(self._kinds)]
        found = self._files[kind]
        chosen = chance.choices(found, self._weights[kind])[0]
        others = [chance.choice(found).data for _ in range(2)]
        return Candidate(number, kind, chosen.name, mutated(chosen.data, chance, others))

    def candidates(self, first: int) -> Iterator[Candidate]:
        for number in range(first, first + _BATCH):
            if self.is_over(number):
                return
            yield self.candidate(number)

    def is_over(self, number: int) -> bool:
        return number >= self._last if self._last is not None else time.monotonic() > self._deadline


def warm(files: Mapping[str, Sequence[Seed]]) -> None:
    """Read some files of each kind, so that libraries are loaded before memory is measured."""
    for kind, found in files.items():
        for seed in found[:12]:
            for number in range(3):
                exercise(kind, seed.data, random.Random(number))
    gc.collect()
    gc.freeze()


def hunt(campaign: Campaign, limits: Limits, progress: Progress) -> Iterator[Finding]:
    number = 0
    while not campaign.is_over(number):
        yield from run(campaign.candidates, number, limits, progress)
        number = progress.read()[0] + 1


def main() -> int:
    options = _options()
    files = seeds(corpus=not options.fixtures_only)
    if options.files:
        return _read_again(options.files)
    if options.kind:
        files = {options.kind: files[options.kind]}
    seed = int(time.time()) if options.seed is None else options.seed
    warm(files)
    campaign = Campaign(files, seed, time.monotonic() + options.seconds, options.count)
    progress, summaries = Progress(), Counter[str]()
    for finding in hunt(campaign, Limits(options.cpu_limit, options.memory_limit << 20), progress):
        summaries[finding.summary] += 1
        if summaries[finding.summary] <= _KEPT_PER_SUMMARY:
            _keep(campaign.candidate(finding.number), finding, seed)
    _, done, slowest, total, largest, refused = progress.read()
    say(
        f"seed {seed}: {done:,} files of {len(files)} kinds in {total:.0f} s of processor time, {refused:,} refused; "
        f"slowest {slowest:.2f} s, most memory {largest / (1 << 20):.0f} MiB; {summaries.total()} findings"
    )
    for summary, count in summaries.most_common():
        say(f"{count:6} {summary}")
    return 1 if summaries else 0


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def _keep(candidate: Candidate, finding: Finding, seed: int) -> None:
    FOUND.mkdir(parents=True, exist_ok=True)
    path = FOUND / f"{candidate.kind}-{seed}-{candidate.number}.bin"
    path.write_bytes(candidate.data)
    path.with_suffix(".txt").write_text(f"{finding.summary}\n{candidate.name}\n{finding.detail}\n")
    say(f"seed {seed}, number {candidate.number}, from {candidate.name}: {finding.summary}; {path}")


def _read_again(paths: Sequence[Path]) -> int:
    for path in paths:
        number = int(path.stem.rpartition("-")[2])
        for kind_number in itertools.chain((number,), range(4)):
            outcome = exercise(path.name.rsplit("-", 2)[0], path.read_bytes(), random.Random(kind_number))
            say(f"{path}: {outcome}")
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--seconds", type=float, default=300)
    parser.add_argument("--seed", type=int)
    parser.add_argument("--kind")
    parser.add_argument("--count", type=int, help="so many files instead of a time")
    parser.add_argument("--fixtures-only", action="store_true", help="leave the corpus of real builds out")
    parser.add_argument("--cpu-limit", type=float, default=Limits().cpu, help="seconds")
    parser.add_argument("--memory-limit", type=int, default=Limits().memory >> 20, help="MiB")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
