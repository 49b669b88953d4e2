import contextlib
import unicodedata

from hypothesis import example, given
from hypothesis import strategies as st

from seatrial.domain.errors import InvalidRequest
from seatrial.web import disposition

latin = st.characters(max_codepoint=255)
pieces = st.sampled_from(
    [
        "form-data",
        ";",
        " ",
        "name",
        "filename",
        "filename*",
        "=",
        '"',
        "\\",
        "%22",
        "%0D",
        "UTF-8''",
        "%FF",
        "..",
        "/",
        "é",
    ]
)
headers = st.lists(pieces | latin, max_size=40).map("".join)


def assert_safe(name: str) -> None:
    assert len(name.encode()) <= 255
    assert not set(name) & {"/", "\\"}
    assert name not in {".", ".."}
    assert not any(unicodedata.category(each) in {"Cc", "Cs"} for each in name)


@given(headers)
@example('form-data; name="a"; filename="\\')
@example("form-data; name=a; filename*=UTF-8''%ED%A0%80")
@example("form-data; name=a; filename*='''")
def test_any_header_gives_a_safe_name_or_is_refused(header: str) -> None:
    with contextlib.suppress(InvalidRequest):
        found = disposition.parse(header)
        if found.filename is not None:
            assert_safe(found.filename)


@given(st.text())
@example("a" * 300)
@example("." + "ö" * 300)
@example("x" * 260 + ".apk")
@example("\ud800.apk")
@example("a/..")
def test_any_name_is_made_safe_and_stays_so(raw: str) -> None:
    name = disposition.safe_name(raw)
    assert_safe(name)
    assert disposition.safe_name(name) == name


@given(st.binary(max_size=50), st.none() | st.text(max_size=10) | st.sampled_from(["utf-16", "latin1", "ascii"]))
def test_any_bytes_are_some_text(data: bytes, charset: str | None) -> None:
    disposition.text_of(data, charset).encode()
