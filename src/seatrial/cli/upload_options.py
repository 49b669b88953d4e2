"""What may be typed behind `seatrial upload`, made into what the program works with.

Each function raises typer.BadParameter, which is one sentence and exit code 2.
"""

import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO
from urllib.parse import quote, urlsplit

import typer

from seatrial.cli.urls import without_credentials
from seatrial.domain.build import Deployer, Submission
from seatrial.domain.errors import InvalidRequest

CHANGELOG_BYTES = 4 << 20
"""More than any changelog that a server takes, in UTF-8; what is longer is not read."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file to put beside the build, and what it is."""

    path: Path
    description: str = ""


def regular_file(path: Path, option: str) -> Path:
    """Check that a file is one whose length is known."""
    if not path.is_file():
        what = "is a directory" if path.is_dir() else "does not exist or is no regular file"
        raise typer.BadParameter(f"{str(path)!r} {what}", param_hint=option)
    return path


def builds_url(server: str, organization: str | None, app: str | None) -> str:
    """Give the URL of the builds: the Workspace's with an organization and an app, else the Integrations'."""
    api = f"{base(server)}/v1"
    if bool(organization) != bool(app):
        raise typer.BadParameter("--organization and --app go together", param_hint="--organization")
    if organization and app:
        return f"{api}/organizations/{quote(organization, safe='')}/apps/{quote(app, safe='')}/builds"
    return f"{api}/integrations/builds"


def base(server: str) -> str:
    """Take a server's URL, also one behind a path or with the API's `/v1`; credentials belong in the token."""
    server = server.strip()
    try:
        parts = urlsplit(server)
        if parts.scheme in {"http", "https"} and parts.hostname and "@" not in parts.netloc and parts.port != 0:
            return f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/').removesuffix('/v1')}"
    except ValueError:  # a port or an IPv6 address that is none
        pass
    raise typer.BadParameter("must be like https://builds.example.com", param_hint="--server")


def bearer(token: str) -> str:
    """Check that a token can stand in a header; the sentence never shows it."""
    token = token.strip()
    if not token or not token.isascii() or not token.isprintable() or " " in token:
        raise typer.BadParameter("is empty or holds something else than letters and signs", param_hint="--token")
    return token


def tags(given: Iterable[str]) -> tuple[str, ...]:
    """Take comma lists apart."""
    return tuple(tag.strip() for text in given for tag in text.split(",") if tag.strip())


def groups(given: Iterable[str]) -> tuple[tuple[str, ...], ...]:
    """Take `a,b` as a AND b; several of them are OR."""
    return tuple(clause for text in given if (clause := tags([text])))


def changelog(text: str | None, file: str | None) -> str:
    """Take the changelog from the option, a file, or standard input for `-`."""
    if file is None:
        return text or ""
    if text is not None:
        raise typer.BadParameter("--changelog and --changelog-file exclude each other", param_hint="--changelog-file")
    if file == "-":
        return _read(sys.stdin.buffer)
    with regular_file(Path(file), "--changelog-file").open("rb") as opened:
        return _read(opened)


def attachment(text: str) -> Attachment:
    """Read `FILE` or `FILE=description`; a file whose own name holds `=` wins."""
    whole = Path(text)
    if whole.is_file():
        return Attachment(whole)
    name, _, description = text.partition("=")
    return Attachment(regular_file(Path(name), "--attach"), description.strip())


def deployer(found: Deployer, name: str | None, given: Mapping[str, str | None]) -> Deployer:
    """Put what was typed over what the environment says; the empty string takes a value away."""
    info = dict(found.info)
    for key, value in given.items():
        if value is not None:
            info[key] = without_credentials(value) if key.endswith("Url") else value
    return Deployer(found.name if name is None else name, info)


def checked(said: Submission) -> Submission:
    """Hold a submission to the server's own rules before a gigabyte is sent in vain."""
    from seatrial.wire.upload_form import form_fields
    from seatrial.wire.uploads import submission

    try:
        return submission(form_fields(said))
    except InvalidRequest as invalid:
        raise typer.BadParameter(str(invalid)) from None


def _read(file: BinaryIO) -> str:
    content = file.read(CHANGELOG_BYTES + 1)
    if len(content) > CHANGELOG_BYTES:
        raise typer.BadParameter(f"is longer than {CHANGELOG_BYTES >> 20} MiB", param_hint="--changelog-file")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise typer.BadParameter("is not UTF-8", param_hint="--changelog-file") from None
