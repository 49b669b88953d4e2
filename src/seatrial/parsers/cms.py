"""Signed data in the Cryptographic Message Syntax (RFC 5652, section 5; PKCS #7 is its first version), DER or BER.

Nothing here verifies a signature: blocks are taken apart, so that their readers can tell who signed what. Used for JAR
signatures, provisioning profiles, Apple's code signatures, Authenticode and msix.
"""

from collections.abc import Iterator
from functools import cached_property
from itertools import islice
from typing import NamedTuple

from seatrial.parsers import der
from seatrial.parsers.certificates import distinguished_name, subject_key_identifier

MAX_CERTIFICATES = 1000
MAX_SIGNERS = 100

SIGNED_DATA = "1.2.840.113549.1.7.2"
MESSAGE_DIGEST = "1.2.840.113549.1.9.4"

_CONTEXT_0, _CONTEXT_1 = 0xA0, 0xA1
_KEY_IDENTIFIERS = {0x80, 0xA0}
_OCTETS, _OCTET_PARTS = 0x04, 0x24
_MAX_OCTET_DEPTH = 4

_Identity = tuple[str, bytes]


class CmsSigner(NamedTuple):
    """One SignerInfo (RFC 5652, 5.3); algorithms are dotted object identifiers."""

    certificate: bytes | None
    """DER of the certificate that it names; `None` where the block does not hold that one."""
    digest_algorithm: str
    signature_algorithm: str
    signature_parameters: bytes
    """DER of the signature algorithm's parameters, as RSA-PSS has them; empty where there are none."""
    signature: bytes
    signed_attributes: bytes
    """The attributes as they are signed, a DER `SET`; empty where the content itself is signed."""
    message_digest: bytes | None
    """The content's digest as the signed attributes state it."""


class SignedData(NamedTuple):
    """A block's content and those who signed it."""

    content_type: str
    content: bytes | None
    """The signed bytes; `None` where they stand elsewhere, as for JAR files and Apple's code."""
    certificates: tuple[bytes, ...]
    """Every certificate of the block in DER: signers, their chains, and what else was thrown in."""
    signers: tuple[CmsSigner, ...]


def read_signed_data(block: bytes) -> SignedData:
    """Take a block apart; bytes behind it are ignored. Raise `der.DerError` where it is no CMS signed data."""
    outer = der.children(der.read(block, der.SEQUENCE))
    if der.object_identifier(der.expect(outer, der.OBJECT_IDENTIFIER)) != SIGNED_DATA:
        raise der.DerError("not a CMS signature")
    signed = der.children(der.read(der.expect(outer, _CONTEXT_0).content, der.SEQUENCE))
    der.expect(signed, der.INTEGER)
    der.expect(signed, der.SET)  # digest algorithms
    encapsulated = der.children(der.expect(signed, der.SEQUENCE))
    content_type = der.object_identifier(der.expect(encapsulated, der.OBJECT_IDENTIFIER))
    wrapped = next(encapsulated, None)
    content = None if wrapped is None else _content(der.read(wrapped.content))
    certificates: tuple[bytes, ...] = ()
    signers: tuple[CmsSigner, ...] = ()
    for part in signed:
        if part.tag == _CONTEXT_0:
            certificates = tuple(each.raw for each in islice(der.children(part), MAX_CERTIFICATES))
        elif part.tag == der.SET:
            signers = tuple(_signers(part, certificates))
    return SignedData(content_type, content, certificates, signers)


def cms_signers(block: bytes) -> list[bytes]:
    """List the certificates (DER) of a block's signers, without their chains, in the order of the signers.

    Raise `der.DerError` where the block is no CMS signed data or holds no signer's certificate.
    """
    found = [signer.certificate for signer in read_signed_data(block).signers if signer.certificate is not None]
    if not found:
        raise der.DerError("a CMS signature without a signer's certificate")
    return found


def cms_content(block: bytes) -> bytes:
    """Return the signed bytes that a block holds.

    They are those of an octet string, or the whole element of another type (Authenticode's `SpcIndirectDataContent`).
    Raise `der.DerError` where the block is no CMS signed data, or where the content stands elsewhere.
    """
    content = read_signed_data(block).content
    if content is None:
        raise der.DerError("a CMS signature without its content")
    return content


def _content(element: der.Element) -> bytes:
    return _octets(element, 0) if element.tag in {_OCTETS, _OCTET_PARTS} else element.raw


def _octets(element: der.Element, depth: int) -> bytes:
    """Join an octet string, which BER may split into parts of parts."""
    if element.tag == _OCTETS:
        return element.content
    if element.tag != _OCTET_PARTS or depth > _MAX_OCTET_DEPTH:
        raise der.DerError("no octet string where one is expected")
    return b"".join(_octets(part, depth + 1) for part in der.children(element))


class _Bag:
    """A block's certificates, found as its signers name them; each way is prepared once, when it is asked for."""

    def __init__(self, certificates: tuple[bytes, ...]) -> None:
        self._certificates = certificates

    @cached_property
    def _by_serial(self) -> dict[_Identity, bytes]:
        return dict(_identified(self._certificates))

    @cached_property
    def _by_key(self) -> dict[bytes | None, bytes]:
        return {subject_key_identifier(each): each for each in self._certificates}

    def find(self, identity: der.Element | None) -> bytes | None:
        if identity is not None and identity.tag == der.SEQUENCE:
            return self._by_serial.get(_signer_identity(identity))
        if identity is not None and identity.tag in _KEY_IDENTIFIERS:
            return self._by_key.get(identity.content if identity.tag == 0x80 else der.read(identity.content).content)
        return None


def _signers(signers: der.Element, certificates: tuple[bytes, ...]) -> Iterator[CmsSigner]:
    bag = _Bag(certificates)
    for number, signer in enumerate(der.children(signers)):
        if number >= MAX_SIGNERS:
            raise der.DerError("a CMS signature with too many signers")
        yield _signer(signer, bag)


def _signer(signer: der.Element, bag: _Bag) -> CmsSigner:
    parts = der.children(signer)
    der.expect(parts, der.INTEGER)
    certificate = bag.find(next(parts, None))
    digest_algorithm, _ = der.algorithm(der.expect(parts, der.SEQUENCE))
    part = next(parts, None)
    attributes, message_digest = b"", None
    if part is not None and part.tag == _CONTEXT_0:
        # RFC 5652, 5.4: what is signed carries the tag of a SET, not the one it has in the block.
        attributes = bytes([der.SET]) + part.raw[1:]
        message_digest = _message_digest(part)
        part = next(parts, None)
    if part is None:
        raise der.DerError("a CMS signer without a signature")
    signature_algorithm, parameters = der.algorithm(part)
    signature = _octets(der.read(next(parts, part).raw), 0)
    return CmsSigner(
        certificate, digest_algorithm, signature_algorithm, parameters, signature, attributes, message_digest
    )


def _message_digest(attributes: der.Element) -> bytes | None:
    """Read the one digest; where there are several, none of them is meant (RFC 5652, 11.2)."""
    found: list[bytes] = []
    for attribute in der.children(attributes):
        fields = der.children(attribute)
        if der.object_identifier(der.expect(fields, der.OBJECT_IDENTIFIER)) == MESSAGE_DIGEST:
            values = der.children(der.expect(fields, der.SET))
            found += [value.content for value in islice(values, 2) if value.tag == _OCTETS]
    return found[0] if len(found) == 1 else None


def _identified(certificates: tuple[bytes, ...]) -> Iterator[tuple[_Identity, bytes]]:
    for certificate in certificates:
        try:
            yield _issuer_and_serial(certificate), certificate
        except der.DerError:
            continue  # one broken certificate of a chain must not hide the signer's


def _issuer_and_serial(certificate: bytes) -> _Identity:
    fields = der.children(der.read(der.read(certificate, der.SEQUENCE).content, der.SEQUENCE))
    serial = next(fields, None)
    if serial is not None and serial.tag == _CONTEXT_0:  # the version, written for all but X.509 version 1
        serial = der.expect(fields, der.INTEGER)
    der.expect(fields, der.SEQUENCE)  # the signature algorithm
    issuer = der.expect(fields, der.SEQUENCE)
    return distinguished_name(issuer), serial.content if serial else b""


def _signer_identity(identity: der.Element) -> _Identity:
    fields = der.children(identity)
    issuer = der.expect(fields, der.SEQUENCE)
    return distinguished_name(issuer), der.expect(fields, der.INTEGER).content
