"""Names of apps in resources.pri: files put together here, and those of real packages."""

import contextlib
import random
import struct
import zipfile

import pytest

from seatrial.parsers.pri import PriUnreadable, Resources
from tests.corpus import corpus_file
from tests.parsers.test_msix import package, read

Texts = dict[str, dict[str, str]]


def section(kind: bytes, content: bytes) -> bytes:
    content += bytes(-len(content) % 8)
    size = len(content) + 40
    return struct.pack("<16s2L2L", kind, 0, 0, size, 0) + content + struct.pack("<2L", 0xDEF5FADE, size)


def pri(texts: Texts, *, wide: bool = False) -> bytes:
    """An index with one scope, `Resources`; a language `""` is for everyone, the first other one is the default."""
    languages = list(dict.fromkeys(language for each in texts.values() for language in each))
    contents = [
        (b"[mrm_decn_info]\0", decisions(languages, texts)),
        (b"[mrm_hschemaex] ", names(list(texts))),
        (b"[mrm_res_map2_]\0", resource_map(texts, wide=wide)),
        (b"[mrm_dataitem] \0", data([text for each in texts.values() for text in each.values()], wide=wide)),
    ]
    sections = [section(*each) for each in contents]
    start = 32 + 32 * len(sections)
    table, place = b"", 0
    for (kind, _), each in zip(contents, sections, strict=True):
        table += struct.pack("<16s2H3L", kind, 0, 0, 0, place, len(each))
        place += len(each)
    size = start + place + 16
    head = b"mrm_pri2" + struct.pack("<2H3L2HL", 0, 1, size, 32, start, len(sections), 0xFFFF, 0)
    return head + table + b"".join(sections) + struct.pack("<2L", 0xDEFFFADE, size) + b"mrm_pri2"


def names(items: list[str]) -> bytes:
    unique = "ms-appx://demo/\0"
    pool = b"\0Resources\0"
    nodes = struct.pack("<3H2B2H", 0, 0, 0, 0, 0x10, 0, 0) + struct.pack("<3H2B2H", 0, 9, 82, 9, 0x30, 1, 1)
    for number, item in enumerate(items):
        nodes += struct.pack("<3H2B2H", 1, 10 + len(item), ord(item[0].upper()), len(item), 0x20, len(pool), number)
        pool += item.encode() + b"\0"
    count = len(items)
    return (
        struct.pack("<4H16s2H4L", 1, len(unique), len(unique), 0, b"[def_hnamesx]  \0", 1, 0, 0, 0, 2, count)
        + (unique * 2).encode("utf-16-le")
        + struct.pack("<3H3L3L", 0, 99, 0, 2 + count, 2, count, 0, 0, len(pool))
        + nodes
        + bytes(8 * 2 + 2 * count)
        + pool
    )


def decisions(languages: list[str], texts: Texts) -> bytes:
    """One decision for each item, one set for each language, one qualifier in each set but that for everyone."""
    index: list[int] = []
    sets = b""
    for number, language in enumerate(languages):
        sets += struct.pack("<2H", len(index), 1 if language else 0)
        index += [number] if language else []
    table = b""
    for each in texts.values():
        table += struct.pack("<2H", len(index), len(each))
        index += [languages.index(language) for language in each]
    pool, distinct, qualifiers = "", b"", b""
    first = next((number for number, language in enumerate(languages) if language), 0)
    for number, language in enumerate(languages):
        qualifiers += struct.pack("<4H", number, 700, 1000 if number == first else 100, 0)
        distinct += struct.pack("<4HL", 2, 0, 0, 10, len(pool))
        pool += language.upper() + "\0"
    count = len(languages)
    head = struct.pack("<6H", count, count, count, len(texts), len(index), len(pool))
    return (
        head + table + sets + qualifiers + distinct + struct.pack(f"<{len(index)}H", *index) + pool.encode("utf-16-le")
    )


def resource_map(texts: Texts, *, wide: bool) -> bytes:
    candidates = b"".join(struct.pack("<2B3H", 1, 0, 0, n, 3) for n in range(sum(len(each) for each in texts.values())))
    infos, first = b"", 0
    for number, each in enumerate(texts.values()):
        infos += struct.pack("<2H", number, first)
        first += len(each)
    head = struct.pack("<8H4L", 0, 0, 1, 0, 0, 1, 1, 1, len(texts), first, 0, 0)
    kinds = struct.pack("<2L", 4, 0 if wide else 4)
    return head + kinds + struct.pack("<2H", 0, 0) + struct.pack("<2H", len(texts), 0) + infos + candidates


def data(values: list[str], *, wide: bool) -> bytes:
    table, pool = b"", b""
    for value in values:
        encoded = (value + "\0").encode("utf-16-le" if wide else "utf-8")
        table += struct.pack("<2H", len(pool), len(encoded))
        pool += encoded
    return struct.pack("<L2HL", 0, len(values), 0, len(pool)) + table + pool


BOAT = {"title": {"en-us": "Boat", "de": "Boot", "zh-hans-cn": "船"}, "other": {"": "Same everywhere", "fr": "Pareil"}}


@pytest.mark.parametrize("wide", [False, True])
def test_texts_are_found_in_all_languages(wide: bool) -> None:
    found = Resources(pri(BOAT, wide=wide)).texts("title")
    assert found == {"": "Boat", "de": "Boot", "zh-Hans-CN": "船"}
    assert Resources(pri(BOAT, wide=wide)).texts("other") == {"": "Same everywhere", "fr": "Pareil"}


@pytest.mark.parametrize(
    "reference",
    ["title", "Title", "/Resources/title", "Resources/TITLE", "//some.package/Resources/title", "///Resources/title"],
)
def test_references_have_several_forms(reference: str) -> None:
    assert Resources(pri(BOAT)).texts(reference)[""] == "Boat"


def test_a_reference_that_leads_nowhere_finds_nothing() -> None:
    assert Resources(pri(BOAT)).texts("missing") == {}


def test_the_name_of_a_package_is_resolved() -> None:
    info = read(package({"resources.pri": pri(BOAT), "logo.png": b""}, name="ms-resource:title"))
    assert info.display_name == "Boat"
    assert info.localized_names == {"de": "Boot", "zh-Hans-CN": "船"}
    missing = read(package({"Resources.pri": pri(BOAT)}, name="ms-resource:nothing"))
    assert (missing.display_name, missing.localized_names) == ("ms-resource:nothing", {})
    assert "not among the package's resources" in missing.warnings[0]


@pytest.mark.parametrize("broken", [b"", b"mrm_pri2", b"no index" * 20, pri(BOAT)[:200], pri(BOAT)[:500]])
def test_a_broken_index_is_told(broken: bytes) -> None:
    with pytest.raises(PriUnreadable):
        Resources(broken).texts("title")


def test_changed_bytes_end_in_texts_or_a_refusal() -> None:
    good = pri(BOAT)
    chance = random.Random(6)
    for _ in range(500):
        changed = bytearray(good)
        for _ in range(chance.randint(1, 5)):
            changed[chance.randrange(len(changed))] = chance.choice([0, 1, 0x7F, 0xFF])
        with contextlib.suppress(PriUnreadable):
            texts = Resources(bytes(changed)).texts("title")
            assert all(len(text) <= 1000 for text in texts.values())


@pytest.mark.parametrize(
    ("name", "member", "reference", "texts"),
    [
        ("msixpkg-IntlPackage.appx", "resources.pri", "appName", {"": "Test Appx Package"}),
        ("msixpkg-CentennialCoffee.appx", "Resources.pri", "Description", {"": "Coffee Localized", "fr-FR": "Salut"}),
    ],
)
def test_real_indexes_are_read(name: str, member: str, reference: str, texts: dict[str, str]) -> None:
    with zipfile.ZipFile(corpus_file(f"msix/{name}")) as archive:
        assert Resources(archive.read(member)).texts(reference) == texts
