"""E-mail addresses: what is taken, and what could never be."""

import email.headerregistry

import pytest

from seatrial.domain.email import checked_email
from seatrial.domain.errors import InvalidRequest


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("ada@example.com", "ada@example.com"),
        (" Ada.Lovelace+seatrial@Example.COM ", "ada.lovelace+seatrial@example.com"),
        ("o'brien@example.co.uk", "o'brien@example.co.uk"),
        ("root@localhost", "root@localhost"),
        ("jörg@müller.example", "jörg@müller.example"),
        ("jo\u0308rg@example.com", "jörg@example.com"),
        ("ada@xn--mller-kva.example", "ada@xn--mller-kva.example"),
        ("用户@例子.测试", "用户@例子.测试"),
    ],
)
def test_an_address_is_kept_in_one_form(said: str, kept: str) -> None:
    assert checked_email(said) == kept


@pytest.mark.parametrize(
    "said",
    [
        "",
        "ada",
        "@example.com",
        "ada@",
        "a da@example.com",
        "ada@exa mple.com",
        "ada@@example.com",
        "ada@b@example.com",
        ".ada@example.com",
        "ada.@example.com",
        "a..da@example.com",
        "ada@example..com",
        "ada@-example.com",
        "ada@[127.0.0.1]",
        '"a da"@example.com',
        "Ada <ada@example.com>",
        "ada@example.com,eve@example.com",
        "ada@example.com\r\nBcc: eve@example.com",
        "ada@example.com\nX",
        "a\u2028da@example.com",
        "a\u202eda@example.com",
        "ada\0@example.com",
        "ada@exam\ud800ple.com",
        "a" * 65 + "@example.com",
        "a@" + "x" * 256,
        "a@" + ".".join(["x" * 60] * 5),
    ],
)
def test_what_is_no_address_is_refused(said: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        checked_email(said, "to")
    assert list(refused.value.fields) == ["to"]


def test_python_s_own_headers_take_what_is_taken() -> None:
    for address in ("ada.lovelace+seatrial@example.com", "o'brien@example.co.uk", "a!#$%&'*+/=?^_`{|}~-@example.com"):
        assert email.headerregistry.Address(addr_spec=checked_email(address)).addr_spec == address
