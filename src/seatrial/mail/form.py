"""A mail as bytes (RFC 5322, RFC 2045 to 2047, RFC 2387), made once and copied for every person who gets it.

Ten thousand people get the same pictures and nearly the same text: what all copies share is encoded once. Headers that
hold words go through `email.policy.SMTP`, which refuses line breaks; the others are ours, and checked to be plain.
"""

import binascii
import re
from base64 import encodebytes
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.policy import SMTP
from email.utils import format_datetime
from secrets import token_hex

_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029\ud800-\udfff]+")
_PLAIN = re.compile(r"[\x20-\x7e]+")
_LONGEST_SUBJECT, _LONGEST_NAME = 200, 100
# RFC 5322, section 3.4.1, without quoted local parts, comments and literals, which no address in use has.
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,252}[A-Za-z0-9])?")


_FOLDED_ALREADY = re.compile(r"(?:[A-Za-z0-9 ]{1,40} )?<?[A-Za-z0-9.@_+-]{1,60}>?")


class UnwritableAddress(Exception):
    """Nobody can be written to at such an address."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A PNG inside a mail, which its HTML shows as `cid:NAME`."""

    name: str
    png: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """What a mail says."""

    subject: str
    text: str
    html: str
    pictures: Sequence[Picture] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """Whom mails come from."""

    email: str
    name: str
    reply_to: str = ""

    @property
    def domain(self) -> str:
        """The part behind the @."""
        return self.email.rpartition("@")[2]


class Form:
    """One mail without its addressee."""

    def __init__(self, sender: Sender, body: Body) -> None:
        self._text, self._html = body.text, body.html
        self._outer, self._inner = f"=_a{token_hex(12)}", f"=_b{token_hex(12)}"
        self._shared = _word_header("From", address(sender.email, sender.name))
        if sender.reply_to:
            self._shared += _word_header("Reply-To", address(sender.reply_to))
        self._shared += _word_header("Subject", line(body.subject, _LONGEST_SUBJECT))
        self._pictures = b"".join(self._picture(picture) for picture in body.pictures)

    def copy(
        self,
        to: str,
        *,
        headers: Mapping[str, str],
        written: datetime,
        fill: Mapping[str, tuple[str, str]] | None = None,
    ) -> bytes:
        """Write the mail to one person.

        `to` is as `address` gives it; `fill` says what stands for a word in this copy, in its text and in its HTML.
        """
        text, html = self._text, self._html
        for word, (in_text, in_html) in (fill or {}).items():
            text, html = text.replace(word, in_text), html.replace(word, in_html)
        own = {"Date": format_datetime(written), "MIME-Version": "1.0", **headers}
        own["Content-Type"] = f'multipart/alternative; boundary="{self._outer}"'
        return b"".join(
            (
                self._shared,
                _word_header("To", to),
                *(_plain_header(name, value) for name, value in own.items()),
                b"\r\n",
                self._part(self._outer, "text/plain", text),
                self._related(html),
                f"\r\n--{self._outer}--\r\n".encode(),
            )
        )

    def _related(self, html: str) -> bytes:
        if not self._pictures:
            return self._part(self._outer, "text/html", html)
        head = f'\r\n--{self._outer}\r\nContent-Type: multipart/related; boundary="{self._inner}"; type="text/html"\r\n'
        return b"".join(
            (
                head.encode(),
                self._part(self._inner, "text/html", html),
                self._pictures,
                f"\r\n--{self._inner}--\r\n".encode(),
            )
        )

    def _picture(self, picture: Picture) -> bytes:
        head = (
            f"\r\n--{self._inner}\r\nContent-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n"
            f'Content-ID: <{picture.name}>\r\nContent-Disposition: inline; filename="{picture.name}.png"\r\n\r\n'
        )
        return head.encode() + encodebytes(picture.png).replace(b"\n", b"\r\n")

    def _part(self, boundary: str, kind: str, text: str) -> bytes:
        said = text.replace("\r\n", "\n").encode("utf-8", "replace")
        # The shorter one: Latin scripts stay readable, others would triple.
        quoted = binascii.b2a_qp(said, istext=True)
        in_base64 = len(quoted) > len(said) * 4 // 3 + len(said) // 50
        encoding = "base64" if in_base64 else "quoted-printable"
        content = encodebytes(said.replace(b"\n", b"\r\n")) if in_base64 else quoted
        head = (
            f"\r\n--{boundary}\r\nContent-Type: {kind}; charset=utf-8\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n"
        )
        return head.encode() + content.replace(b"\n", b"\r\n")


def address(email: str, name: str = "") -> str:
    """Write an address with its name as a header shows it.

    Raises UnwritableAddress.
    """
    user, at, domain = email.rpartition("@")
    if at and not domain.isascii():
        try:
            domain = domain.encode("idna").decode()
        except UnicodeError:
            raise UnwritableAddress(email) from None
    plain = f"{user}{at}{domain}"
    if not _ADDRESS.fullmatch(plain) or ".." in plain or user.startswith(".") or user.endswith("."):
        raise UnwritableAddress(email)
    return str(Address(line(name, _LONGEST_NAME), addr_spec=plain))


def line(text: str, limit: int) -> str:
    """Make one line of a text, of at most so many characters: no header can begin inside it."""
    flat = " ".join(_UNPRINTABLE.sub(" ", text).split())
    return flat if len(flat) <= limit else f"{flat[: limit - 1].rstrip()}…"


def _word_header(name: str, value: str) -> bytes:
    if _FOLDED_ALREADY.fullmatch(value):  # what most people are called; the policy takes a millisecond for it
        return f"{name}: {value}\r\n".encode()
    return SMTP.fold_binary(name, SMTP.header_factory(name, value))


def _plain_header(name: str, value: str) -> bytes:
    """Write a header that is machines' alone, unfolded: the addresses in it must not be broken."""
    if not _PLAIN.fullmatch(value) or len(value) > 900:
        raise ValueError(f"the header {name} cannot hold this")
    return f"{name}: {value}\r\n".encode()
