"""The profile that asks an Apple device who it is (Apple, "Over-the-Air Profile Delivery", phase 1)."""

import plistlib
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.x509 import Certificate

ATTRIBUTES = ("UDID", "PRODUCT", "VERSION")
SERIAL = "SERIAL"
_NAMESPACE = uuid.UUID("9f0c2f7e-6b0b-5c1e-9a55-6a7d2f1d3c10")


class SignerInvalid(Exception):
    """A certificate and key that sign nothing; the text says why."""


@dataclass(frozen=True, slots=True)
class ProfileSigner:
    """Signs profiles, so that a device shows them as verified instead of warning in red."""

    certificate: "Certificate"
    key: "RSAPrivateKey | EllipticCurvePrivateKey" = field(repr=False)
    chain: Sequence["Certificate"] = ()

    def sign(self, profile: bytes) -> bytes:
        """Wrap a profile in CMS that holds it and the chain."""
        from cryptography.hazmat.primitives import hashes, serialization
        from cryptography.hazmat.primitives.serialization import pkcs7

        builder = pkcs7.PKCS7SignatureBuilder().set_data(profile)
        builder = builder.add_signer(self.certificate, self.key, hashes.SHA256())
        for one in self.chain:
            builder = builder.add_certificate(one)
        options = [pkcs7.PKCS7Options.Binary, pkcs7.PKCS7Options.NoCapabilities]
        return builder.sign(serialization.Encoding.DER, options)


def profile_signer(certificates: bytes, key: bytes) -> ProfileSigner:
    """Read a signer from PEM: the certificate first, then those above it, and the key without a password.

    Raises SignerInvalid.
    """
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric import ec, rsa
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        found, private = x509.load_pem_x509_certificates(certificates), load_pem_private_key(key, None)
    except (ValueError, TypeError) as error:
        raise SignerInvalid(f"must be PEM, and the key without a password ({error})") from None
    if not isinstance(private, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
        raise SignerInvalid("the key must be an RSA or EC key")
    if found[0].public_key() != private.public_key():
        raise SignerInvalid("the first certificate must be that of the key")
    return ProfileSigner(found[0], private, tuple(found[1:]))


def certificates_of(pem: bytes) -> tuple[bytes, ...]:
    """Read certificates of authorities from PEM, each as DER.

    Raises SignerInvalid.
    """
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import Encoding

    try:
        return tuple(one.public_bytes(Encoding.DER) for one in x509.load_pem_x509_certificates(pem))
    except ValueError as error:
        raise SignerInvalid(f"must be certificates in PEM ({error})") from None


def profile_that_asks(
    url: str, challenge: str, organization: str, title: str, text: str, *, asks_serial: bool
) -> bytes:
    """Write the profile; its identifier is the same for the same place: a second one takes the first one's place."""
    place = uuid.uuid5(_NAMESPACE, f"{url} {organization}")
    content = {
        "URL": url,
        "DeviceAttributes": [*ATTRIBUTES, *([SERIAL] if asks_serial else [])],
        "Challenge": challenge,
    }
    return plistlib.dumps(
        {
            "PayloadContent": content,
            "PayloadOrganization": organization,
            "PayloadDisplayName": title,
            "PayloadDescription": text,
            "PayloadVersion": 1,
            "PayloadUUID": str(uuid.uuid4()).upper(),
            "PayloadIdentifier": f"seatrial.device.{place}",
            "PayloadType": "Profile Service",
        }
    )
