"""Damage of every kind that a file can take, told by a random generator alone: the same seed, the same bytes."""

import random
from collections.abc import Callable, Sequence
from functools import partial
from typing import Literal

from tests.fuzz.containers import Part, parts_of

MAX_GROWTH = 256 << 10
"""Bytes that repetition may add: depth and count are what it is for, not size."""

_DEEPEST = 4  # a drawing in a package in a set of packages in a compressed archive
_WIDTHS = (1, 2, 2, 4, 4, 4, 8)
_EDGE = 4096

Mutation = Callable[[bytearray, random.Random], None]


def mutated(data: bytes, chance: random.Random, others: Sequence[bytes] = (), depth: int = 0) -> bytes:
    """Damage a file, or a part of it that is put back so that the damage reaches the part's reader.

    `others` are files of the same kind, which pieces are taken from.
    """
    if depth < _DEEPEST and chance.random() < 0.75:
        parts = parts_of(data)
        if parts:
            return _in_part(parts, chance, others, depth)
    changed = bytearray(data)
    for _ in range(min(1 + int(chance.expovariate(0.6)), 12)):
        if others and chance.random() < 0.08:
            _spliced(changed, chance.choice(others), chance)
        else:
            chance.choice(_MUTATIONS)(changed, chance)
    return bytes(changed)


def _in_part(parts: Sequence[Part], chance: random.Random, others: Sequence[bytes], depth: int) -> bytes:
    part = chance.choices(parts, [part.weight for part in parts])[0]
    try:
        content = part.content()
    except (ValueError, EOFError, OSError, LookupError):
        content = b""  # packed in a way that is not known here
    if chance.random() < 0.04 and others:
        found = [one for one in parts_of(chance.choice(others)) if one.name == part.name]
        content = found[0].content() if found else content
    return part.put_back(mutated(content, chance, (), depth + 1))


def _place(data: bytearray, chance: random.Random) -> int:
    """Choose where to damage: formats keep what they are told by at their ends."""
    size = len(data)
    kind = chance.random()
    if kind < 0.3:
        return chance.randrange(min(size, 512))
    if kind < 0.45:
        return size - 1 - chance.randrange(min(size, 512))
    if kind < 0.55:
        return chance.randrange(min(size, _EDGE))
    return chance.randrange(size)


def _span(data: bytearray, chance: random.Random) -> tuple[int, int]:
    start = _place(data, chance)
    return start, min(len(data), start + min(int(chance.expovariate(1 / 64)) + 1, 1 << 16))


def _flip(data: bytearray, chance: random.Random) -> None:
    if data:
        data[_place(data, chance)] ^= 1 << chance.randrange(8)


def _set(data: bytearray, chance: random.Random) -> None:
    if data:
        data[_place(data, chance)] = chance.choice((0, 1, 0x7F, 0x80, 0xFE, 0xFF, 0x20, 0x3C, chance.randrange(256)))


def _number(data: bytearray, chance: random.Random) -> None:
    """Treat some bytes as a length, an offset or a count, and make it lie."""
    width = chance.choice(_WIDTHS)
    if len(data) < width:
        return
    at = min(_place(data, chance), len(data) - width)
    if chance.random() < 0.7:
        at -= at % min(width, 4)
    order: Literal["little", "big"] = "little" if chance.random() < 0.5 else "big"
    most = (1 << 8 * width) - 1
    value = int.from_bytes(data[at : at + width], order)
    lies = [0, 1, most, most >> 1, (most >> 1) + 1, value + 1, value - 1, value * 2, value // 2, most - value]
    lies += [len(data), len(data) - at, at, 1 << 16, 1 << 24, 1 << 31]
    data[at : at + width] = (chance.choice(lies) & most).to_bytes(width, order)


def _digits(data: bytearray, chance: random.Random) -> None:
    """Make a number in text lie."""
    at = _place(data, chance) if data else 0
    start = next((i for i in range(at, min(len(data), at + 200)) if 0x30 <= data[i] <= 0x39), None)
    if start is None:
        return
    end = start
    while end < len(data) and 0x30 <= data[end] <= 0x39 and end - start < 40:
        end += 1
    data[start:end] = chance.choice(
        (
            b"0",
            b"-1",
            b"1e999",
            b"NaN",
            b"4294967296",
            b"9223372036854775808",
            b"9" * 40,
            b"9" * 5000,
            b"0.5",
            b"\xd9\xa3",
        )
    )


def _delete(data: bytearray, chance: random.Random) -> None:
    if data:
        start, end = _span(data, chance)
        del data[start:end]


def _duplicate(data: bytearray, chance: random.Random) -> None:
    if data:
        start, end = _span(data, chance)
        data[end:end] = data[start:end]


def _repeat(data: bytearray, chance: random.Random) -> None:
    if data:
        start, end = _span(data, chance)
        times = min(1 << chance.randrange(14), MAX_GROWTH // (end - start))
        data[end:end] = data[start:end] * times


def _swap(data: bytearray, chance: random.Random) -> None:
    if len(data) > 1:
        size = min(chance.choice((1, 2, 4, 8, 16, 64, 512)), len(data) // 2)
        one, other = chance.randrange(len(data) - size + 1), chance.randrange(len(data) - size + 1)
        data[one : one + size], data[other : other + size] = data[other : other + size], data[one : one + size]


def _move(data: bytearray, chance: random.Random) -> None:
    if data:
        start, end = _span(data, chance)
        piece = data[start:end]
        del data[start:end]
        at = chance.randrange(len(data) + 1)
        data[at:at] = piece


def _fill(data: bytearray, chance: random.Random) -> None:
    if data:
        start, end = _span(data, chance)
        data[start:end] = bytes([chance.choice((0, 0xFF, 0x41, 0x80))]) * (end - start)


def _noise(data: bytearray, chance: random.Random) -> None:
    at = _place(data, chance) if data else 0
    data[at:at] = chance.randbytes(chance.randrange(1, 65))


def _truncate(data: bytearray, chance: random.Random) -> None:
    if data and chance.random() < 0.4:  # few files are told by anything after it
        del data[_place(data, chance) :]


def _word(word: bytes, data: bytearray, chance: random.Random) -> None:
    if data:
        start, end = _span(data, chance)
        data[start : end if chance.random() < 0.3 else start] = word


_WORDS = (
    b"\xff\xfe",
    b"\xed\xa0\x80",  # half a surrogate pair
    b"\0",
    b"<a>" * 3000,
    b"[" * 5000,
    b"&x;",
    b'<!DOCTYPE a [<!ENTITY x "xxxx">]>',
    b"@string/app_name",
    b"../../../../etc/passwd",
    b"\xe2\x80\xae",
    b"\\ud800",
    b"%s%n{0}",
    b"true",
    b"null",
    b"-",
    b"\r\n\r\n",
)

_MUTATIONS: tuple[Mutation, ...] = (
    *(_flip, _flip, _set, _set, _set, _number, _number, _number, _number, _digits, _digits),
    *(_delete, _delete, _duplicate, _repeat, _swap, _move, _fill, _noise, _truncate),
    *(partial(_word, word) for word in _WORDS[:3]),
)
_MUTATIONS += (lambda data, chance: _word(chance.choice(_WORDS), data, chance),) * 2


def _spliced(data: bytearray, other: bytes, chance: random.Random) -> None:
    """Join the head of one file to the tail of another, or put a piece of it in."""
    if not data or not other:
        return
    at, there = _place(data, chance), chance.randrange(len(other))
    if chance.random() < 0.3:
        data[at:] = other[there:]
    else:
        piece = other[there : there + min(int(chance.expovariate(1 / 256)) + 1, 1 << 16)]
        data[at : at + (len(piece) if chance.random() < 0.5 else 0)] = piece
