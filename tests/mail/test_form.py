"""Mails as bytes, read back by the standard library."""

import email
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import default

import pytest

from seatrial.mail.form import Body, Form, Picture, Sender, UnwritableAddress, address
from seatrial.mail.markdown import to_html
from seatrial.mail.pictures import small_icon

NOW = datetime(2026, 11, 28, 16, tzinfo=UTC)


def written(to: str = "ada@example.com", name: str = "", **said: str) -> EmailMessage:
    body = Body(**{"subject": "Hello", "text": "text", "html": "<p>html</p>", **said})  # type: ignore[arg-type]
    form = Form(Sender(email="builds@example.com", name="Büro, Inc."), body)
    content = form.copy(address(to, name), headers={"Message-ID": "<a@example.com>"}, written=NOW)
    assert max(map(len, content.split(b"\r\n"))) <= 998
    assert b"\n" not in content.replace(b"\r\n", b"")
    return email.message_from_bytes(content, policy=default)


def test_words_come_back_as_they_went() -> None:
    text = "Привет 🚀\n.\nFrom me\n=20 " + "long " * 400
    mail = written(name="Łukasz “Ü”", subject="Wallet 🚀 1.2 готова " * 4, text=text, html="<p>中文</p>" * 50)
    assert mail["Subject"] == ("Wallet 🚀 1.2 готова " * 4).strip()
    assert mail["From"].addresses[0].display_name == "Büro, Inc."
    assert mail["To"].addresses[0].display_name == "Łukasz “Ü”"
    plain, html = mail.get_body(("plain",)), mail.get_body(("html",))
    assert plain is not None
    assert html is not None
    assert plain.get_content().replace("\r\n", "\n") == text
    assert html.get_content() == "<p>中文</p>" * 50


@pytest.mark.parametrize(
    "evil", ["\r\nBcc: eve@example.com", "\nBcc: eve@example.com", "\u2028Bcc: x", "\x00\x85Bcc: x"]
)
def test_no_header_begins_inside_a_value(evil: str) -> None:
    mail = written(name=f"Ada{evil}", subject=f"Hello{evil}")
    assert mail["Bcc"] is None
    assert len(mail["To"].addresses) == 1
    with pytest.raises(UnwritableAddress):
        address(f"ada@example.com{evil}")
    with pytest.raises(ValueError, match="List-ID"):
        Form(Sender(email="a@example.com", name=""), Body(subject="", text="", html="")).copy(
            "a@example.com", headers={"List-ID": f"x{evil}"}, written=NOW
        )


@pytest.mark.parametrize(
    "bad", ["", "ada", "@example.com", "a b@example.com", "a@@example.com", "a..b@example.com", "ada@-x"]
)
def test_addresses_that_nobody_has(bad: str) -> None:
    with pytest.raises(UnwritableAddress):
        address(bad)


def test_a_domain_of_another_script_is_written_in_ascii() -> None:
    assert address("ada@bücher.example") == "ada@xn--bcher-kva.example"


def test_a_changelog_can_do_no_harm() -> None:
    html = to_html(
        '<script>x</script> <a href="javascript:x">a</a> [b](javascript:x) ![p](https://x/y.png)\n\n> **ok**'
    )
    assert "<script" not in html
    assert "<a" not in html
    assert "<img" not in html
    assert "<strong>ok</strong>" in html
    assert to_html("one\ntwo").count("<br") == 1
    assert len(to_html("[" * 5000)) < 100_000


def test_what_is_no_picture_becomes_none() -> None:
    assert small_icon(b"\x89PNG\r\n\x1a\n nothing") is None


def test_a_picture_is_shown_by_its_name() -> None:
    form = Form(
        Sender(email="a@example.com", name=""),
        Body(subject="s", text="t", html='<img src="cid:code">', pictures=[Picture("code", b"png")]),
    )
    mail = email.message_from_bytes(form.copy("a@example.com", headers={}, written=NOW), policy=default)
    [picture] = [part for part in mail.walk() if part.get_content_type() == "image/png"]
    assert (picture["Content-ID"], picture.get_payload(decode=True)) == ("<code>", b"png")
