"""What a build is: from the uploaded bytes to a verdict, whatever dies in between."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Protocol

import structlog
from sqlalchemy import Connection

from seatrial.db import processing
from seatrial.db.engine import Database
from seatrial.db.processing import Claim, Verdict
from seatrial.domain.build import BuildStatus, FileType, Stage
from seatrial.domain.buildinfo import BuildInfo, Format, Os
from seatrial.domain.errors import BuildFileInvalid, ProcessingCode, ServiceUnavailable, StorageUnavailable
from seatrial.domain.event import Event, EventKind
from seatrial.domain.ids import BuildId, new_file_id
from seatrial.domain.platforms import CUSTOM_PLATFORMS, extension_of
from seatrial.domain.storable import storable
from seatrial.parsers import hold_to_name
from seatrial.parsers.isolation import ParserDied, ParserUnavailable
from seatrial.parsers.mimetype import MIMETYPES
from seatrial.services.conversion import Conversion
from seatrial.services.derived_files import DerivedFile, DerivedFiles
from seatrial.services.events import Events
from seatrial.services.loose_blobs import LooseBlobs
from seatrial.storage import BlobStores

log = structlog.get_logger()

MAX_PARSER_DEATHS = 3
"""Deaths of the reading process, under a server that lives on, after which the file is to blame."""
MAX_CLAIMS = 50
"""Deaths of whole servers during one build: far more, because a restart is rarely the file's fault, and a server that
is restarted again and again before it gets anywhere takes up the same builds each time."""
SUSPECT_CLAIMS = 3
"""From here on a build is read alone, so that it takes no innocent neighbours with it."""

LONGEST_VERSION = 255
"""Characters of a package's version that lists show and sort by; the info beside it has all of them."""

_OPAQUE_ARCHIVES = frozenset({Format.ZIP, Format.TAR_GZ})
_NOT_INSTALLABLE = frozenset({Format.AAB})
"""Formats that no device installs as they are."""


class Parser(Protocol):
    """Reads files out of harm's way."""

    def parse(self, path: Path) -> BuildInfo:
        """Read a build file.

        Raises BuildFileInvalid for what the file is, ParserDied for what it did.
        """

    def icon(self, path: Path) -> bytes:
        """Read a submitted icon as PNG of at most 512 pixels.

        Raises BuildFileInvalid, ParserDied.
        """


@dataclass(slots=True)
class _Gate:
    """Many at once, or one alone."""

    _turn: threading.Lock = field(default_factory=threading.Lock)
    _idle: threading.Condition = field(default_factory=threading.Condition)
    _running: int = 0

    @contextmanager
    def pass_through(self, *, alone: bool) -> Iterator[None]:
        with self._turn:  # held on by whoever goes alone, so nobody follows
            if alone:
                with self._idle:
                    self._idle.wait_for(lambda: self._running == 0)
                yield
                return
            with self._idle:
                self._running += 1
        try:
            yield
        finally:
            with self._idle:
                self._running -= 1
                self._idle.notify_all()


@dataclass(frozen=True, slots=True)
class Processing:
    """Processes one build at a time per call; every step may be repeated."""

    db: Database
    blobs: BlobStores
    loose: LooseBlobs
    derived: DerivedFiles
    conversion: Conversion
    parser: Parser
    now: Callable[[], datetime]
    events: Events = field(default_factory=Events)
    timer: Callable[[], float] = time.monotonic
    """Seconds by a clock that nobody sets."""
    _gate: _Gate = field(default_factory=_Gate)

    def run(self, build_id: BuildId, attempt: int) -> None:
        """Bring a build to `processed` or `error`; does nothing where that is done, or the build is gone.

        Raises OSError and ServiceUnavailable, after which it is to be called again.
        """
        began = self.timer()
        with self.db.transaction() as tx:
            claim = processing.claim(tx, build_id, attempt, self.now())
        if claim is None:
            return
        if claim.claims > MAX_CLAIMS:
            self.fail(build_id, attempt, ProcessingCode.INTERNAL)
            return
        made: list[DerivedFile] = []
        try:
            with self._gate.pass_through(alone=claim.claims >= SUSPECT_CLAIMS):
                verdict, icon = self._judge(claim)
            if icon is not None:
                made.append(self.derived.keep(claim, FileType.ICON, "icon.png", "image/png", (icon,)))
            if verdict.info is not None and verdict.info.format is Format.AAB:
                verdict = self._converted(claim, verdict, made)
            verdict = replace(verdict, files=[*verdict.files, *(each.file for each in made)])
            self._finish(claim, attempt, verdict, made, began)
        except BaseException as error:
            self.derived.discard(made)
            if isinstance(error, StorageUnavailable):
                self._uncharge(build_id, attempt)
            raise
        log.info("build processed", build_id=build_id, status=verdict.status.value, error_code=verdict.error_code)

    def fail(self, build_id: BuildId, attempt: int, code: ProcessingCode) -> None:
        """End a build in `error`, because trying it again has not helped."""
        sentences = {
            ProcessingCode.STORAGE_UNAVAILABLE: "The build's bytes could not be read from storage. "
            "Check the storage, then upload the build again.",
        }
        sentence = sentences.get(
            code, "The server failed again and again while it read this build. The file is kept; see the server's log."
        )
        verdict = Verdict(status=BuildStatus.ERROR, error=sentence, error_code=code)
        with self.db.transaction() as tx:
            stale = self._write(tx, build_id, attempt, verdict)
        for each in stale or ():
            self.loose.discard(each)

    def _uncharge(self, build_id: BuildId, attempt: int) -> None:
        """Hold an outage against nobody: claims count deaths, and a store may be away for longer than there are."""
        with self.db.transaction() as tx:
            processing.uncharge(tx, build_id, attempt)

    def _judge(self, claim: Claim) -> tuple[Verdict, bytes | None]:
        try:
            info = self._inspect(claim)
            icon = info.icon_png or self._submitted_icon(claim)
        except BuildFileInvalid as invalid:
            if invalid.code is ProcessingCode.INTERNAL:
                log.warning("a parser failed", build_id=claim.build_id, detail=getattr(invalid, "detail", str(invalid)))
            return Verdict(status=BuildStatus.ERROR, error=storable(invalid.sentence), error_code=invalid.code), None
        return self._processed(claim, info), icon

    def _inspect(self, claim: Claim) -> BuildInfo:
        is_custom = claim.build_platform in CUSTOM_PLATFORMS
        missing = _missing_fields(claim)
        try:
            info = self._parse(claim)
        except BuildFileInvalid as invalid:
            if invalid.code is not ProcessingCode.UNRECOGNISED_FORMAT or not claim.build_platform:
                raise
            if missing and not is_custom:
                raise
            info = BuildInfo(format=Format.OPAQUE)
        if is_custom and info.format in _OPAQUE_ARCHIVES:
            info = BuildInfo(format=info.format, warnings=info.warnings)  # what else is in it is not the build
        if info.identifier is not None:
            return info  # what the file says wins over what the uploader says
        if is_custom and missing and info.format in {*_OPAQUE_ARCHIVES, Format.OPAQUE}:
            raise BuildFileInvalid(
                ProcessingCode.PLATFORM_FIELDS_MISSING,
                f"A build for {claim.build_platform} cannot be read by itself. Upload it again with {_and(missing)}.",
            )
        if not is_custom:
            hold_to_name(info, extension_of(claim.original.original_name))
        return _described(claim, info, is_complete=not missing)

    def _parse(self, claim: Claim) -> BuildInfo:
        original = claim.original
        with self.blobs.at(original.storage_provider_id).local_path(original.key) as path:
            return self._parse_at(claim, path)

    def _parse_at(self, claim: Claim, path: Path) -> BuildInfo:
        while True:
            try:
                return self.parser.parse(path)
            except ParserUnavailable as nobody:
                raise ServiceUnavailable("There is no reader for the file.") from nobody
            except ParserDied as death:
                self._charge(claim, death)
            except BuildFileInvalid as invalid:
                if invalid.code is ProcessingCode.STORAGE_UNAVAILABLE:
                    raise OSError(invalid.sentence) from invalid  # not the file's fault: try again later
                raise

    def _submitted_icon(self, claim: Claim) -> bytes | None:
        icon = claim.submitted_icon
        if icon is None:
            return None
        try:
            with self.blobs.at(icon.storage_provider_id).local_path(icon.key) as path:
                return self.parser.icon(path)
        except BuildFileInvalid as unreadable:
            reason = unreadable.sentence
        except ParserUnavailable as nobody:
            raise ServiceUnavailable("There is no reader for the file.") from nobody
        except ParserDied as death:
            self._charge(claim, death)
            reason = "reading it took too much"
        raise BuildFileInvalid(
            ProcessingCode.ICON_INVALID,
            f"packageIcon must be a PNG or JPEG picture: {reason}. Upload it again with one.",
        )

    def _charge(self, claim: Claim, death: ParserDied) -> None:
        with self.db.transaction() as tx:
            deaths = processing.charge_parser_death(tx, claim.build_id)
        log.warning("a parser died", build_id=claim.build_id, deaths=deaths, reason=str(death))
        if deaths >= MAX_PARSER_DEATHS:
            raise BuildFileInvalid(
                ProcessingCode.INTERNAL,
                f"Reading this file killed the reading process {deaths} times. The file is kept; see the server's log.",
            )

    def _processed(self, claim: Claim, info: BuildInfo) -> Verdict:
        system = info.os.value if info.os else claim.build_platform
        mimetype = MIMETYPES.get(info.format, claim.original.mimetype)
        package = replace(
            claim.original,
            id=new_file_id(),
            type=FileType.PACKAGE,
            mimetype=mimetype,
            created_at=self.now(),
            updated_at=self.now(),
        )
        return Verdict(
            status=BuildStatus.PROCESSED,
            info=replace(info, icon_png=None),
            os=system,
            build_platform=system,
            version_name=storable(info.version_name or "", LONGEST_VERSION),
            version_code=storable(info.version_code or "", LONGEST_VERSION),
            warnings=[storable(warning) for warning in info.warnings],
            files=[] if info.format in _NOT_INSTALLABLE else [package],
            mimetypes={claim.original.id: mimetype},
        )

    def _converted(self, claim: Claim, verdict: Verdict, made: list[DerivedFile]) -> Verdict:
        with self.db.transaction() as tx:
            processing.enter(tx, claim.build_id, Stage.CONVERTING, self.now())
        apk = self.conversion.apk_of(claim)
        if isinstance(apk, DerivedFile):
            made.append(apk)
            return verdict
        return replace(verdict, warnings=[*verdict.warnings, storable(apk)])

    def _finish(self, claim: Claim, attempt: int, verdict: Verdict, made: Sequence[DerivedFile], began: float) -> None:
        # Where a part of it was done elsewhere, only the times are known.
        took_ms = round((self.timer() - began) * 1000) if claim.claims == 1 else None
        with self.db.transaction() as tx:
            stale = self._write(tx, claim.build_id, attempt, verdict, took_ms)
            if stale is not None:
                for each in made:
                    self.loose.adopt(tx, each.loose_id)
        for each in made:
            if stale is not None:
                self.loose.settle(each.loose_id)
            else:
                self.loose.discard(each.loose_id)
        for loose_id in stale or ():
            self.loose.discard(loose_id)

    def _write(
        self, tx: Connection, build_id: BuildId, attempt: int, verdict: Verdict, took_ms: int | None = None
    ) -> list[str] | None:
        """Give what is to be discarded after the commit; `None` where there is nothing to write to."""
        now = self.now()
        outcome = processing.finish(tx, build_id, attempt, verdict, now, took_ms)
        if outcome is None:
            return None
        is_fine = verdict.status is BuildStatus.PROCESSED
        self.events.tell(
            tx,
            Event(
                kind=EventKind.BUILD_PROCESSED if is_fine else EventKind.BUILD_FAILED,
                organization_id=outcome.organization_id,
                app_id=outcome.app_id,
                subject=build_id,
                at=now,
            ),
        )
        return [self.loose.give_up(tx, outcome.stale_places)] if outcome.stale_places else []


def _missing_fields(claim: Claim) -> list[str]:
    given = {
        "buildPlatform": claim.build_platform,
        "packageName": claim.package_name,
        "packageVersion": claim.package_version,
        "packageIcon": claim.submitted_icon,
    }
    return [name for name, value in given.items() if not value]


def _described(claim: Claim, info: BuildInfo, *, is_complete: bool) -> BuildInfo:
    """Take from the uploader what the file itself does not say."""
    system = Os(claim.build_platform) if claim.build_platform in list(Os) else None
    custom = is_complete and claim.build_platform in CUSTOM_PLATFORMS
    return replace(
        info,
        os=None if custom else info.os or system,
        identifier=claim.package_name or None,
        version_name=info.version_name or claim.package_version or None,
        warnings=() if is_complete else info.warnings,
    )


def _and(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
