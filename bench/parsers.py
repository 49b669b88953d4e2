"""Reading build files: time, memory and bytes read, beside aapt2, androguard and pyaxmlparser on the same files.

All times here are those of the processor, ours and the peers': a busy machine lengthens them least.
"""

import json
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.large_ipa import large_ipa
from bench.table import Row, Unavailable
from bench.verification import large_apk

ROOT = Path(__file__).parents[1]
CORPUS = ROOT.parent / "shared" / "corpus"
FIXTURES = ROOT / "tests/fixtures"
PEERS = ROOT / ".tools/peers/bin/python"
SAMPLES = 7
PEER_SAMPLES = 3
"""They take up to ten seconds each, and differ by factors."""
LANGUAGES = ("", "-de", "-es", "-fr", "-it", "-pt", "-ru")
STRINGS = 60_000
"""In each language: a table of 31 MB; a type of resources has at most 65,535 entries."""
_PEER = {
    "androguard": "from androguard.core.apk import APK\na = APK({path!r})\na.get_app_name(), a.get_app_icon()",
    "pyaxmlparser": "from pyaxmlparser import APK\na = APK({path!r})\na.application, a.get_app_icon()",
}


@dataclass(frozen=True, slots=True)
class Cost:
    """What reading one file cost, warm."""

    milliseconds: Sequence[float]
    icon: Sequence[float]
    """Of these, what the icon of a bundle (AAB) took."""
    peak: float
    read: float

    @property
    def median(self) -> float:
        """Give the usual time in milliseconds."""
        return statistics.median(self.milliseconds)

    @property
    def without_icon(self) -> float:
        """Give the usual time in milliseconds for everything but the icon of a bundle."""
        return statistics.median(all_ - icon for all_, icon in zip(self.milliseconds, self.icon, strict=True))


def measure() -> list[Row]:
    """Measure large files made here, then every file of the corpus where it is present."""
    if not (shutil.which("aapt2") and shutil.which("apksigner")):
        raise Unavailable("Debian's aapt2 and apksigner are not installed")
    if not _framework():
        raise Unavailable("Debian's android-framework-res is not installed, which aapt2 links against")
    with tempfile.TemporaryDirectory(prefix="seatrial-bench-") as name:
        folder = Path(name)
        big = large_apk(folder)
        rows = _large("an apk of 134 MB with 20,800 entries", cost(big), 20, 40, 3)
        rows += _peers("the same apk", big, cost(big))
        table = _table_apk(folder)
        rows += _large("an apk with 31 MB of resources", cost(table), 30, 90, None)
        rows += _peers("that apk", table, cost(table))
        ipa = large_ipa(folder)
        rows += _large("an ipa with an executable of 165 MB and entitlements", cost(ipa, 3), 150, 24, None)
    rows += _large("a small ipa with an icon", cost(FIXTURES / "ipa/demo.ipa"), 3, 64, None)
    if CORPUS.is_dir():
        rows += _corpus()
    return rows


def cost(path: Path, times: int = SAMPLES) -> Cost:
    """Parse a file in a process of its own."""
    command = [sys.executable, "-m", "bench.parse_child", str(path), str(times)]
    said = json.loads(subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT).stdout)
    return Cost(said["ms"], said["icon"], said["peak"], said["read"])


def _large(what: str, found: Cost, milliseconds: float, peak: float, read: float | None) -> list[Row]:
    rows = [
        Row(
            what=f"read {what}: processor time",
            goal=f"{milliseconds:g} ms",
            unit="ms",
            ours=found.milliseconds,
            most=milliseconds,
        ),
        Row(what=f"{what}: memory of the process", goal=f"{peak:g} MiB", unit="MiB", ours=[found.peak], most=peak),
    ]
    if read is not None:
        rows.append(Row(what=f"{what}: read of it", goal=f"{read:g} MB", unit="MB", ours=[found.read], most=read))
    return rows


def _peers(what: str, path: Path, ours: Cost) -> Iterator[Row]:
    """Run each peer as often as we ran; its import is not counted, as ours is not."""
    commands = {"aapt2 dump badging, with its start": ["aapt2", "dump", "badging", str(path)]}
    if PEERS.exists():
        for name, code in _PEER.items():
            timed = f"import time, {name}\nbegan = time.process_time()\n{code.format(path=str(path))}\n"
            timed += "print('ms', (time.process_time() - began) * 1000)"
            commands[name] = [str(PEERS), "-c", timed]
    for name, command in commands.items():
        theirs, peaks = [], []
        for _ in ours.milliseconds[:PEER_SAMPLES]:
            milliseconds, peak = _run(command)
            theirs.append(milliseconds)
            peaks.append(peak)
        yield Row(
            what=f"{what}: processor time",
            goal="faster than the peer",
            unit="ms",
            ours=ours.milliseconds[:PEER_SAMPLES],
            most=1,
            reference_name=f"{name} ({max(peaks):.0f} MiB)",
            reference=theirs,
        )


def _run(command: list[str]) -> tuple[float, float]:
    # A process that does nothing but start the peer: the kernel then tells the cost of its children alone.
    watcher = (
        "import resource, subprocess, sys\n"
        "done = subprocess.run(sys.argv[1:], capture_output=True, text=True)\n"
        "used = resource.getrusage(resource.RUSAGE_CHILDREN)\n"
        "print('all', (used.ru_utime + used.ru_stime) * 1000)\n"
        "print(done.stdout[-200:])\n"
        "print('peak', used.ru_maxrss / 1024)"
    )
    said = subprocess.run([sys.executable, "-S", "-c", watcher, *command], check=True, capture_output=True, text=True)
    facts = dict(line.split(" ", 1) for line in said.stdout.splitlines() if line.startswith(("all ", "ms ", "peak ")))
    return float(facts.get("ms", facts["all"])), float(facts["peak"])


def _table_apk(folder: Path) -> Path:
    """Have aapt2 compile an app with very many strings."""
    for language in LANGUAGES:
        values = folder / f"res/values{language}"
        values.mkdir(parents=True)
        lines = (
            f'<string name="s{n}">The text {language}{n}, as long as such texts are</string>' for n in range(STRINGS)
        )
        (values / "strings.xml").write_text(f"<resources>{''.join(lines)}</resources>")
    manifest = folder / "AndroidManifest.xml"
    manifest.write_text(
        '<manifest xmlns:android="http://schemas.android.com/apk/res/android" package="org.seatrial.bench">'
        '<application android:label="@string/s7"/></manifest>'
    )
    compiled, linked = folder / "values.flat.zip", folder / "table.apk"
    for command in (
        ["aapt2", "compile", "--dir", str(folder / "res"), "-o", str(compiled)],
        ["aapt2", "link", "-o", str(linked), "--manifest", str(manifest), *_framework(), str(compiled)],
    ):
        subprocess.run(command, check=True, capture_output=True)
    return linked


def _framework() -> list[str]:
    jar = next(Path("/usr/lib/android-sdk/platforms").glob("*/android.jar"), None)
    framework = jar or Path("/usr/share/android-framework-res/framework-res.apk")
    return ["-I", str(framework)] if framework.exists() else []


def _corpus() -> Iterator[Row]:
    """Read every file of the corpus; of each kind the slowest and the largest count."""
    costs: dict[str, list[Cost]] = defaultdict(list)
    for path in sorted(CORPUS.glob("*/*")):
        if path.is_file():
            costs[path.parent.name].append(cost(path, 3))
    for kind, found in sorted(costs.items()):
        milliseconds, peak = 2000 if kind == "malformed" else 50, 64
        files = f"{len(found)} {kind} files of the corpus"
        slowest, largest = max(one.median for one in found), max(one.peak for one in found)
        goal = f"{milliseconds:g} ms"
        what = f"the slowest of {files}: processor time"
        yield Row(what=what, goal=goal, unit="ms", ours=[slowest], most=milliseconds)
        if kind == "aab":
            bare = max(one.without_icon for one in found)
            yield Row(what=f"{what} without the icon", goal="10 ms", unit="ms", ours=[bare], most=10)
        yield Row(what=f"{files}: most memory", goal=f"{peak:g} MiB", unit="MiB", ours=[largest], most=peak)
