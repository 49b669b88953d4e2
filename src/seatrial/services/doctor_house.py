"""What is looked at inside: folders, keys, disk, storage, database, mail, workers, tools."""

import os
import secrets
import shutil
import stat
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from seatrial.db import condition, executors, schema, work
from seatrial.db.engine import Database
from seatrial.db.executors import ExecutorRole
from seatrial.domain.errors import SeatrialError
from seatrial.domain.finding import Finding, good, warning, wrong
from seatrial.domain.ids import new_entity_id
from seatrial.mail import Mailer, ServerUnavailable
from seatrial.services.gauges import Waiting
from seatrial.storage import BlobStore

LOW_BYTES = 10 << 30
LOW_INODES = 10_000
SLOW_SECONDS = 0.5
"""An fsync that takes longer makes every upload and every change wait."""
QUIET = timedelta(minutes=2)
STUCK_SECONDS = 600
FEW_CONNECTIONS = 40
SKEW_SECONDS = 30
_JAVA_SECONDS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Folders:
    """Where things are; keys that the settings give need no file."""

    data: Path
    key_files: tuple[Path, ...]
    settings_file: Path

    def look(self) -> Iterator[Finding]:
        """Look at who can read what."""
        if not self.data.is_dir():
            yield wrong("data_dir", f"There is no data directory {self.data}.", "Name the right one with --data-dir.")
            return
        about = self.data.stat()
        if about.st_uid != os.geteuid():
            yield wrong(
                "data_dir",
                f"The data directory belongs to user {about.st_uid}, and this is user {os.geteuid()}.",
                f"Run as its owner, or: chown -R {os.geteuid()} {self.data}",
            )
        elif about.st_mode & 0o077:
            yield warning(
                "data_dir",
                f"Others on this machine can look into the data directory ({_mode(about)}).",
                f"chmod 700 {self.data}",
            )
        else:
            yield good("data_dir", "The data directory is its owner's alone.")
        yield from self._keys()
        if self.settings_file.exists() and (mode := self.settings_file.stat()).st_mode & 0o077:
            yield warning(
                "settings_file",
                f"Others on this machine can read seatrial.toml ({_mode(mode)}), where passwords may stand.",
                f"chmod 600 {self.settings_file}",
            )

    def _keys(self) -> Iterator[Finding]:
        bad = False
        for file in self.key_files:
            if not file.exists():
                bad = True
                yield wrong(
                    "keys",
                    f"The key file {file.name} is missing.",
                    f"Put {file} back from a backup, or lose what it encrypted. A new server makes one.",
                )
            elif (about := file.stat()).st_mode & 0o077:
                bad = True
                yield wrong("keys", f"Others can read the key file {file.name} ({_mode(about)}).", f"chmod 600 {file}")
        if not bad:
            yield good("keys", "The keys are there, and their owner's alone.")


def disk(data: Path, blobs: BlobStore) -> Iterator[Finding]:
    """Look at room, inodes, and how long a write takes to be safe."""
    free, about = blobs.free_bytes(), os.statvfs(data)
    home = about.f_bavail * about.f_frsize
    room = "Make room, let retention remove old builds, or lower SEATRIAL_STORAGE__RESERVE."
    if free is not None and free <= 0:
        yield wrong("disk", f"The storage is full up to its reserve ({-free:,} bytes over): uploads are refused.", room)
    elif free is not None and free < LOW_BYTES:
        yield warning("disk", f"Only {free:,} bytes are free above the reserve.", room)
    elif free is None and home < LOW_BYTES:
        said = f"Only {home:,} bytes are free in the data directory, where builds are copied to be read."
        yield warning("disk", said, "Make room on the disk of the data directory: du -xh finds what takes it.")
    else:
        yield good("disk", "There is room for uploads." if free is None else f"{free:,} bytes are free for uploads.")
    if about.f_files and about.f_favail < LOW_INODES:
        yield wrong("inodes", f"Only {about.f_favail:,} more files fit on the disk.", "Remove files; df -i shows them.")
    probe = data / f".doctor-{secrets.token_hex(4)}"
    began = time.perf_counter()
    try:
        descriptor = os.open(probe, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            os.write(descriptor, b"x" * 4096)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
            probe.unlink()
    except OSError as error:
        yield wrong(
            "disk_write", f"Nothing can be written into the data directory: {error.strerror}.", "See df and mount."
        )
        return
    seconds = time.perf_counter() - began
    if seconds > SLOW_SECONDS:
        yield warning(
            "disk_write",
            f"A write took {seconds:.1f} s to be safe on the disk.",
            "Use a faster disk, or a quieter one.",
        )
    else:
        yield good("disk_write", f"A write is safe on the disk after {seconds * 1000:.0f} ms.")


def storage(blobs: BlobStore) -> Iterator[Finding]:
    """Write, read and delete a blob."""
    key, content = f"doctor/{new_entity_id()}", secrets.token_bytes(4096)
    try:
        writer = blobs.writer(key)
        try:
            writer.write(content)
            writer.commit()
        except BaseException:
            writer.cancel()
            raise
        with blobs.open(key) as file:
            read = file.read()
        blobs.delete(key)
    except (SeatrialError, OSError) as error:
        said = error.message if isinstance(error, SeatrialError) else error.strerror or str(error)
        yield wrong(
            "storage",
            f"The storage does not take a file: {said}.",
            "See that it exists, is mounted, writable and not full.",
        )
        return
    if read != content:
        yield wrong("storage", "The storage gave back other bytes than it took.", "Look at the disk or the provider.")
    else:
        yield good("storage", "The storage took a file, gave it back and forgot it.")


def database(db: Database, now: Callable[[], datetime]) -> Iterator[Finding]:
    """Look at whether the database answers, keeps what it commits, is of this program's version, and has the time."""
    try:
        before = now()
        found = condition.look(db)
        after = now()
        at = schema.current(db)
    except SeatrialError:
        yield wrong(
            "database", "The database does not answer.", "See that it runs, and that SEATRIAL_DATABASE_URL leads there."
        )
        return
    yield from _durability(found)
    head = schema.head()
    if at is None or at < head:
        yield wrong(
            "migrations", f"The schema is at {at or 'nothing'}, and this program needs {head}.", "seatrial migrate"
        )
    elif at > head:
        yield wrong("migrations", f"The schema is at {at}, newer than this program ({head}).", "Install that version.")
    else:
        yield good("migrations", f"The schema is at {head}, as this program needs it.")
    if found.now is not None:
        ahead = max((before - found.now).total_seconds(), (found.now - after).total_seconds(), 0.0)
        yield clock("the database", ahead)


def clock(whose: str, seconds: float) -> Finding:
    """Judge how far two clocks are apart."""
    if seconds > SKEW_SECONDS:
        return wrong(
            "clock",
            f"This machine's clock and that of {whose} are {seconds:.0f} seconds apart.",
            "Keep both by NTP (timedatectl set-ntp true): links and tokens end by the clock.",
        )
    return good("clock", f"This machine's clock agrees with that of {whose}.")


def _durability(found: condition.Condition) -> Iterator[Finding]:
    said = found.settings
    weak = {
        "journal_mode": said.get("journal_mode", "wal").lower() not in {"wal", "memory"},
        "synchronous": said.get("synchronous", "2") not in {"2", "3"},
        "fsync": said.get("fsync", "on") != "on",
        "full_page_writes": said.get("full_page_writes", "on") != "on",
        "synchronous_commit": said.get("synchronous_commit", "on") == "off",
    }
    names = [f"{name} is {said[name]}" for name, is_weak in weak.items() if is_weak]
    if names:
        yield warning(
            "durability",
            f"An answered upload may be lost in a power cut: {', '.join(names)}.",
            "Set them as they are by default, in the database's own settings and in SEATRIAL_DATABASE_URL.",
        )
    else:
        yield good("database", f"{found.version} answers, and what it commits survives a power cut.")
    if int(said.get("max_connections", FEW_CONNECTIONS)) < FEW_CONNECTIONS:
        yield warning(
            "connections",
            f"The database takes {said['max_connections']} connections; each process may open 20.",
            "Raise max_connections, or lower SEATRIAL_DATABASE_POOL.",
        )


def mail(mailer: Mailer | None) -> Iterator[Finding]:
    """Open a connection to the mail server, with TLS and log-in, and send nothing."""
    if mailer is None:
        yield warning(
            "mail", "No mail server is set: mails are kept.", "Set SEATRIAL_MAIL__HOST and SEATRIAL_MAIL__SENDER."
        )
        return
    try:
        with mailer.connect():
            pass
    except (ServerUnavailable, OSError) as error:
        yield wrong(
            "mail",
            f"The mail server does not let us in: {error}.",
            "Compare SEATRIAL_MAIL__HOST, SEATRIAL_MAIL__PORT, SEATRIAL_MAIL__SECURITY, SEATRIAL_MAIL__USER and "
            "SEATRIAL_MAIL__PASSWORD.",
        )
        return
    yield good("mail", "The mail server lets us in.")


def workers(
    db: Database, queues: Callable[[], Sequence[Waiting]], now: Callable[[], datetime], *, works_itself: bool
) -> Iterator[Finding]:
    """Look at whether anybody works, and how long the oldest job waits."""
    with db.read() as tx:
        alive = [one for one in executors.everybody(tx) if now() - one.beat_at < QUIET]
        dead = work.mail_states(tx).get("dead", 0)
    stuck = [one for one in queues() if one.oldest_seconds > STUCK_SECONDS]
    if not alive:
        yield warning("workers", "Neither a server nor a worker runs.", "Start seatrial serve.")
    elif not works_itself and all(one.role is not ExecutorRole.WORKER for one in alive) and stuck:
        yield wrong("workers", "No worker runs, and jobs wait.", "Start seatrial worker, or serve without --no-worker.")
    else:
        yield good(
            "workers", "One process serves or works." if len(alive) == 1 else f"{len(alive)} processes serve or work."
        )
    for one in stuck:
        yield wrong(
            "queue",
            f"The oldest of {one.waiting} jobs in queue {one.queue} waits for {one.oldest_seconds / 60:.0f} minutes.",
            "See that a worker runs, and in its log what it does; raise SEATRIAL_WORKER__CONCURRENCY if it is busy.",
        )
    if dead:
        yield warning(
            "mails", f"{dead} mails could not be sent.", "The page of mails says why; send them again from there."
        )


def bundletool(jar: Path, java: str, *, is_wanted: bool) -> Iterator[Finding]:
    """Look at whether bundles can be converted, where somebody has set that up."""
    if not is_wanted and not jar.exists():
        return
    if not jar.is_file():
        yield wrong("bundletool", f"There is no {jar}.", "Put bundletool there, or set SEATRIAL_BUNDLETOOL__JAR.")
        return
    program = shutil.which(java)
    if program is None:
        yield wrong(
            "bundletool", f"There is no Java runtime called {java}.", "Install one, or set SEATRIAL_BUNDLETOOL__JAVA."
        )
        return
    try:
        subprocess.run([program, "-version"], check=True, capture_output=True, timeout=_JAVA_SECONDS)  # noqa: S603
    except (OSError, subprocess.SubprocessError) as error:
        yield wrong("bundletool", f"The Java runtime does not start: {error}.", "Install another one.")
        return
    yield good("bundletool", "Bundles can be turned into APKs.")


def _mode(about: os.stat_result) -> str:
    return f"mode {stat.S_IMODE(about.st_mode):04o}"
