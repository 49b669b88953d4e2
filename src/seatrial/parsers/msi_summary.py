"""The summary of a Windows installer: platforms, languages, and the oldest Windows Installer that takes it.

Sources: [MS-OLEPS] for the property set; Microsoft, "Summary Information Stream Property Set" for what is in it.
"""

import struct
from typing import NamedTuple

from seatrial.parsers.msi_tables import encoding_of
from seatrial.parsers.texts import MAX_TEXT, told

NAME = "\x05SummaryInformation"
MAX_BYTES = 1 << 20

_CODE_PAGE, _TEMPLATE, _SCHEMA, _APPLICATION = 1, 7, 14, 18
_SHORT, _LONG, _TEXT = 2, 3, 30
_MOST_PROPERTIES = 200


class Summary(NamedTuple):
    """What the summary says; empty where it says nothing."""

    platforms: tuple[str, ...] = ()
    """As the template names them: `Intel`, `x64`, `Arm64`."""
    schema: int | None = None
    """Version of Windows Installer that is needed, times 100."""
    application: str | None = None
    """The program that wrote the installer."""


def read_summary(data: bytes) -> Summary:
    """Read the stream; raise `ValueError` or `struct.error` where it is no property set."""
    if data[:2] != b"\xfe\xff" or len(data) < 48:
        raise ValueError("not a property set")
    (start,) = struct.unpack_from("<L", data, 44)
    (count,) = struct.unpack_from("<L", data, start + 4)
    found: dict[int, int | bytes] = {}
    for index in range(min(count, _MOST_PROPERTIES)):
        key, offset = struct.unpack_from("<2L", data, start + 8 + index * 8)
        value = _value(data, start + offset)
        if value is not None:
            found[key] = value
    code_page = found.get(_CODE_PAGE, 0)
    encoding = encoding_of(code_page & 0xFFFF if isinstance(code_page, int) else 0)
    template, application, schema = (
        _text(found.get(_TEMPLATE), encoding),
        _text(found.get(_APPLICATION), encoding),
        found.get(_SCHEMA),
    )
    platforms = (each.strip() for each in template.split(";", 1)[0].split(","))
    return Summary(
        tuple(dict.fromkeys(each for each in platforms if each))[:16],
        schema if isinstance(schema, int) and 0 < schema < 10_000 else None,
        application or None,
    )


def _value(data: bytes, at: int) -> int | bytes | None:
    (kind,) = struct.unpack_from("<L", data, at)
    if kind == _SHORT:
        return int(struct.unpack_from("<H", data, at + 4)[0])
    if kind == _LONG:
        return int(struct.unpack_from("<l", data, at + 4)[0])
    if kind != _TEXT:
        return None
    (size,) = struct.unpack_from("<L", data, at + 4)
    return data[at + 8 : at + 8 + min(size, MAX_TEXT)].split(b"\0", 1)[0]


def _text(value: int | bytes | None, encoding: str) -> str:
    return told(value.decode(encoding, "replace")) or "" if isinstance(value, bytes) else ""
