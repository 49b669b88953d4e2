"""Whether a signature was made with a certificate's key: RSA (PKCS #1 v1.5 and PSS), ECDSA and DSA.

The one place among the parsers that uses `cryptography`, and only from within its function: signature arithmetic is not
to be written by hand, but its import takes 60 ms and 14 MB, which files that nobody verifies need not pay.
"""

from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes


class Method(StrEnum):
    """How a signature is made; for RSA, how it wraps its digest (RFC 8017, section 8)."""

    PKCS1 = "rsa-pkcs1"
    PSS = "rsa-pss"
    """The salt is as long as the digest, and the mask is made with the same hash."""
    ECDSA = "ecdsa"
    DSA = "dsa"


def signature_fits(key: bytes, method: Method, hash_name: str, signature: bytes, data: bytes) -> bool | None:
    """Verify a signature over `data` with a SubjectPublicKeyInfo in DER.

    `hash_name` is one of Python's: `md5`, `sha1`, `sha224`, `sha256`, `sha384`, `sha512`. `None` means that the key or
    hash is of a kind that is not understood here, so that nothing is known; a key of another kind than the method's
    fits nothing.
    """
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import dsa, ec, padding, rsa

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
        match _loaded(key), method:
            case rsa.RSAPublicKey() as public, Method.PSS:
                pss = padding.PSS(padding.MGF1(algorithm), algorithm.digest_size)
                public.verify(signature, data, pss, algorithm)
            case rsa.RSAPublicKey() as public, Method.PKCS1:
                public.verify(signature, data, padding.PKCS1v15(), algorithm)
            case ec.EllipticCurvePublicKey() as public, Method.ECDSA:
                public.verify(signature, data, ec.ECDSA(algorithm))
            case dsa.DSAPublicKey() as public, Method.DSA:
                public.verify(signature, data, algorithm)
            case ((rsa.RSAPublicKey() | ec.EllipticCurvePublicKey() | dsa.DSAPublicKey()), _):
                return False
            case _:
                return None
    except InvalidSignature:
        return False
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return None
    return True


@lru_cache(maxsize=4)  # all parts of a package are signed with the same key
def _loaded(key: bytes) -> "PublicKeyTypes":
    from cryptography.hazmat.primitives.serialization import load_der_public_key

    return load_der_public_key(key)
