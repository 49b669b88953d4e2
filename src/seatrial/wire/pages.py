"""One page of a list, with every key that mongoose-paginate writes (contract, section 0; decision 28)."""

from collections.abc import Sequence
from typing import TypeVar

from seatrial.domain.build import Page

T = TypeVar("T")


def page_json(page: Page[T], items: Sequence[object]) -> dict[str, object]:
    """Show a page whose items are given as JSON already; an empty list has one page."""
    total_pages = -(-page.total // page.limit) or 1
    has_next = page.page < total_pages
    has_previous = page.page > 1
    return {
        "items": items,
        "totalDocs": page.total,
        "limit": page.limit,
        "hasPrevPage": has_previous,
        "hasNextPage": has_next,
        "page": page.page,
        "totalPages": total_pages,
        "pagingCounter": (page.page - 1) * page.limit + 1,
        "prevPage": page.page - 1 if has_previous else None,
        "nextPage": page.page + 1 if has_next else None,
    }
