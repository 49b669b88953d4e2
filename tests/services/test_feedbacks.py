"""Feedback: kept with its files, told once, limited, worked through, and gone when it is deleted."""

import io
import struct
import zlib
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import pytest
from PIL import Image
from sqlalchemy import Connection, select

from seatrial.db import tables
from seatrial.domain.access import TOKEN_SCOPE_PERMISSIONS, AppScope, Permission, TokenScope
from seatrial.domain.app import AppSettings
from seatrial.domain.device import Visitor
from seatrial.domain.errors import (
    Conflict,
    EntityNotFound,
    Forbidden,
    InvalidRequest,
    PayloadTooLarge,
    TooManyRequests,
    UnsupportedMediaType,
)
from seatrial.domain.event import Event, EventKind
from seatrial.domain.feedback import FeedbackQuery, FeedbackSaid, FeedbackStatus, FeedbackType
from seatrial.domain.ids import OrganizationId
from seatrial.domain.member import NewMember
from seatrial.parsers.screenshots import MOST_BYTES, ScreenshotUnreadable, rewritten
from seatrial.services.apps import Apps
from seatrial.services.events import Events
from seatrial.services.feedback_letters import FeedbackLetters
from seatrial.services.feedback_limits import WINDOW, FeedbackLimits
from seatrial.services.feedback_videos import FeedbackVideos
from seatrial.services.feedbacks import Feedbacks, FeedbackShown
from seatrial.services.post import Addressee, Letter
from seatrial.services.users import Users
from seatrial.storage.signing import UrlSigner
from tests.services.rooms import Rooms
from tests.services.scopes import downloads_of, powerless
from tests.services.test_sdk import PIXEL, member, processed

SIGNER = UrlSigner([b"k" * 32])
VISITOR = Visitor("203.0.113.77", "okhttp")
BUG = FeedbackSaid(type=FeedbackType.BUG, message="It breaks.", email="ada@example.com")
FILM = b"\0\0\0\x20ftypisom" + b"film" * 1000


def picture(kind: str, size: tuple[int, int] = (60, 90)) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, "red").save(out, kind)
    return out.getvalue()


class Ears:
    def __init__(self) -> None:
        self.heard: list[Event] = []

    def note(self, _tx: Connection, happened: Event) -> None:
        self.heard.append(happened)


class Letterbox:
    """Stands in for the mail room: remembers what it was given."""

    def __init__(self) -> None:
        self.letters: list[tuple[Letter, str, Mapping[str, object]]] = []

    def write(
        self,
        _tx: Connection,
        letter: Letter,
        to: Addressee,
        facts: Mapping[str, object],
        organization_id: OrganizationId | None = None,
    ) -> None:
        assert organization_id
        self.letters.append((letter, to.email, facts))


@pytest.fixture
def scope(rooms: Rooms) -> AppScope:
    principal = replace(rooms.scope.principal, permissions=TOKEN_SCOPE_PERMISSIONS[TokenScope.SDK])
    return replace(rooms.scope, principal=principal)


@pytest.fixture
def ears() -> Ears:
    return Ears()


@pytest.fixture
def letterbox() -> Letterbox:
    return Letterbox()


@pytest.fixture
def feedbacks(rooms: Rooms, ears: Ears, letterbox: Letterbox) -> Feedbacks:
    hour = timedelta(hours=1)
    events = Events([ears.note, FeedbackLetters(letterbox, "https://builds.example.com").note])
    limits = FeedbackLimits(rooms.db, 3, 5, rooms.now)
    return Feedbacks(
        rooms.db,
        rooms.blobs,
        rooms.loose,
        SIGNER,
        limits,
        hour,
        hour,
        rooms.quotas,
        rooms.idempotency,
        rooms.now,
        events,
    )


@pytest.fixture
def videos(rooms: Rooms) -> FeedbackVideos:
    return FeedbackVideos(
        rooms.db, rooms.blobs, rooms.loose, SIGNER, 1 << 20, rooms.quotas, rooms.idempotency, rooms.now
    )


def counted(rooms: Rooms) -> int:
    return Apps(rooms.db, rooms.blobs.provider, rooms.now).get(rooms.scope).app.feedbacks


def send_film(videos: FeedbackVideos, sent: FeedbackShown, film: bytes = FILM) -> None:
    assert sent.upload
    intake = videos.begin(sent.feedback.id, sent.upload.expires, sent.upload.signature, len(film))
    try:
        intake.write(film)
        videos.accept(intake)
    except BaseException:
        videos.abandon(intake)
        raise


def test_feedback_is_kept_with_its_picture_and_told(
    rooms: Rooms, feedbacks: Feedbacks, scope: AppScope, ears: Ears
) -> None:
    build = processed(rooms)
    said = replace(BUG, package={"name": "Wallet", "version": "12"}, screenshot=picture("PNG"))
    sent = feedbacks.receive(scope, said, PIXEL, member(scope), VISITOR)
    found = feedbacks.get(rooms.scope, sent.feedback.id.upper()).feedback
    assert found == sent.feedback
    assert (found.status, found.build_id, found.author.type.value) == (FeedbackStatus.OPEN, build, "employee")
    file = found.files[0]
    assert rooms.blobs.open(file.key).read().startswith(b"\x89PNG")
    assert rooms.reservations() == []
    assert counted(rooms) == 1
    assert [(one.kind, one.subject) for one in ears.heard] == [(EventKind.FEEDBACK_CREATED, found.id)]
    facts = ears.heard[0].facts
    assert (facts["type"], facts["author"], facts["build"]) == ("bug", "Eve <Eve@example.com>", "12")


def test_nothing_is_left_where_the_transaction_fails(rooms: Rooms, feedbacks: Feedbacks, scope: AppScope) -> None:
    def fail(_tx: Connection, _event: Event) -> None:
        raise RuntimeError("a listener")

    failing = replace(feedbacks, events=Events([fail]))
    with pytest.raises(RuntimeError):
        failing.receive(scope, replace(BUG, screenshot=picture("JPEG")), PIXEL, None, VISITOR)
    assert rooms.reservations() == []
    assert feedbacks.search(rooms.scope, FeedbackQuery()).total == 0
    assert counted(rooms) == 0


def test_letters_go_to_collaborators_where_the_app_wants_them(
    rooms: Rooms, feedbacks: Feedbacks, scope: AppScope, letterbox: Letterbox
) -> None:
    users = Users(rooms.db, rooms.now)
    users.create(rooms.scope, NewMember(email="vera@example.com", password="a long password"))
    feedbacks.receive(scope, BUG, PIXEL, None, VISITOR)
    assert letterbox.letters == []
    Apps(rooms.db, rooms.blobs.provider, rooms.now).update(rooms.scope, AppSettings(notify_feedback=True))
    feedbacks.receive(scope, replace(BUG, message="x" * 5000), PIXEL, None, VISITOR)
    [(letter, to, facts)] = letterbox.letters
    assert (letter, to) == (Letter.FEEDBACK_CREATED, "vera@example.com")
    assert {"organization", "app", "type", "message", "author", "device", "build", "link"} <= set(facts)
    assert len(str(facts["message"])) == 1000
    assert facts["author"] == "ada@example.com"
    found = feedbacks.search(rooms.scope, FeedbackQuery()).items[0].feedback
    assert str(facts["link"]).startswith("https://builds.example.com/dashboard/")
    assert str(facts["link"]).endswith(f"/feedback/{found.id}")


def test_a_film_comes_once_to_its_link(
    rooms: Rooms, feedbacks: Feedbacks, videos: FeedbackVideos, scope: AppScope
) -> None:
    sent = feedbacks.receive(scope, replace(BUG, has_video=True), PIXEL, None, VISITOR)
    assert sent.upload
    expires, signature = sent.upload.expires, sent.upload.signature
    for wrong in ((sent.feedback.id, expires + 1, signature), ("f" * 24, expires, signature)):
        with pytest.raises(Forbidden):
            videos.begin(*wrong, announced_bytes=None)
    with pytest.raises(UnsupportedMediaType):
        send_film(videos, sent, b"MZ not a film at all")
    with pytest.raises(UnsupportedMediaType):
        send_film(videos, sent, b"")
    with pytest.raises(PayloadTooLarge):
        videos.begin(sent.feedback.id, expires, signature, (1 << 20) + 1)
    other = videos.begin(sent.feedback.id, expires, signature, None)
    other.write(FILM)
    send_film(videos, sent)
    with pytest.raises(Conflict):
        videos.accept(other)
    videos.abandon(other)
    with pytest.raises(Conflict):
        videos.begin(sent.feedback.id, expires, signature, None)
    shown = feedbacks.get(rooms.scope, sent.feedback.id)
    [file] = shown.feedback.files
    assert (file.mimetype, file.size) == ("video/mp4", len(FILM))
    proof = shown.proofs[file.id]
    downloads = downloads_of(rooms)
    assert downloads.read_signed(file.id, proof.expires, proof.signature).open().read() == FILM
    assert downloads.read_as(rooms.scope, file.id).is_picture
    uploader = replace(scope.principal, permissions=frozenset({Permission.BUILD_GET}))
    with pytest.raises(Forbidden):
        downloads.read_as(replace(scope, principal=uploader), file.id)
    assert rooms.reservations() == []


def test_a_link_ends(rooms: Rooms, feedbacks: Feedbacks, videos: FeedbackVideos, scope: AppScope) -> None:
    sent = feedbacks.receive(scope, replace(BUG, has_video=True), PIXEL, None, VISITOR)
    rooms.later(3601)
    with pytest.raises(Forbidden):
        send_film(videos, sent)


def test_deleting_frees_the_bytes_and_counts_out(
    rooms: Rooms, feedbacks: Feedbacks, videos: FeedbackVideos, scope: AppScope
) -> None:
    said = replace(BUG, has_video=True, screenshot=picture("PNG"))
    sent = feedbacks.receive(scope, said, PIXEL, None, VISITOR)
    send_film(videos, sent)
    keys = [file.key for file in feedbacks.get(rooms.scope, sent.feedback.id).feedback.files]
    assert len(keys) == 2
    feedbacks.delete(rooms.scope, sent.feedback.id)
    assert not any(map(rooms.has, keys))
    assert counted(rooms) == 0
    with pytest.raises(EntityNotFound):
        feedbacks.get(rooms.scope, sent.feedback.id)
    with pytest.raises(EntityNotFound):
        send_film(videos, sent)


def test_feedback_is_worked_through_and_found_by_what_it_is(
    rooms: Rooms, feedbacks: Feedbacks, scope: AppScope
) -> None:
    bug = feedbacks.receive(scope, BUG, PIXEL, None, VISITOR).feedback.id
    rooms.later(5)
    praise = feedbacks.receive(scope, FeedbackSaid(type=FeedbackType.FEEDBACK, message="Nice"), PIXEL, None, VISITOR)
    rooms.later(5)
    feedbacks.update(rooms.scope, bug, FeedbackStatus.CLOSED)
    feedbacks.update(rooms.scope, bug, None)

    def found(**query: object) -> list[str]:
        page = feedbacks.search(rooms.scope, FeedbackQuery(**query))  # type: ignore[arg-type]
        return [one.feedback.id for one in page.items]

    assert found() == [praise.feedback.id, bug]
    assert found(sort="updatedAt") == [bug, praise.feedback.id]
    assert (
        found(status=FeedbackStatus.CLOSED) == found(type=FeedbackType.BUG) == found(email="ADA@example.com") == [bug]
    )
    assert found(since=rooms.time) == []
    with rooms.db.read() as tx:
        actions = list(tx.execute(select(tables.audit_log.c.action).order_by(tables.audit_log.c.id)).scalars())
    assert actions == ["feedback.create", "feedback.create", "feedback.update"]
    for call in (
        lambda: feedbacks.search(powerless(rooms.scope), FeedbackQuery()),
        lambda: feedbacks.get(scope, bug),
        lambda: feedbacks.update(scope, bug, None),
        lambda: feedbacks.delete(scope, bug),
        lambda: feedbacks.receive(powerless(scope), BUG, PIXEL, None, VISITOR),
    ):
        with pytest.raises(Forbidden):
            call()


def test_feedback_is_limited_by_address_and_by_token(rooms: Rooms, feedbacks: Feedbacks, scope: AppScope) -> None:
    for _ in range(3):
        feedbacks.receive(scope, BUG, PIXEL, None, VISITOR)
    with pytest.raises(TooManyRequests) as refusal:
        feedbacks.receive(scope, BUG, PIXEL, None, VISITOR)
    assert 0 < refusal.value.retry_after <= WINDOW.total_seconds()
    feedbacks.receive(scope, BUG, PIXEL, None, Visitor("198.51.100.1"))
    feedbacks.receive(scope, BUG, PIXEL, None, Visitor("198.51.100.2"))
    with pytest.raises(TooManyRequests):
        feedbacks.receive(scope, BUG, PIXEL, None, Visitor("198.51.100.3"))
    rooms.time += WINDOW
    feedbacks.receive(scope, BUG, PIXEL, None, VISITOR)


def test_a_picture_that_is_none_is_refused(rooms: Rooms, feedbacks: Feedbacks, scope: AppScope) -> None:
    with pytest.raises(InvalidRequest) as refusal:
        feedbacks.receive(scope, replace(BUG, screenshot=b"GIF89a no"), PIXEL, None, VISITOR)
    assert set(refusal.value.fields) == {"screenshot"}
    assert rooms.reservations() == []


@pytest.mark.parametrize(("kind", "kept"), [("PNG", "png"), ("JPEG", "jpg"), ("WEBP", "png")])
def test_pictures_are_written_anew_upright_and_not_too_large(kind: str, kept: str) -> None:
    out = io.BytesIO()
    exif = Image.Exif()
    exif[0x0112], exif[0x010E] = 6, "a secret place"  # turned by a quarter; a description
    Image.new("RGB", (4200, 100), "red").save(out, kind, exif=exif)
    made = rewritten(out.getvalue())
    shown = Image.open(io.BytesIO(made.data))
    assert made.extension == kept
    assert shown.height == 4096
    assert shown.width < 100
    assert b"a secret place" not in made.data


def test_pictures_that_would_cost_too_much_are_refused() -> None:
    header = b"\x89PNG\r\n\x1a\n"
    for kind, content in (
        (b"IHDR", struct.pack(">2L5B", 40_000, 40_000, 8, 2, 0, 0, 0)),
        (b"IDAT", b""),
        (b"IEND", b""),
    ):
        header += struct.pack(">L", len(content)) + kind + content + struct.pack(">L", zlib.crc32(kind + content))
    for data in (header, picture("PNG")[:-30], b"", b"\0" * (MOST_BYTES + 1)):
        with pytest.raises(ScreenshotUnreadable):
            rewritten(data)
