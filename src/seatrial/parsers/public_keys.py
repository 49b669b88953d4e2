"""Whether a signature was made with a certificate's key: RSA (PKCS #1 v1.5 and PSS), ECDSA and DSA.

The one place among the parsers that uses `cryptography`, and only from within its function: signature arithmetic is not
to be written by hand, but its import takes 60 ms and 14 MB, which files that nobody verifies need not pay.
"""

from enum import StrEnum


class Padding(StrEnum):
    """How an RSA signature wraps its digest (RFC 8017, section 8); other keys have no choice."""

    PKCS1 = "pkcs1"
    PSS = "pss"
    """The salt is as long as the digest, and the mask is made with the same hash."""


def signature_fits(key: bytes, hash_name: str, padding: Padding, signature: bytes, data: bytes) -> bool | None:
    """Verify a signature over `data` with a SubjectPublicKeyInfo in DER.

    `hash_name` is one of Python's: `md5`, `sha1`, `sha224`, `sha256`, `sha384`, `sha512`. `None` means that the key or
    hash is of a kind that is not understood here, so that nothing is known.
    """
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import dsa, ec, rsa
    from cryptography.hazmat.primitives.asymmetric import padding as paddings
    from cryptography.hazmat.primitives.serialization import load_der_public_key

    known: dict[str, type[hashes.HashAlgorithm]] = {
        "md5": hashes.MD5,
        "sha1": hashes.SHA1,
        "sha224": hashes.SHA224,
        "sha256": hashes.SHA256,
        "sha384": hashes.SHA384,
        "sha512": hashes.SHA512,
    }
    if hash_name not in known:
        return None
    algorithm = known[hash_name]()
    try:
        public = load_der_public_key(key)
        match public:
            case rsa.RSAPublicKey() if padding is Padding.PSS:
                pss = paddings.PSS(paddings.MGF1(algorithm), algorithm.digest_size)
                public.verify(signature, data, pss, algorithm)
            case rsa.RSAPublicKey():
                public.verify(signature, data, paddings.PKCS1v15(), algorithm)
            case ec.EllipticCurvePublicKey():
                public.verify(signature, data, ec.ECDSA(algorithm))
            case dsa.DSAPublicKey():
                public.verify(signature, data, algorithm)
            case _:
                return None
    except InvalidSignature:
        return False
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return None
    return True
