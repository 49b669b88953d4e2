import io
import zipfile

from hypothesis import given, settings
from hypothesis import strategies as st

from seatrial.domain.errors import BuildFileInvalid
from seatrial.parsers import archive_index
from seatrial.parsers.archive import Archive
from seatrial.parsers.archive_index import Directory, Index

ENTRY = 46


def written(names: list[str]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for number, name in enumerate(names):
            archive.writestr(name, b"" if name.endswith("/") else b"x" * number)
    return out.getvalue()


def directory_of(data: bytes) -> tuple[bytes, Directory]:
    total, size, offset = (int.from_bytes(data[at : at + 4], "little") for at in (-12, -10, -6))
    return data[offset : offset + size], Directory(offset, size, total & 0xFFFF, 0, wide=False)


SAMPLE, PLACE = directory_of(written(["a", "lib/", "naïve", "lib/b.so", "z/"]))


def careful(data: bytes, directory: Directory, warnings: list[str]) -> Index | None:
    try:
        return archive_index._careful_index(data, directory, warnings)
    except BuildFileInvalid:
        return None


def plain(data: bytes, directory: Directory) -> Index | None:
    try:
        return archive_index._plain_index(data, directory)
    except BuildFileInvalid:
        return None


@settings(max_examples=500, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, len(SAMPLE) - 1), st.sampled_from([0, 1, 2, 80, 255])), max_size=3),
    st.integers(0, 7),
    st.integers(-1, 1),
    st.sampled_from([0, 0, 0, 5]),
)
def test_the_short_way_takes_nothing_that_the_careful_one_would_mind(
    changes: list[tuple[int, int]], cut: int, more: int, shift: int
) -> None:
    data = bytearray(SAMPLE)
    for at, value in changes:
        data[at] = value
    changed = bytes(data[: len(data) - cut])
    directory = PLACE._replace(total=PLACE.total + more, shift=shift)
    warnings: list[str] = []
    expected = careful(changed, directory, warnings)
    found = plain(changed, directory)
    assert found is None or (found == expected and not warnings)


def test_an_ordinary_directory_takes_the_short_way() -> None:
    found = plain(SAMPLE, PLACE)
    assert found is not None
    assert list(found.entries) == ["a", "lib/", "naïve", "lib/b.so", "z/"]
    assert found.packed == [0, 0, 2, 3, 0]


def test_a_directory_may_be_in_another_order_than_the_members() -> None:
    data = written(["one", "three"])
    entries, place = directory_of(data)
    first = ENTRY + len("one")
    turned = data[: place.offset] + entries[first:] + entries[:first] + data[place.offset + place.size :]
    archive = Archive.open(io.BytesIO(turned))
    assert list(archive.sizes()) == [("three", 1), ("one", 0)]
    assert archive.read("three", 9) == b"x"
    assert archive.warnings == []
