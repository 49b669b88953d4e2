"""The pool of strings of installers in its rarer forms, put together byte by byte."""

import io
import struct
from typing import cast

import pytest

from seatrial.parsers.cfb import CfbError, CompoundFile, Stream
from seatrial.parsers.msi_tables import Database


class Streams:
    """What a compound file gives, out of a dictionary; the names are plain, as old installers may have them."""

    def __init__(self, streams: dict[str, bytes]) -> None:
        self._streams = {"\u4840" + name: data for name, data in streams.items()}

    def names(self) -> list[str]:
        return list(self._streams)

    def open(self, name: str, limit: int) -> Stream | None:
        data = self._streams[name]
        if len(data) > limit:
            raise CfbError("too large")
        return Stream(io.BytesIO(data), [(0, len(data))], len(data))


def database(
    texts: list[bytes], *, code_page: int = 65001, wide: bool = False, rows: list[tuple[int, int]]
) -> Database:
    pool = struct.pack("<L", code_page | (0x80000000 if wide else 0))
    for text in texts:
        if len(text) > 0xFFFF:
            pool += struct.pack("<2H", 0, len(text) >> 16)
        pool += struct.pack("<2H", len(text) & 0xFFFF, 1 if text else 0)
    width = 3 if wide else 2
    columns = [number.to_bytes(width, "little") for column in zip(*rows, strict=True) for number in column]
    streams = {"_StringPool": pool, "_StringData": b"".join(texts), "Property": b"".join(columns)}
    return Database(cast("CompoundFile", Streams(streams)))


@pytest.mark.parametrize("wide", [False, True])
def test_rows_are_stored_column_by_column(wide: bool) -> None:
    found = database([b"A", b"1", b"B", b"2"], wide=wide, rows=[(1, 2), (3, 4)])
    assert found.pairs("Property") == [("A", "1"), ("B", "2")]


def test_texts_are_in_the_code_page_of_the_pool() -> None:
    for page, name, encoding in (
        (932, "日本語", "cp932"),
        (936, "中文", "gbk"),
        (1251, "Привет", "cp1251"),
        (65001, "ö", "utf-8"),
    ):
        found = database([b"K", name.encode(encoding)], code_page=page, rows=[(1, 2)])
        assert found.pairs("Property") == [("K", name)]


def test_texts_that_are_no_longer_used_keep_their_numbers() -> None:
    assert database([b"A", b"", b"1"], rows=[(1, 3)]).pairs("Property") == [("A", "1")]


def test_texts_of_more_than_64_kib_do_not_move_the_others() -> None:
    found = database([b"A", b"x" * 70_000, b"1"], rows=[(1, 3), (1, 2)]).pairs("Property")
    assert found[0] == ("A", "1")
    assert set(found[1][1]) == {"x"}
    assert len(found[1][1]) == 1000


def test_numbers_outside_the_pool_are_empty_texts() -> None:
    assert database([b"A"], rows=[(1, 9), (0, 1)]).pairs("Property") == [("A", ""), ("", "A")]


def test_a_table_beyond_reason_is_refused() -> None:
    with pytest.raises(CfbError, match="rows"):
        database([b"A"], rows=[(1, 1)] * 30_000).pairs("Property")


def test_a_table_that_is_not_there_has_no_rows() -> None:
    assert database([b"A"], rows=[(1, 1)]).pairs("LaunchCondition") == []


def test_an_installer_without_a_pool_is_none() -> None:
    with pytest.raises(CfbError, match="pool"):
        Database(cast("CompoundFile", Streams({})))
