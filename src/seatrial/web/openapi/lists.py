"""Lists: their pages, and the parameters that all of them have (contract, section 0; decisions 28, 29 and 47)."""

from seatrial.domain.build import DEFAULT_LIMIT, MAX_LIMIT
from seatrial.web.openapi.notation import Json, array, boolean, nullable, number, parameter, record, shared, string
from seatrial.wire.queries import MAX_PAGE

_PAGE = {
    "totalDocs": number("All matches, on whatever page."),
    "limit": number("The most items of one page.", minimum=1),
    "hasPrevPage": boolean(),
    "hasNextPage": boolean(),
    "page": number("This page, from 1.", minimum=1),
    "totalPages": number("An empty list has one page.", minimum=1),
    "pagingCounter": number("The position of the first item in the whole list, from 1.", minimum=1),
    "prevPage": nullable(number(minimum=1)),
    "nextPage": nullable(number(minimum=1)),
}


def page(items: Json, description: str = "") -> Json:
    """Describe one page of a list."""
    return record({"items": array(items)} | _PAGE, description)


def parameters() -> dict[str, Json]:
    """Give the parameters of paging."""
    return {
        "page": parameter(
            "page", "query", number(minimum=1, maximum=MAX_PAGE, default=1), "Which page, counted from 1.", example=1
        ),
        "limit": parameter(
            "limit",
            "query",
            number(minimum=1, maximum=MAX_LIMIT, default=DEFAULT_LIMIT),
            "The most items of a page.",
            example=20,
        ),
    }


def paging(*sorts: str) -> tuple[Json, ...]:
    """Give what every list takes: order, page, size of a page."""
    return sort(*sorts), shared("page"), shared("limit")


def sort(*fields: str) -> Json:
    """Describe a list's order."""
    words = [f"{field}:{way}" for field in fields for way in ("asc", "desc")]
    return parameter("sort", "query", string(enum=words, default="createdAt:desc"), "By what, and in which direction.")
