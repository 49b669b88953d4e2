"""What attached files are: looked into after they were taken in, so that no upload waits for it or fails by it."""

from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import structlog

from seatrial.db import attachments
from seatrial.db.attachments import Unknown
from seatrial.db.engine import Database
from seatrial.domain.attachment import Attachment, AttachmentKind
from seatrial.domain.build import BuildFile
from seatrial.domain.buildinfo import Format
from seatrial.domain.errors import BuildFileInvalid, ProcessingCode, ServiceUnavailable
from seatrial.domain.ids import FileId
from seatrial.domain.storable import storable
from seatrial.parsers.isolation import ParserDied, ParserUnavailable
from seatrial.storage import BlobStores

log = structlog.get_logger()

MAX_READER_DEATHS = 3
"""Deaths of the reading process, one after another, after which the file is to blame."""


class Reader(Protocol):
    """Reads files out of harm's way."""

    def attachment(self, path: Path, build: Path | None, build_format: Format | None) -> Attachment:
        """Recognise an attachment and compare it with its build's file.

        Raises BuildFileInvalid for what it took to read it, ParserDied for what it did.
        """


@dataclass(frozen=True, slots=True)
class Attachments:
    """Looks into one attachment per call; may be called again for what was done already."""

    db: Database
    blobs: BlobStores
    reader: Reader

    def understand(self, file_id: FileId) -> None:
        """Find out what an attachment is; does nothing where that is known, or the file is gone.

        Raises OSError and ServiceUnavailable, after which it is to be called again.
        """
        with self.db.read() as tx:
            unknown = attachments.find_unknown(tx, file_id)
        if unknown is None:
            return
        found = self._read(unknown)
        with self.db.transaction() as tx:
            written = attachments.describe(tx, unknown.file, found)
        if written:
            log.info("attachment understood", file_id=file_id, kind=found.kind.value, matches=found.matches)

    def give_up(self, file_id: FileId) -> None:
        """Call a file unknown for good, because trying again has not helped."""
        with self.db.transaction() as tx:
            unknown = attachments.find_unknown(tx, file_id)
            if unknown is not None:
                sentence = "The server failed again and again while it read the file; see its log."
                attachments.describe(tx, unknown.file, _unreadable(sentence))

    def _read(self, unknown: Unknown) -> Attachment:
        with ExitStack() as stack:
            path = stack.enter_context(self._path(unknown.file))
            build = stack.enter_context(self._path(unknown.original)) if unknown.original else None
            return self._read_at(unknown, path, build)

    def _path(self, file: BuildFile) -> AbstractContextManager[Path]:
        return self.blobs.at(file.storage_provider_id).local_path(file.key)

    def _read_at(self, unknown: Unknown, path: Path, build: Path | None) -> Attachment:
        deaths = 0
        while True:
            try:
                return self.reader.attachment(path, build, unknown.build_format)
            except ParserUnavailable as nobody:
                raise ServiceUnavailable("There is no reader for the file.") from nobody
            except ParserDied as death:
                deaths += 1
                log.warning("a parser died", file_id=unknown.file.id, deaths=deaths, reason=str(death))
                if deaths >= MAX_READER_DEATHS:
                    return _unreadable(f"Reading the file killed the reading process {deaths} times.")
            except BuildFileInvalid as invalid:
                if invalid.code is ProcessingCode.STORAGE_UNAVAILABLE:
                    raise OSError(invalid.sentence) from invalid  # not the file's fault: try again later
                if invalid.code is ProcessingCode.INTERNAL:
                    detail = getattr(invalid, "detail", str(invalid))
                    log.warning("a parser failed", file_id=unknown.file.id, detail=detail)
                return _unreadable(storable(invalid.sentence))


def _unreadable(sentence: str) -> Attachment:
    return Attachment(kind=AttachmentKind.OTHER, summary="A file that cannot be read.", warnings=(sentence,))
