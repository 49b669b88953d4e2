"""The wire form of protocol buffers; examples by hand from protobuf.dev, "Encoding"."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seatrial.parsers.protobuf import FIXED32, LENGTH, VARINT, BadMessage, Budget, Message, key
from tests.parsers.wire_bytes import field, number

PLENTY = 10_000


def message(data: bytes, fields: int = PLENTY) -> Message:
    return Message(data, Budget(fields))


def test_the_examples_of_the_specification() -> None:
    assert message(bytes.fromhex("089601")).number(1) == 150
    assert message(bytes.fromhex("120774657374696e67")).text(2, 100) == "testing"
    outer = message(bytes.fromhex("1a03089601"))
    inner = outer.message(3)
    assert inner is not None
    assert inner.number(1) == 150


def test_the_last_of_several_counts_and_unknown_fields_are_passed_over() -> None:
    data = number(1, 1) + field(9, "unknown") + number(1, 2) + bytes.fromhex("3d01020304") + field(2, "a")
    assert message(data).number(1) == 2
    assert message(data).text(2, 100) == "a"
    assert [part.key & 7 for part in message(data).fields()] == [VARINT, LENGTH, VARINT, FIXED32, LENGTH]


def test_a_field_of_another_wire_type_is_another_field() -> None:
    """A length that is really a number must not make anyone reserve that many bytes."""
    data = number(2, 1 << 62)
    assert message(data).text(2, 100) is None
    assert message(data).message(2) is None
    assert list(message(data).messages(2)) == []
    assert message(field(2, "text")).number(2) is None


def test_negative_numbers_stand_as_unsigned_ones() -> None:
    assert message(bytes.fromhex("08ffffffffffffffffff01")).number(1) == 2**64 - 1


def test_strings_are_cut_and_made_valid() -> None:
    assert message(field(1, "x" * 500)).text(1, 10) == "x" * 10
    assert message(field(1, b"a\xff\xed\xa0\x80")).text(1, 100) == "a����"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ("0a05", "beyond"),
        ("0aff", "cut off"),
        ("0affffffff7f", "beyond"),
        ("08ffffffffffffffffffffffff01", "too long"),
        ("0d0102", "beyond"),
        ("0b", "wire type 3"),
        ("0f", "wire type 7"),
    ],
)
def test_broken_bytes(data: str, reason: str) -> None:
    with pytest.raises(BadMessage, match=reason):
        list(message(bytes.fromhex(data)).fields())


def test_the_budget_is_for_all_questions_together() -> None:
    asked = message(number(1, 1) * 10, fields=25)
    assert asked.number(1) == 1
    assert asked.number(1) == 1
    with pytest.raises(BadMessage, match="too many parts"):
        asked.number(1)


def test_inner_messages_do_not_reach_beyond_themselves() -> None:
    outer = message(field(1, bytes.fromhex("0a08")) + b"neighbour")
    inner = outer.inner(next(outer.fields()))
    with pytest.raises(BadMessage, match="beyond"):
        inner.text(1, 100)


def test_keys() -> None:
    assert key(1) == 0x0A
    assert key(5, VARINT) == 0x28


@given(st.binary(max_size=200))
def test_any_bytes(data: bytes) -> None:
    try:
        fields = list(message(data).fields())
    except BadMessage:
        return
    for part in fields:
        if part.key & 7 == LENGTH:
            assert 0 <= part.start <= part.end <= len(data)
