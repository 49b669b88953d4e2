"""Key pairs with a self-signed certificate, as PKCS #12 (RFC 7292)."""

import secrets
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from seatrial.domain.errors import InvalidRequest
from seatrial.domain.ids import AppId
from seatrial.domain.signing_key import KeyOrigin, Keystore, SigningKey

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.x509 import Certificate

ALIAS = "seatrial"
VALID_FOR = timedelta(days=365 * 30)
"""Android asks for keys that outlive the app: developer.android.com, "Sign your app", names 25 years."""
KEY_BITS = 4096


def generate(app_id: AppId, now: datetime) -> tuple[SigningKey, Keystore]:
    """Make a key for an app."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import rsa

    private = rsa.generate_private_key(public_exponent=65537, key_size=KEY_BITS)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, f"Seatrial app {app_id}")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))  # clocks of devices differ
        .not_valid_after(now + VALID_FOR)
        .sign(private, hashes.SHA256())
    )
    return _shown(app_id, KeyOrigin.GENERATED, certificate, now), _written(private, certificate, [])


def take(app_id: AppId, pkcs12: bytes, password: str, now: datetime) -> tuple[SigningKey, Keystore]:
    """Read a team's own keystore.

    Raises InvalidRequest for what is no PKCS #12 with one RSA or EC key and its certificate.
    """
    from cryptography.hazmat.primitives.asymmetric import ec, rsa
    from cryptography.hazmat.primitives.serialization.pkcs12 import load_pkcs12

    try:
        pair = load_pkcs12(pkcs12, password.encode())
    except ValueError:
        raise InvalidRequest(
            {
                "keystore": "must be a PKCS #12 keystore that the password opens, in base64; "
                "`keytool -importkeystore -deststoretype PKCS12` makes one of a JKS file"
            }
        ) from None
    if pair.cert is None or not isinstance(pair.key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
        raise InvalidRequest({"keystore": "must hold one RSA or EC key with its certificate"})
    if pair.key.public_key() != pair.cert.certificate.public_key():
        raise InvalidRequest({"keystore": "holds a certificate that is not that of its key"})
    chain = [extra.certificate for extra in pair.additional_certs]
    certificate = pair.cert.certificate
    return _shown(app_id, KeyOrigin.IMPORTED, certificate, now), _written(pair.key, certificate, chain)


def _written(
    key: "RSAPrivateKey | EllipticCurvePrivateKey", certificate: "Certificate", chain: "list[Certificate]"
) -> Keystore:
    """Write the key anew, under a name and a password of ours that nobody else knows."""
    from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, pkcs12

    password = secrets.token_urlsafe(32)
    encryption = BestAvailableEncryption(password.encode())
    data = pkcs12.serialize_key_and_certificates(ALIAS.encode(), key, certificate, chain, encryption)
    return Keystore(pkcs12=data, password=password, alias=ALIAS)


def _shown(app_id: AppId, origin: KeyOrigin, certificate: "Certificate", now: datetime) -> SigningKey:
    from cryptography.hazmat.primitives import hashes

    return SigningKey(
        app_id=app_id,
        origin=origin,
        subject=certificate.subject.rfc4514_string(),
        sha1=certificate.fingerprint(hashes.SHA1()).hex(),  # noqa: S303  # what providers of API keys ask for
        sha256=certificate.fingerprint(hashes.SHA256()).hex(),
        not_after=certificate.not_valid_after_utc.astimezone(UTC),
        created_at=now,
    )
