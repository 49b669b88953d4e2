"""Texts of Windows' package resource index (resources.pri), as far as names of apps need it.

The format is not published. What is read here is what `makepri dump` shows of files that `makepri new` wrote: a table
of sections; in them a tree of names (hierarchical schema), a map from names to candidates, the decisions with the
qualifiers that candidates are for, and pools of data. Anything unexpected ends the reading, never the build.
"""

import struct
from collections.abc import Iterator
from typing import NamedTuple

from seatrial.parsers.texts import MAX_TEXT, told

MAX_ITEMS = 100_000
MAX_LANGUAGES = 200

_BROKEN = (struct.error, IndexError, ValueError)
_LANGUAGE = 0
_ALWAYS = 1000  # the fallback score of a candidate that is for every language
_TEXTS = {0: "utf-16-le", 3: "latin-1", 4: "utf-8"}
_MAP = struct.Struct("<8H4L")
_CANDIDATE = 8
_IS_SCOPE, _IS_ASCII = 0x10, 0x20
_ROOTLESS = 0xFFFF
_MAX_DEPTH = 32
_MOST_QUALIFIERS = 16


class PriUnreadable(Exception):
    """An index that is damaged, or of another kind than `makepri` writes for packages."""


class _Qualifier(NamedTuple):
    kind: int
    value: str
    fallback: int
    """How well it serves where nothing fits, in thousandths; the package's default language has the most."""


class Resources:
    """One index; its texts are looked up by their references."""

    def __init__(self, data: bytes) -> None:
        """Read names and decisions; raise `PriUnreadable` where that fails."""
        try:
            self._sections = _sections(data)
            self._names = _names(self._only(b"[mrm_hschema"))
            self._decisions = _Decisions(self._only(b"[mrm_decn_info]"))
        except _BROKEN as problem:
            raise PriUnreadable(f"resources.pri is damaged: {problem}") from None

    def texts(self, reference: str) -> dict[str, str]:
        """Give a text in all its languages by BCP 47 tag, the default one under the empty tag; empty for none.

        A reference is what follows `ms-resource:`; without a path it is meant to be under `Resources`. Raises
        `PriUnreadable`.
        """
        path = _path(reference)
        number = self._names.get(path, self._names.get(f"resources/{path}"))
        if number is None:
            return {}
        try:
            found = list(self._values(number))
        except _BROKEN as problem:
            raise PriUnreadable(f"resources.pri is damaged: {problem}") from None
        texts: dict[str, str] = {}
        best = -1
        for qualifiers, text in found[:MAX_LANGUAGES]:
            languages = [each for each in qualifiers if each.kind == _LANGUAGE]
            fallback = max((each.fallback for each in languages), default=_ALWAYS)
            if fallback > best:
                best, texts[""] = fallback, text
            for each in languages:
                texts.setdefault(_tag(each.value), text)
        return {tag: text for tag, text in texts.items() if not tag or text != texts[""]}

    def _only(self, kind: bytes) -> bytes:
        """Give the first section of a kind; packages have one of each but for the data."""
        return next((content for name, content in self._sections if name.startswith(kind)), b"")

    def _values(self, number: int) -> Iterator[tuple[list[_Qualifier], str]]:
        """Find an item's candidates in the map: from item to group, to info, to candidates."""
        data = self._only(b"[mrm_res_map")
        references, _, _, schema, _, types, items, groups, infos, candidates, _, large = _MAP.unpack_from(data)
        at = _MAP.size + references + schema
        type_table = [each[1] for each in struct.iter_unpack("<2L", _cut(data, at, types * 8))]
        at += types * 8
        item_table = list(struct.iter_unpack("<2H", _cut(data, at, items * 4)))
        at += items * 4
        group_table = list(struct.iter_unpack("<2H", _cut(data, at, groups * 4)))
        at += groups * 4
        info_table = list(struct.iter_unpack("<2H", _cut(data, at, infos * 4)))
        at += infos * 4 + large
        place = _info_of(number, item_table, group_table)
        if place is None:
            return
        decision, first = info_table[place]
        pool = at + candidates * _CANDIDATE
        for index, qualifiers in enumerate(self._decisions.sets(decision)):
            where = at + (first + index) * _CANDIDATE
            text = self._text(data, where, pool, type_table)
            if text:
                yield qualifiers, text

    def _text(self, data: bytes, where: int, pool: int, types: list[int]) -> str | None:
        """Read one candidate: in a section of data, or in the map's own pool."""
        if data[where] == 1:
            kind, _, index, section = struct.unpack_from("<B3H", data, where + 1)
            raw = _datum(self._sections[section][1], index)
        else:
            kind, length, offset = struct.unpack_from("<BHL", data, where + 1)
            raw = _cut(data, pool + offset, length)
        encoding = _TEXTS.get(types[kind])
        return told(raw.decode(encoding, "replace").split("\0", 1)[0]) if encoding else None


def _path(reference: str) -> str:
    """Bring a reference into the form of the names: `//package/Resources/name` and `name` are both `name`'s path."""
    path = reference.lower()
    if path.startswith("//"):
        path = path[2:].partition("/")[2]
    return path.strip("/")


def _tag(value: str) -> str:
    """Write a language as people do; the index has it in capitals."""
    language, _, rest = value.partition("-")
    parts = (part.title() if len(part) == 4 else part.upper() for part in rest.split("-"))
    return "-".join([language.lower(), *parts]) if rest else language.lower()


def _cut(data: bytes, at: int, length: int) -> bytes:
    part = data[at : at + length]
    if len(part) < length:
        raise ValueError("it is cut off")
    return part


def _sections(data: bytes) -> list[tuple[bytes, bytes]]:
    """Read the table of sections; each has a head of 32 bytes and an end of 8."""
    if data[:7] != b"mrm_pri":
        raise ValueError("it does not begin as such files do")
    table, start, count = struct.unpack_from("<2LH", data, 16)
    found = []
    for index in range(count):
        name, _, _, _, offset, length = struct.unpack_from("<16s2H3L", data, table + index * 32)
        found.append((name, data[start + offset + 32 : start + offset + max(length, 40) - 8]))
    return found


def _names(data: bytes) -> dict[str, int]:
    """Read the tree of names: the number of each item by its path in small letters."""
    if not data:
        return {}
    unique_length, name_length = struct.unpack_from("<2H", data, 2)
    extended = data[8:13] == b"[def_"
    at = (24 if extended else 8) + 20 + 2 * (unique_length + name_length) + 10
    scopes, items, wide_length = struct.unpack_from("<3L", data, at)
    at += 16 + (4 if data[8:20] == b"[def_hnamesx" else 0)
    if scopes + items > MAX_ITEMS:
        raise ValueError("too many names")
    nodes = list(struct.iter_unpack("<3H2B2H", _cut(data, at, (scopes + items) * 12)))
    wide = at + len(nodes) * 12 + scopes * 8 + items * 2
    narrow = wide + wide_length * 2
    own = [_own_name(data, wide, narrow, node) for node in nodes]
    found: dict[str, int] = {}
    for place, (*_, flags, _, number) in enumerate(nodes):
        if not flags & _IS_SCOPE:
            found[_full_name(place, nodes, own)] = number
    return found


def _own_name(data: bytes, wide: int, narrow: int, node: tuple[int, ...]) -> str:
    _, full_length, _, length, flags, offset, _ = node
    if not full_length:
        return ""
    offset |= (flags & 0x0F) << 16
    if flags & _IS_ASCII:
        return data[narrow + offset : narrow + offset + length].decode("latin-1").lower()
    return data[wide + 2 * offset : wide + 2 * (offset + length)].decode("utf-16-le", "replace").lower()


def _full_name(place: int, nodes: list[tuple[int, ...]], own: list[str]) -> str:
    parts: list[str] = []
    for _ in range(_MAX_DEPTH):
        parts.append(own[place])
        parent = nodes[place][0]
        if parent in {place, _ROOTLESS}:
            break
        place = parent
    return "/".join(part for part in reversed(parts) if part)


class _Decisions:
    """What candidates are for; resolved when asked, because a lying table could name all its parts everywhere.

    A decision is a range of sets, a set is a range of qualifiers, both through one table of indexes.
    """

    def __init__(self, data: bytes) -> None:
        distinct, qualifiers, sets, decisions, indexes, _ = struct.unpack_from("<6H", data)
        at = 12
        self._decisions = list(struct.iter_unpack("<2H", _cut(data, at, decisions * 4)))
        at += decisions * 4
        self._sets = list(struct.iter_unpack("<2H", _cut(data, at, sets * 4)))
        at += sets * 4
        self._qualifiers = list(struct.iter_unpack("<4H", _cut(data, at, qualifiers * 8)))
        at += qualifiers * 8
        self._distinct = list(struct.iter_unpack("<4HL", _cut(data, at, distinct * 12)))
        at += distinct * 12
        self._indexes = struct.unpack(f"<{indexes}H", _cut(data, at, indexes * 2))
        self._texts = data[at + indexes * 2 :]

    def sets(self, decision: int) -> list[list[_Qualifier]]:
        """Give the sets of qualifiers of a decision; its candidates follow in the same order."""
        first, count = self._decisions[decision]
        found = []
        for each in self._indexes[first : first + min(count, MAX_LANGUAGES)]:
            start, length = self._sets[each]
            found.append([self._qualifier(at) for at in self._indexes[start : start + min(length, _MOST_QUALIFIERS)]])
        return found

    def _qualifier(self, number: int) -> _Qualifier:
        which, _, fallback, _ = self._qualifiers[number]
        _, kind, _, _, offset = self._distinct[which]
        value = self._texts[2 * offset : 2 * offset + 128].decode("utf-16-le", "replace")
        return _Qualifier(kind, value.split("\0", 1)[0], fallback)


def _info_of(number: int, items: list[tuple[int, ...]], groups: list[tuple[int, ...]]) -> int | None:
    """Find an item's place among the infos: items come in groups, or alone where the group's number is too large."""
    for first_item, group in items:
        size, first = groups[group] if group < len(groups) else (1, group - len(groups))
        if first_item <= number < first_item + size:
            return first + number - first_item
    return None


def _datum(data: bytes, index: int) -> bytes:
    """Take one piece out of a section of data: short ones are listed first, then long ones."""
    short, long = struct.unpack_from("<4x2H4x", data)
    pool = 12 + short * 4 + long * 8
    if index < short:
        offset, length = struct.unpack_from("<2H", data, 12 + index * 4)
    elif index < short + long:
        offset, length = struct.unpack_from("<2L", data, 12 + short * 4 + (index - short) * 8)
    else:
        raise ValueError("a value outside its section")
    return _cut(data, pool + offset, min(length, 4 * MAX_TEXT))
