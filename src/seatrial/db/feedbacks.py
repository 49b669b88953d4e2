"""Feedback and the files that came with it."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Row, delete, insert, select, update

from seatrial.db import apps, devices, persons, usage
from seatrial.db.paging import rows_of
from seatrial.db.tables import feedback_files, feedbacks
from seatrial.domain.access import AppScope, OrganizationScope
from seatrial.domain.build import Page
from seatrial.domain.download import NOBODY, DownloaderType
from seatrial.domain.errors import EntityNotFound
from seatrial.domain.feedback import (
    Feedback,
    FeedbackAuthor,
    FeedbackFile,
    FeedbackFileKind,
    FeedbackQuery,
    FeedbackStatus,
    FeedbackType,
)
from seatrial.domain.ids import OrganizationId, is_entity_id
from seatrial.domain.place import Place
from seatrial.domain.quota import Item

_SORTED_BY = {"createdAt": feedbacks.c.created_at, "updatedAt": feedbacks.c.updated_at}


def insert_feedback(tx: Connection, feedback: Feedback) -> None:
    """Add feedback with its files, and count it for the app."""
    tx.execute(
        insert(feedbacks).values(
            id=feedback.id,
            organization_id=feedback.organization_id,
            app_id=feedback.app_id,
            type=feedback.type.value,
            status=feedback.status.value,
            message=feedback.message,
            author_type=feedback.author.type.value,
            author=persons.to_json(feedback.author.person),
            author_email=feedback.author.person.email.lower(),
            package=feedback.package,
            device=feedback.device,
            sender=devices.to_json(feedback.sender),
            build_id=feedback.build_id,
            has_video=feedback.has_video,
            created_at=feedback.created_at,
            updated_at=feedback.updated_at,
        )
    )
    apps.count_feedback(tx, feedback.app_id, 1)
    for file in feedback.files:
        insert_file(tx, file)


def insert_file(tx: Connection, file: FeedbackFile) -> None:
    """Add a file to feedback that is there and held."""
    tx.execute(
        insert(feedback_files).values(
            id=file.id,
            feedback_id=file.feedback_id,
            organization_id=file.organization_id,
            app_id=file.app_id,
            kind=file.kind.value,
            original_name=file.original_name,
            mimetype=file.mimetype,
            size=file.size,
            key=file.key,
            storage_provider_id=file.storage_provider_id,
            checksum=file.checksum,
            created_at=file.created_at,
        )
    )
    usage.shift(tx, file.organization_id, file.app_id, {Item.STORAGE.value: file.size})


def get(tx: Connection, scope: AppScope, feedback_id: str, *, hold: bool = False) -> Feedback:
    """Read one piece of feedback of an app; `hold` lets nobody else change it before the transaction ends.

    Raises EntityNotFound, also for an id that is none.
    """
    where = (feedbacks.c.app_id == scope.app_id, feedbacks.c.organization_id == scope.organization_id)
    return _one(tx, feedback_id, where, hold=hold)


def get_by_proof(tx: Connection, feedback_id: str, *, hold: bool = False) -> Feedback:
    """Read one piece of feedback for a caller whose right was proven by a signature.

    Raises EntityNotFound.
    """
    return _one(tx, feedback_id, (), hold=hold)


def search(tx: Connection, scope: AppScope, query: FeedbackQuery) -> Page[Feedback]:
    """Read one page of an app's feedback."""
    where = [feedbacks.c.app_id == scope.app_id, feedbacks.c.organization_id == scope.organization_id]
    if query.type is not None:
        where.append(feedbacks.c.type == query.type.value)
    if query.status is not None:
        where.append(feedbacks.c.status == query.status.value)
    if query.email is not None:
        where.append(feedbacks.c.author_email == query.email.lower())
    if query.since is not None:
        where.append(feedbacks.c.created_at >= query.since)
    if query.until is not None:
        where.append(feedbacks.c.created_at <= query.until)
    rows, total = rows_of(tx, select(feedbacks).where(*where), (_SORTED_BY[query.sort], feedbacks.c.id), query)
    files = _files(tx, [row.id for row in rows])
    return Page([_feedback(row, files.get(row.id, ())) for row in rows], total, query.page, query.limit)


def set_status(tx: Connection, feedback: Feedback, status: FeedbackStatus, now: datetime) -> None:
    """Say what has become of feedback that is held."""
    tx.execute(update(feedbacks).where(feedbacks.c.id == feedback.id).values(status=status.value, updated_at=now))


def touch(tx: Connection, feedback: Feedback, now: datetime) -> None:
    """Say that something came to feedback that is held."""
    tx.execute(update(feedbacks).where(feedbacks.c.id == feedback.id).values(updated_at=now))


def delete_feedback(tx: Connection, feedback: Feedback) -> list[Place]:
    """Remove feedback that is held; gives the places that nobody owns any more."""
    tx.execute(delete(feedback_files).where(feedback_files.c.feedback_id == feedback.id))
    tx.execute(delete(feedbacks).where(feedbacks.c.id == feedback.id))
    apps.count_feedback(tx, feedback.app_id, -1)
    gone = {Item.STORAGE.value: -sum(file.size for file in feedback.files)}
    usage.shift(tx, feedback.organization_id, feedback.app_id, gone)
    return [file.place for file in feedback.files]


def blank_author(tx: Connection, organization_id: OrganizationId, email: str, most: int) -> int:
    """Take one person out of an organization's feedback; gives how many there were, at most so many at once."""
    mine = (feedbacks.c.organization_id == organization_id, feedbacks.c.author_email == email.lower())
    ids = list(tx.execute(select(feedbacks.c.id).where(*mine).limit(most)).scalars())
    if not ids:
        return 0
    blank = {"author_type": DownloaderType.ANONYMOUS.value, "author": persons.to_json(NOBODY), "author_email": ""}
    return tx.execute(update(feedbacks).where(feedbacks.c.id.in_(ids)).values(**blank)).rowcount


def find_file(tx: Connection, file_id: str, scope: OrganizationScope | None = None) -> FeedbackFile | None:
    """Find a file that came with feedback, in one organization or for a caller with a signature."""
    where = [feedback_files.c.id == file_id]
    if scope is not None:
        where.append(feedback_files.c.organization_id == scope.organization_id)
    row = tx.execute(select(feedback_files).where(*where)).one_or_none()
    return _file(row) if row else None


def organization_of(tx: Connection, file_id: str) -> OrganizationId | None:
    """Tell whose a file is."""
    found: OrganizationId | None = tx.execute(
        select(feedback_files.c.organization_id).where(feedback_files.c.id == file_id)
    ).scalar_one_or_none()
    return found


def places_in_use(tx: Connection, places: Iterable[Place]) -> set[Place]:
    """Tell which of these places belong to a file that came with feedback."""
    wanted = set(places)
    rows = tx.execute(
        select(feedback_files.c.storage_provider_id, feedback_files.c.key).where(
            feedback_files.c.key.in_([place.key for place in wanted])
        )
    )
    return wanted & {Place(row.storage_provider_id, row.key) for row in rows}


def _one(tx: Connection, feedback_id: str, where: Sequence[ColumnElement[bool]], *, hold: bool) -> Feedback:
    if not is_entity_id(feedback_id):
        raise EntityNotFound
    statement = select(feedbacks).where(feedbacks.c.id == feedback_id.lower(), *where)
    row = tx.execute(statement.with_for_update() if hold else statement).one_or_none()
    if row is None:
        raise EntityNotFound
    return _feedback(row, _files(tx, [row.id]).get(row.id, ()))


def _files(tx: Connection, feedback_ids: Sequence[str]) -> dict[str, tuple[FeedbackFile, ...]]:
    found: dict[str, tuple[FeedbackFile, ...]] = {}
    rows = tx.execute(
        select(feedback_files).where(feedback_files.c.feedback_id.in_(feedback_ids)).order_by(feedback_files.c.kind)
    )
    for row in rows:
        found[row.feedback_id] = (*found.get(row.feedback_id, ()), _file(row))
    return found


def _file(row: Row[tuple[object, ...]]) -> FeedbackFile:
    columns = dict(row._mapping)  # noqa: SLF001  # SQLAlchemy's public name for a row as a mapping
    return FeedbackFile(**columns | {"kind": FeedbackFileKind(row.kind)})


def _feedback(row: Row[tuple[object, ...]], files: tuple[FeedbackFile, ...]) -> Feedback:
    return Feedback(
        id=row.id,
        organization_id=row.organization_id,
        app_id=row.app_id,
        type=FeedbackType(row.type),
        status=FeedbackStatus(row.status),
        message=row.message,
        author=FeedbackAuthor(type=DownloaderType(row.author_type), person=persons.from_json(row.author)),
        package=row.package,
        device=row.device,
        sender=devices.from_json(row.sender),
        build_id=row.build_id,
        has_video=row.has_video,
        created_at=row.created_at,
        updated_at=row.updated_at,
        files=files,
    )
