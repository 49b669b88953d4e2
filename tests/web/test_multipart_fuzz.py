"""Forms cut and bent at random, against a reader that is too simple to be wrong."""

import asyncio
from collections.abc import AsyncIterator

from hypothesis import given, settings
from hypothesis import strategies as st

from seatrial.domain.errors import InvalidRequest
from seatrial.domain.ids import new_file_id
from seatrial.storage.memory import MemoryBlobStore
from seatrial.web.multipart import FormLimits
from tests.web.forms import BOUNDARY, Received, body, part, receive_from

FIELD = b'Content-Disposition: form-data; name="f"\r\n\r\n'
FILE = b'Content-Disposition: form-data; name="build"; filename="a"\r\n\r\n'
DELIMITER = b"\r\n--" + BOUNDARY
FRAGMENTS = [
    b"\r",
    b"\n",
    b"\r\n",
    b"-",
    b"--",
    b"\r\n--",
    BOUNDARY,
    BOUNDARY[:-1],
    BOUNDARY[1:],
    DELIMITER[:-1],
    b"x",
    b"\0",
]

fragments = st.lists(st.sampled_from(FRAGMENTS) | st.binary(max_size=8), max_size=12).map(b"".join)
contents = fragments.filter(lambda data: DELIMITER not in b"\r\n" + data + b"\r\n")
cuts = st.lists(st.integers(min_value=1, max_value=60), min_size=1, max_size=20)
parts = st.lists(st.tuples(st.booleans(), contents), max_size=5)
fuzz = settings(max_examples=400, deadline=None)


async def cut_up(data: bytes, sizes: list[int]) -> AsyncIterator[bytes]:
    start = turn = 0
    while start < len(data):
        end = start + sizes[turn % len(sizes)]
        yield data[start:end]
        start, turn = end, turn + 1


def read(data: bytes, sizes: list[int], store: MemoryBlobStore) -> Received | None:
    """Read a form; `None` where it is refused, and then nothing of it may be left."""
    try:
        return asyncio.run(
            receive_from(cut_up(data, sizes), lambda *_: store.writer(f"form/{new_file_id()}"), FormLimits(), store)
        )
    except InvalidRequest:
        assert store.holds_nothing()
        return None


def form_of(items: list[tuple[bool, bytes]]) -> bytes:
    return body(*(part("build", data, "a") if is_file else part("f", data) for is_file, data in items))


def expected_of(items: list[tuple[bool, bytes]]) -> Received | None:
    fields = []
    for is_file, data in items:
        if not is_file:
            if b"\0" in data:
                return None
            try:
                fields.append(("f", data.decode()))
            except UnicodeDecodeError:
                fields.append(("f", data.decode("latin-1")))
    return fields, [("build", "a", "", data) for is_file, data in items if is_file]


def naive(data: bytes) -> list[tuple[bool, bytes]] | None:
    """Split a form in the plainest way.

    Raises ValueError where it has no end or a part that cannot be; `None` where this reader does not know.
    """
    items: list[tuple[bool, bytes]] = []
    for piece in (b"\r\n" + data).split(DELIMITER)[1:]:
        if piece.startswith(b"--"):
            return items
        if not piece.startswith(b"\r\n"):
            raise ValueError(piece)
        for head in (FIELD, FILE):
            if piece[2:].startswith(head):
                items.append((head is FILE, piece[2 + len(head) :]))
                break
        else:
            return None
    raise ValueError("no end")


@fuzz
@given(parts, cuts)
def test_a_form_reads_the_same_however_it_is_cut(items: list[tuple[bool, bytes]], sizes: list[int]) -> None:
    assert read(form_of(items), sizes, MemoryBlobStore()) == expected_of(items)


@fuzz
@given(parts, cuts, st.data())
def test_decision_52_a_truncated_form_is_always_refused(
    items: list[tuple[bool, bytes]], sizes: list[int], data: st.DataObject
) -> None:
    whole = form_of(items)
    end = data.draw(st.integers(min_value=0, max_value=len(whole) - len(b"\r\n") - 1))
    assert read(whole[:end], sizes, MemoryBlobStore()) is None


@fuzz
@given(
    st.lists(
        st.sampled_from([*FRAGMENTS, DELIMITER + b"\r\n" + FIELD, DELIMITER + b"\r\n" + FILE, DELIMITER + b"--"])
        | st.binary(max_size=8),
        max_size=15,
    ).map(b"".join),
    st.sampled_from([FIELD, FILE]),
    cuts,
)
def test_bent_forms_are_read_as_the_naive_reader_reads_them(rest: bytes, head: bytes, sizes: list[int]) -> None:
    data = b"--" + BOUNDARY + b"\r\n" + head + rest
    at_once, cut = read(data, [len(data)], MemoryBlobStore()), read(data, sizes, MemoryBlobStore())
    assert at_once == cut
    try:
        items = naive(data)
    except ValueError:
        assert cut is None
        return
    if items is not None:
        assert cut == expected_of(items)
