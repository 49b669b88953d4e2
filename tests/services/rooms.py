"""Services that work together, and what stands in for the parser and the job engine."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import Connection, insert, select

from seatrial.db import tables
from seatrial.db.engine import Database
from seatrial.domain.access import AppScope
from seatrial.domain.build import Build, Submission
from seatrial.domain.buildinfo import BuildInfo, Format, Os
from seatrial.domain.ids import AppId, BuildId, FileId, OrganizationId
from seatrial.domain.signing_key import Keystore
from seatrial.services.builds import Builds
from seatrial.services.conversion import Conversion
from seatrial.services.derived_files import DerivedFiles
from seatrial.services.events import Events, Listener
from seatrial.services.idempotency import Idempotency
from seatrial.services.jobs import Task
from seatrial.services.loose_blobs import LooseBlobs
from seatrial.services.processing import Parser, Processing
from seatrial.services.quotas import Quotas
from seatrial.services.reprocessing import Reprocessing
from seatrial.services.signing_keys import SigningKeys
from seatrial.services.uploads import ATTACHMENT_PART, BUILD_PART, ICON_PART, Uploads
from seatrial.services.workspaces import Workspaces
from seatrial.storage import BlobStore
from seatrial.storage.memory import MemoryBlobStore
from seatrial.storage.sealing import Sealer
from seatrial.tools.bundletool import ConversionFailed
from tests.db.sample_rows import START, add_app

EXECUTOR = "executor-one"
PNG = b"\x89PNG\r\n\x1a\n a picture, as far as these tests go"
ANDROID = BuildInfo(
    format=Format.APK, os=Os.ANDROID, identifier="com.acme.wallet", version_name="1.2", version_code="12", icon_png=PNG
)


class Queue:
    """Jobs as they were asked for; `failure` is raised instead of taking one."""

    def __init__(self) -> None:
        self.taken: list[tuple[str, int]] = []
        self.attachments: list[str] = []
        self.tasks: list[tuple[Task, str, int]] = []
        self.failure: Exception | None = None

    def process_build(self, tx: Connection, build_id: BuildId, attempt: int) -> None:
        if self.failure is not None:
            raise self.failure
        self.taken.append((build_id, attempt))

    def understand_attachment(self, tx: Connection, file_id: FileId) -> None:
        if self.failure is not None:
            raise self.failure
        self.attachments.append(file_id)

    def request(self, tx: Connection, task: Task, subject: str, turn: int = 0, delay_seconds: float = 0) -> None:
        if self.failure is not None:
            raise self.failure
        self.tasks.append((task, subject, turn))


class Reader:
    """A parser that does what its script says, one entry for each call, the last one for all that follow."""

    def __init__(self, *script: BuildInfo | Exception | Callable[[], BuildInfo]) -> None:
        self.script = list(script)
        self.calls = 0
        self.pictures: list[bytes | Exception] = []

    def parse(self, path: Path) -> BuildInfo:
        assert path.is_file()
        self.calls += 1
        step = self.script[0] if len(self.script) == 1 else self.script.pop(0)
        if isinstance(step, Exception):
            raise step
        return step if isinstance(step, BuildInfo) else step()

    def icon(self, path: Path) -> bytes:
        assert path.is_file()
        picture = self.pictures.pop(0)
        if isinstance(picture, Exception):
            raise picture
        return picture


@dataclass
class Converter:
    """Stands in for the extra: missing, refusing, or giving these bytes."""

    apk: bytes | None = None
    refusal: str = ""
    keystores: list[Keystore] = field(default_factory=list)

    def missing(self) -> str | None:
        return None if self.apk is not None or self.refusal else "the file bundletool.jar"

    @contextmanager
    def universal_apk(self, bundle: Path, keystore: Keystore) -> Iterator[Path]:
        assert bundle.is_file()
        self.keystores.append(keystore)
        if self.refusal:
            raise ConversionFailed(self.refusal)
        with TemporaryDirectory() as name:
            apk = Path(name, "universal.apk")
            apk.write_bytes(self.apk or b"")
            yield apk


class OnlyStore(MemoryBlobStore):
    """A store in memory that is every store: of all files, and of all apps."""

    @property
    def home(self) -> BlobStore:
        return self

    def at(self, provider_id: str) -> BlobStore:  # the same for all
        return self

    def of_app(self, organization_id: OrganizationId, app_id: AppId) -> BlobStore:  # the same for all
        return self


@dataclass
class Rooms:
    db: Database
    blobs: OnlyStore
    queue: Queue = field(default_factory=Queue)
    time: datetime = START
    jumped: float = 0
    scope: AppScope = field(init=False)
    loose: LooseBlobs = field(init=False)
    idempotency: Idempotency = field(init=False)
    quotas: Quotas = field(init=False)
    uploads: Uploads = field(init=False)
    builds: Builds = field(init=False)
    reprocessing: Reprocessing = field(init=False)
    workspaces: Workspaces = field(init=False)
    signing_keys: SigningKeys = field(init=False)
    converter: Converter = field(default_factory=Converter)
    listeners: list[Listener] = field(default_factory=list)
    """Who hears of builds that are processed."""

    def __post_init__(self) -> None:
        with self.db.transaction() as tx:
            self.scope = add_app(tx)
        self.register(EXECUTOR)
        self.loose = self.loose_of(EXECUTOR)
        self.idempotency = Idempotency(self.db, timedelta(days=7), self.now)
        self.quotas = Quotas(self.db, self.now)
        self.uploads = Uploads(self.db, self.blobs, self.loose, self.queue, 2, self.now, self.idempotency, self.quotas)
        self.builds = Builds(self.db, self.loose, self.now)
        self.reprocessing = Reprocessing(self.db, self.queue, self.now, self.idempotency)
        self.workspaces = Workspaces(self.db, self.now)
        self.signing_keys = SigningKeys(self.db, Sealer([b"k" * 32]), self.idempotency, self.now)

    def now(self) -> datetime:
        return self.time

    def timer(self) -> float:
        return self.time.timestamp() - self.jumped

    def jump(self, seconds: float) -> None:
        """Set the clock, in no time."""
        self.jumped += seconds
        self.later(seconds)

    def later(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)

    def loose_of(self, executor_id: str) -> LooseBlobs:
        return LooseBlobs(self.db, self.blobs, executor_id, self.now)

    def register(self, executor_id: str) -> None:
        with self.db.transaction() as tx:
            tx.execute(
                insert(tables.executors).values(
                    id=executor_id, host="here", role="api", started_at=START, beat_at=START
                )
            )

    def processing(self, reader: Parser, loose: LooseBlobs | None = None) -> Processing:
        own = loose or self.loose
        derived = DerivedFiles(self.blobs, own, self.now)
        conversion = Conversion(self.blobs, derived, self.signing_keys, self.converter)
        events = Events(self.listeners)
        return Processing(self.db, self.blobs, own, derived, conversion, reader, self.now, events, self.timer)

    def upload(
        self,
        content: bytes = b"PK bytes",
        icon: bytes | None = None,
        said: Submission | None = None,
        extension: str = "apk",
    ) -> Build:
        intake = self.uploads.begin(self.scope, len(content))
        for name, data in ((BUILD_PART, content), (ICON_PART, icon)):
            if data is not None:
                writer = intake.open(name, f"{name}.{extension}")
                assert writer is not None
                writer.write(data)
        return self.uploads.accept(intake, said or Submission())

    def attach(self, build_id: str, *contents: bytes) -> Build:
        intake = self.uploads.begin_attachments(self.scope, build_id, None)
        for content in contents:
            writer = intake.open(ATTACHMENT_PART, "report.html")
            assert writer is not None
            writer.write(content)
        return self.uploads.attach(intake, "a report")

    def processed(self, content: bytes = b"PK bytes", reader: Reader | None = None) -> Build:
        build = self.upload(content)
        self.processing(reader or Reader(ANDROID)).run(build.id, 1)
        return self.get(build.id)

    def get(self, build_id: str) -> Build:
        return self.builds.get(self.scope, build_id)

    def reservations(self) -> list[tuple[str, list[str]]]:
        with self.db.read() as tx:
            return [(row.executor_id, row.keys) for row in tx.execute(select(tables.loose_blobs))]

    def owned_keys(self) -> set[str]:
        with self.db.read() as tx:
            return set(tx.execute(select(tables.build_files.c.key)).scalars())

    def write(self, key: str, content: bytes = b"bytes") -> None:
        writer = self.blobs.writer(key)
        writer.write(content)
        writer.commit()

    def has(self, key: str) -> bool:
        try:
            self.blobs.open(key).close()
        except FileNotFoundError:
            return False
        return True
