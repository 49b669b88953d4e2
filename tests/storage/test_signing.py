import hashlib
import hmac
from base64 import urlsafe_b64decode

import pytest

from seatrial.storage.signing import UrlSigner

OLD, NEW = b"o" * 32, b"n" * 32
PARTS = ("builds/o/a/b/file", "app.apk", "application/zip", "attachment")


def test_a_signature_opens_what_it_signed_until_it_expires() -> None:
    signer = UrlSigner([NEW])
    signature = signer.sign(*PARTS, expires=1000)
    assert signer.verify(signature, *PARTS, expires=1000, now=999)
    assert not signer.verify(signature, *PARTS, expires=1000, now=1000)


def test_nothing_can_be_exchanged() -> None:
    signer = UrlSigner([NEW])
    signature = signer.sign(*PARTS, expires=1000)
    for place in range(len(PARTS)):
        changed = [*PARTS]
        changed[place] += "x"
        assert not signer.verify(signature, *changed, expires=1000, now=0)
    assert not signer.verify(signature, *PARTS, expires=1001, now=0)
    assert not signer.verify(signature, *PARTS, "", expires=1000, now=0)
    assert not signer.verify(signature, *PARTS[:-1], expires=1000, now=0)
    for forged in ("", signature[:-1], signature + "=", signature.swapcase(), "é" * 43, "\ud800"):
        assert not signer.verify(forged, *PARTS, expires=1000, now=0)


def test_bytes_moved_between_parts_are_another_message() -> None:
    signer = UrlSigner([NEW])
    assert signer.sign("ab", "c", expires=1) != signer.sign("a", "bc", expires=1)
    assert signer.sign("a", "1", expires=2) != signer.sign("a", expires=12)


def test_keys_rotate_with_an_overlap() -> None:
    signature = UrlSigner([OLD]).sign(*PARTS, expires=1000)
    both, new = UrlSigner([NEW, OLD]), UrlSigner([NEW])
    assert both.verify(signature, *PARTS, expires=1000, now=0)
    assert not new.verify(signature, *PARTS, expires=1000, now=0)
    assert both.sign(*PARTS, expires=1000) == new.sign(*PARTS, expires=1000)


def test_the_signature_is_hmac_sha256_over_length_prefixed_parts() -> None:
    message = b"".join(
        [
            (2).to_bytes(8, "big"),
            (1).to_bytes(8, "big") + b"k",
            (2).to_bytes(8, "big") + "é".encode(),
            (2).to_bytes(8, "big") + b"77",
        ]
    )
    signature = UrlSigner([NEW]).sign("k", "é", expires=77)
    assert urlsafe_b64decode(signature + "=") == hmac.new(NEW, message, hashlib.sha256).digest()


@pytest.mark.parametrize("keys", [[], [b"short"], [NEW, b""]])
def test_a_signer_needs_real_keys(keys: list[bytes]) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        UrlSigner(keys)


def test_keys_do_not_show_in_logs() -> None:
    assert "nnnn" not in repr(UrlSigner([NEW]))
