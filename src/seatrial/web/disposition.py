r"""What a part of a multipart form says about itself, as real clients spell it.

Formats: RFC 7578 section 4 (the parts), RFC 6266 and RFC 8187 (`filename*`), the HTML standard's multipart/form-data
encoding (`%22`, `%0D`, `%0A`), curl's `\"`, and the whole Windows paths of old browsers.
"""

import re
import unicodedata
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

from seatrial.domain.errors import InvalidRequest, UnsupportedMediaType

LONGEST_NAME = 255
"""Bytes of UTF-8: what file systems take."""

_BOUNDARY = re.compile(r';\s*boundary\s*=\s*(?:"([^"]*)"|([^;\s]+))', re.IGNORECASE)
_PARAMETER = re.compile(r';\s*([A-Za-z0-9_-]+\*?)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|"?([^;"]*))')
_UNSEEN = frozenset({"Cc", "Cs", "Zl", "Zp"})
_TURNING = frozenset("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Marks that make a name look like another one, e.g. with another extension."""
_CHARSETS = frozenset(
    {"utf-8", "utf8", "us-ascii", "ascii", "iso-8859-1", "latin1", "iso-8859-15", "windows-1252", "utf-16"}
)


@dataclass(frozen=True, slots=True)
class Disposition:
    """The name of a part, and its file name: `None` for a field, `""` for a file without a name."""

    name: str
    filename: str | None


def boundary_of(content_type: str) -> bytes:
    """Read the boundary from a request's Content-Type.

    Raises UnsupportedMediaType for anything but a form, InvalidRequest without a usable boundary.
    """
    if content_type.partition(";")[0].strip().lower() != "multipart/form-data":
        raise UnsupportedMediaType
    match = _BOUNDARY.search(content_type)
    # RFC 2046 allows 70 characters; clients with longer ones mean no harm.
    boundary = (match[1] or match[2] or "") if match else ""
    if not 0 < len(boundary) <= 200 or not boundary.isascii() or not boundary.isprintable():
        raise InvalidRequest({"body": "the Content-Type needs a boundary of 1 to 200 printable ASCII characters"})
    return boundary.encode("ascii")


def parse(header: str) -> Disposition:
    """Read a Content-Disposition header whose bytes were decoded as Latin-1.

    Raises InvalidRequest where the name is missing.
    """
    found: dict[str, str] = {}
    for match in _PARAMETER.finditer(header):
        value = _unescape(match[2]) if match[2] is not None else match[3].strip()
        found.setdefault(match[1].lower(), value)
    name = found.get("name")
    if name is None:
        raise InvalidRequest({"body": "every part needs a name in its Content-Disposition"})
    raw = _extended(found.get("filename*", ""))
    if raw is None and "filename" in found:
        raw = text_of(_percent(found["filename"]).encode("latin-1"))
    return Disposition(text_of(_percent(name).encode("latin-1")), None if raw is None else safe_name(raw))


def safe_name(raw: str) -> str:
    """Keep of a client's file name what is safe to show and to save: no folders, nothing unseen, at most 255 bytes."""
    last = re.split(r"[/\\]", raw)[-1]
    name = "".join(each for each in last if unicodedata.category(each) not in _UNSEEN and each not in _TURNING).strip()
    if name in {".", ".."}:
        return ""
    if len(name.encode()) <= LONGEST_NAME:
        return name
    stem, dot, extension = name.rpartition(".")
    if not dot or len(extension.encode()) > 16:
        stem, dot, extension = name, "", ""
    room = LONGEST_NAME - len(f"{dot}{extension}".encode())
    return stem.encode()[:room].decode("utf-8", "ignore").rstrip() + dot + extension


def text_of(data: bytes, charset: str | None = None) -> str:
    """Decode text: in the charset that was named if it is a plain one, else as UTF-8, else as Latin-1."""
    named = charset.lower() if charset and charset.lower() in _CHARSETS else "utf-8"
    for each in (named, "utf-8"):
        try:
            return data.decode(each)
        except UnicodeDecodeError:
            continue
    return data.decode("latin-1")


def _unescape(quoted: str) -> str:
    # Only what curl escapes: other backslashes are those of Windows paths.
    return re.sub(r'\\(["\\])', r"\1", quoted)


def _percent(value: str) -> str:
    # The HTML standard encodes these three and nothing else, so "100%20.apk" is a name with a percent sign.
    return value.replace("%22", '"').replace("%0D", "\r").replace("%0A", "\n")


def _extended(value: str) -> str | None:
    """Decode RFC 8187's `charset'language'percent-encoded`; `None` where it is not that."""
    charset, first, rest = value.partition("'")
    _language, second, encoded = rest.partition("'")
    if not (first and second) or charset.lower() not in {"utf-8", "iso-8859-1"}:
        return None
    try:
        return unquote_to_bytes(encoded.encode("latin-1")).decode(charset)
    except UnicodeDecodeError:
        return None
