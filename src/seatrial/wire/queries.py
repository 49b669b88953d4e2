"""Query strings of lists and of download tokens (contract 1.2, 1.5 and 2.1; decisions 1, 17, 24, 29, 47).

Parameters nobody knows and empty values do not count; of a repeated one the last does.
"""

from collections.abc import Iterable
from typing import TypedDict

from seatrial.domain.build import DEFAULT_LIMIT, MAX_LIMIT, BuildQuery, BuildStatus, SortField
from seatrial.domain.download import DownloadQuery, DownloadRequest, DownloadType
from seatrial.domain.ids import FileId
from seatrial.domain.listing import ListQuery
from seatrial.domain.platforms import BUILD_PLATFORMS
from seatrial.domain.retention import MOST_RETAINED, RetentionQuery, Rule
from seatrial.wire import fields
from seatrial.wire.timestamps import read_timestamp

LONGEST_WAIT = 60
"""Seconds; below the time-outs of what is between client and server."""

Params = Iterable[tuple[str, str]]

MAX_PAGE = 2**31 - 1
EMAIL_LIMIT = 128
NAME_LIMIT = 255
_STATUS_ALIASES = {"success": BuildStatus.PROCESSED}  # the documents disagree about the name (decision 1)


class Paging(TypedDict):
    """Which page, and how long one is."""

    page: int
    limit: int


def build_query(params: Params) -> BuildQuery:
    """Read which builds to list.

    Raises InvalidRequest naming the parameter and what is allowed.
    """
    said = filters_of(params, ("versionName", "status", "os", "sort", "page", "limit"))
    sort, descending = _sort(said.get("sort", "createdAt:desc"), tuple(SortField))
    return BuildQuery(
        version_name=_text(said, "versionName", fields.VERSION_NAME_LIMIT),
        status=_status(said.get("status")),
        os=fields.word("os", said["os"].lower(), BUILD_PLATFORMS) if "os" in said else None,
        sort=sort,
        descending=descending,
        **paging_of(said),
    )


def download_query(params: Params) -> DownloadRequest:
    """Read which file of a build a download token is wanted for; with `fileId`, `type` says nothing (decision 17).

    Raises InvalidRequest naming the parameter and what is allowed.
    """
    said = filters_of(params, ("fileId", "type"))
    if "fileId" in said:
        return DownloadRequest(file_id=FileId(fields.plain("fileId", said["fileId"])))
    return DownloadRequest(type=DownloadType(fields.word("type", said.get("type", DownloadType.AUTO), DownloadType)))


def wait_query(params: Params) -> int:
    """Read for how many seconds to wait until a build is finished.

    Raises InvalidRequest.
    """
    said = filters_of(params, ("wait",))
    return fields.whole("wait", said["wait"], 0, LONGEST_WAIT) if "wait" in said else 0


def own_sessions_query(params: Params) -> ListQuery:
    """Read which of one's own sessions to list.

    Raises InvalidRequest.
    """
    return list_query(params, ("createdAt",), ())


def downloads_list_query(params: Params) -> DownloadQuery:
    """Read which downloads of a build to list; `iniDate` and `endDate` are both included.

    Raises InvalidRequest naming the parameter and what is allowed.
    """
    said = filters_of(params, ("email", "iniDate", "endDate", "sort", "page", "limit"))
    _, descending = _sort(said.get("sort", "createdAt:desc"), (SortField.CREATED_AT,))
    return DownloadQuery(
        email=_text(said, "email", EMAIL_LIMIT),
        since=read_timestamp("iniDate", said["iniDate"]) if "iniDate" in said else None,
        until=read_timestamp("endDate", said["endDate"], end_of_day=True) if "endDate" in said else None,
        descending=descending,
        **paging_of(said),
    )


def list_query(params: Params, sorts: tuple[str, ...], filters: tuple[str, ...] = ()) -> ListQuery:
    """Read which of an organization's things to list; `filters` are those of name, slug, email and group that count.

    Raises InvalidRequest naming the parameter and what is allowed.
    """
    said = filters_of(params, (*filters, "sort", "page", "limit"))
    sort, descending = sort_of(said, sorts)
    return ListQuery(
        name=_text(said, "name", NAME_LIMIT),
        slug=_text(said, "slug", NAME_LIMIT),
        email=_text(said, "email", NAME_LIMIT + 1),
        group=_text(said, "group", NAME_LIMIT),
        sort=sort,
        descending=descending,
        **paging_of(said),
    )


def retention_query(params: Params) -> RetentionQuery:
    """Read which verdicts to list, and which rule to try instead of the saved one.

    Raises InvalidRequest naming the parameter and what is allowed.
    """
    said = filters_of(params, ("verdict", "days", "perPublication", "page", "limit"))
    tried = {
        name: fields.whole(name, said[name], 1, MOST_RETAINED) for name in ("days", "perPublication") if name in said
    }
    return RetentionQuery(
        goes=fields.word("verdict", said["verdict"], ("goes", "stays")) == "goes" if "verdict" in said else None,
        tried=Rule(tried.get("days"), tried.get("perPublication")),
        **paging_of(said),
    )


def filters_of(params: Params, known: tuple[str, ...]) -> dict[str, str]:
    """Give the parameters that say something; of a repeated one the last."""
    trimmed = ((name, text.strip()) for name, text in params if name in known)
    return {name: text for name, text in trimmed if text}


def _text(said: dict[str, str], name: str, limit: int) -> str | None:
    return fields.bounded(name, said[name], limit) if name in said else None


def _status(text: str | None) -> BuildStatus | None:
    if text is None:
        return None
    return _STATUS_ALIASES.get(text) or BuildStatus(fields.word("status", text, BuildStatus))


def _sort(text: str, allowed: tuple[SortField, ...]) -> tuple[SortField, bool]:
    fields.word("sort", text, (f"{field}:{way}" for field in allowed for way in ("asc", "desc")))
    field, _, way = text.partition(":")
    return SortField(field), way == "desc"


def sort_of(said: dict[str, str], sorts: tuple[str, ...]) -> tuple[str, bool]:
    """Read by what to sort, and whether downwards; newest first, if nothing is said.

    Raises InvalidRequest.
    """
    sort = said.get("sort", "createdAt:desc" if "createdAt" in sorts else f"{sorts[0]}:desc")
    fields.word("sort", sort, (f"{field}:{way}" for field in sorts for way in ("asc", "desc")))
    field, _, way = sort.partition(":")
    return field, way == "desc"


def paging_of(said: dict[str, str]) -> Paging:
    """Read which page is wanted.

    Raises InvalidRequest.
    """
    return {
        "page": fields.whole("page", said.get("page", "1"), 1, MAX_PAGE),
        "limit": fields.whole("limit", said.get("limit", str(DEFAULT_LIMIT)), 1, MAX_LIMIT),
    }
