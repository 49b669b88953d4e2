"""From an Android App Bundle to one APK that every device installs, by Google's bundletool.

An optional extra: the tool needs a Java runtime and the file `bundletool.jar` (docs/how-to/android-app-bundles.md).
It reads a stranger's file, so it runs in a process group of its own under limits of time, memory and output, with
nothing of our environment, in a folder that is removed afterwards.
"""

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import threading
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from seatrial.domain.signing_key import Keystore

UNIVERSAL = "universal.apk"
_STALE_SECONDS = 24 * 3600
_LONGEST_REASON = 300
_CHUNK = 1 << 20
_OUTPUT_BLOCK = 512  # POSIX `ulimit -f`
_LIMITED = 'ulimit -t "$1" && ulimit -f "$2" && shift 2 && exec "$@"'


class BundletoolMissing(Exception):
    """The extra is not installed; the sentence says what is missing."""


class ConversionFailed(Exception):
    """The tool refused the bundle, or took too long; the sentence says what it said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundletool:
    """The tool, and what one run of it may use: memory and output in bytes, time in seconds."""

    jar: Path
    java: str
    scratch: Path
    """A folder with room for a bundle's APKs."""
    memory: int
    seconds: float
    output: int
    _one_at_a_time: threading.Lock = field(default_factory=threading.Lock)

    def missing(self) -> str | None:
        """Say what is not installed; `None` where everything is."""
        if not self.jar.is_file():
            return f"the file {self.jar.name}"
        return None if shutil.which(self.java) else "a Java runtime"

    @contextmanager
    def universal_apk(self, bundle: Path, keystore: Keystore) -> Iterator[Path]:
        """Convert a bundle and sign the result; the APK is there until the block ends.

        Raises BundletoolMissing, ConversionFailed.
        """
        missing = self.missing()
        if missing is not None:
            raise BundletoolMissing(f"{missing} is not installed")
        self.scratch.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._remove_stale()
        with self._one_at_a_time, tempfile.TemporaryDirectory(prefix="aab-", dir=self.scratch) as name:
            folder = Path(name)
            self._build(bundle, keystore, folder)
            yield _unpacked(folder)

    def _build(self, bundle: Path, keystore: Keystore, folder: Path) -> None:
        (folder / "key.p12").write_bytes(keystore.pkcs12)
        (folder / "password").write_text(keystore.password)
        # The tool tells formats by the name's end; our objects have none.
        (folder / "bundle.aab").symlink_to(bundle.absolute())
        secret = f"file:{folder / 'password'}"
        self._run(
            folder,
            "build-apks",
            "--mode=universal",
            f"--bundle={folder / 'bundle.aab'}",
            f"--output={folder / 'out.apks'}",
            f"--ks={folder / 'key.p12'}",
            f"--ks-pass={secret}",
            f"--ks-key-alias={keystore.alias}",
            f"--key-pass={secret}",
        )

    def _run(self, folder: Path, *arguments: str) -> None:
        java = [
            self.java,
            f"-Xmx{self.memory}",
            "-XX:+UseSerialGC",
            f"-Djava.io.tmpdir={folder}",
            "-jar",
            str(self.jar),
        ]
        limits = [str(max(1, round(self.seconds * 4))), str(self.output // _OUTPUT_BLOCK)]
        with (folder / "said").open("wb") as said:
            process = subprocess.Popen(  # noqa: S603 - the operator's own Java; the bundle is data for it
                ["/bin/sh", "-c", _LIMITED, "sh", *limits, *java, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=subprocess.STDOUT,
                cwd=folder,
                env={"PATH": os.environ.get("PATH", os.defpath), "HOME": str(folder), "LC_ALL": "C.UTF-8"},
                start_new_session=True,
            )
            try:
                status = process.wait(self.seconds)
            except subprocess.TimeoutExpired:
                raise ConversionFailed(f"it took longer than {self.seconds:g} s") from None
            finally:
                _end(process)
        if status != 0:
            raise ConversionFailed(_reason(folder / "said", status))

    def _remove_stale(self) -> None:
        """Remove what a killed server has left behind."""
        for left in self.scratch.glob("aab-*"):
            with contextlib.suppress(OSError):
                if left.stat().st_mtime < time.time() - _STALE_SECONDS:
                    shutil.rmtree(left)


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the whole group: the tool starts aapt2 as a process of its own."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _unpacked(folder: Path) -> Path:
    """Take the APK out of the set; the set is the tool's own writing, and no member's name is used as a path."""
    target = folder / UNIVERSAL
    try:
        with zipfile.ZipFile(folder / "out.apks") as apks, apks.open(UNIVERSAL) as source, target.open("wb") as file:
            shutil.copyfileobj(source, file, _CHUNK)
    except (OSError, KeyError, zipfile.BadZipFile) as problem:
        raise ConversionFailed(f"its result cannot be read ({type(problem).__name__})") from None
    return target


def _reason(said: Path, status: int) -> str:
    """Find the line that says why, without paths of this machine."""
    with said.open("rb") as file:
        text = file.read(64 << 10).decode(errors="replace")
    lines = [line.strip() for line in text.splitlines()]
    telling = next((line for line in lines if "Error:" in line or "rror: " in line), "") or next(
        (line for line in reversed(lines) if "Exception" in line), ""
    )
    if "OutOfMemoryError" in text:
        return "it needs more memory than it may use"
    shown = "".join(c if c.isprintable() else " " for c in telling.replace(str(said.parent), "").strip())
    shown = shown.removeprefix("[BT:1.18.2] ")
    return shown[:_LONGEST_REASON] or f"it ended with status {status}"
