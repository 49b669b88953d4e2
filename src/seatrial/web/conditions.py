"""What a request for a file makes its answer depend on (RFC 9110, section 13): told once, whoever sends the bytes."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from starlette.datastructures import Headers

from seatrial.domain.errors import PreconditionFailed


def has_changed(asked: Headers, etag: str, modified: int) -> bool:
    """Whether a client lacks this version of a file; `modified` in seconds since 1970.

    Raises PreconditionFailed where the client wants another version or nothing.
    """
    _hold_to_preconditions(asked, etag, modified)
    none_match = _all(asked, "if-none-match")
    if none_match is not None:
        return not _names(none_match, etag, weakly=True)
    since = _moment(asked.get("if-modified-since"))
    return since is None or modified > since


def wants_part(asked: Headers, etag: str, modified: int) -> bool:
    """Whether `Range` counts: the client may have said that it does so for one version only (`If-Range`)."""
    if "range" not in asked:
        return False
    version = asked.get("if-range")
    return version is None or version.strip() == etag or _moment(version) == modified


def has_preconditions(asked: Headers) -> bool:
    """Whether a request may only be answered by who knows the file's version."""
    return "if-match" in asked or "if-unmodified-since" in asked


def _hold_to_preconditions(asked: Headers, etag: str, modified: int) -> None:
    match = _all(asked, "if-match")
    if match is not None:
        if not _names(match, etag, weakly=False):
            raise PreconditionFailed
        return
    since = _moment(asked.get("if-unmodified-since"))
    if since is not None and modified > since:
        raise PreconditionFailed


def _all(asked: Headers, name: str) -> str | None:
    return ", ".join(asked.getlist(name)) if name in asked else None


def _names(said: str, etag: str, *, weakly: bool) -> bool:
    # Our tags are digests: no comma is ever inside one.
    each = [one.strip() for one in said.split(",")]
    return "*" in each or etag in each or (weakly and f"W/{etag}" in each)


def _moment(said: str | None) -> int | None:
    """Read an HTTP date; `None` for one that is none, which is to be ignored."""
    try:
        moment = parsedate_to_datetime(said or "")
    except ValueError:
        return None
    return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())


def http_date(modified: int) -> str:
    """Write an HTTP date."""
    return datetime.fromtimestamp(modified, UTC).strftime("%a, %d %b %Y %H:%M:%S GMT")
