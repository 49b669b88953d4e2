"""One build from a folder to a server: sent, waited for, and its attachments beside it."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from seatrial.cli.multipart_body import FilePart, MultipartBody
from seatrial.cli.upload_client import UploadClient
from seatrial.cli.upload_errors import Json, Unreachable
from seatrial.cli.upload_options import Attachment
from seatrial.cli.upload_progress import UploadProgress
from seatrial.cli.upload_resumable import ResumableUpload
from seatrial.domain.build import BuildStatus, Submission
from seatrial.wire.upload_form import ATTACHMENT, BUILD, DESCRIPTION, ICON, form_fields


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """What is to be sent, and how long to wait for what becomes of it."""

    file: Path
    said: Submission
    icon: Path | None = None
    attachments: Sequence[Attachment] = ()
    wait_seconds: float | None = None
    """`None`: do not wait."""


def deliver(client: UploadClient, delivery: Delivery, progress: UploadProgress) -> Json:
    """Carry a delivery out and give the build as the server last showed it, which may be in error.

    Raises Refused, Unreachable, Uncertain, WaitTimedOut.
    """
    build = _send(client, delivery, progress)
    if delivery.wait_seconds is None:
        return build
    progress.say("Waiting for the build to be processed.")
    build = client.wait(build, delivery.wait_seconds)
    if build.get("status") == BuildStatus.PROCESSED:
        for each in delivery.attachments:
            build = _attach(client, str(build.get("id")), each, progress)
    return build


def _send(client: UploadClient, delivery: Delivery, progress: UploadProgress) -> Json:
    """Send it so that it can go on after a failure; as a form where only that will do."""
    fields = form_fields(delivery.said)
    if delivery.icon is None:
        uploads = f"{client.builds.removesuffix('builds')}uploads"
        build = ResumableUpload(client.http, uploads, client.retries).send(delivery.file, fields, progress)
        if build is not None:
            return build
    icon = [FilePart(ICON, delivery.icon)] if delivery.icon else []
    return client.upload(lambda: _form(fields, [*icon, FilePart(BUILD, delivery.file)], progress))


def _attach(client: UploadClient, build_id: str, attachment: Attachment, progress: UploadProgress) -> Json:
    fields = [(DESCRIPTION, attachment.description)] if attachment.description else []
    return client.attach(build_id, lambda: _form(fields, [FilePart(ATTACHMENT, attachment.path)], progress))


def _form(fields: Sequence[tuple[str, str]], files: Sequence[FilePart], progress: UploadProgress) -> MultipartBody:
    try:
        body = MultipartBody(fields, files, progress.advance)
    except OSError as error:
        raise Unreachable(f"{Path(str(error.filename)).name}: {error.strerror or error}.") from None
    progress.begin(files[-1].path.name, len(body))
    return body
