import pytest

from seatrial.domain.errors import RangeNotSatisfiable
from seatrial.web.ranges import satisfiable


@pytest.mark.parametrize(
    ("asked", "part"),
    [
        ("bytes=0-1", "bytes=0-1"),
        ("Bytes = 2-", "bytes=2-"),
        ("bytes=-3", "bytes=-3"),
        ("bytes=-300", "bytes=-300"),
        ("bytes=0-999", "bytes=0-999"),
        ("bytes=0-1, 4-5", "bytes=0-1,4-5"),
        ("bytes=0-1,99-", "bytes=0-1"),  # of several parts those that exist
    ],
)
def test_a_part_that_exists_is_sent(asked: str, part: str) -> None:
    assert satisfiable(asked, 10) == part


@pytest.mark.parametrize(
    "asked", ["", "x", "bytes", "bytes=", "bytes=-", "bytes=5-2", "bytes=0-1,", "bytes=a-b", "items=0-1", "bytes=٠-١"]
)
def test_a_range_that_means_nothing_is_ignored(asked: str) -> None:
    assert satisfiable(asked, 10) is None


@pytest.mark.parametrize(
    ("asked", "size"), [("bytes=10-", 10), ("bytes=10-11,99-", 10), ("bytes=-0", 10), ("bytes=0-", 0)]
)
def test_a_part_beyond_the_end_is_416_with_the_size(asked: str, size: int) -> None:
    with pytest.raises(RangeNotSatisfiable) as refused:
        satisfiable(asked, size)
    assert refused.value.data == {"size": size}
