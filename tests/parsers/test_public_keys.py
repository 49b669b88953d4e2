import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from seatrial.parsers.public_keys import Method, signature_fits

DATA = b"signed"
RSA = rsa.generate_private_key(public_exponent=65537, key_size=2048)
EC = ec.generate_private_key(ec.SECP384R1())
DSA = dsa.generate_private_key(2048)
ED = ed25519.Ed25519PrivateKey.generate()
SHA384 = hashes.SHA384()

Private = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | dsa.DSAPrivateKey | ed25519.Ed25519PrivateKey


def public(key: Private) -> bytes:
    return key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


CASES = [
    (RSA, Method.PKCS1, RSA.sign(DATA, padding.PKCS1v15(), SHA384)),
    (RSA, Method.PSS, RSA.sign(DATA, padding.PSS(padding.MGF1(SHA384), 48), SHA384)),
    (EC, Method.ECDSA, EC.sign(DATA, ec.ECDSA(SHA384))),
    (DSA, Method.DSA, DSA.sign(DATA, SHA384)),
]


@pytest.mark.parametrize(
    ("key", "method", "signature"), CASES, ids=[f"{method}-{number}" for number, (_, method, _) in enumerate(CASES)]
)
def test_signatures_fit_their_data_alone(key: Private, method: Method, signature: bytes) -> None:
    assert signature_fits(public(key), method, "sha384", signature, DATA) is True
    assert signature_fits(public(key), method, "sha384", signature, DATA + b"!") is False
    assert signature_fits(public(key), method, "sha256", signature, DATA) is False
    assert signature_fits(public(key), method, "sha384", b"", DATA) is False


@pytest.mark.parametrize(
    ("key", "method", "signature"), CASES, ids=[f"{method}-{number}" for number, (_, method, _) in enumerate(CASES)]
)
def test_a_method_of_another_key_fits_nothing(key: Private, method: Method, signature: bytes) -> None:
    for other in set(Method) - {method}:
        assert signature_fits(public(key), other, "sha384", signature, DATA) is False


def test_what_is_not_known_is_no_verdict() -> None:
    _, method, signature = CASES[0]
    assert signature_fits(public(RSA), method, "whirlpool", signature, DATA) is None
    assert signature_fits(public(ED), method, "sha384", ED.sign(DATA), DATA) is None
    assert signature_fits(b"", method, "sha384", signature, DATA) is None
    assert signature_fits(public(RSA)[:-9], method, "sha384", signature, DATA) is None
