import pytest

from seatrial.domain.build import Page
from seatrial.wire.pages import page_json


@pytest.mark.parametrize(
    ("total", "page", "limit", "expected"),
    [
        (0, 1, 100, (False, False, 1, 1, None, None)),
        (100, 1, 100, (False, False, 1, 1, None, None)),
        (101, 1, 100, (False, True, 2, 1, None, 2)),
        (101, 2, 100, (True, False, 2, 101, 1, None)),
        (50, 3, 10, (True, True, 5, 21, 2, 4)),
        (5, 9, 10, (True, False, 1, 81, 8, None)),
    ],
)
def test_decision_28_full_set_of_paging_keys(
    total: int, page: int, limit: int, expected: tuple[bool, bool, int, int, int | None, int | None]
) -> None:
    has_previous, has_next, total_pages, counter, previous, following = expected
    assert page_json(Page([], total=total, page=page, limit=limit), ["x"]) == {
        "items": ["x"],
        "totalDocs": total,
        "limit": limit,
        "hasPrevPage": has_previous,
        "hasNextPage": has_next,
        "page": page,
        "totalPages": total_pages,
        "pagingCounter": counter,
        "prevPage": previous,
        "nextPage": following,
    }
