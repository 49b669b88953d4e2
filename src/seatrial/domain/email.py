"""E-mail addresses: one rule for every place where somebody writes one down."""

import re
import unicodedata

from seatrial.domain.errors import InvalidRequest

LONGEST_EMAIL = 254
"""RFC 5321, section 4.5.3.1.3, without the angle brackets of a path."""
_LONGEST_NAME = 64
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~\u0080-\U0010ffff-]+"
_NAME = re.compile(rf"{_ATOM}(\.{_ATOM})*")
_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")


def checked_email(text: str, field: str = "email") -> str:
    """Give an address in the form in which it is kept: trimmed, composed, in lower case.

    The name is a dot-atom of RFC 5322 with the letters of RFC 6531, the host one that the DNS can have, in any script
    (RFC 3490). Quoted names and addresses of machines are not taken; nothing that could begin another header line is.

    Raises InvalidRequest.
    """
    address = unicodedata.normalize("NFC", text.strip()).lower()
    name, _, host = address.rpartition("@")
    right = (
        len(address) <= LONGEST_EMAIL
        and address.isprintable()
        and len(name.encode("utf-8", "replace")) <= _LONGEST_NAME
        and _NAME.fullmatch(name) is not None
        and _is_host(host)
    )
    if not right:
        raise InvalidRequest({field: f"must be an e-mail address of at most {LONGEST_EMAIL} characters"})
    return address


def _is_host(host: str) -> bool:
    try:
        labels = host.encode("idna").decode().lower().split(".")
    except UnicodeError:
        return False
    return all(_LABEL.fullmatch(label) for label in labels)
