"""X.509 certificates (RFC 5280) as the rest of the house sees them; nothing here verifies trust.

Read by hand: some build tools write certificates that strict libraries refuse, and a reader that only
needs two names, a number and two dates starts a hundred times faster than such a library.
"""

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import lru_cache
from itertools import islice

from seatrial.domain.buildinfo import Certificate
from seatrial.parsers import der

# RFC 4514, section 3, and the names that Java's and OpenSSL's tools show for the others.
_SHORT_NAMES = {
    "2.5.4.3": "CN",
    "2.5.4.4": "SN",
    "2.5.4.5": "SERIALNUMBER",
    "2.5.4.6": "C",
    "2.5.4.7": "L",
    "2.5.4.8": "ST",
    "2.5.4.9": "STREET",
    "2.5.4.10": "O",
    "2.5.4.11": "OU",
    "2.5.4.12": "T",
    "2.5.4.42": "GIVENNAME",
    "0.9.2342.19200300.100.1.1": "UID",
    "0.9.2342.19200300.100.1.25": "DC",
    "1.2.840.113549.1.9.1": "EMAILADDRESS",
}

# ASN.1 string types; T61String means Latin-1 to everyone who still writes it.
_ENCODINGS = {0x0C: "utf-8", 0x12: "ascii", 0x13: "ascii", 0x14: "latin-1", 0x16: "ascii", 0x1A: "ascii"}
_WIDE_ENCODINGS = {0x1C: "utf-32-be", 0x1E: "utf-16-be"}

MAX_ATTRIBUTES = 50
"""Parts of one name."""
MAX_NAME = 1000
"""Characters of a name that are kept, as of every text of a file."""
_MAX_SERIAL = 64
_MAX_EXTENSIONS = 100
_KEPT = 4
"""Certificates that are not read again and again: all parts of a package are signed with the same one."""

_UTC_TIME = 0x17
_GENERALIZED_TIME = 0x18


@lru_cache(maxsize=_KEPT)
def certificate_from_der(data: bytes) -> Certificate:
    """Describe one DER certificate.

    Names are RFC 4514 strings, most specific part first (`CN=Android Debug,O=Android,C=US`); the serial
    is lower-case hex. Fingerprints are always there; bytes that are no certificate have empty names, no
    serial and no dates.
    """
    sha1 = hashlib.sha1(data, usedforsecurity=False).hexdigest()
    sha256 = hashlib.sha256(data).hexdigest()
    try:
        return _read(data, sha1, sha256)
    except der.DerError:
        return Certificate(subject="", issuer="", serial="", sha1=sha1, sha256=sha256)


def _read(data: bytes, sha1: str, sha256: str) -> Certificate:
    """Walk over `TBSCertificate` (RFC 5280, 4.1)."""
    fields = der.children(der.read(der.read(data, der.SEQUENCE).content, der.SEQUENCE))
    number = next(fields, None)
    if number is not None and number.tag == 0xA0:  # the version, written for all but X.509 version 1
        number = next(fields, None)
    if number is None or number.tag != der.INTEGER:
        raise der.DerError("a certificate without a serial number")
    der.expect(fields, der.SEQUENCE)  # the signature algorithm
    issuer = distinguished_name(der.expect(fields, der.SEQUENCE))
    validity = der.children(der.expect(fields, der.SEQUENCE))
    not_before, not_after = _moment(next(validity, None)), _moment(next(validity, None))
    subject = distinguished_name(der.expect(fields, der.SEQUENCE))
    return Certificate(
        subject=subject[:MAX_NAME],
        issuer=issuer[:MAX_NAME],
        serial=f"{int.from_bytes(number.content[:_MAX_SERIAL], signed=True):x}",
        sha1=sha1,
        sha256=sha256,
        not_before=not_before,
        not_after=not_after,
    )


@lru_cache(maxsize=_KEPT)
def public_key_info(certificate: bytes) -> bytes:
    """Return a certificate's SubjectPublicKeyInfo in DER (RFC 5280, 4.1.2.7); raise `DerError` where it has none."""
    fields = _fields_behind_serial(certificate)
    for _ in range(4):  # the signature algorithm, the issuer, the validity, the subject
        der.expect(fields, der.SEQUENCE)
    return der.expect(fields, der.SEQUENCE).raw


def subject_key_identifier(certificate: bytes) -> bytes | None:
    """Return the key identifier that a certificate states (RFC 5280, 4.2.1.2), by which CMS may name its signer."""
    try:
        fields = _fields_behind_serial(certificate)
        extensions = next((part for part in fields if part.tag == 0xA3), None)
        every = der.children(der.read(extensions.content, der.SEQUENCE)) if extensions else iter(())
        for extension in islice(every, _MAX_EXTENSIONS):
            parts = list(islice(der.children(extension), 3))
            if der.object_identifier(parts[0]) == "2.5.29.14":
                return der.read(parts[-1].content).content
    except (der.DerError, IndexError):
        return None
    return None


def _fields_behind_serial(certificate: bytes) -> Iterator[der.Element]:
    fields = der.children(der.read(der.read(certificate, der.SEQUENCE).content, der.SEQUENCE))
    first = next(fields, None)
    if first is not None and first.tag == 0xA0:
        der.expect(fields, der.INTEGER)
    return fields


def distinguished_name(name: der.Element) -> str:
    """Write a `Name` as RFC 4514 does; equal texts are equal names, whatever string types they are made of."""
    relative: list[str] = []
    left = MAX_ATTRIBUTES
    for parts in der.children(name):
        attributes = [_attribute(attribute) for attribute in islice(der.children(parts), left + 1)]
        left -= max(1, len(attributes))
        if left < 0:
            raise der.DerError("a name with too many parts")
        relative.append("+".join(attributes))
    return ",".join(reversed(relative))


def _attribute(attribute: der.Element) -> str:
    parts = der.children(attribute)
    kind = der.object_identifier(der.expect(parts, der.OBJECT_IDENTIFIER))
    value = next(parts, None)
    if value is None:
        raise der.DerError("a name without a value")
    return f"{_SHORT_NAMES.get(kind, kind)}={_text(value)}"


def _text(value: der.Element) -> str:
    encoding = _ENCODINGS.get(value.tag) or _WIDE_ENCODINGS.get(value.tag)
    if encoding is None:
        return "#" + value.raw.hex()
    text = value.content.decode(encoding, "replace")
    escaped = "".join(f"\\{char}" if char in '\\"+,;<>' else char for char in text).replace("\0", "\\00")
    if escaped.startswith(("#", " ")):
        escaped = "\\" + escaped
    return escaped[:-1] + "\\ " if escaped.endswith(" ") and len(escaped) > 1 else escaped


def _moment(element: der.Element | None) -> datetime | None:
    """Read a point in time in UTC; `None` for one that no calendar has."""
    if element is None:
        return None
    digits = element.content.decode("ascii", "replace")
    if element.tag == _UTC_TIME:
        # RFC 5280, 4.1.2.5.1: two-digit years from 50 on are those of the last century.
        digits = ("19" if digits[:2] >= "50" else "20") + digits
    elif element.tag != _GENERALIZED_TIME:
        return None
    try:
        return datetime.strptime(digits, "%Y%m%d%H%M%SZ").replace(tzinfo=UTC)
    except ValueError:
        return None
