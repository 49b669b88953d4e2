import os
from pathlib import Path

import pytest

from seatrial.domain.errors import InvalidRequest, PayloadTooLarge, UnsupportedMediaType
from seatrial.storage.memory import MemoryBlobStore
from seatrial.web.multipart import FormLimits
from tests.web.forms import BOUNDARY, body, part, raw_part, receive

CAPTURES = Path(__file__).parents[2].parent / "shared/spec/captures"


def test_fields_and_files_in_any_order() -> None:
    data = os.urandom(3_000_000)
    fields, files = receive(
        body(
            part("versionName", b"RC-1"),
            part("build", data, "app.apk", [b"Content-Type: application/octet-stream"]),
            part("tags", b"a, b"),
            part("tags", b"c"),
            part("packageIcon", b"png", "icon.png", [b"Content-Type: image/png"]),
            part("changelog", "Überraschung 🎉\r\n--x\n".encode()),
        )
    )
    assert fields == [
        ("versionName", "RC-1"),
        ("tags", "a, b"),
        ("tags", "c"),
        ("changelog", "Überraschung 🎉\r\n--x\n"),
    ]
    assert files == [
        ("build", "app.apk", "application/octet-stream", data),
        ("packageIcon", "icon.png", "image/png", b"png"),
    ]


@pytest.mark.parametrize("size", [1, 2, 7, 64, 1000])
def test_chunks_may_be_cut_anywhere(size: int) -> None:
    near_boundary = b"\r\n--" + BOUNDARY[:-1] + b"\r\r\n-\r\n--"
    fields, files = receive(
        b"\r\n" + body(part("a", b""), part("build", near_boundary * 3, "x"), part("b", b"\r\n")) + b"\r\n", size=size
    )
    assert fields == [("a", ""), ("b", "\r\n")]
    assert files == [("build", "x", "", near_boundary * 3)]


def test_a_text_field_named_build_is_a_field() -> None:
    assert receive(body(part("build", b""))) == ([("build", "")], [])


def test_a_file_that_was_not_chosen_is_absent() -> None:
    assert receive(body(part("build", b"", ""), part("a", b"1"))) == ([("a", "1")], [])


def test_a_file_without_name_but_with_bytes_is_a_file() -> None:
    assert receive(body(part("build", b"bytes", "", [b"Content-Type: a/b"])))[1] == [("build", "", "a/b", b"bytes")]


def test_an_empty_file_with_a_name_is_an_empty_file() -> None:
    assert receive(body(part("build", b"", "a.apk")))[1] == [("build", "a.apk", "", b"")]


def test_a_form_without_parts_is_empty() -> None:
    assert receive(b"--" + BOUNDARY + b"--") == ([], [])


def test_unwanted_files_are_dropped_and_counted_nowhere() -> None:
    store = MemoryBlobStore()
    _, files = receive(body(part("simulatorBuild", bytes(3 << 20), "app.zip")), store=store, drop=["simulatorBuild"])
    assert files == [("simulatorBuild", "app.zip", "", None)]
    assert store.holds_nothing()


@pytest.mark.parametrize(
    ("disposition", "name", "filename"),
    [
        (b'form-data; name="build"; filename="a b.apk"', "build", "a b.apk"),
        (b"form-data; name=build; filename=app.apk", "build", "app.apk"),
        (b'form-data;name="build";filename="app.apk"', "build", "app.apk"),
        (b'FORM-DATA; Name="build"; FileName="app.apk"', "build", "app.apk"),
        (b'form-data; filename="a;b.apk"; name="build"', "build", "a;b.apk"),
        (b'form-data; name="build"; filename="say \\"hi\\".apk"', "build", 'say "hi".apk'),
        (b'form-data; name="build"; filename="say %22hi%22.apk"', "build", 'say "hi".apk'),
        (b'form-data; name="build"; filename="100%20.apk"', "build", "100%20.apk"),
        (b'form-data; name="build"; filename="C:\\Users\\me\\app.apk"', "build", "app.apk"),
        (b'form-data; name="build"; filename="\\\\server\\share\\app.apk"', "build", "app.apk"),
        (b'form-data; name="build"; filename="../../etc/passwd"', "build", "passwd"),
        (b'form-data; name="build"; filename="out/app.apk"', "build", "app.apk"),
        (b'form-data; name="build"; filename="a\x00\x1b%0D%0Ab.apk"', "build", "ab.apk"),
        ('form-data; name="build"; filename="gpj\u202e.apk"'.encode(), "build", "gpj.apk"),
        ('form-data; name="größe"; filename="größe.apk"'.encode(), "größe", "größe.apk"),
        ('form-data; name="build"; filename="größe.apk"'.encode("latin-1"), "build", "größe.apk"),
        (b'form-data; name="build"; filename="x"; filename*=UTF-8\'\'gr%C3%B6%C3%9Fe.apk', "build", "größe.apk"),
        (b"form-data; name=\"build\"; filename*=UTF-8''..%2Fa.apk", "build", "a.apk"),
        (b'form-data; name="build"; filename="x"; filename*=klingon\'\'y', "build", "x"),
        (b'form-data; name="build"; filename="x"; filename*=UTF-8\'\'%FF', "build", "x"),
        (b'form-data; name="build"; filename=".."', "build", ""),
        (b'form-data; name="deployer[info][tag]"; filename="a"', "deployer[info][tag]", "a"),
    ],
)
def test_file_names_as_clients_spell_them(disposition: bytes, name: str, filename: str) -> None:
    ((got_name, got_filename, _, data),) = receive(body(raw_part(b"Content-Disposition: " + disposition, b"x")))[1]
    assert (got_name, got_filename, data) == (name, filename, b"x")


def test_a_long_file_name_keeps_its_extension() -> None:
    ((_, filename, _, _),) = receive(body(part("build", b"x", "ö" * 300 + ".apk")))[1]
    assert filename == "ö" * 125 + ".apk"


@pytest.mark.parametrize(
    ("header", "data", "text"),
    [
        (b"", "ü".encode(), "ü"),
        (b"", b"\xfc", "ü"),
        (b"Content-Type: text/plain; charset=ISO-8859-1", b"\xc3\xbc", "Ã¼"),
        (b"Content-Type: text/plain; charset=utf-8", "ü".encode(), "ü"),
        (b"Content-Type: text/plain; charset=US-ASCII", "ü".encode(), "ü"),
        (b"Content-Type: text/plain; charset=rot13", b"abc", "abc"),
    ],
)
def test_texts_are_decoded_as_sent(header: bytes, data: bytes, text: str) -> None:
    assert receive(body(part("a", data, headers=[header] if header else [])))[0] == [("a", text)]


@pytest.mark.parametrize("encoding", [b"binary", b"8bit", b"7BIT"])
def test_part_headers_of_real_clients_are_fine(encoding: bytes) -> None:
    headers = [b"Content-Length: 3", b"Content-Transfer-Encoding: " + encoding, b"X-Custom: 1"]
    assert receive(body(part("build", b"abc", "a", headers)))[1] == [("build", "a", "", b"abc")]


def refusal(data: bytes, **named: object) -> dict[str, str]:
    """Tell which fields a form is refused for, and see that nothing of it is kept."""
    store = MemoryBlobStore()
    with pytest.raises(InvalidRequest) as error:
        receive(data, store=store, **named)  # type: ignore[arg-type]  # each test names its own
    assert store.holds_nothing()
    return error.value.fields


@pytest.mark.parametrize("encoding", [b"base64", b"quoted-printable", b"x-uuencode"])
def test_other_encodings_are_refused_by_name(encoding: bytes) -> None:
    fields = refusal(body(part("build", b"abc", "a", [b"Content-Transfer-Encoding: " + encoding])))
    assert encoding.decode() in fields["body"]


def test_decision_52_a_form_that_ends_early_is_refused_and_leaves_nothing() -> None:
    whole = body(part("a", b"1"), part("build", bytes(5000), "a.apk"), part("b", b"2"))
    end = len(whole) - len(b"\r\n")
    for cut in [*range(200), *range(5000, end, 3), end - 1]:
        assert "body" in refusal(whole[:cut])


@pytest.mark.parametrize(
    "data",
    [
        b"not a form",
        b'{"json": true}',
        body(raw_part(b"Content-Type: text/plain", b"x")),
        body(raw_part(b"Content-Disposition: attachment; name=a", b"x")),
        body(raw_part(b'Content-Disposition: form-data; filename="a"', b"x")),
        body(raw_part(b"no colon", b"x")),
        body(raw_part(b"Content-Disposition: form-data; name=a" + b"x" * 9000, b"x")),
        body(part("a", b"x", headers=[b"X: 1"] * 20)),
        body(part("a", b"x", headers=[b"Content-Length: 2"])),
        body(part("a", b"x", headers=[b"Content-Length: -1"])),
        body(part("a", b"x")).replace(b"\r\n", b"\n"),
        body(part("build", b"x\r\n--" + BOUNDARY + b"tail", "a")),
    ],
)
def test_what_is_no_form_is_refused(data: bytes) -> None:
    assert refusal(data).keys() == {"body"}


@pytest.mark.parametrize("content_type", ["", "application/json", "multipart/mixed; boundary=x", "text/plain"])
def test_another_media_type_is_unsupported(content_type: str) -> None:
    with pytest.raises(UnsupportedMediaType):
        receive(b"", content_type=content_type)


@pytest.mark.parametrize(
    "parameter", ["", "; boundary=", '; boundary=""', f"; boundary={'x' * 201}", '; boundary="a\x07"']
)
def test_a_form_needs_a_boundary(parameter: str) -> None:
    assert "boundary" in refusal(b"", content_type="multipart/form-data" + parameter)["body"]


@pytest.mark.parametrize(
    "content_type",
    [
        'Multipart/Form-Data; charset=utf-8; Boundary="{}"',
        "multipart/form-data;boundary={}",
        "multipart/form-data; boundary={}; charset=utf-8",
    ],
)
@pytest.mark.parametrize("boundary", ["x", "----=_Part_1_(2):3.4", "-" * 40 + "ef66a9991ed94b585e5af177"])
def test_boundaries_as_clients_spell_them(content_type: str, boundary: str) -> None:
    data = body(part("a", b"1")).replace(BOUNDARY, boundary.encode())
    assert receive(data, content_type=content_type.format(boundary))[0] == [("a", "1")]


def test_limits_name_the_field_and_what_is_allowed() -> None:
    limits = FormLimits(files=2, fields=3, field=10, long_field=100, all_fields=150)
    long, short = b"x" * 100, b"x" * 10
    assert (
        len(receive(body(part("changelog", long), part("metadata[a]", short), part("b", short)), limits=limits)[0]) == 3
    )
    assert "10 bytes" in refusal(body(part("a", short + b"x")), limits=limits)["a"]
    assert "100 bytes" in refusal(body(part("changelog", long + b"x")), limits=limits)["changelog"]
    assert "150 bytes" in refusal(body(part("changelog", long), part("changelog", long)), limits=limits)["body"]
    assert "3 fields" in refusal(body(*[part("a", b"")] * 4), limits=limits)["body"]
    assert "2 files" in refusal(body(*[part("build", b"x", "a")] * 3), limits=limits)["body"]
    assert "NUL" in refusal(body(part("a", b"\0")))["a"]


def test_a_body_over_the_limit_is_told_the_limit_with_and_without_a_declared_length() -> None:
    data, store = body(part("build", bytes(100_000), "a")), MemoryBlobStore()
    for declared in (len(data), None):
        with pytest.raises(PayloadTooLarge) as error:
            receive(data, store=store, size=1000, limits=FormLimits(body=50_000), content_length=declared)
        assert error.value.limit == 50_000
    assert store.holds_nothing()
    assert receive(data, limits=FormLimits(body=len(data)), content_length=len(data))


def captured_forms() -> list[tuple[str, str, bytes]]:
    found = []
    for path in sorted(CAPTURES.glob("*.http")):
        for request in path.read_bytes().decode("utf-8").split("=== ")[1:]:
            head, _, content = request.partition("\n\n")
            headers = dict(line.split(": ", 1) for line in head.splitlines()[1:])
            if headers.get("Content-Type", "").startswith("multipart/"):
                raw = content.encode("latin-1")[: int(headers["Content-Length"])]
                found.append((path.stem, headers["Content-Type"], raw))
    return found


def test_every_captured_upload_of_a_real_client_is_read() -> None:
    if not CAPTURES.is_dir():
        pytest.skip(f"the captured requests are not here: {CAPTURES}")
    forms = captured_forms()
    assert {client for client, _, _ in forms} == {"bitrise", "fastlane-2.4.0", "github-action"}
    for client, content_type, data in forms:
        fields, files = receive(data, content_type=content_type, content_length=len(data))
        assert any(name == "build" and content for name, _, _, content in files), client
        assert len(fields) >= 4
        assert all("\r" not in text for _, text in fields)
