"""What looking into an attachment reads and writes. No scope here: a job works for the server, not for a caller."""

from dataclasses import dataclass

import msgspec
from sqlalchemy import Connection, select, update

from seatrial.db import build_files
from seatrial.db.tables import build_files as files_table
from seatrial.db.tables import builds
from seatrial.domain.attachment import Attachment
from seatrial.domain.build import BuildFile, FileType
from seatrial.domain.buildinfo import Format
from seatrial.domain.ids import FileId


class _Described(msgspec.Struct):
    """The part of a stored `BuildInfo` that matters here."""

    format: Format


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown:
    """An attachment that nobody has looked into, and the build that it is beside."""

    file: BuildFile
    original: BuildFile | None
    build_format: Format | None


def find_unknown(tx: Connection, file_id: FileId) -> Unknown | None:
    """Find an attachment to look into; `None` when it is gone, or somebody has."""
    row = tx.execute(
        select(files_table, builds.c.info)
        .join(builds, builds.c.id == files_table.c.build_id)
        .where(
            files_table.c.id == file_id,
            files_table.c.type == FileType.ATTACHMENT.value,
            files_table.c.details.is_(None),
        )
    ).one_or_none()
    if row is None:
        return None
    beside = build_files.of_builds(tx, [row.build_id])[row.build_id]
    return Unknown(
        file=build_files.file_from(row),
        original=next((file for file in beside if file.type is FileType.ORIGINAL), None),
        build_format=msgspec.json.decode(row.info, type=_Described).format if row.info else None,
    )


def describe(tx: Connection, file: BuildFile, found: Attachment) -> bool:
    """Write what an attachment is, once; tells whether there was still one to write it to."""
    # The build first, as everybody does who changes its files.
    tx.execute(select(builds.c.id).where(builds.c.id == file.build_id).with_for_update())
    changed = tx.execute(
        update(files_table)
        .where(files_table.c.id == file.id, files_table.c.details.is_(None))
        .values(details=msgspec.to_builtins(found))
    )
    if not changed.rowcount:
        return False
    tx.execute(update(builds).where(builds.c.id == file.build_id).values(revision=builds.c.revision + 1))
    return True
