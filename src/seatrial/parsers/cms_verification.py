"""Whether the signers of CMS signed data signed its content (RFC 5652, section 5.4), and who vouches for them."""

import hashlib
from collections.abc import Sequence

from seatrial.parsers import der
from seatrial.parsers.certificates import public_key_info
from seatrial.parsers.cms import CmsSigner
from seatrial.parsers.public_keys import Method, signature_fits

MAX_CHAIN = 5

_HASHES = {
    "1.2.840.113549.2.5": "md5",
    "1.3.14.3.2.26": "sha1",
    "2.16.840.1.101.3.4.2.4": "sha224",
    "2.16.840.1.101.3.4.2.1": "sha256",
    "2.16.840.1.101.3.4.2.2": "sha384",
    "2.16.840.1.101.3.4.2.3": "sha512",
}
# By what the object identifiers of their signature algorithms begin with, those of the bare key included.
_METHODS = {
    "1.2.840.113549.1.1.10": Method.PSS,
    "1.2.840.113549.1.1.": Method.PKCS1,
    "1.2.840.10045.": Method.ECDSA,
    "1.2.840.10040.4.": Method.DSA,
    "2.16.840.1.101.3.4.3.": Method.DSA,
}
# What certificates are signed with (RFC 3279, 4055 and 5758), without those that are broken by design.
_CERTIFICATE_HASHES = {
    "1.2.840.113549.1.1.5": "sha1",
    "1.2.840.113549.1.1.11": "sha256",
    "1.2.840.113549.1.1.12": "sha384",
    "1.2.840.113549.1.1.13": "sha512",
    "1.2.840.10045.4.1": "sha1",
    "1.2.840.10045.4.3.2": "sha256",
    "1.2.840.10045.4.3.3": "sha384",
    "1.2.840.10045.4.3.4": "sha512",
}
_BIT_STRING = 0x03


class Unfit(Exception):
    """The signature does not fit; the text says what of it, for a sentence that begins with the block's name."""


class Unknown(Exception):
    """It cannot be told here; the text says why, as of `Unfit`."""


def check_signer(signer: CmsSigner, content: bytes) -> None:
    """Check that a signer signed the content.

    Raises Unfit, Unknown, der.DerError.
    """
    hash_name = _HASHES.get(signer.digest_algorithm)
    if signer.certificate is None:
        raise Unfit("has no certificate of its signer")
    if hash_name is None:
        raise Unknown("uses a digest that is not known here")
    signed = signer.signed_attributes or content
    if signer.signed_attributes and signer.message_digest != hashlib.new(hash_name, content).digest():
        raise Unfit("signs something else")
    method = _method(signer.signature_algorithm)
    key = public_key_info(signer.certificate)
    fits = signature_fits(key, method, hash_name, signer.signature, signed) if method else None
    if fits is None:
        raise Unknown("is signed in a way that is not known here")
    if not fits:
        raise Unfit("has a wrong signature")


def is_vouched_for(certificate: bytes, between: Sequence[bytes], authorities: Sequence[bytes]) -> bool:
    """Whether one of the authorities signed a certificate, or another that did; dates do not count.

    Devices keep the certificate that they were made with, and the authority of it ended long ago.
    """
    for _ in range(MAX_CHAIN):
        if any(_has_signed(one, certificate) for one in authorities):
            return True
        above = next((one for one in between if one != certificate and _has_signed(one, certificate)), None)
        if above is None:
            return False
        certificate = above
    return False


def _has_signed(issuer: bytes, certificate: bytes) -> bool:
    try:
        parts = der.children(der.read(certificate, der.SEQUENCE))
        signed = der.expect(parts, der.SEQUENCE)
        algorithm, _ = der.algorithm(der.expect(parts, der.SEQUENCE))
        signature = der.expect(parts, _BIT_STRING).content[1:]
        hash_name, method = _CERTIFICATE_HASHES.get(algorithm), _method(algorithm)
        key = public_key_info(issuer)
    except der.DerError:
        return False
    if hash_name is None or method is None:
        return False
    return signature_fits(key, method, hash_name, signature, signed.raw) is True


def _method(algorithm: str) -> Method | None:
    return next((_METHODS[start] for start in _METHODS if algorithm.startswith(start)), None)
